import { ATTRIBUTE_KEY_FIELD, codes, SHAPE, SHAPE_MASK, TABLE_WIDTH } from './field-table.ts';
import { ProtoReader } from './proto-reader.ts';

/** Lists up to this length are compared here; whether a longer one has a key twice is found out by who rewrites it. */
export const COMPARED_KEYS = 48;

/** From this length on the call into native code pays. */
const LONG_KEY_BYTES = 32;

/**
 * Watches the keys of attribute lists while a request is walked, so that a key that is in a list twice is noticed. Lists lie inside
 * one another (a span's events have lists of their own, possibly between two attributes of the span), hence a stack. Most keys differ
 * in length or ends, which takes no loop over their bytes. Memory is fixed, and so is the cost of a key.
 */
export class KeyWatch {
  #bytes: Buffer;
  readonly #starts: Int32Array;
  readonly #ends: Int32Array;
  readonly #signatures: Int32Array;
  #base = 0;
  #top = 0;

  /** @param maxLists how many lists may be open at once */
  constructor(maxLists: number) {
    this.#bytes = Buffer.alloc(0);
    this.#starts = new Int32Array(maxLists * COMPARED_KEYS);
    this.#ends = new Int32Array(maxLists * COMPARED_KEYS);
    this.#signatures = new Int32Array(maxLists * COMPARED_KEYS);
  }

  /** Begins with another request. */
  reset(bytes: Buffer): void {
    this.#bytes = bytes;
    this.#base = 0;
    this.#top = 0;
  }

  /** A list begins. @returns what `close` wants */
  open(): number {
    const outer = this.#base;
    this.#base = this.#top;
    return outer;
  }

  /** The list ends. @param outer what `open` gave */
  close(outer: number): void {
    this.#top = this.#base;
    this.#base = outer;
  }

  /** A key of the open list. @returns where the list has this key already (or may have it, when it is long), -1 for nowhere */
  add(start: number, end: number): number {
    const base = this.#base;
    const top = this.#top;
    if (top - base >= COMPARED_KEYS) return this.#starts[base] as number;
    const signature = this.#signature(start, end);
    const signatures = this.#signatures;
    for (let index = base; index < top; index++)
      if (signatures[index] === signature && this.#equal(index, start, end)) return this.#starts[index] as number;
    this.#starts[top] = start;
    this.#ends[top] = end;
    signatures[top] = signature;
    this.#top = top + 1;
    return -1;
  }

  /** Length and some bytes from both ends: differs for nearly all keys that differ. */
  #signature(start: number, end: number): number {
    const bytes = this.#bytes;
    const length = end - start;
    if (length < 4)
      return length === 0 ? 0 : (length << 24) | ((bytes[start] as number) << 8) | (bytes[end - 1] as number);
    const middle = start + (length >> 1);
    const head = ((bytes[start] as number) << 8) | (bytes[middle] as number);
    const tail = ((bytes[end - 3] as number) << 16) | ((bytes[end - 2] as number) << 8) | (bytes[end - 1] as number);
    return Math.imul(length, 0x9e3779b1) ^ Math.imul(head, 0x85ebca6b) ^ tail;
  }

  #equal(index: number, start: number, end: number): boolean {
    const bytes = this.#bytes;
    const other = this.#starts[index] as number;
    const otherEnd = this.#ends[index] as number;
    if (otherEnd - other !== end - start) return false;
    if (end - start > LONG_KEY_BYTES) return bytes.compare(bytes, start, end, other, otherEnd) === 0;
    for (let at = start, otherAt = other; at < end; at++, otherAt++) if (bytes[at] !== bytes[otherAt]) return false;
    return true;
  }
}

/**
 * The attributes of a message after which the same key comes once more, by the offsets of their fields. The last one is what counts.
 * @returns `undefined` when every key is there once
 */
export function findEarlierTwins(
  message: number,
  bytes: Buffer,
  start: number,
  end: number,
): ReadonlySet<number> | undefined {
  const lastOf = new Map<string, number>();
  let twins: Set<number> | undefined;
  const reader = new ProtoReader(bytes, start, end);
  while (reader.nextField()) {
    const code = reader.number < TABLE_WIDTH ? (codes[message * TABLE_WIDTH + reader.number] as number) : 0;
    if ((code & SHAPE_MASK) !== SHAPE.attribute) continue;
    const key = readKey(bytes, reader.start, reader.end);
    const earlier = lastOf.get(key);
    if (earlier !== undefined) (twins ??= new Set()).add(earlier);
    lastOf.set(key, reader.fieldStart);
  }
  return twins;
}

/** The key of a `KeyValue`, byte for byte as Latin-1; empty where it has none. */
function readKey(bytes: Buffer, start: number, end: number): string {
  let key = '';
  const pair = new ProtoReader(bytes, start, end);
  while (pair.nextField())
    if (pair.number === ATTRIBUTE_KEY_FIELD) key = bytes.toString('latin1', pair.start, pair.end);
  return key;
}
