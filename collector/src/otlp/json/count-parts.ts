const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const OBJECT = 0x7b;
const OBJECT_END = 0x7d;
const ARRAY = 0x5b;
const ARRAY_END = 0x5d;

/** The most members of one object: OTLP's own have a dozen, for attributes are lists. */
export const MAX_MEMBERS = 1_000;

/** Deeper than anything that is read: what lies below is counted as one object. */
const COUNTED_DEPTH = 1_000;

/**
 * What a JSON text has too much of to be parsed: more objects and arrays than `limit` (of `{}` after `{}` a parser makes thirty times the size
 * of the text), or an object of more than `MAX_MEMBERS` (millions of names take a parser half a minute). What is inside strings does not
 * count. A text too short for so many parts is not looked at. Stops as soon as it is certain.
 */
export function findExcess(limit: number, text: Uint8Array): 'parts' | 'members' | undefined {
  // A container takes two bytes at least.
  if (text.length < limit * 2) return undefined;
  const members = new Int32Array(COUNTED_DEPTH + 1);
  let depth = 0;
  let opened = 0;
  let inString = false;
  for (let at = 0; at < text.length; at++) {
    const byte = text[at] as number;
    if (inString) {
      if (byte === BACKSLASH) at += 1;
      else if (byte === QUOTE) inString = false;
    } else if (byte === QUOTE) inString = true;
    else if (byte === OBJECT || byte === ARRAY) {
      if (++opened > limit) return 'parts';
      if (++depth < COUNTED_DEPTH) members[depth] = 0;
    } else if (byte === OBJECT_END || byte === ARRAY_END) depth -= 1;
    else if (byte === COLON) {
      const level = Math.min(depth, COUNTED_DEPTH);
      const count = (members[level] as number) + 1;
      if (count > MAX_MEMBERS) return 'members';
      members[level] = count;
    }
  }
  return undefined;
}
