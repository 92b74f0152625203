import { isUtf8 } from 'node:buffer';
import { FRAME_FIELD_NUMBER } from '../journal/frame.ts';
import { WIRE } from './field-table.ts';
import type { MalformedReason } from './malformed.ts';

/** Strings up to this many bytes are looked at here; for longer ones the call into native code pays. */
const SHORT_STRING_BYTES = 48;

export const EMPTY = Buffer.alloc(0);

/**
 * Steps over the parts of protobuf's wire format, checking each. A step that fails says why in `reason`, `failedAt` and `detail` and gives
 * false (or -1); the fields on the way to it are gathered in `path`, innermost first.
 * Source: protobuf.dev, "Encoding".
 */
export class WireCursor {
  protected bytes: Buffer = EMPTY;
  protected at = 0;
  protected reason: MalformedReason = 'truncated';
  protected failedAt = 0;
  protected detail = '';
  protected path: string[] = [];

  protected text(start: number, end: number): boolean {
    const bytes = this.bytes;
    this.at = end;
    if (end - start <= SHORT_STRING_BYTES) {
      let at = start;
      while (at < end && (bytes[at] as number) < 0x80) at += 1;
      if (at === end) return true;
    }
    return isUtf8(bytes.subarray(start, end)) || this.fail('bad_utf8', start, 'text is not UTF-8');
  }

  protected skip(count: number, end: number): boolean {
    if (this.at + count > end) return this.fail('truncated', this.at, 'the message ends within a number');
    this.at += count;
    return true;
  }

  protected varint(end: number): boolean {
    const bytes = this.bytes;
    const start = this.at;
    const last = Math.min(end, start + 10);
    for (let at = start; at < last; at++) {
      const byte = bytes[at] as number;
      if (byte >= 0x80) continue;
      if (at === start + 9 && byte > 1) break;
      this.at = at + 1;
      return true;
    }
    if (last === end && end < start + 10) return this.fail('truncated', start, 'the message ends within a number');
    return this.fail('bad_varint', start, 'a varint has more than 64 bits');
  }

  /** Reads a length and checks that as many bytes are left. @returns -1 when malformed */
  protected length(end: number): number {
    const at = this.at;
    let length: number;
    if (at < end && (length = this.bytes[at] as number) < 0x80) this.at = at + 1;
    else length = this.#smallVarint(end);
    if (length < 0) return -1;
    if (this.at + length <= end) return length;
    this.fail('truncated', at, `a field of ${length} bytes does not fit the ${end - this.at} that are left`);
    return -1;
  }

  /** @returns -1 when malformed */
  protected tag(end: number): number {
    const start = this.at;
    const tag = this.#smallVarint(end);
    if (tag < 0) return -1;
    if (tag > 0xffffffff || tag < 8) {
      this.fail('bad_tag', start, 'not a protobuf field tag');
      return -1;
    }
    return tag;
  }

  /** Reads a varint as a number; exact up to 2^53, which is far more than any length or tag. @returns -1 when malformed */
  #smallVarint(end: number): number {
    const start = this.at;
    if (!this.varint(end)) return -1;
    let value = 0;
    for (let at = this.at - 1; at >= start; at--) value = value * 128 + ((this.bytes[at] as number) & 0x7f);
    return value;
  }

  /**
   * Steps over a field that OTLP does not have. The journal's frame field is refused, so that no request can forge a frame.
   */
  protected unknown(wire: number, number: number, end: number): boolean {
    const { at } = this;
    if (number === 0) return this.fail('bad_tag', at, 'field number 0');
    if (number === FRAME_FIELD_NUMBER) return this.fail('reserved_field', at, `field ${number} is reserved`);
    if (wire === WIRE.varint) return this.varint(end);
    if (wire === WIRE.fixed64) return this.skip(8, end);
    if (wire === WIRE.fixed32) return this.skip(4, end);
    // The form of proto1; ClickHouse cannot skip it.
    if (wire === WIRE.groupStart || wire === WIRE.groupEnd) return this.fail('bad_group', at, 'a group');
    if (wire !== WIRE.length) return this.fail('bad_wire_type', at, `wire type ${wire}`);
    const length = this.length(end);
    if (length < 0) return false;
    this.at += length;
    return true;
  }

  protected failIn(field: string): false {
    this.path.push(field);
    return false;
  }

  protected fail(reason: MalformedReason, at: number, detail: string): false {
    this.reason = reason;
    this.failedAt = at;
    this.detail = detail;
    return false;
  }
}
