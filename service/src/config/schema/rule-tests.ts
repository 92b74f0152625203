import { z } from 'zod';
import { ALWAYS, asMapping, isGiven, refuseIn } from './cross-checks.ts';
import { duration, httpUrl, labelMap, positiveDuration, text, wholeNumber } from './scalars.ts';

/** Numbers in promtool's notation, one each `interval`; `alerting` reads it. */
const series = z.strictObject({
  series: text,
  values: text,
  kind: z.enum(['gauge', 'sum']).default('gauge'),
  resource: z.record(z.string(), z.string()).default({}),
});

/** Rows of a table as they are. A duration in a column of times is counted from the test's start. */
const rows = z
  .strictObject({
    table: z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'expected the name of a table'),
    rows: z.array(z.record(z.string(), z.unknown())).min(1),
    every: positiveDuration.optional(),
    times: wholeNumber(1, 100_000).optional(),
  })
  .superRefine((value: unknown, context) => {
    const given = asMapping(value);
    if (isGiven(given, 'every') !== isGiven(given, 'times')) refuseIn(context)([], 'both every and times, or neither');
  }, ALWAYS);

const alertTest = z
  .strictObject({
    eval_time: duration,
    alertname: text,
    exp_alerts: z
      .array(z.strictObject({ exp_labels: labelMap.default({}), exp_annotations: labelMap.optional() }))
      .default([]),
  })
  .transform((value) => ({
    evalTimeMs: value.eval_time,
    alertname: value.alertname,
    expected: value.exp_alerts.map((alert) => ({ labels: alert.exp_labels, annotations: alert.exp_annotations })),
  }));

const instant = z.string().transform((value, context): number => {
  const expected = 'a time with its zone, such as 2026-01-05T09:00:00Z';
  const timeMs = /(?:Z|[+-]\d\d:\d\d)$/.test(value) ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(timeMs)) context.addIssue({ code: 'custom', message: `expected ${expected}`, params: { expected } });
  return timeMs;
});

const test = z
  .strictObject({
    name: text.optional(),
    interval: positiveDuration.default(60_000),
    start: instant.optional(),
    input_series: z.array(series).default([]),
    input_rows: z.array(rows).default([]),
    alert_rule_test: z.array(alertTest).min(1),
    external_url: httpUrl.default('http://localhost:7600'),
  })
  .transform((value) => ({
    name: value.name,
    /** Between two values of a series. */
    intervalMs: value.interval,
    /** The moment `eval_time: 0` stands for. */
    startMs: value.start,
    series: value.input_series,
    rows: value.input_rows.map((entry) => ({
      table: entry.table,
      rows: entry.rows,
      everyMs: entry.every ?? 0,
      times: entry.times ?? 1,
    })),
    alerts: value.alert_rule_test,
    externalUrl: value.external_url,
  }));

/** A file of unit tests of rules: promtool's shape. Source: Prometheus documentation, "Unit Testing for Rules". */
export const ruleTests = z
  .strictObject({
    rule_files: z.array(text).min(1),
    evaluation_interval: positiveDuration.optional(),
    tests: z.array(test).min(1),
  })
  .transform((value) => ({
    ruleFiles: value.rule_files,
    /** `undefined`: each group has its own. */
    evaluationIntervalMs: value.evaluation_interval,
    tests: value.tests,
  }));

export type RuleTests = Readonly<z.output<typeof ruleTests>>;
export type RuleTest = RuleTests['tests'][number];
export type TestSeries = RuleTest['series'][number];
export type TestRows = RuleTest['rows'][number];
export type AlertTest = RuleTest['alerts'][number];
