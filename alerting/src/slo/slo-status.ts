import type { Slo } from '@tocsin/service/config';
import type { Expression } from '../rules/expression.ts';
import { BURN_PAIRS } from './burn-windows.ts';
import { countsSql } from './counts.ts';
import { budgetOf } from './slo-rules.ts';

/** An SLO as one looks at it. */
export interface SloStatus {
  readonly name: string;
  /** In per cent. */
  readonly target: number;
  readonly windowMs: number;
  /** When it was counted, Unix milliseconds. */
  readonly countedAtMs: number;
  /** Why it could not be counted; the numbers are absent then. */
  readonly error?: string;
  readonly good?: number;
  readonly total?: number;
  /** What is left of the error budget: 1 all of it, 0 none, below that it is overspent. 1 where there was no traffic. */
  readonly budgetRemaining?: number;
  /** Whether there is data from before the window: otherwise the numbers are of a shorter time. */
  readonly isCovered?: boolean;
  readonly burnRates?: readonly {
    readonly windowMs: number;
    /** How many times faster than allowed the budget goes; 0 where there was no traffic. */
    readonly rate: number;
  }[];
}

export interface SloReader {
  /** Counts every SLO; what was counted less than a minute ago is not counted again, nor what could not be less than five seconds ago. */
  sloStatus(slos: readonly Slo[], nowMs: number): Promise<SloStatus[]>;
}

/** The budget moves slowly and costs the most to count. */
const BELIEVED_MS = 60_000;
const ERROR_BELIEVED_MS = 5_000;
const BURN_WINDOWS_MS = [...BURN_PAIRS.page, ...BURN_PAIRS.ticket]
  .flatMap(({ shortMs, longMs }) => [shortMs, longMs])
  .toSorted((a, b) => a - b);

/** Reads the status of SLOs through the same port as rules; one SLO at a time, whoever asks. */
export function createSloReader(expression: Pick<Expression, 'evaluate'>): SloReader {
  let known: ReadonlyMap<Slo, SloStatus> = new Map();
  let running: Promise<unknown> = Promise.resolve();
  const readAll = async (slos: readonly Slo[], nowMs: number): Promise<SloStatus[]> => {
    const next = new Map<Slo, SloStatus>();
    let away: string | undefined;
    for (const slo of slos) {
      const before = known.get(slo);
      const believedMs = before?.error === undefined ? BELIEVED_MS : ERROR_BELIEVED_MS;
      const isFresh = before && Math.abs(nowMs - before.countedAtMs) < believedMs;
      const status: SloStatus = isFresh
        ? before
        : away === undefined
          ? await readStatus(expression, slo, nowMs)
          : { ...aboutOf(slo, nowMs), error: away };
      // Each question may cost a time-out: where ClickHouse is away the others are not asked.
      if (status.error?.startsWith('unreachable:')) away = status.error;
      next.set(slo, status);
    }
    known = next;
    return [...next.values()];
  };
  return {
    sloStatus(slos, nowMs) {
      const reading = running.then(() => readAll(slos, nowMs));
      running = reading.catch(() => undefined);
      return reading;
    },
  };
}

function aboutOf({ name, target, windowMs }: Slo, countedAtMs: number) {
  return { name, target, windowMs, countedAtMs };
}

async function readStatus(expression: Pick<Expression, 'evaluate'>, slo: Slo, nowMs: number): Promise<SloStatus> {
  const about = aboutOf(slo, nowMs);
  const windows = [...new Set([...BURN_WINDOWS_MS, slo.windowMs])];
  const columns = windows.flatMap((windowMs) => [`total_${windowMs / 1_000}`, `good_${windowMs / 1_000}`]);
  const covered = `covered_${slo.windowMs / 1_000}`;
  const shown = [...columns, covered].map((column) => `${column} AS annotation_${column}`);
  const sql = `SELECT 1 AS value, ${shown.join(', ')} FROM (\n${countsSql(slo, windows, [slo.windowMs])}\n)`;
  const result = await expression.evaluate(sql, nowMs, 1);
  if (result.status === 'failed') return { ...about, error: `${result.reason}: ${result.message}` };
  const numbers = result.samples[0]?.annotations ?? {};
  const read = (column: string): number => Number(numbers[column] ?? 0);
  const countsOf = (windowMs: number) => {
    const [total, good] = [read(`total_${windowMs / 1_000}`), read(`good_${windowMs / 1_000}`)];
    return { total, good, rate: total === 0 ? 0 : (total - good) / total / budgetOf(slo) };
  };
  const whole = countsOf(slo.windowMs);
  return {
    ...about,
    good: whole.good,
    total: whole.total,
    budgetRemaining: 1 - whole.rate,
    isCovered: read(covered) > 0,
    burnRates: BURN_WINDOWS_MS.map((windowMs) => ({ windowMs, rate: countsOf(windowMs).rate })),
  };
}
