/** Marks that turn the text after them around. Source: Unicode Standard Annex 9, 2.1 to 2.3. */
const TURNS = /[\u202A-\u202E\u2066-\u2069]/gu;
/** Characters that show nothing: marks of direction, zero-width spaces, fillers, tags; joiners only where they join nothing but ASCII. */
const HIDDEN =
  /[\u200B\u200E\u200F\u061C\u180E\u2060-\u2065\u206A-\u206F\uFEFF\u{E0000}-\u{E007F}]|(?<=^|\p{ASCII})[\u200C\u200D]/gu;
const ANY = /[\u061C\u180E\u200B-\u200F\u202A-\u202E\u2060-\u206F\uFEFF\u{E0000}-\u{E007F}]/u;

/**
 * Text whose order is the order it is read in: what would turn it around is written out, as `[U+202E]`, and what nobody sees is left out. Joiners between letters of
 * scripts that need them, and in emoji, stay.
 */
export function showDirections(text: string): string {
  if (!ANY.test(text)) return text;
  return text.replace(HIDDEN, '').replace(TURNS, (mark) => `[U+${mark.charCodeAt(0).toString(16).toUpperCase()}]`);
}
