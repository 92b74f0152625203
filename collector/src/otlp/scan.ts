import { isUtf8 } from 'node:buffer';
import { FRAME_FIELD_NUMBER } from '../journal/frame.ts';
import type { Signal } from '../signal.ts';
import { KeyWatch } from './attribute-keys.ts';
import {
  ANY_VALUE,
  ATTRIBUTE_KEY_FIELD,
  CHILD_SHIFT,
  codes,
  COMPLEX_BIT,
  counted,
  exclusive,
  holdsCounted,
  isMessageCode,
  KEY_VALUE,
  nameOfField,
  REQUEST,
  required,
  SHAPE,
  SHAPE_MASK,
  single,
  TABLE_WIDTH,
  WIRE,
} from './field-table.ts';
import type { Malformed, MalformedReason } from './malformed.ts';
import { isPlainValue } from './plain-value.ts';
import { ProtoReader } from './proto-reader.ts';

/** How deep messages may nest, attribute values included: what protobuf's C++ and Java readers allow. */
export const MAX_DEPTH = 100;

/**
 * How much a request may grow when what its items share, as their resource, is stored with each of them. ClickHouse has to hold
 * it in memory at once, and what it cannot hold it could never take, however often it is offered.
 */
export const MAX_REPEATED_BYTES = 512 * 2 ** 20;

/** What the side door has to change, and the part of the body in which it is. */
export interface RewritePlan {
  /** From the start of the first value or key concerned to the start of the last one. */
  readonly firstAt: number;
  readonly lastAt: number;
  /** Some list of attributes has (or, where it is long, may have) a key twice. */
  readonly duplicateKeys: boolean;
}

/** What a scan found. */
export type ScanResult =
  | {
      readonly status: 'ok';
      /** Spans, data points or log records. */
      readonly items: number;
      /** There are values that are not plain (see `isPlainValue`), or keys that are in one list twice; absent otherwise. */
      readonly rewrite?: RewritePlan;
    }
  | Malformed;

/** Strings up to this many bytes are looked at here; for longer ones the call into native code pays. */
const SHORT_STRING_BYTES = 48;
/** Tags, field number and wire type in one byte: the key and the value of a `KeyValue`, the text of an `AnyValue`. */
const KEY_TAG = 0x0a;
const VALUE_TAG = 0x12;
const TEXT_TAG = 0x0a;

/**
 * Walks one export request against the field table, without building anything. Unknown fields are skipped, as
 * protobuf asks. One instance is reused; a scan is synchronous.
 *
 * A wrong wire type is refused (protobuf readers would take it for an unknown field): it is a broken sender,
 * and ClickHouse refuses it later. The journal's frame field is refused so that no request can forge a frame.
 */
class Scanner {
  #bytes: Buffer = Buffer.alloc(0);
  #at = 0;
  #items = 0;
  #repeatedBytes = 0;
  readonly #keys = new KeyWatch(MAX_DEPTH);
  #firstChangeAt = -1;
  #lastChangeAt = -1;
  #duplicateKeys = false;
  #reason: MalformedReason = 'truncated';
  #failedAt = 0;
  #detail = '';
  #path: string[] = [];

  scan(bytes: Buffer, root: number): ScanResult {
    this.#bytes = bytes;
    this.#at = 0;
    this.#items = 0;
    this.#repeatedBytes = 0;
    this.#firstChangeAt = -1;
    this.#lastChangeAt = -1;
    this.#duplicateKeys = false;
    this.#path = [];
    this.#keys.reset(bytes);
    const valid = this.#message(root, bytes.length, 1);
    this.#bytes = EMPTY;
    this.#keys.reset(EMPTY);
    if (valid && this.#firstChangeAt < 0) return { status: 'ok', items: this.#items };
    if (valid) {
      const range = { firstAt: this.#firstChangeAt, lastAt: this.#lastChangeAt };
      return { status: 'ok', items: this.#items, rewrite: { ...range, duplicateKeys: this.#duplicateKeys } };
    }
    const field = this.#path.reverse().join('.');
    const where = `at byte ${this.#failedAt}${field === '' ? '' : ` in ${field}`}`;
    return { status: 'malformed', reason: this.#reason, field, message: `${this.#detail} ${where}` };
  }

  /** Walks the fields of a message from `#at` to `end`. @returns false when it is malformed */
  #message(message: number, end: number, depth: number): boolean {
    const bytes = this.#bytes;
    if (depth > MAX_DEPTH) return this.#fail('too_deep', this.#at, `messages nest deeper than ${MAX_DEPTH} levels`);
    this.#items += counted[message] as number;
    const holdsItems = holdsCounted[message] === 1;
    const itemsBefore = this.#items;
    const outerKeys = this.#keys.open();
    const once = single[message] as number;
    let sharedBytes = 0;
    let seen = 0;
    while (this.#at < end) {
      const start = this.#at;
      let tag = bytes[start] as number;
      if (tag < 0x80) this.#at = start + 1;
      else if ((tag = this.#tag(end)) < 0) return false;
      const number = tag >>> 3;
      const code = number < TABLE_WIDTH ? (codes[message * TABLE_WIDTH + number] as number) : 0;
      const bit = code === 0 ? 0 : 1 << number;
      if ((seen & once & bit) !== 0) return this.#twice(message, number, start);
      seen |= bit;
      if (!this.#field(code, tag & 7, number, end, depth)) {
        this.#path.push(nameOfField(message, number));
        return false;
      }
      if (holdsItems && !leadsToItems(code)) sharedBytes += this.#at - start;
    }
    this.#keys.close(outerKeys);
    if (holdsItems && !this.#repeat(sharedBytes, this.#items - itemsBefore)) return false;
    const either = seen & (exclusive[message] as number);
    if ((either & (either - 1)) !== 0)
      return this.#fail('bad_value', this.#at, 'two values of which only one may be set');
    const must = required[message] as number;
    if ((seen & must) === must) return true;
    const missing = 31 - Math.clz32(must & ~seen);
    return this.#fail('missing_id', this.#at, `no ${nameOfField(message, missing)}`);
  }

  #twice(message: number, number: number, at: number): false {
    this.#path.push(nameOfField(message, number));
    return this.#fail('bad_value', at, 'a message that may be there once is there twice');
  }

  /** Adds up what items share and is stored with each of them. */
  #repeat(sharedBytes: number, items: number): boolean {
    this.#repeatedBytes += sharedBytes * items;
    if (this.#repeatedBytes <= MAX_REPEATED_BYTES) return true;
    const what = `what ${items} items share takes more than ${MAX_REPEATED_BYTES} bytes when it is stored with each`;
    return this.#fail('too_repetitive', this.#at, `${what}: send fewer items at once;`);
  }

  #field(code: number, wire: number, number: number, end: number, depth: number): boolean {
    if (code === 0) return this.#unknown(wire, number, end);
    if (wire === WIRE.length) return this.#lengthDelimited(code, end, depth);
    const shape = code & SHAPE_MASK;
    if (wire === WIRE.varint && (shape === SHAPE.varint || shape === SHAPE.repeatedVarint)) return this.#varint(end);
    if (wire === WIRE.fixed64 && (shape === SHAPE.fixed64 || shape === SHAPE.repeatedFixed64))
      return this.#skip(8, end);
    if (wire === WIRE.fixed32 && shape === SHAPE.fixed32) return this.#skip(4, end);
    return this.#fail('bad_wire_type', this.#at, `wire type ${wire} does not fit the field`);
  }

  #lengthDelimited(code: number, end: number, depth: number): boolean {
    // The common case, a length of one byte that fits, spares a call.
    let start = this.#at + 1;
    let length = start <= end ? (this.#bytes[start - 1] as number) : 0x80;
    if (length < 0x80 && start + length <= end) this.#at = start;
    else if ((length = this.#length(end)) < 0) return false;
    else start = this.#at;
    const valueEnd = start + length;
    switch (code & SHAPE_MASK) {
      case SHAPE.message:
        if (code & COMPLEX_BIT) this.#noteChange(start, start);
        if (code >>> CHILD_SHIFT === ANY_VALUE) return this.#anyValue(start, valueEnd, depth + 1);
        return this.#message(code >>> CHILD_SHIFT, valueEnd, depth + 1);
      case SHAPE.attribute:
        return this.#attribute(start, valueEnd, depth + 1);
      case SHAPE.string:
        return this.#string(start, valueEnd);
      case SHAPE.bytes:
        if (code & COMPLEX_BIT) this.#noteChange(start, start);
        this.#at = valueEnd;
        return true;
      case SHAPE.traceId:
        return this.#id(length, 16);
      case SHAPE.spanId:
        return this.#id(length, 8);
      case SHAPE.repeatedFixed64:
        if (length % 8 !== 0) return this.#fail('bad_packed', start, `${length} bytes are no list of 8-byte numbers`);
        this.#at = valueEnd;
        return true;
      case SHAPE.repeatedVarint:
        while (this.#at < valueEnd) if (!this.#varint(valueEnd)) return false;
        return true;
      default:
        return this.#fail('bad_wire_type', start, 'wire type 2 does not fit the field');
    }
  }

  /** The side door has to look at the body from the one place to the other. */
  #noteChange(firstAt: number, lastAt: number): void {
    if (this.#firstChangeAt < 0 || firstAt < this.#firstChangeAt) this.#firstChangeAt = firstAt;
    if (lastAt > this.#lastChangeAt) this.#lastChangeAt = lastAt;
  }

  /**
   * A `KeyValue` of a list of attributes. Nearly all are a short key and then a short value: that way has no loop over fields. Anything
   * else is walked as other messages are, and its key looked for afterwards.
   */
  #attribute(start: number, end: number, depth: number): boolean {
    const bytes = this.#bytes;
    const keyStart = start + 2;
    const keyBytes = keyStart <= end && bytes[start] === KEY_TAG ? (bytes[start + 1] as number) : 0x80;
    const keyEnd = keyStart + keyBytes;
    const valueStart = keyEnd + 2;
    if (keyBytes >= 0x80 || valueStart > end || bytes[keyEnd] !== VALUE_TAG) return this.#unusualAttribute(end, depth);
    const valueBytes = bytes[keyEnd + 1] as number;
    if (valueBytes >= 0x80 || valueStart + valueBytes !== end) return this.#unusualAttribute(end, depth);
    if (!this.#string(keyStart, keyEnd)) return this.#failIn('key');
    this.#key(keyStart, keyEnd);
    this.#at = valueStart;
    if (bytes[valueStart] === TEXT_TAG && valueBytes === (bytes[valueStart + 1] as number) + 2 && valueBytes > 1)
      return this.#string(valueStart + 2, end) || (this.#failIn('string_value'), this.#failIn('value'));
    return this.#anyValue(valueStart, end, depth + 1) || this.#failIn('value');
  }

  #anyValue(start: number, end: number, depth: number): boolean {
    if (!this.#message(ANY_VALUE, end, depth)) return false;
    if (!isPlainValue(this.#bytes, start, end)) this.#noteChange(start, start);
    return true;
  }

  #unusualAttribute(end: number, depth: number): boolean {
    const start = this.#at;
    if (!this.#message(KEY_VALUE, end, depth)) return false;
    let keyStart = start;
    let keyEnd = start;
    const pair = new ProtoReader(this.#bytes, start, end);
    while (pair.nextField()) if (pair.number === ATTRIBUTE_KEY_FIELD) ({ start: keyStart, end: keyEnd } = pair);
    this.#key(keyStart, keyEnd);
    return true;
  }

  #key(start: number, end: number): void {
    const twinAt = this.#keys.add(start, end);
    if (twinAt < 0) return;
    this.#duplicateKeys = true;
    this.#noteChange(twinAt, start);
  }

  #string(start: number, end: number): boolean {
    const bytes = this.#bytes;
    this.#at = end;
    if (end - start <= SHORT_STRING_BYTES) {
      let at = start;
      while (at < end && (bytes[at] as number) < 0x80) at += 1;
      if (at === end) return true;
    }
    return isUtf8(bytes.subarray(start, end)) || this.#fail('bad_utf8', start, 'text is not UTF-8');
  }

  /** Empty means absent in proto3, as SDKs send it for a root span's parent. */
  #id(length: number, wanted: number): boolean {
    if (length !== wanted && length !== 0)
      return this.#fail('bad_id', this.#at, `the id has ${length} bytes instead of ${wanted}`);
    this.#at += length;
    return true;
  }

  #skip(count: number, end: number): boolean {
    if (this.#at + count > end) return this.#fail('truncated', this.#at, 'the message ends within a number');
    this.#at += count;
    return true;
  }

  #varint(end: number): boolean {
    const bytes = this.#bytes;
    const start = this.#at;
    const last = Math.min(end, start + 10);
    for (let at = start; at < last; at++) {
      const byte = bytes[at] as number;
      if (byte >= 0x80) continue;
      if (at === start + 9 && byte > 1) break;
      this.#at = at + 1;
      return true;
    }
    if (last === end && end < start + 10) return this.#fail('truncated', start, 'the message ends within a number');
    return this.#fail('bad_varint', start, 'a varint has more than 64 bits');
  }

  /** Reads a length and checks that as many bytes are left. @returns -1 when malformed */
  #length(end: number): number {
    const at = this.#at;
    let length: number;
    if (at < end && (length = this.#bytes[at] as number) < 0x80) this.#at = at + 1;
    else length = this.#smallVarint(end);
    if (length < 0) return -1;
    if (this.#at + length <= end) return length;
    this.#fail('truncated', at, `a field of ${length} bytes does not fit the ${end - this.#at} that are left`);
    return -1;
  }

  #tag(end: number): number {
    const start = this.#at;
    const tag = this.#smallVarint(end);
    if (tag < 0) return -1;
    if (tag > 0xffffffff || tag < 8) {
      this.#fail('bad_tag', start, 'not a protobuf field tag');
      return -1;
    }
    return tag;
  }

  /** Reads a varint as a number; exact up to 2^53, which is far more than any length or tag. @returns -1 when malformed */
  #smallVarint(end: number): number {
    const start = this.#at;
    if (!this.#varint(end)) return -1;
    let value = 0;
    for (let at = this.#at - 1; at >= start; at--) value = value * 128 + ((this.#bytes[at] as number) & 0x7f);
    return value;
  }

  #unknown(wire: number, number: number, end: number): boolean {
    const at = this.#at;
    if (number === 0) return this.#fail('bad_tag', at, 'field number 0');
    if (number === FRAME_FIELD_NUMBER) return this.#fail('reserved_field', at, `field ${number} is reserved`);
    if (wire === WIRE.varint) return this.#varint(end);
    if (wire === WIRE.fixed64) return this.#skip(8, end);
    if (wire === WIRE.fixed32) return this.#skip(4, end);
    // The form of proto1; ClickHouse cannot skip it.
    if (wire === WIRE.groupStart || wire === WIRE.groupEnd) return this.#fail('bad_group', at, 'a group');
    if (wire !== WIRE.length) return this.#fail('bad_wire_type', at, `wire type ${wire}`);
    const length = this.#length(end);
    if (length < 0) return false;
    this.#at += length;
    return true;
  }

  #failIn(field: string): false {
    this.#path.push(field);
    return false;
  }

  #fail(reason: MalformedReason, at: number, detail: string): false {
    this.#reason = reason;
    this.#failedAt = at;
    this.#detail = detail;
    return false;
  }
}

/** Whether the field is an item or a message that holds items. */
function leadsToItems(code: number): boolean {
  if (!isMessageCode(code)) return false;
  const child = code >>> CHILD_SHIFT;
  return counted[child] === 1 || holdsCounted[child] === 1;
}

const EMPTY = Buffer.alloc(0);
const scanner = new Scanner();

/**
 * Checks that a body is a valid `Export…ServiceRequest` of the signal and counts what it holds. Structure, lengths,
 * wire types, UTF-8, id sizes and depth are checked; values are not.
 */
export function scanRequest(signal: Signal, body: Uint8Array): ScanResult {
  const bytes = Buffer.isBuffer(body) ? body : Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  return scanner.scan(bytes, REQUEST[signal]);
}
