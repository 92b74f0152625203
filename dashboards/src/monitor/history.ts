import { stepsOver, stepTimes, type TimeSteps } from '../filters/time-steps.ts';
import type { MonitorPhaseStepRow } from '../queries/monitor-phase-steps.ts';
import type { MonitorResponseRow } from '../queries/monitor-response-steps.ts';
import type { MonitorHistory, PhaseLine, ResponseStep } from './contract-types.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const POINTS = 90;
/** A longer time is read from rollups, in ms. */
const LONGEST_RAW_MS = 12 * HOUR_MS;
/** From so long a step on whole days are read. */
const DAYS_FROM_MS = DAY_MS;

/** From what a time is read: runs, hours or days. */
export interface HistorySteps extends TimeSteps {
  readonly source: 'runs' | 'hours' | 'days';
}

/**
 * Steps in which a monitor is looked at: two runs in each at least, and whole hours or days where rollups are read. A monitor that runs by
 * cron has steps of its own length. Pure.
 */
export function historySteps(
  range: { readonly from: number; readonly to: number },
  intervalMs: number | undefined,
): HistorySteps {
  const isRaw = range.to - range.from <= LONGEST_RAW_MS;
  const steps = stepsOver(range, POINTS, isRaw ? Math.max(2 * (intervalMs ?? 30_000), 10_000) : HOUR_MS);
  const source = isRaw ? 'runs' : steps.stepMs >= DAYS_FROM_MS ? 'days' : 'hours';
  return { ...steps, source };
}

/** The order in which a run has its phases; others follow. */
const ORDER = ['resolve', 'connect', 'starttls', 'tls', 'request', 'upgrade', 'transfer', 'dialogue', 'ping'];

/** Rows as lines on the steps. Pure. */
export function viewHistory(rows: readonly MonitorResponseRow[], steps: HistorySteps): Omit<MonitorHistory, 'phases'> {
  const timesMs = stepTimes(steps);
  const known = new Map(rows.flatMap((row) => (row.at_ms === null ? [] : [[row.at_ms, viewStep(row)] as const])));
  return {
    timesMs,
    stepMs: steps.stepMs,
    isRolledUp: steps.source !== 'runs',
    steps: timesMs.map((atMs) => known.get(atMs) ?? null),
    locations: rows.flatMap((row) => (row.location === null ? [] : [{ location: row.location, ...viewStep(row) }])),
  };
}

function viewStep({ passed, failed, p50_ms, p95_ms, p99_ms }: MonitorResponseRow): ResponseStep {
  return { passed, failed, p50Ms: p50_ms, p95Ms: p95_ms, p99Ms: p99_ms };
}

/** What each phase adds to the mean run: its mean, by the share of the runs that had it, so that the phases together are the mean of the whole. Pure. */
export function viewPhases(rows: readonly MonitorPhaseStepRow[], steps: TimeSteps): readonly PhaseLine[] {
  const totals = new Map(rows.filter(({ phase }) => phase === 'total').map(({ at_ms, runs }) => [at_ms, runs]));
  const lines = Map.groupBy(
    rows.filter(({ phase }) => phase !== 'total'),
    ({ phase }) => phase,
  );
  const place = (phase: string): number => (ORDER.includes(phase) ? ORDER.indexOf(phase) : ORDER.length);
  return [...lines]
    .toSorted(([a], [b]) => place(a) - place(b))
    .map(([phase, points]) => {
      const known = new Map(points.map((point) => [point.at_ms, point]));
      return {
        phase,
        valuesMs: stepTimes(steps).map((atMs) => {
          const point = known.get(atMs);
          const runs = totals.get(atMs) ?? 0;
          if (point) return (point.mean_ms * point.runs) / Math.max(runs, point.runs);
          return runs > 0 ? 0 : null;
        }),
      };
    });
}
