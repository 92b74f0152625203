import { sampleAlert, sampleNotification, SINCE_MS, TRACE_ID } from './sample.ts';

/* Notifications that bodies are made of: usual ones, too large ones, and ones from somebody who means harm. */
export const HOSTILE = '</b> <script>"\'& *bold* [x](http://evil.example) @everyone <@U1> `c` {{ .x }}';

export const RESOLVED = sampleNotification({ firing: [], resolved: [sampleAlert({}, {}, SINCE_MS + 60_000)] });
export const NIGHT = sampleNotification({
  firing: [
    sampleAlert(
      {},
      { trace_id: TRACE_ID, reason: 'status 500', runbook_url: 'https://wiki.example/r', threshold: '0.05' },
    ),
  ],
});
export const HUGE = sampleNotification({
  firing: Array.from({ length: 200 }, (_, at) =>
    sampleAlert(
      { monitor: `m${at}`, long: 'ä&<'.repeat(300) },
      {
        summary: '&'.repeat(3_000),
        description: 'ä'.repeat(3_000),
        reason: '🔥'.repeat(1_000),
        note: '<'.repeat(1_000),
      },
    ),
  ),
});
export const STRANGE = sampleNotification({
  firing: [sampleAlert({ alertname: HOSTILE, x: HOSTILE }, { summary: HOSTILE, description: HOSTILE, note: HOSTILE })],
});
export const DIGEST = sampleNotification({
  reason: 'digest',
  firingCount: 37,
  digest: { groupCount: 37, titles: Array.from({ length: 37 }, (_, at) => `[FIRING:1] MonitorDown (m${at})`) },
});
