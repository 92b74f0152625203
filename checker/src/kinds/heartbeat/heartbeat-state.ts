import type { MonitorOf } from '@tocsin/service/config';
import { nextExpected } from '../../schedule/expected-times.ts';
import { cutStart } from '../../secrets/hide-secrets.ts';

export type HeartbeatMonitor = MonitorOf<'heartbeat'>;

/** What is known of a job. Times are of day, milliseconds since the Unix epoch. */
export interface HeartbeatState {
  /** The expectation that `dueUnixMs` was reckoned by; another one makes it void. */
  readonly expected: string;
  /** When the next call is due, without the grace. */
  readonly dueUnixMs: number;
  /** When a call was due that we may not have heard; until `dueUnixMs` nothing is known. */
  readonly unheardUnixMs?: number | undefined;
  /** The start that has no end yet. */
  readonly startedUnixMs?: number | undefined;
  /** The latest end. */
  readonly ended?: JobEnd | undefined;
}

/** How a job ended. */
export interface JobEnd {
  readonly unixMs: number;
  readonly durationMs: number | undefined;
  readonly isSuccess: boolean;
  readonly exitCode: number | undefined;
  /** The end of what it wrote. */
  readonly output: string;
}

/** A job fails at the end of what it writes: this much of evidence has room. */
const SHOWN_CHARACTERS = 500;

/** The end of what a job wrote, for evidence. */
export function showOutput({ output }: JobEnd): string {
  return cutStart(output, SHOWN_CHARACTERS);
}

/** What a job calls to say. `log` changes nothing but what is known of its output. */
export type Ping =
  | { readonly type: 'start' }
  | { readonly type: 'log'; readonly output: string }
  | {
      readonly type: 'end';
      readonly isSuccess: boolean;
      readonly exitCode: number | undefined;
      readonly output: string;
    };

/** A call this close before its time is the one that was expected then. */
const EARLY_MS = 30_000;

/** When the next call is due after `unixMs`. */
export function reckonDue({ expected }: HeartbeatMonitor, unixMs: number): number {
  if (expected.type === 'period') return unixMs + expected.periodMs;
  const times = nextExpected(expected.expression, expected.timeZone, unixMs);
  const next = times.find(({ earliestUnixMs }) => earliestUnixMs - unixMs > EARLY_MS);
  return next?.latestUnixMs ?? unixMs + EARLY_MS;
}

/** The state of a job that is new, or whose expectation has changed. */
export function beginState(monitor: HeartbeatMonitor, nowUnixMs: number, old?: HeartbeatState): HeartbeatState {
  return {
    ...old,
    expected: JSON.stringify(monitor.expected),
    dueUnixMs: reckonDue(monitor, nowUnixMs),
    unheardUnixMs: undefined,
  };
}

/** The state after a call. */
export function takePing(
  monitor: HeartbeatMonitor,
  state: HeartbeatState,
  ping: Ping,
  nowUnixMs: number,
): HeartbeatState {
  if (ping.type === 'start') return { ...state, startedUnixMs: nowUnixMs };
  if (ping.type === 'log')
    return { ...state, ...(state.ended ? { ended: { ...state.ended, output: ping.output } } : {}) };
  const { isSuccess, exitCode, output } = ping;
  const { startedUnixMs } = state;
  const durationMs = startedUnixMs === undefined ? undefined : Math.max(0, nowUnixMs - startedUnixMs);
  return {
    expected: state.expected,
    dueUnixMs: reckonDue(monitor, nowUnixMs),
    ended: { unixMs: nowUnixMs, durationMs, isSuccess, exitCode, output },
  };
}

/** A time in which nobody listened here. */
export interface Absence {
  readonly fromUnixMs: number;
  readonly untilUnixMs: number;
}

/** A call that was due about when nobody listened may have come unheard: the next one tells. */
export function excuseAbsence(
  monitor: HeartbeatMonitor,
  state: HeartbeatState,
  { fromUnixMs, untilUnixMs }: Absence,
): HeartbeatState {
  const { dueUnixMs } = state;
  const { graceMs } = monitor;
  if (fromUnixMs >= dueUnixMs + graceMs || untilUnixMs <= dueUnixMs - graceMs) return state;
  const next = reckonDue(monitor, Math.max(untilUnixMs, dueUnixMs));
  return { ...state, dueUnixMs: next, unheardUnixMs: state.unheardUnixMs ?? dueUnixMs };
}
