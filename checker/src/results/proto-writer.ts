import type { AttributeMap, AttributeValue } from '../attributes.ts';
import { toHrTime } from './time.ts';

const VARINT = 0;
const FIXED64 = 1;
const LENGTH = 2;

/**
 * Writes protobuf into one buffer that is used again and again. Messages inside messages are written in place: one byte is left for
 * their length, and they are moved where it takes more.
 * Source: Protocol Buffers documentation, "Encoding".
 */
export class ProtoWriter {
  #buffer = Buffer.allocUnsafe(64 * 1_024);
  #at = 0;

  /** A copy of what has been written; the writer begins anew. */
  take(): Buffer {
    const bytes = Buffer.from(this.#buffer.subarray(0, this.#at));
    this.#at = 0;
    return bytes;
  }

  /** Opens a message. @returns what `end` wants */
  begin(field: number): number {
    this.#tag(field, LENGTH);
    this.#reserve(1);
    this.#at += 1;
    return this.#at;
  }

  end(start: number): void {
    const sizeBytes = this.#at - start;
    const more = varintSize(sizeBytes) - 1;
    if (more > 0) {
      this.#reserve(more);
      this.#buffer.copyWithin(start + more, start, this.#at);
    }
    this.#at = start - 1;
    this.#varint(sizeBytes);
    this.#at = start + more + sizeBytes;
  }

  text(field: number, value: string): void {
    const sizeBytes = Buffer.byteLength(value);
    this.#tag(field, LENGTH);
    this.#varint(sizeBytes);
    this.#reserve(sizeBytes);
    this.#at += this.#buffer.write(value, this.#at);
  }

  hex(field: number, value: string): void {
    this.#tag(field, LENGTH);
    this.#varint(value.length / 2);
    this.#reserve(value.length / 2);
    this.#at += this.#buffer.write(value, this.#at, 'hex');
  }

  bytes(field: number, value: Uint8Array): void {
    this.#tag(field, LENGTH);
    this.#varint(value.length);
    this.raw(value);
  }

  /** Bytes that are fields already. */
  raw(value: Uint8Array): void {
    this.#reserve(value.length);
    this.#buffer.set(value, this.#at);
    this.#at += value.length;
  }

  /** @param value a whole number, 0 or more */
  uint(field: number, value: number): void {
    this.#tag(field, VARINT);
    this.#varint(value);
  }

  double(field: number, value: number): void {
    this.#tag(field, FIXED64);
    this.#reserve(8);
    this.#at = this.#buffer.writeDoubleLE(value, this.#at);
  }

  /** A 64-bit whole number of fixed size, 0 or more. */
  fixed64(field: number, value: bigint): void {
    this.#tag(field, FIXED64);
    this.#reserve(8);
    this.#at = this.#buffer.writeBigUInt64LE(value, this.#at);
  }

  /** A time of day in (fractional) milliseconds since the Unix epoch as nanoseconds. */
  time(field: number, unixMs: number): void {
    const [seconds, nanos] = toHrTime(unixMs);
    this.fixed64(field, BigInt(seconds) * 1_000_000_000n + BigInt(nanos));
  }

  attributes(field: number, attributes: AttributeMap): void {
    for (const [key, value] of Object.entries(attributes)) this.attribute(field, key, value);
  }

  /** An OTLP `KeyValue`. */
  attribute(field: number, key: string, value: AttributeValue): void {
    const pair = this.begin(field);
    this.text(1, key);
    const inner = this.begin(2);
    if (typeof value === 'string') this.text(1, value);
    else if (typeof value === 'boolean') this.uint(2, value ? 1 : 0);
    else if (Number.isSafeInteger(value) && value >= 0) this.uint(3, value);
    else this.double(4, value);
    this.end(inner);
    this.end(pair);
  }

  #tag(field: number, wireType: number): void {
    this.#varint(field * 8 + wireType);
  }

  #varint(value: number): void {
    this.#reserve(10);
    let rest = value;
    while (rest > 127) {
      this.#buffer[this.#at] = (rest % 128) + 128;
      this.#at += 1;
      rest = Math.floor(rest / 128);
    }
    this.#buffer[this.#at] = rest;
    this.#at += 1;
  }

  #reserve(sizeBytes: number): void {
    const neededBytes = this.#at + sizeBytes;
    if (neededBytes <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(neededBytes, this.#buffer.length * 2));
    this.#buffer.copy(larger, 0, 0, this.#at);
    this.#buffer = larger;
  }
}

function varintSize(value: number): number {
  let size = 1;
  for (let rest = value; rest > 127; rest = Math.floor(rest / 128)) size += 1;
  return size;
}
