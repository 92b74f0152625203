/** A text as somebody may mean it, with the way back to what is written. Offsets are in UTF-16 units. */
export interface Reading {
  readonly text: string;
  /** Where the unit at `index` begins in what is written. */
  readonly startOf: (index: number) => number;
  /** Where it ends there. */
  readonly endOf: (index: number) => number;
}

/**
 * One character as percent-encoding (RFC 3986, section 2.1; UTF-8), as an escape of JSON (RFC 8259, section 7) or JavaScript, or as a
 * character reference of HTML.
 */
const ESCAPE =
  /%(?:[0-7][\da-f]|[cd][\da-f]%[89ab][\da-f]|e[\da-f](?:%[89ab][\da-f]){2}|f[0-7](?:%[89ab][\da-f]){3})|\\(?:u[\da-f]{4}|x[\da-f]{2}|[nrtbf"'\\/])|&(?:amp|lt|gt|quot|apos|#\d{1,6}|#x[\da-f]{1,5});/gi;

const LETTERS: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' };
const REFERENCES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
/** JSON in a query in a page: deeper is not looked. */
const MOST_DECODINGS = 4;

/** What is written itself, and what it says once its escapes are taken away, again and again. */
export function readingsOf(written: string): readonly Reading[] {
  const readings: Reading[] = [{ text: written, startOf: (index) => index, endOf: (index) => index + 1 }];
  for (let last = readings[0]; last && readings.length <= MOST_DECODINGS;) {
    last = decode(last);
    if (last) readings.push(last);
  }
  return readings;
}

/** @returns `undefined` where nothing is escaped */
function decode(reading: Reading): Reading | undefined {
  const { text } = reading;
  if (!/[%\\&]/.test(text)) return undefined;
  const starts: number[] = [];
  const ends: number[] = [];
  let decoded = '';
  let from = 0;
  const take = (part: string, until: number): void => {
    for (; from < until; from += 1) {
      starts.push(reading.startOf(from));
      ends.push(reading.endOf(from));
    }
    decoded += part;
  };
  for (const { 0: escape, index } of text.matchAll(ESCAPE)) {
    take(text.slice(from, index), index);
    const meant = meaningOf(escape);
    for (let unit = 0; unit < meant.length; unit += 1) {
      starts.push(reading.startOf(index));
      ends.push(reading.endOf(index + escape.length - 1));
    }
    decoded += meant;
    from = index + escape.length;
  }
  if (from === 0) return undefined;
  take(text.slice(from), text.length);
  return { text: decoded, startOf: (index) => starts[index] ?? 0, endOf: (index) => ends[index] ?? 0 };
}

function meaningOf(escape: string): string {
  if (escape.startsWith('%')) return safelyDecode(escape);
  if (escape.startsWith('\\')) {
    const letter = escape.slice(1, 2);
    if (escape.length > 2) return String.fromCharCode(Number.parseInt(escape.slice(2), 16));
    return LETTERS[letter] ?? letter;
  }
  const name = escape.slice(1, -1).toLowerCase();
  const number = name.startsWith('#x') ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
  return REFERENCES[name] ?? String.fromCodePoint(number);
}

/** Percent-decoding that leaves text alone that is not percent-encoded properly. */
export function safelyDecode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) return text;
    throw error;
  }
}
