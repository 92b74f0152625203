import { z } from 'zod';

const PREFIX = 'known keys: ';
/** What to write in the place of keys that people know from elsewhere. */
const INSTEAD = new WeakMap<z.ZodObject, Readonly<Record<string, string>>>();

/** Says what to write in the place of keys that the schema does not have. For the report; nothing else changes. @returns the schema */
export function tellInstead<Schema extends z.ZodObject>(
  schema: Schema,
  hints: Readonly<Record<string, string>>,
): Schema {
  INSTEAD.set(schema, hints);
  return schema;
}

/** For `safeParse`: an issue about unknown keys tells in its message which keys are known there, for `nearestKnownKey`. */
export function tellKnownKeys(issue: z.core.$ZodRawIssue): string | undefined {
  const { code, inst } = issue;
  if (code !== 'unrecognized_keys' || !(inst instanceof z.ZodObject)) return undefined;
  return `${PREFIX}${Object.keys(inst.shape).join(' ')}\n${JSON.stringify(INSTEAD.get(inst) ?? {})}`;
}

/** What to write in the place of an unknown key, where `tellInstead` said so. @param message of an issue that `tellKnownKeys` wrote */
export function insteadOf(key: string, message: string): string | undefined {
  const [, hints] = message.startsWith(PREFIX) ? message.split('\n') : [];
  const known = new Map(Object.entries(hints === undefined ? {} : (JSON.parse(hints) as Record<string, string>)));
  return known.get(key);
}

/** The known key that was most likely meant. @param message of an issue that `tellKnownKeys` wrote */
export function nearestKnownKey(key: string, message: string): string | undefined {
  return message.startsWith(PREFIX)
    ? nearestOf(key, (message.slice(PREFIX.length).split('\n')[0] ?? '').split(' '))
    : undefined;
}

/** The word that differs least from another: in one letter of three at most, case not counted. */
export function nearestOf(word: string, words: readonly string[]): string | undefined {
  const most = Math.max(1, Math.floor(word.length / 3));
  const [nearest] = words
    .filter((known) => Math.abs(known.length - word.length) <= most)
    .map((known) => ({ known, distance: distanceOf(word.toLowerCase(), known.toLowerCase()) }))
    .filter(({ known, distance }) => distance <= most && distance < known.length)
    .sort((a, b) => a.distance - b.distance);
  return nearest?.known;
}

/** How many letters are to be put in, taken out, replaced or swapped with their neighbour (Damerau and Levenshtein; each place once). */
function distanceOf(from: string, to: string): number {
  let before: number[] = [];
  let row = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let at = 1; at <= from.length; at += 1) {
    const next = [at];
    for (let column = 1; column <= to.length; column += 1) {
      const isSame = from[at - 1] === to[column - 1];
      const isSwapped = from[at - 1] === to[column - 2] && from[at - 2] === to[column - 1];
      next[column] = Math.min(
        (row[column] ?? Infinity) + 1,
        (next[column - 1] ?? Infinity) + 1,
        (row[column - 1] ?? Infinity) + (isSame ? 0 : 1),
        isSwapped ? (before[column - 2] ?? Infinity) + 1 : Infinity,
      );
    }
    [before, row] = [row, next];
  }
  return row[to.length] ?? Infinity;
}
