import type { Alert, LabelSet } from '../../alert.ts';
import type { Expression, Sample } from '../expression.ts';
import type { Rule } from '../rule.ts';
import {
  MIN_POINTS,
  type Series,
  type SeriesExpression,
  type SeriesPoint,
  type StoredSeries,
  type Stretch,
} from './series.ts';
import { withoutHaving } from './unfiltered.ts';

/** A rule with what its group adds to it. */
export interface ChartedRule {
  readonly rule: Rule;
  readonly queryOffsetMs: number;
}

/** What a chart is read with. */
export interface RuleSeriesOptions {
  readonly expression: Pick<Expression, 'evaluate'>;
  readonly series: SeriesExpression;
  /** The rule that raised an alert. */
  readonly ruleOf: (alert: Alert) => ChartedRule | undefined;
  /** Queries are begun for so long, in milliseconds; what was had by then is drawn. */
  readonly askingMs?: number;
}

/** Points of a chart that a rule's own query makes: each is a query. */
const MAX_POINTS = 30;
const QUERIES_AT_ONCE = 3;
/** More rows than this are read for no point: the query without its filter names everything there is. */
const MAX_ROWS = 1_000;
const MIN_STRETCH_MS = 3_600_000;
const MAX_STRETCH_MS = 86_400_000;
const MIN_STEP_MS = 10_000;
const CLOSE_STRETCH_MS = 600_000;
const ASKING_MS = 1_200;

/**
 * What a rule's value has been over the last hour (or one and a half times as long as the alert lasts, a day at most): by the rule's `chart` where it has one, which is one
 * query (of the last ten minutes, where that has too little to see: something new); else by the rule's own query at 30 past moments, without its HAVING where that can be left out.
 */
export function createRuleSeries(options: RuleSeriesOptions): StoredSeries {
  const { series, ruleOf } = options;
  return {
    async seriesOf(alert, nowMs) {
      const found = ruleOf(alert);
      if (!found || found.rule.sql === '') return undefined;
      const { rule, queryOffsetMs } = found;
      if (rule.chart === false) return 'no_chart';
      const stretch = stretchOf(alert, nowMs - queryOffsetMs);
      if (!rule.chart) return replay(rule, alert, stretch, options);
      const { sql, title, unit, threshold } = rule.chart;
      const points = await series.read(sql, alert.labels, stretch);
      const hasEnough = points.filter(({ value }) => Number.isFinite(value)).length >= MIN_POINTS;
      const closely = hasEnough ? points : await series.read(sql, alert.labels, closer(stretch));
      return { points: closely, title, unit, threshold };
    },
  };
}

function stretchOf({ startsAtMs }: Alert, nowMs: number): Stretch {
  const lengthMs = Math.min(MAX_STRETCH_MS, Math.max(MIN_STRETCH_MS, 1.5 * (nowMs - startsAtMs)));
  return { fromMs: nowMs - lengthMs, nowMs, stepMs: Math.max(MIN_STEP_MS, lengthMs / MAX_POINTS) };
}

/** The last minutes, for what there is too little of yet. */
function closer({ nowMs }: Stretch): Stretch {
  return { fromMs: nowMs - CLOSE_STRETCH_MS, nowMs, stepMs: CLOSE_STRETCH_MS / MAX_POINTS };
}

async function replay(
  rule: Rule,
  alert: Alert,
  stretch: Stretch,
  { expression, askingMs = ASKING_MS }: RuleSeriesOptions,
): Promise<Series> {
  const open = withoutHaving(rule.sql);
  const fixed = new Set(['alertname', ...rule.labels.map(([name]) => name)]);
  let sql = open?.sql ?? rule.sql;
  const ask = async (timeMs: number): Promise<SeriesPoint> => {
    const asked = sql;
    const answer = await expression.evaluate(asked, timeMs, MAX_ROWS);
    if (answer.status === 'ok') return { timeMs, value: valueAmong(answer.samples, alert.labels, fixed) };
    if (asked !== rule.sql && answer.reason !== 'timeout' && answer.reason !== 'unreachable') {
      // Without its filter it cannot be asked: then with it.
      sql = rule.sql;
      return ask(timeMs);
    }
    throw new Error(`${answer.reason}: ${answer.message}`);
  };
  const times = spread(stretch);
  const points: SeriesPoint[] = [];
  const startedMs = performance.now();
  while (times.length > 0 && performance.now() - startedMs < askingMs)
    points.push(...(await Promise.all(times.splice(0, QUERIES_AT_ONCE).map(ask))));
  return { points: points.toSorted((a, b) => a.timeMs - b.timeMs), threshold: open?.threshold };
}

/** The value of the row that the alert came from: its text columns are labels of the alert, but for those that the rule sets. */
function valueAmong(samples: readonly Sample[], labels: LabelSet, fixed: ReadonlySet<string>): number {
  const own = samples.filter(({ labels: row }) =>
    Object.entries(row).every(([name, value]) => fixed.has(name) || labels[name] === value),
  );
  const [only] = own;
  return only && own.length === 1 && Number.isFinite(only.value) ? only.value : Number.NaN;
}

/** The moments, the ends first and then ever finer, so that whatever time there is for covers the whole stretch. */
function spread({ fromMs, nowMs, stepMs }: Stretch): number[] {
  const count = Math.min(MAX_POINTS, Math.floor((nowMs - fromMs) / stepMs));
  const wanted = new Set([0, count]);
  for (let parts = 2; parts < 2 * count; parts *= 2)
    for (let at = 1; at < parts; at += 2) wanted.add(Math.round((count * at) / parts));
  return [...wanted].map((at) => nowMs - at * stepMs);
}
