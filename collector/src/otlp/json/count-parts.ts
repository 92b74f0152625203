const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OBJECT = 0x7b;
const ARRAY = 0x5b;

/**
 * Whether a JSON text opens more objects and arrays than `limit`: of `{}` after `{}` a parser makes thirty times the size of the text. Brackets
 * inside strings do not count. Stops as soon as it is certain.
 */
export function opensMoreThan(limit: number, text: Uint8Array): boolean {
  // A container takes two bytes at least.
  if (text.length < limit * 2) return false;
  let opened = 0;
  let inString = false;
  for (let at = 0; at < text.length; at++) {
    const byte = text[at] as number;
    if (inString) {
      if (byte === BACKSLASH) at += 1;
      else if (byte === QUOTE) inString = false;
    } else if (byte === QUOTE) inString = true;
    else if ((byte === OBJECT || byte === ARRAY) && ++opened > limit) return true;
  }
  return false;
}
