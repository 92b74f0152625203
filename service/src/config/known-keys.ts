import { z } from 'zod';

const PREFIX = 'known keys: ';

/** For `safeParse`: an issue about unknown keys tells in its message which keys are known there, for `nearestKnownKey`. */
export function tellKnownKeys(issue: z.core.$ZodRawIssue): string | undefined {
  const { code, inst } = issue;
  return code === 'unrecognized_keys' && inst instanceof z.ZodObject
    ? `${PREFIX}${Object.keys(inst.shape).join(' ')}`
    : undefined;
}

/** The known key that was most likely meant. @param message of an issue that `tellKnownKeys` wrote */
export function nearestKnownKey(key: string, message: string): string | undefined {
  return message.startsWith(PREFIX) ? nearestOf(key, message.slice(PREFIX.length).split(' ')) : undefined;
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
