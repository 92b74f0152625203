import type { LabelSet } from '../../alert.ts';
import type { Expression } from '../expression.ts';
import type { ChartedRule } from './rule-series.ts';
import type { SeriesPoint } from './series.ts';
import { withoutHaving } from './unfiltered.ts';

/** What a rule's query has said over a time, a line for each of its rows. */
export interface RuleValues {
  /** Those with the highest last values first. */
  readonly series: readonly { readonly labels: LabelSet; readonly points: readonly SeriesPoint[] }[];
  /** What its filter compares the value with, where that is all it does. */
  readonly threshold: number | undefined;
  /** Whether the query was asked without its filter, so that it shows also what is no reason for an alert. */
  readonly isUnfiltered: boolean;
  /** There are more rows than are shown. */
  readonly isCut: boolean;
}

export type RuleValuesOutcome =
  { readonly status: 'ok'; readonly values: RuleValues } | { readonly status: 'failed'; readonly message: string };

/** Reads what a rule's query says. */
export type RuleValuesReader = (found: ChartedRule, fromMs: number, toMs: number) => Promise<RuleValuesOutcome>;

const POINTS = 24;
const QUERIES_AT_ONCE = 3;
const MAX_ROWS = 1_000;
const MAX_SERIES = 12;
/** Questions are begun for so long; what was answered by then is shown. */
const ASKING_MS = 4_000;

/** Asks the rule's own query at up to 25 moments of the time, evenly spread, without its HAVING where that can be left out. */
export function createRuleValuesReader(expression: Pick<Expression, 'evaluate'>): RuleValuesReader {
  return async ({ rule, queryOffsetMs }, fromMs, toMs) => {
    const open = withoutHaving(rule.sql);
    let isUnfiltered = open !== undefined;
    const lines = new Map<string, { labels: LabelSet; byTime: Map<number, number> }>();
    const asked: number[] = [];
    let problem: string | undefined;
    const ask = async (timeMs: number): Promise<void> => {
      const answer = await expression.evaluate(
        isUnfiltered && open ? open.sql : rule.sql,
        timeMs - queryOffsetMs,
        MAX_ROWS,
      );
      if (answer.status === 'failed') {
        problem = `${answer.reason}: ${answer.message}`;
        return;
      }
      asked.push(timeMs);
      for (const { labels, value } of answer.samples) {
        const key = JSON.stringify(labels);
        const line = lines.get(key) ?? { labels, byTime: new Map<number, number>() };
        lines.set(key, line);
        line.byTime.set(timeMs, value);
      }
    };
    // The newest first: it tells whether the query can be asked without its filter.
    await ask(toMs);
    if (problem !== undefined && isUnfiltered) {
      isUnfiltered = false;
      problem = undefined;
      await ask(toMs);
    }
    const times = Array.from({ length: POINTS }, (_, at) => fromMs + ((toMs - fromMs) * at) / POINTS);
    const startedMs = performance.now();
    while (times.length > 0 && problem === undefined && performance.now() - startedMs < ASKING_MS)
      await Promise.all(times.splice(-QUERIES_AT_ONCE).map(ask));
    if (asked.length === 0) return { status: 'failed', message: problem ?? 'nothing was answered' };
    const at = asked.toSorted((a, b) => a - b);
    const shown = [...lines.values()].sort((a, b) => lastOf(b.byTime, toMs) - lastOf(a.byTime, toMs));
    return {
      status: 'ok',
      values: {
        series: shown.slice(0, MAX_SERIES).map(({ labels, byTime }) => ({
          labels,
          points: at.map((timeMs) => ({ timeMs, value: byTime.get(timeMs) ?? Number.NaN })),
        })),
        threshold: open?.threshold,
        isUnfiltered,
        isCut: shown.length > MAX_SERIES,
      },
    };
  };
}

function lastOf(byTime: ReadonlyMap<number, number>, toMs: number): number {
  const value = byTime.get(toMs) ?? Number.NEGATIVE_INFINITY;
  return Number.isNaN(value) ? Number.NEGATIVE_INFINITY : value;
}
