import { randomBytes } from 'node:crypto';

/** Stands before an integer that is written as text; no sender can know it, so no text of a sender's is taken for one. */
const MARK = `#${randomBytes(8).toString('hex')}#`;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const PLUS = 0x2b;
const MINUS = 0x2d;
const DOT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const DIGITS = /^-?\d{1,39}$/;
/** Shorter ones, without an exponent, are safe. */
const ROUNDED_LENGTH = 16;

/**
 * Writes every integer of a JSON text that `JSON.parse` would round as marked text, which `exactDigits` reads. One walk: a reviver, which could
 * do the same, takes minutes for a list of millions of numbers.
 * @param text valid JSON
 */
export function keepExactly(text: string): string {
  const pieces: string[] = [];
  let copied = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = endOfString(text, at);
    if (code !== MINUS && (code < ZERO || code > NINE)) continue;
    const start = at;
    const end = endOfNumber(text, at);
    at = end - 1;
    if (end - start < ROUNDED_LENGTH && !hasExponent(text, start, end)) continue;
    const token = text.slice(start, end);
    const value = Number(token);
    if (!Number.isInteger(value) || Number.isSafeInteger(value)) continue;
    pieces.push(text.slice(copied, start), `"${MARK}${DIGITS.test(token) ? token : BigInt(value)}"`);
    copied = end;
  }
  return pieces.length === 0 ? text : pieces.join('') + text.slice(copied);
}

/** The digits of an integer that `keepExactly` has written; `undefined` for any other value. */
export function exactDigits(value: unknown): string | undefined {
  return typeof value === 'string' && value.startsWith(MARK) ? value.slice(MARK.length) : undefined;
}

/** @returns where the string's last quote is */
function endOfString(text: string, start: number): number {
  let at = start + 1;
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === BACKSLASH) at += 1;
    else if (code === QUOTE) break;
  }
  return at;
}

/** @returns behind the number's last character: digits, `-`, `+`, `.`, `e` and `E` */
function endOfNumber(text: string, start: number): number {
  let at = start + 1;
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if ((code < ZERO || code > NINE) && code !== MINUS && code !== PLUS && code !== DOT && !isExponent(code)) break;
  }
  return at;
}

function hasExponent(text: string, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (isExponent(text.charCodeAt(at))) return true;
  return false;
}

/** `e` or `E`. */
function isExponent(code: number): boolean {
  return (code | 0x20) === 0x65;
}
