import { codesIn } from './codes.ts';
import { needlesOfAll, SHORTEST_SECRET } from './needles.ts';
import { type Reading, readingsOf } from './readings.ts';

const HIDDEN = '[hidden]';

/** Stands where a text was cut. Before it the beginning of a secret is blacked out too, and after it the end of one. */
const CUT = '…';
/** What is left of an escape, a letter or a quotation at a cut. */
const CUT_REST = /(?:%[\da-f]{0,2}|\\(?:u[\da-f]{0,3}|x[\da-f]?)?|&#?\w{0,6}|\ufffd)?"?$/i;

type Range = readonly [start: number, end: number];

/**
 * The text with every secret in it blacked out: as it is, percent-encoded, escaped as in JSON or HTML, in base64 (also inside of a longer
 * code) or hexadecimal, and as far as one is there where the text was cut (`…`).
 */
export function hideSecrets(text: string, secrets: Iterable<string>): string {
  if (text.length < SHORTEST_SECRET) return text;
  const needles = needlesOfAll(secrets);
  const ranges = needles.length === 0 ? [] : findIn(text, needles, true);
  if (ranges.length === 0) return text;
  let shown = '';
  let from = 0;
  for (const [start, end] of ranges.sort(([a], [b]) => a - b)) {
    if (end <= from) continue;
    if (start >= from) shown += text.slice(from, start) + HIDDEN;
    from = end;
  }
  return shown + text.slice(from);
}

/** The beginning of a text, marked where it was cut. */
export function cutText(text: string, mostCharacters: number): string {
  return text.length > mostCharacters ? text.slice(0, mostCharacters) + CUT : text;
}

/** The end of a text, marked where it was cut. */
export function cutStart(text: string, mostCharacters: number): string {
  return text.length > mostCharacters ? CUT + text.slice(-mostCharacters) : text;
}

/** @param decodes whether codes are looked into as well */
function findIn(text: string, needles: readonly string[], decodes: boolean): Range[] {
  const found: Range[] = [];
  for (const reading of readingsOf(text)) {
    const isCut = reading.text.includes(CUT);
    for (const needle of needles) {
      findWhole(reading, needle, found);
      if (isCut) findAtCuts(reading, needle, found);
    }
    if (decodes) findInCodes(reading, needles, found);
  }
  return found;
}

function findInCodes({ text, startOf, endOf }: Reading, needles: readonly string[], found: Range[]): void {
  const shortest = needles.reduce((least, { length }) => Math.min(least, length), Infinity);
  if (text.length * 3 < shortest * 4 - 3 && !text.includes(CUT)) return;
  for (const { start, end, read } of codesIn(text)) {
    const isCut = text.startsWith(CUT, end) || text.startsWith(`"${CUT}`, end);
    const wasCut = text.startsWith(CUT, start - 1);
    // Four characters say three bytes.
    if (!isCut && !wasCut && (end - start) * 3 < shortest * 4 - 3) continue;
    const isSecret = read().some(
      (meaning) => findIn((wasCut ? CUT : '') + meaning + (isCut ? CUT : ''), needles, false).length > 0,
    );
    if (isSecret) found.push([startOf(start), endOf(end - 1)]);
  }
}

function findWhole({ text, startOf, endOf }: Reading, wanted: string, found: Range[]): void {
  for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + wanted.length))
    found.push([startOf(at), endOf(at + wanted.length - 1)]);
}

function findAtCuts({ text, startOf, endOf }: Reading, wanted: string, found: Range[]): void {
  for (let cut = text.indexOf(CUT); cut >= 0; cut = text.indexOf(CUT, cut + 1)) {
    const [before, after] = [beforeCut(text, wanted, cut), afterCut(text, wanted, cut)];
    if (before !== undefined) found.push([startOf(before), endOf(cut - 1)]);
    if (after !== undefined) found.push([startOf(cut + 1), endOf(after - 1)]);
  }
}

/** Where the beginning of a secret begins that ends at a cut. */
function beforeCut(text: string, wanted: string, cut: number): number | undefined {
  const near = text.slice(Math.max(0, cut - wanted.length - 16), cut);
  const ends = new Set([cut, cut - (CUT_REST.exec(near)?.[0].length ?? 0), cut - (near.endsWith('"') ? 1 : 0)]);
  for (const end of ends) {
    for (let length = Math.min(wanted.length - 1, end); length >= SHORTEST_SECRET; length -= 1) {
      const isEnd = text[end - 1] === wanted[length - 1];
      if (isEnd && text.startsWith(wanted.slice(0, length), end - length)) return end - length;
    }
  }
  return undefined;
}

/** Where the end of a secret ends that begins after a cut. */
function afterCut(text: string, wanted: string, cut: number): number | undefined {
  const start = cut + 1;
  for (let length = Math.min(wanted.length - 1, text.length - start); length >= SHORTEST_SECRET; length -= 1) {
    const isStart = text[start] === wanted[wanted.length - length];
    if (isStart && text.startsWith(wanted.slice(-length), start)) return start + length;
  }
  return undefined;
}
