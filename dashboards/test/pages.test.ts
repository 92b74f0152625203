import { expect, test } from 'vitest';
import { viewMonitors } from '../src/overview/monitors.ts';
import { renderHome, summarize } from '../src/pages/home.ts';
import { renderMonitor } from '../src/pages/monitor.ts';
import { renderTrace } from '../src/pages/trace.ts';
import { available, unavailable } from '../src/part.ts';
import { layOutWaterfall } from '../src/trace/waterfall.ts';
import { EVENING_MS, emptyOverview, monitorEvery, runsOf, spanRow, toldAt, verdictOf } from './fixtures.ts';

const HOSTILE = '"><img src=x onerror=alert(1)><script>alert(2)</script>';
const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';

const alert = {
  fingerprint: '',
  name: HOSTILE,
  labels: { alertname: HOSTILE, [HOSTILE]: HOSTILE },
  annotations: { summary: HOSTILE, runbook_url: `javascript:alert('${HOSTILE}')`, trace_id: HOSTILE },
  startsAtMs: EVENING_MS - 60_000,
  state: 'active',
};

/** The tags of a page, without those that the pages write themselves. */
const foreignTags = (page: string) => page.match(/<(?:script|img|iframe|a [^>]*javascript:)[^>]*>/g);

test('nothing that telemetry or an alert says becomes HTML', () => {
  const run = runsOf(HOSTILE, {
    location: HOSTILE,
    outcome: 'down',
    reason: HOSTILE,
    message: HOSTILE,
    trace_id: HOSTILE,
  });
  const verdict = verdictOf(HOSTILE, 'down', {
    muted_by: HOSTILE,
    suppressed_by: HOSTILE,
    down_at: [HOSTILE],
    up_at: [HOSTILE],
    silent_at: [HOSTILE],
    locations: [toldAt(HOSTILE, 'down', HOSTILE, HOSTILE), toldAt('riga', HOSTILE)],
  });
  const monitors = viewMonitors(
    [monitorEvery(HOSTILE, 10_000)],
    { verdicts: [verdict], runs: [run], phases: [], availability: [] },
    EVENING_MS,
  );
  const [hostile] = monitors;
  if (!hostile) throw new Error('there is a monitor');
  const monitorPage = renderMonitor({ atMs: EVENING_MS, monitor: hostile, uptime: available([]) });
  const service = {
    name: HOSTILE,
    lastSeenMs: EVENING_MS,
    requestsPerSecond: 1,
    errorShare: 0.5,
    p99Ms: 3,
    sent: { spans: 1, logs: 1, points: 1 },
  };
  const home = renderHome(
    emptyOverview({
      monitors: available(monitors),
      alerts: available([alert]),
      services: available({ services: [service], truncated: false }),
    }),
  );
  const span = spanRow('a', '', {
    name: HOSTILE,
    service: HOSTILE,
    kind: HOSTILE,
    status: 'Error',
    status_message: HOSTILE,
    attributes: { [HOSTILE]: HOSTILE },
    events: [[HOSTILE, EVENING_MS, { [HOSTILE]: HOSTILE }]],
  });
  const logs = available([{ at_ms: EVENING_MS, service: HOSTILE, severity: HOSTILE, body: HOSTILE, span_id: '' }]);
  const view = { traceId: TRACE_ID, waterfall: layOutWaterfall([span]), totalSpans: 1, logs };
  const trace = renderTrace(available(view), TRACE_ID, EVENING_MS);
  for (const page of [home, trace, monitorPage]) {
    expect(page).toContain('&lt;script&gt;alert(2)&lt;/script&gt;');
    expect(foreignTags(page)).toBeNull();
  }
});

test('when every source is away the page still says so and how to send telemetry', () => {
  const page = renderHome(
    emptyOverview({
      monitors: unavailable('unreachable', 'ClickHouse cannot be reached (ECONNREFUSED).'),
      services: unavailable('unreachable', 'ClickHouse cannot be reached (ECONNREFUSED).'),
      alerts: unavailable('timeout', 'Alerting did not answer in time.'),
    }),
  );
  expect(page).toContain('The state of the monitors cannot be seen');
  expect(page).toContain('ClickHouse cannot be reached (ECONNREFUSED).');
  expect(page).toContain('Alerting did not answer in time.');
  expect(page).toContain('OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318');
});

test('the page asks for no script and renews itself', () => {
  const page = renderHome(emptyOverview());
  expect(page).toContain('<meta http-equiv="refresh" content="10" />');
  expect(page).not.toMatch(/<script|\son\w+=|\sstyle="/);
});

test('the summary never calls well what cannot be seen', () => {
  const passing = viewMonitors(
    [monitorEvery('shop', 10_000)],
    { verdicts: [verdictOf('shop', 'up')], runs: [runsOf('shop')], phases: [], availability: [] },
    EVENING_MS,
  );
  const failing = passing.map((monitor) => ({ ...monitor, state: 'down' as const }));
  const degraded = [...passing, ...passing.map((monitor) => ({ ...monitor, state: 'degraded' as const }))];
  const muted = failing.map((monitor) => ({ ...monitor, mutedBy: 'maintenance' }));
  const away = unavailable('timeout', 'Away.');
  const cases = [
    [{ monitors: available(passing) }, 'up', 'The monitor is up'],
    [{ monitors: available([...passing, ...passing]) }, 'up', 'All 2 monitors are up'],
    [{ monitors: available(degraded) }, 'degraded', '1 of 2 monitors degraded'],
    [{ monitors: available(failing) }, 'down', '1 of 1 monitor down'],
    [{ monitors: available(failing), alerts: available([alert]) }, 'down', '1 of 1 monitor down, 1 alert firing'],
    [{ monitors: available(passing), alerts: available([alert]) }, 'down', '1 alert firing'],
    [{ monitors: available([...passing, ...muted]) }, 'off', '1 of 2 monitors muted, none of the others down'],
    [{ monitors: available(passing), alerts: away }, 'unknown', 'Alerting does not answer; no monitor is down'],
    [{ monitors: away }, 'unknown', 'The state of the monitors cannot be seen'],
    [
      { monitors: away, alerts: available([alert]) },
      'down',
      'The state of the monitors cannot be seen; 1 alert firing',
    ],
    [
      {
        monitors: available(
          viewMonitors([monitorEvery('new', 1_000)], { verdicts: [], runs: [], phases: [], availability: [] }, 0),
        ),
      },
      'unknown',
      '1 of 1 monitor without a clear result',
    ],
    [{}, 'off', 'Nothing is firing; no monitor is configured'],
  ] as const;
  for (const [changes, tone, text] of cases) expect(summarize(emptyOverview(changes))).toMatchObject({ tone, text });
});

test('a suppressed alert does not turn the page red', () => {
  const alerts = available([{ ...alert, state: 'suppressed' }]);
  expect(summarize(emptyOverview({ alerts })).tone).toBe('off');
});

test('a trace that is not stored is a page that says so', () => {
  expect(renderTrace(available(undefined), TRACE_ID, EVENING_MS)).toContain('No such trace');
});

test('an alert says each thing once, and that it goes to no receiver', () => {
  const reason = 'the connection was refused';
  const annotations = { summary: `shop is down: ${reason}`, reason, runbook: 'Look at its log.' };
  const alerts = available([{ ...alert, name: 'MonitorDown', labels: {}, annotations, state: 'unprocessed' }]);
  const page = renderHome(emptyOverview({ alerts }));
  expect(page.split(reason)).toHaveLength(2);
  expect(page).toContain('goes to no receiver');
  expect(page).toContain('Look at its log.');
});

test('a monitor says on the first page who says what, and on its own what each says and how it was', () => {
  const verdict = verdictOf('shop', 'down', {
    down_at: ['oslo', 'riga'],
    up_at: ['york'],
    silent_at: ['lima'],
    locations: [toldAt('oslo', 'down'), toldAt('riga', 'down'), toldAt('york', 'up')],
  });
  const failed = { outcome: 'down', reason: 'timeout', message: 'No answer within 5 s.' };
  const runs = [runsOf('shop', { location: 'riga', ...failed }), runsOf('shop', { location: 'york' })];
  const telemetry = { verdicts: [verdict], runs, phases: [], availability: [] };
  const monitors = viewMonitors([monitorEvery('shop', 10_000)], telemetry, EVENING_MS);
  const home = textOf(renderHome(emptyOverview({ monitors: available(monitors) })));
  expect(home).toContain('down at oslo, riga · up at york · silent: lima');
  const uptime = available([{ days: 7, passed: 999, failed: 1, p50_ms: 12, p95_ms: 40, p99_ms: null }]);
  const [monitor] = monitors;
  if (!monitor) throw new Error('there is a monitor');
  const page = textOf(renderMonitor({ atMs: EVENING_MS, monitor, uptime }));
  expect(page).toContain('Silent lima');
  expect(page).toContain('Down riga No answer within 5 s.');
  expect(page).toContain('7 days 99.9 % 1000 12 ms 40 ms –');
});

/** What a reader sees. */
const textOf = (page: string): string => page.replaceAll(/<style>[^]*?<\/style>|<[^>]+>/g, ' ').replaceAll(/\s+/g, ' ');
