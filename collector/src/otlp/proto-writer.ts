import { WIRE } from './field-table.ts';

/** Where a nested message began: what `begin` gives and `end` takes. */
export type MessageMark = number;

const MAX_SAFE = BigInt(Number.MAX_SAFE_INTEGER);
/** Up to here a loop in JavaScript is faster than the call into native code. */
const SHORT_STRING_CHARS = 48;

/**
 * Writes protobuf into one growing buffer. Field order is the caller's; nothing is left out for being a default.
 * A nested message is written in place and moved when its length needs more than one byte.
 */
export class ProtoWriter {
  #bytes: Buffer;
  #length = 0;

  constructor(capacityBytes = 1024) {
    this.#bytes = Buffer.allocUnsafe(Math.max(capacityBytes, 64));
  }

  get length(): number {
    return this.#length;
  }

  /** What was written: a view, valid until the next write. */
  finish(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  tag(field: number, wire: number): void {
    this.varint(((field << 3) | wire) >>> 0);
  }

  /** An unsigned integer up to 2^53. */
  varint(value: number): void {
    this.#room(10);
    let rest = value;
    while (rest >= 0x80) {
      this.#bytes[this.#length++] = (rest % 128) | 0x80;
      rest = Math.floor(rest / 128);
    }
    this.#bytes[this.#length++] = rest;
  }

  /** A 64-bit integer; a negative one takes ten bytes. */
  varint64(value: bigint): void {
    if (value >= 0n && value <= MAX_SAFE) return this.varint(Number(value));
    this.#room(10);
    let rest = BigInt.asUintN(64, value);
    while (rest >= 0x80n) {
      this.#bytes[this.#length++] = Number(rest & 0x7fn) | 0x80;
      rest >>= 7n;
    }
    this.#bytes[this.#length++] = Number(rest);
  }

  fixed32(value: number): void {
    this.#room(4);
    this.#length = this.#bytes.writeUInt32LE(value >>> 0, this.#length);
  }

  fixed64(value: bigint): void {
    this.#room(8);
    this.#length = this.#bytes.writeBigUInt64LE(BigInt.asUintN(64, value), this.#length);
  }

  double(value: number): void {
    this.#room(8);
    this.#length = this.#bytes.writeDoubleLE(value, this.#length);
  }

  /** Tag, length and bytes of a string field. */
  string(field: number, value: string): void {
    if (value.length <= SHORT_STRING_CHARS && this.#shortAscii(field, value)) return;
    const sizeBytes = Buffer.byteLength(value);
    this.tag(field, WIRE.length);
    this.varint(sizeBytes);
    this.#room(sizeBytes);
    this.#length += this.#bytes.write(value, this.#length, sizeBytes);
  }

  /** Tag, length and bytes of a bytes field. */
  bytes(field: number, value: Uint8Array): void {
    this.tag(field, WIRE.length);
    this.varint(value.byteLength);
    this.raw(value);
  }

  /** Bytes as they are. */
  raw(value: Uint8Array): void {
    this.#room(value.byteLength);
    this.#bytes.set(value, this.#length);
    this.#length += value.byteLength;
  }

  /** A part of other bytes as it is. */
  copy(source: Buffer, start: number, end: number): void {
    this.#room(end - start);
    if (end - start > SHORT_STRING_CHARS) this.#length += source.copy(this.#bytes, this.#length, start, end);
    else for (let at = start; at < end; at++) this.#bytes[this.#length++] = source[at] as number;
  }

  /** Starts a length-delimited field: a message or a packed list. */
  begin(field: number): MessageMark {
    this.tag(field, WIRE.length);
    this.#room(1);
    this.#length += 1;
    return this.#length;
  }

  /** Ends what `begin` started. */
  end(mark: MessageMark): void {
    const sizeBytes = this.#length - mark;
    const extra = varintSize(sizeBytes) - 1;
    this.#room(extra);
    if (extra > 0) this.#bytes.copyWithin(mark + extra, mark, this.#length);
    this.#length = mark - 1;
    this.varint(sizeBytes);
    this.#length += sizeBytes;
  }

  /** Writes a short string without calling into native code. @returns false, having written nothing, if not ASCII */
  #shortAscii(field: number, value: string): boolean {
    const before = this.#length;
    this.tag(field, WIRE.length);
    this.varint(value.length);
    this.#room(value.length);
    for (let index = 0; index < value.length; index++) {
      const code = value.charCodeAt(index);
      if (code >= 0x80) {
        this.#length = before;
        return false;
      }
      this.#bytes[this.#length++] = code;
    }
    return true;
  }

  #room(count: number): void {
    const wanted = this.#length + count;
    if (wanted <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(wanted, this.#bytes.length * 2));
    this.#bytes.copy(grown, 0, 0, this.#length);
    this.#bytes = grown;
  }
}

function varintSize(value: number): number {
  let size = 1;
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 128)) size += 1;
  return size;
}
