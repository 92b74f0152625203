import type { z } from 'zod';
import type { Zod } from './zod.ts';

/*
 * Parameters of a query. Fastify gives text, and a list where a name comes several times: the last one counts where one is wanted.
 */

type Read<Value> = (values: readonly string[], refuse: (expected: string) => never) => Value;

function parameter<Value>(z: Zod, schema: Readonly<Record<string, unknown>>, read: Read<Value>): z.ZodType<Value> {
  return z
    .unknown()
    .optional()
    .transform((value, context): Value => {
      const values = value === undefined ? [] : [value].flat().map(String);
      try {
        return read(values, (expected) => {
          throw new Unreadable(expected);
        });
      } catch (error) {
        if (!(error instanceof Unreadable)) throw error;
        context.addIssue({ code: 'custom', message: error.message });
        return z.NEVER;
      }
    })
    .meta(schema) as unknown as z.ZodType<Value>;
}

class Unreadable extends Error {}

/** `true` or `false`. */
export function flagParameter(z: Zod, fallback: boolean, description: string): z.ZodType<boolean> {
  return parameter(z, { type: 'boolean', default: fallback, description }, (values, refuse) => {
    const value = values.at(-1);
    if (value === undefined) return fallback;
    return value === 'true' || value === 'false' ? value === 'true' : refuse('true or false');
  });
}

/** A whole number from `minimum` to `maximum`. */
export function integerParameter(
  z: Zod,
  { minimum, maximum, fallback }: { readonly minimum: number; readonly maximum: number; readonly fallback?: number },
  description: string,
): z.ZodType<number | undefined> {
  const schema = {
    type: 'integer',
    minimum,
    maximum,
    ...(fallback === undefined ? {} : { default: fallback }),
    description,
  };
  return parameter(z, schema, (values, refuse) => {
    const value = values.at(-1);
    if (value === undefined) return fallback;
    const number = /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN;
    return number >= minimum && number <= maximum ? number : refuse(`a whole number from ${minimum} to ${maximum}`);
  });
}

/** How many entries an answer has at most; default 100. */
export function limitParameter(z: Zod, maximum = 1_000): z.ZodType<number> {
  return integerParameter(
    z,
    { minimum: 1, maximum, fallback: 100 },
    'The most entries of the answer.',
  ) as z.ZodType<number>;
}

/** One of `choices`, or nothing. */
export function choiceParameter<const Choice extends string>(
  z: Zod,
  choices: readonly Choice[],
  description: string,
): z.ZodType<Choice | undefined> {
  return parameter(z, { type: 'string', enum: [...choices], description }, (values, refuse) => {
    const value = values.at(-1);
    if (value === undefined) return undefined;
    return choices.find((choice) => choice === value) ?? refuse(`one of ${choices.join(', ')}`);
  });
}

/** Any text, or nothing. */
export function textParameter(z: Zod, description: string): z.ZodType<string | undefined> {
  return parameter(z, { type: 'string', description }, (values) => values.at(-1));
}

/** All values of a name that may come several times. */
export function listParameter(z: Zod, description: string): z.ZodType<readonly string[]> {
  return parameter(z, { type: 'array', items: { type: 'string' }, description }, (values) => values);
}
