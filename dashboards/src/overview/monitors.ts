import { type Monitor, targetOf } from '@tocsin/service/config';
import type { MonitorAvailabilityRow } from '../queries/monitor-availability.ts';
import type { MonitorPhaseRow } from '../queries/monitor-phases.ts';
import type { MonitorRunsRow } from '../queries/monitor-runs.ts';

export type ProbeOutcome = 'up' | 'degraded' | 'down' | 'unknown';

/** `unknown` also says that results have stopped coming: a monitor's own trouble never reads as the target's. */
export type MonitorState = ProbeOutcome | 'never_probed';

/** One finished probe run. Times in Unix ms. */
export interface ProbeRun {
  readonly atMs: number;
  readonly outcome: ProbeOutcome;
  readonly durationMs: number;
  readonly traceId: string;
}

/** A monitor as the console shows it. Times in Unix ms. */
export interface MonitorView {
  readonly name: string;
  readonly kind: string;
  readonly target: string;

  readonly schedule: Monitor['schedule'];
  readonly state: MonitorState;
  /** Why, in words; empty when it is up. */
  readonly message: string;
  /** The checker's reason of the last run; empty when it was up. */
  readonly reason: string;
  readonly last: ProbeRun | undefined;
  /** Phases of the newest run, in their order. */
  readonly phases: readonly { readonly phase: string; readonly durationMs: number }[];
  /** Newest last. */
  readonly recent: readonly ProbeRun[];
  /** Share of the runs that found it up or degraded among those and the ones that found it down, in the last 24 hours (whole ones, and the one that runs). */
  readonly availability24h: number | undefined;
}

/** What telemetry says about the monitors. */
export interface MonitorTelemetry {
  readonly runs: readonly MonitorRunsRow[];
  readonly phases: readonly MonitorPhaseRow[];
  readonly availability: readonly MonitorAvailabilityRow[];
}

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** Points are stamped with the end of their run; runs of a monitor are at least a second apart. */
const SAME_RUN_MS = 100;
const PHASES = ['resolve', 'connect', 'starttls', 'tls', 'upgrade', 'request', 'transfer', 'dialogue', 'ping'];
const SEVERITY: Readonly<Record<MonitorState, number>> = { down: 0, degraded: 1, unknown: 2, never_probed: 3, up: 4 };

/** How far back the newest run of these monitors has to be looked for, in ms: three intervals, cron two days. */
export function lookbackMs(monitors: readonly Monitor[]): number {
  const longest = Math.max(
    20 * MINUTE_MS,
    ...monitors.map(({ schedule }) => (schedule.type === 'cron' ? 2 * DAY_MS : 3 * schedule.intervalMs)),
  );
  return Math.min(longest, 7 * DAY_MS);
}

/** After this time without a result the state is unknown; `undefined` for cron, whose runs have no fixed distance. */
function staleAfterMs({ schedule, timeoutMs }: Monitor): number | undefined {
  return schedule.type === 'cron' ? undefined : Math.max(3 * schedule.intervalMs, 2 * MINUTE_MS) + timeoutMs;
}

/** The configured monitors with their states, the worst first. A monitor that is not configured any more is left out. */
export function viewMonitors(
  monitors: readonly Monitor[],
  telemetry: MonitorTelemetry,
  nowMs: number,
): readonly MonitorView[] {
  const runs = new Map(telemetry.runs.map((row) => [row.monitor, row]));
  const availability = new Map(telemetry.availability.map((row) => [row.monitor, row]));
  const phases = Map.groupBy(telemetry.phases, ({ monitor }) => monitor);
  return monitors
    .map((monitor) =>
      viewMonitor(monitor, {
        row: runs.get(monitor.name),
        phases: phases.get(monitor.name) ?? [],
        availability: availability.get(monitor.name),
        nowMs,
      }),
    )
    .sort((a, b) => SEVERITY[a.state] - SEVERITY[b.state] || a.name.localeCompare(b.name, 'en'));
}

interface Known {
  readonly row: MonitorRunsRow | undefined;
  readonly phases: readonly MonitorPhaseRow[];
  readonly availability: MonitorAvailabilityRow | undefined;
  readonly nowMs: number;
}

function viewMonitor(monitor: Monitor, { row, phases, availability, nowMs }: Known): MonitorView {
  const { name, kind, schedule } = monitor;
  const counted = availability ? availability.passed + availability.failed : 0;
  const base = {
    name,
    kind,
    target: targetOf(monitor),
    schedule,
    availability24h: availability && counted > 0 ? availability.passed / counted : undefined,
  };
  if (!row) {
    const message = 'No result yet.';
    return { ...base, state: 'never_probed', message, reason: '', last: undefined, phases: [], recent: [] };
  }
  const last: ProbeRun = {
    atMs: row.last_at_ms,
    outcome: readOutcome(row.outcome),
    durationMs: row.duration_ms,
    traceId: row.trace_id,
  };
  return {
    ...base,
    ...judge(monitor, row, nowMs),
    last,
    phases: phases
      .filter(({ at_ms }) => Math.abs(at_ms - (row.last_at_ms + row.duration_ms)) < SAME_RUN_MS)
      .sort((a, b) => PHASES.indexOf(a.phase) - PHASES.indexOf(b.phase))
      .map(({ phase, duration_ms }) => ({ phase, durationMs: duration_ms })),
    recent: row.recent
      .map(([minusAtMs, outcome, durationMs, traceId]) => ({
        atMs: -minusAtMs,
        outcome: readOutcome(outcome),
        durationMs,
        traceId,
      }))
      .reverse(),
  };
}

function judge(
  monitor: Monitor,
  row: MonitorRunsRow,
  nowMs: number,
): Pick<MonitorView, 'state' | 'reason' | 'message'> {
  const limitMs = staleAfterMs(monitor);
  if (limitMs !== undefined && nowMs - row.last_at_ms > limitMs) {
    return { state: 'unknown', reason: 'no_recent_result', message: 'No recent result: is the checker running?' };
  }
  const outcome = readOutcome(row.outcome);
  const state = row.state === '' ? outcome : readOutcome(row.state);
  if (outcome === 'up' && state === 'up') return { state, reason: '', message: '' };
  if (outcome === 'up')
    return { state, reason: '', message: 'The last run passed; that it is up again is not confirmed.' };
  const isOther = outcome !== state && outcome !== 'unknown';
  return { state, reason: row.reason, message: isOther ? `The last run, not confirmed: ${row.message}` : row.message };
}

/** Whatever is not a clear finding says nothing about the target. */
function readOutcome(outcome: string): ProbeRun['outcome'] {
  return outcome === 'up' || outcome === 'degraded' || outcome === 'down' ? outcome : 'unknown';
}
