import { z } from 'zod';
import { tellInstead } from '../known-keys.ts';
import { ALWAYS, asMapping, isGiven, mappingsIn, refuseIn, textAt } from './cross-checks.ts';
import { duration, positiveDuration, scalar, text, wholeNumber } from './scalars.ts';
import { slos } from './slos.ts';
import { templateMap, templateText } from './template-setting.ts';

/** What becomes of a rule's alerts while its query has no data: see docs/alerting/rules.md. */
const noData = z.enum(['ok', 'keep', 'alert']);
export type NoData = z.output<typeof noData>;

/** `runbook_url` may be made by a template, so only its beginning can be looked at. */
const runbookUrl = templateText.refine((url) => /^(?:https?:\/\/|\{\{)/.test(url), {
  params: { expected: 'an http:// or https:// URL' },
  message: 'expected an http:// or https:// URL',
});

/** What a message shows of the rule: see docs/alerting/rules.md. */
const chart = z.union([
  z.literal(['false', false]).transform((): false => false),
  z.strictObject({
    sql: text,
    title: text.optional(),
    unit: z.enum(['number', 'seconds', 'ratio', 'bytes']).default('number'),
    threshold: scalar('a number', (value) =>
      String(value).trim() !== '' && Number.isFinite(Number(value)) ? Number(value) : undefined,
    ).optional(),
  }),
]);

const rule = tellInstead(
  z
    .strictObject({
      alert: text,
      sql: text,
      for: duration.default(0),
      keep_firing_for: duration.default(0),
      no_data: noData.optional(),
      severity: templateText.optional(),
      runbook_url: runbookUrl.optional(),
      labels: templateMap.default({}),
      annotations: templateMap.default({}),
      chart: chart.optional(),
    })
    .superRefine(checkShorthands, ALWAYS),
  {
    expr: 'sql: with a query of ClickHouse in its place (PromQL is not supported yet)',
    record: 'alert: and sql: (there are no recording rules: ask for the rows in the SQL of the rule that needs them)',
  },
).transform((value) => ({
  alert: value.alert,
  sql: value.sql,
  forMs: value.for,
  keepFiringForMs: value.keep_firing_for,
  noData: value.no_data,
  labels: value.severity === undefined ? value.labels : { ...value.labels, severity: value.severity },
  annotations:
    value.runbook_url === undefined ? value.annotations : { ...value.annotations, runbook_url: value.runbook_url },
  ...(value.chart === undefined ? {} : { chart: value.chart }),
}));

const group = z
  .strictObject({
    name: text,
    interval: positiveDuration.default(60_000),
    limit: wholeNumber(0).default(0),
    query_offset: duration.default(0),
    no_data: noData.default('ok'),
    labels: templateMap.default({}),
    rules: z.array(rule).default([]),
  })
  .transform((value) => ({
    name: value.name,
    intervalMs: value.interval,
    /** The most alerts one rule of the group may produce; 0 is no limit. */
    limit: value.limit,
    /** How far before the evaluation lies the moment that queries are asked about. */
    queryOffsetMs: value.query_offset,
    labels: value.labels,
    rules: value.rules.map((entry) => ({ ...entry, noData: entry.noData ?? value.no_data })),
  }));

/** A rule file: Prometheus's shape, with `sql` in the place of `expr`, and SLOs. */
export const ruleFile = z
  .strictObject({ groups: z.array(group).default([]), slos })
  .superRefine((file: unknown, context) => {
    const refuse = refuseIn(context);
    const names = new Set<string>();
    for (const [index, entry] of mappingsIn(asMapping(file)['groups'])) {
      const name = textAt(entry, 'name');
      if (name === undefined) continue;
      if (names.has(name)) refuse(['groups', index, 'name'], 'a group name used once in the file');
      names.add(name);
    }
  }, ALWAYS);

/** `severity` and `runbook_url` stand for a label and an annotation, which are then not written a second time. */
function checkShorthands(value: unknown, context: z.RefinementCtx): void {
  const refuse = refuseIn(context);
  const given = asMapping(value);
  for (const [key, long] of [
    ['severity', 'labels'],
    ['runbook_url', 'annotations'],
  ] as const)
    if (isGiven(given, key) && isGiven(asMapping(given[long]), key))
      refuse([key], `either ${key} or ${long}.${key}, not both`);
}

/** A group of rules that are evaluated in order at one timestamp. `file` is the rule file it came from. */
export type RuleGroup = Readonly<z.output<typeof group>> & { readonly file: string };
export type AlertRule = Readonly<RuleGroup['rules'][number]>;
