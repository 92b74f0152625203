import { formatDuration } from '@tocsin/service/config';
import { cutStart } from '../../secrets/hide-secrets.ts';
import { down, unknown, up, type Verdict } from '../../verdict.ts';
import type { HeartbeatMonitor, HeartbeatState } from './heartbeat-state.ts';

/** What the calls of a job, and those that did not come, say at a moment. */
export function judgeHeartbeat(monitor: HeartbeatMonitor, state: HeartbeatState, nowUnixMs: number): Verdict {
  const { graceMs, maxDurationMs, waitForFirst, name } = monitor;
  const { ended, startedUnixMs, dueUnixMs, unheardUnixMs } = state;
  const seen = ended === undefined ? 'none ever' : `the last at ${showTime(ended.unixMs)}`;
  if (startedUnixMs !== undefined && maxDurationMs !== undefined && nowUnixMs > startedUnixMs + maxDurationMs) {
    const limit = formatDuration(maxDurationMs);
    const sentence = `expected ${name} to end within ${limit}, found it not ended since its start at ${showTime(startedUnixMs)}`;
    return down('heartbeat_overrun', sentence);
  }
  if (ended === undefined && startedUnixMs === undefined && waitForFirst) {
    return unknown('heartbeat_waiting', `expected a first call of ${name}, found none yet`);
  }
  if (ended && !ended.isSuccess) {
    const code = ended.exitCode === undefined ? '' : ` with exit code ${ended.exitCode}`;
    const tail = ended.output === '' ? '' : `: ${JSON.stringify(cutStart(ended.output, 200))}`;
    return down(
      'heartbeat_failed',
      `expected ${name} to succeed, found it failed${code} at ${showTime(ended.unixMs)}${tail}`,
    );
  }
  if (nowUnixMs > dueUnixMs + graceMs) {
    const sentence = `expected a call of ${name} by ${showTime(dueUnixMs)} and ${formatDuration(graceMs)} of grace, found ${seen}`;
    return down('heartbeat_missed', sentence);
  }
  if (unheardUnixMs !== undefined && nowUnixMs > unheardUnixMs + graceMs) {
    const sentence = `expected a call of ${name} by ${showTime(unheardUnixMs)}, found that nobody listened here then; the next is due by ${showTime(dueUnixMs)}`;
    return unknown('heartbeat_unheard', sentence);
  }
  return up(
    ended === undefined
      ? `${name} has begun`
      : `${name} ended well at ${showTime(ended.unixMs)}, next by ${showTime(dueUnixMs)}`,
  );
}

function showTime(unixMs: number): string {
  return new Date(unixMs).toISOString().replace(/\.\d+Z$/, 'Z');
}
