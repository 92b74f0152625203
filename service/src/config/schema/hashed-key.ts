import { z } from 'zod';
import { ALWAYS, mappingsIn, refuseIn, textAt } from './cross-checks.ts';

/** The hash of a key or token, as `npx tocsin key` prints it. */
export const keyHash = z
  .string()
  .regex(/^[0-9a-f]{64}$/, 'expected the SHA-256 of a key in 64 lower-case hex digits, as npx tocsin key prints it');

/** A list in which each name comes once. @param name the list's, as problems tell it */
export function namedOnce<Entry extends z.ZodType>(entry: Entry, name: string) {
  return z
    .array(entry)
    .default([])
    .superRefine((value: unknown, context) => {
      const refuse = refuseIn(context);
      const seen = new Map<string, number>();
      for (const [index, mapping] of mappingsIn(value)) {
        const given = textAt(mapping, 'name');
        if (given === undefined) continue;
        const first = seen.get(given);
        if (first === undefined) seen.set(given, index);
        else refuse([index, 'name'], `a name of its own (${name}[${first}] has this one)`);
      }
    }, ALWAYS);
}
