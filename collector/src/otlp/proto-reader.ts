import { WIRE } from './field-table.ts';

/**
 * Reads protobuf that `scanRequest` has found valid: it checks nothing again. `nextField` moves to the next field of
 * the part given; `number`, `wire`, `fieldStart`, `start` and `end` then say what and where it is.
 */
export class ProtoReader {
  readonly bytes: Buffer;
  number = 0;
  wire = 0;
  /** Where the field's tag begins. */
  fieldStart = 0;
  /** Where the field's value begins (after the length of a length-delimited one). */
  start = 0;
  /** Where the field's value ends, and the next field begins. */
  end: number;
  readonly #limit: number;

  constructor(bytes: Buffer, start: number, limit: number) {
    this.bytes = bytes;
    this.end = start;
    this.#limit = limit;
  }

  /** @returns false at the end of the part */
  nextField(): boolean {
    if (this.end >= this.#limit) return false;
    this.fieldStart = this.end;
    this.start = this.fieldStart;
    const tag = this.#varint();
    this.number = Math.floor(tag / 8);
    this.wire = tag & 7;
    this.end = this.#valueEnd();
    return true;
  }

  #valueEnd(): number {
    switch (this.wire) {
      case WIRE.fixed64:
        return this.start + 8;
      case WIRE.fixed32:
        return this.start + 4;
      case WIRE.length: {
        const length = this.#varint();
        return this.start + length;
      }
      default: {
        let at = this.start;
        while ((this.bytes[at] as number) >= 0x80) at += 1;
        return at + 1;
      }
    }
  }

  /** Reads a varint at `start` and moves `start` behind it. */
  #varint(): number {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = this.bytes[this.start++] as number;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 128;
    }
  }

  /** The varint from `start` as a signed 64-bit integer, exact. */
  int64(): bigint {
    let value = 0n;
    for (let at = this.end - 1; at >= this.start; at--)
      value = (value << 7n) | BigInt((this.bytes[at] as number) & 0x7f);
    return BigInt.asIntN(64, value);
  }

  /** The value as text. */
  text(): string {
    return this.bytes.toString('utf8', this.start, this.end);
  }
}
