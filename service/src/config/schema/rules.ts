import { z } from 'zod';
import { ALWAYS, asMapping, mappingsIn, refuseIn, textAt } from './cross-checks.ts';
import { duration, labelMap, positiveDuration, text, wholeNumber } from './scalars.ts';

const rule = z
  .strictObject({
    alert: text,
    sql: text,
    for: duration.default(0),
    keep_firing_for: duration.default(0),
    labels: labelMap.default({}),
    annotations: labelMap.default({}),
  })
  .transform((value) => ({
    alert: value.alert,
    sql: value.sql,
    forMs: value.for,
    keepFiringForMs: value.keep_firing_for,
    labels: value.labels,
    annotations: value.annotations,
  }));

const group = z
  .strictObject({
    name: text,
    interval: positiveDuration.default(60_000),
    limit: wholeNumber(0).default(0),
    labels: labelMap.default({}),
    rules: z.array(rule).default([]),
  })
  .transform((value) => ({
    name: value.name,
    intervalMs: value.interval,
    /** The most alerts one rule of the group may produce; 0 is no limit. */
    limit: value.limit,
    labels: value.labels,
    rules: value.rules,
  }));

/** A rule file: Prometheus's shape, with `sql` in the place of `expr`. */
export const ruleFile = z.strictObject({ groups: z.array(group).default([]) }).superRefine((file: unknown, context) => {
  const refuse = refuseIn(context);
  const names = new Set<string>();
  for (const [index, entry] of mappingsIn(asMapping(file)['groups'])) {
    const name = textAt(entry, 'name');
    if (name === undefined) continue;
    if (names.has(name)) refuse(['groups', index, 'name'], 'a group name used once in the file');
    names.add(name);
  }
}, ALWAYS);

export type AlertRule = Readonly<z.output<typeof rule>>;

/** A group of rules that are evaluated in order at one timestamp. `file` is the rule file it came from. */
export type RuleGroup = Readonly<z.output<typeof group>> & { readonly file: string };
