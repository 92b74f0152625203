import { type Monitor, targetOf } from '@tocsin/service/config';
import type { MonitorAvailabilityRow } from '../queries/monitor-availability.ts';
import type { MonitorPhaseRow } from '../queries/monitor-phases.ts';
import { type MonitorRunsRow, RECENT_RUNS } from '../queries/monitor-runs.ts';
import type { MonitorVerdictRow } from '../queries/monitor-verdicts.ts';
import { readOutcome, viewLocation } from './locations.ts';
import type { LocationView, MonitorState, MonitorView } from './monitor-types.ts';

/** What telemetry says about the monitors. */
export interface MonitorTelemetry {
  readonly verdicts: readonly MonitorVerdictRow[];
  readonly runs: readonly MonitorRunsRow[];
  readonly phases: readonly MonitorPhaseRow[];
  readonly availability: readonly MonitorAvailabilityRow[];
}

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** Checkers tell every 30 s; one that has not for so long is silent. */
const SILENT_MS = 2 * MINUTE_MS;
const SEVERITY: Readonly<Record<MonitorState, number>> = { down: 0, degraded: 1, unknown: 2, never_probed: 3, up: 4 };

/** How far back the newest run of these monitors has to be looked for, in ms: three intervals, cron two days. */
export function lookbackMs(monitors: readonly Monitor[]): number {
  const longest = Math.max(
    20 * MINUTE_MS,
    ...monitors.map(({ schedule }) => (schedule.type === 'cron' ? 2 * DAY_MS : 3 * schedule.intervalMs)),
  );
  return Math.min(longest, 7 * DAY_MS);
}

/** After this time without a result one is missing; `undefined` for cron, whose runs have no fixed distance. */
function staleAfterMs({ schedule, timeoutMs }: Monitor): number | undefined {
  return schedule.type === 'cron' ? undefined : Math.max(3 * schedule.intervalMs, 2 * MINUTE_MS) + timeoutMs;
}

/** The configured monitors with their states, the worst first. A monitor that is not configured any more is left out. */
export function viewMonitors(
  monitors: readonly Monitor[],
  telemetry: MonitorTelemetry,
  nowMs: number,
): readonly MonitorView[] {
  const verdicts = new Map(telemetry.verdicts.map((row) => [row.monitor, row]));
  const runs = Map.groupBy(telemetry.runs, ({ monitor }) => monitor);
  const availability = new Map(telemetry.availability.map((row) => [row.monitor, row]));
  const phases = Map.groupBy(telemetry.phases, ({ monitor }) => monitor);
  return monitors
    .map((monitor) =>
      viewMonitor(monitor, {
        verdict: verdicts.get(monitor.name),
        runs: runs.get(monitor.name) ?? [],
        phases: phases.get(monitor.name) ?? [],
        availability: availability.get(monitor.name),
        nowMs,
      }),
    )
    .sort((a, b) => urgencyOf(a) - urgencyOf(b) || a.name.localeCompare(b.name, 'en'));
}

/** What is muted comes after what is not up, and before what is. */
function urgencyOf({ state, mutedBy }: MonitorView): number {
  return mutedBy !== '' && state !== 'up' ? SEVERITY.up - 0.5 : SEVERITY[state];
}

interface Known {
  readonly verdict: MonitorVerdictRow | undefined;
  readonly runs: readonly MonitorRunsRow[];
  readonly phases: readonly MonitorPhaseRow[];
  readonly availability: MonitorAvailabilityRow | undefined;
  readonly nowMs: number;
}

function viewMonitor(monitor: Monitor, known: Known): MonitorView {
  const { verdict, availability, runs } = known;
  const { name, kind, schedule } = monitor;
  const counted = availability ? availability.passed + availability.failed : 0;
  const locations = viewLocations(known);
  const state = verdict ? readOutcome(verdict.state) : 'unknown';
  const speaker = newest(locations.filter((location) => location.state === state)) ?? newest(locations);
  const others = (state === 'down' ? verdict?.up_at : verdict?.down_at) ?? [];
  return {
    name,
    group: monitor.group ?? '',
    kind,
    target: targetOf(monitor),
    schedule,
    state: runs.length === 0 && state === 'unknown' ? 'never_probed' : state,
    mutedBy: verdict?.muted_by ?? '',
    suppressedBy: verdict?.suppressed_by ?? '',
    reason: speaker?.reason ?? '',
    message: tell(monitor, speaker, known),
    last: speaker?.last,
    phases: speaker?.phases ?? [],
    recent: locations
      .flatMap(({ recent }) => recent)
      .sort((a, b) => a.atMs - b.atMs)
      .slice(-RECENT_RUNS),
    availability24h: availability && counted > 0 ? availability.passed / counted : undefined,
    locations,
    dissenters: others,
    unknownAt: verdict?.unknown_at ?? [],
    silentAt: verdict?.silent_at ?? [],
  };
}

/** Those whose checkers list the monitor, those that are silent, and those of which there are runs. */
function viewLocations({ verdict, runs, phases, nowMs }: Known): readonly LocationView[] {
  const byName = new Map((verdict?.locations ?? []).map((one) => [one[0], one]));
  const names = new Set([...byName.keys(), ...(verdict?.silent_at ?? []), ...runs.map(({ location }) => location)]);
  return [...names]
    .sort((a, b) => a.localeCompare(b, 'en'))
    .map((name) => {
      const told = byName.get(name);
      return viewLocation({
        name,
        isSilent: verdict?.silent_at.includes(name) === true || (told !== undefined && nowMs - told[4] > SILENT_MS),
        verdict: told,
        run: runs.find(({ location }) => location === name),
        phases: phases.filter(({ location }) => location === name),
      });
    });
}

function newest(locations: readonly LocationView[]): LocationView | undefined {
  return locations.reduce<LocationView | undefined>(
    (best, location) => ((location.last?.atMs ?? 0) > (best?.last?.atMs ?? 0) ? location : best),
    undefined,
  );
}

function tell(monitor: Monitor, speaker: LocationView | undefined, { verdict, nowMs }: Known): string {
  if (!speaker?.last) return verdict && verdict.state !== 'unknown' ? '' : 'No result yet.';
  if (!verdict) return 'No checker lists it now: does one run with this configuration?';
  const limitMs = staleAfterMs(monitor);
  if (limitMs === undefined || nowMs - speaker.last.atMs <= limitMs) return speaker.message;
  const text = 'No recent result: is the checker running?';
  return verdict.state === 'down' ? `${text} It was down when one last came.` : text;
}
