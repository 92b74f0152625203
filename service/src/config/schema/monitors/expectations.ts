import { z } from 'zod';
import { loadJsonPath, loadRe2 } from '../../late-libraries.ts';
import { refuseIn } from '../cross-checks.ts';
import { flag, positiveDuration, text, wholeNumber } from '../scalars.ts';

/** What it makes of the target when an expectation is not met. */
export const severity = z.enum(['down', 'degraded']).default('down');
export type ExpectationSeverity = z.output<typeof severity>;

/** One value or a list of them; read as a list. */
export function oneOrMore<Type extends z.ZodType>(type: Type) {
  return z
    .union([type, z.array(type).min(1)])
    .transform((value): z.output<Type>[] => (Array.isArray(value) ? (value as z.output<Type>[]) : [value]));
}

/** A regular expression in RE2's syntax, which takes time that is linear in the text whatever the pattern. */
export const pattern = text.superRefine((value, context) => {
  try {
    loadRe2().RE2JS.compile(value);
  } catch (error) {
    const why = error instanceof Error ? error.message.replace(/^error parsing regexp: /, '') : 'not one';
    refuseIn(context)([], `a regular expression in RE2's syntax (${why})`);
  }
});

/** Names and texts in a JSONPath. */
const QUOTED = /'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"/g;

/** A JSONPath query (RFC 9535). One descendant segment at most: several of them can take time without end on what a target sends. */
export const jsonPath = text.superRefine((value, context) => {
  const refuse = refuseIn(context);
  const { JSONPathEnvironment, JSONPathError } = loadJsonPath();
  try {
    new JSONPathEnvironment().compile(value);
    if (value.split('..').length > 2) refuse([], 'a JSONPath with at most one ".."');
    // A filter that asks the whole document anew for each of its values takes the square of it.
    if (value.replaceAll(QUOTED, '').split('$').length > 2)
      refuse([], 'a JSONPath with "$" at its beginning only (in a filter "@" is the value that is looked at)');
  } catch (error) {
    if (!(error instanceof JSONPathError)) throw error;
    refuse([], 'a JSONPath such as $.status or $.items[0].name');
  }
});

const decimal = z.preprocess(
  (value) => (typeof value === 'string' && /^-?\d+(?:\.\d+)?$/.test(value) ? Number(value) : value),
  z.custom<number>((value) => typeof value === 'number', 'expected a number such as 10 or 0.5'),
);

/** The settings that say what a value must be. */
export const valueTests = {
  equals: z.string().optional(),
  not_equals: z.string().optional(),
  contains: oneOrMore(text).optional(),
  not_contains: oneOrMore(text).optional(),
  matches: oneOrMore(pattern).optional(),
  not_matches: oneOrMore(pattern).optional(),
  less_than: decimal.optional(),
  greater_than: decimal.optional(),
  exists: flag.optional(),
};

/** One thing a value must be. `negated` turns it round; `exists` is about whether there is a value at all. */
export type ValueTest =
  | { readonly operator: 'equals' | 'contains' | 'matches'; readonly value: string; readonly negated: boolean }
  | { readonly operator: 'less_than' | 'greater_than'; readonly value: number }
  | { readonly operator: 'exists'; readonly negated: boolean };

type ValueTestSettings = z.output<z.ZodObject<typeof valueTests>>;

/** Reads `valueTests`; without any of them the value must be there. */
export function valueTestsOf(value: ValueTestSettings): readonly ValueTest[] {
  const texts = (
    operator: 'equals' | 'contains' | 'matches',
    values: readonly string[] | string | undefined,
    negated: boolean,
  ): ValueTest[] => [values ?? []].flat().map((entry) => ({ operator, value: entry, negated }));
  const tests: ValueTest[] = [
    ...texts('equals', value.equals, false),
    ...texts('equals', value.not_equals, true),
    ...texts('contains', value.contains, false),
    ...texts('contains', value.not_contains, true),
    ...texts('matches', value.matches, false),
    ...texts('matches', value.not_matches, true),
    ...(value.less_than === undefined ? [] : [{ operator: 'less_than', value: value.less_than } as const]),
    ...(value.greater_than === undefined ? [] : [{ operator: 'greater_than', value: value.greater_than } as const]),
    ...(value.exists === undefined ? [] : [{ operator: 'exists', negated: !value.exists } as const]),
  ];
  return tests.length > 0 ? tests : [{ operator: 'exists', negated: false }];
}

/** The settings of text that is there once (a body, an answer): `body_contains`, `body_not_contains`, `body_matches`, `body_not_matches`. */
export function textSettings<const Name extends string>(name: Name) {
  return {
    [`${name}_contains`]: oneOrMore(text).optional(),
    [`${name}_not_contains`]: oneOrMore(text).optional(),
    [`${name}_matches`]: oneOrMore(pattern).optional(),
    [`${name}_not_matches`]: oneOrMore(pattern).optional(),
  } as {
    readonly [K in `${Name}_${'contains' | 'not_contains'}`]: z.ZodOptional<ReturnType<typeof oneOrMore<typeof text>>>;
  } & {
    readonly [K in `${Name}_${'matches' | 'not_matches'}`]: z.ZodOptional<ReturnType<typeof oneOrMore<typeof pattern>>>;
  };
}

/** A JSONPath and what each value it finds must be. */
export const jsonExpectation = z
  .strictObject({ path: jsonPath, ...valueTests })
  .transform((value) => ({ path: value.path, tests: valueTestsOf(value) }));

/** Phases whose time can be limited, and the whole run. */
export const LATENCY_PHASES = ['total', 'resolve', 'connect', 'tls', 'request', 'transfer'] as const;
export type LatencyPhase = (typeof LATENCY_PHASES)[number];

const latencyByPhase = z
  .strictObject({
    total: positiveDuration.optional(),
    resolve: positiveDuration.optional(),
    connect: positiveDuration.optional(),
    tls: positiveDuration.optional(),
    request: positiveDuration.optional(),
    transfer: positiveDuration.optional(),
  })
  .superRefine((value, context) => {
    if (LATENCY_PHASES.some((phase) => value[phase] !== undefined)) return;
    refuseIn(context)([], `a limit for one of ${LATENCY_PHASES.join(', ')}`);
  });

/** A limit of the whole run, or limits by phase; read as a list of limits in milliseconds. */
export const latency = z
  .union([positiveDuration, latencyByPhase])
  .transform((value): readonly { readonly phase: LatencyPhase; readonly maxMs: number }[] => {
    const limits = typeof value === 'number' ? { total: value } : value;
    return LATENCY_PHASES.flatMap((phase) => {
      const maxMs = (limits as Partial<Record<LatencyPhase, number>>)[phase];
      return maxMs === undefined ? [] : [{ phase, maxMs }];
    });
  });

/** The oldest version of TLS that is good enough. */
export const tlsVersion = z.enum(['1.0', '1.1', '1.2', '1.3']);

/** For how many days at least every certificate of the chain must still be valid. */
export const certificateDays = wholeNumber(0, 3_650);

/** `expect`: one entry or a list of them, each with a severity of its own. */
export function expectations<Type extends z.ZodType>(entry: Type) {
  return z.union([entry, z.array(entry).min(1)]).transform((value) => (Array.isArray(value) ? value : [value]).flat());
}
