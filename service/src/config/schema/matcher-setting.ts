import { z } from 'zod';
import { refuseIn } from './cross-checks.ts';
import { type Matcher, readMatchers, refusalOf } from './matchers.ts';
import { labelName } from './scalars.ts';

/** One entry of a list of matchers; it may hold several. */
const entry = z.string().transform((source, context): readonly Matcher[] => {
  const read = readMatchers(source);
  if (read.status === 'ok') return read.matchers;
  refuseIn(context)([], read.expected);
  return z.NEVER;
});

/** A list of matchers as a setting. */
export const matcherList = z.array(entry).transform((entries) => entries.flat());

/** Alertmanager's older form of `=` matchers: labels and their values. */
export const matchMap = z
  .record(labelName, z.string())
  .transform((labels) => Object.entries(labels).map(([name, value]): Matcher => ({ name, op: '=', value })));

const pattern = z.string().superRefine((value, context) => {
  const why = refusalOf(value);
  if (why !== undefined) refuseIn(context)([], `a regular expression in RE2's syntax (${why})`);
});

/** Alertmanager's older form of `=~` matchers. */
export const matchPatternMap = z
  .record(labelName, pattern)
  .transform((labels) => Object.entries(labels).map(([name, value]): Matcher => ({ name, op: '=~', value })));
