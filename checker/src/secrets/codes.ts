/** What may be base64 (RFC 4648, both alphabets). */
const BASE64 = /[\w+/-]{6,}/g;
const HEX = /[\da-f]{8,}/gi;

/** A piece of a text that may be a code. */
export interface Code {
  readonly start: number;
  readonly end: number;
  /** What it would say, from each of the places where it may begin. */
  readonly read: () => readonly string[];
}

/** What may be base64 or hexadecimal in a text. Most words are read as one too, and mean nothing. */
export function codesIn(text: string): Code[] {
  return [...find(text, BASE64, 'base64', [0, 1, 2, 3]), ...find(text, HEX, 'hex', [0, 1])];
}

function find(text: string, pattern: RegExp, encoding: 'base64' | 'hex', places: readonly number[]): Code[] {
  return Array.from(text.matchAll(pattern), ({ 0: code, index }) => ({
    start: index,
    end: index + code.length,
    read: () => places.map((from) => Buffer.from(code.slice(from), encoding).toString('utf8')),
  }));
}
