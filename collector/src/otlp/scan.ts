import type { Signal } from '../signal.ts';
import { KeyWatch } from './attribute-keys.ts';
import {
  ANY_VALUE,
  ATTRIBUTE_KEY_FIELD,
  CHILD_SHIFT,
  codes,
  COMPLEX_BIT,
  exclusive,
  holdsItems,
  isMessageCode,
  ITEM,
  type ItemKind,
  itemKinds,
  KEY_VALUE,
  nameOfField,
  REQUEST,
  SHAPE,
  SHAPE_MASK,
  single,
  TABLE_WIDTH,
  WIRE,
} from './field-table.ts';
import { type AcceptWindow, ItemJudge, type Refusal } from './item-judge.ts';
import type { Malformed } from './malformed.ts';
import { isPlainValue } from './plain-value.ts';
import { ProtoReader } from './proto-reader.ts';
import { EMPTY, WireCursor } from './wire-cursor.ts';

/** How deep messages may nest, attribute values included: what protobuf's C++ and Java readers allow. */
export const MAX_DEPTH = 100;

/**
 * How much a request may grow when what its items share, as their resource, is stored with each of them. ClickHouse has to hold
 * it in memory at once, and what it cannot hold it could never take, however often it is offered.
 */
export const MAX_REPEATED_BYTES = 512 * 2 ** 20;

/**
 * How many messages of any kind a request may consist of: a hundred thousand, and beyond that one for every eight bytes. What people send has
 * twenty bytes and more to a message; a body of empty ones takes fifty times its size once it is unfolded.
 */
export const FREE_PARTS = 100_000;
export const BYTES_PER_PART = 8;

/** What the side door has to change, and the part of the body in which it is. */
export interface RewritePlan {
  /** From the start of the first value, key or item concerned to the end of the last value, or the start of the last key or item left out. */
  readonly firstAt: number;
  readonly lastAt: number;
  /** Some list of attributes has (or, where it is long, may have) a key twice. */
  readonly duplicateKeys: boolean;
  /** Some log record has no time at all. */
  readonly lacksTime: boolean;
  /** What is left out, in order: where each run of refused items begins, and where it ends. */
  readonly cuts: readonly number[];
}

/** What a scan found. */
export type ScanResult =
  | {
      readonly status: 'ok';
      /** Spans, data points or log records, without those that are refused. */
      readonly items: number;
      /** There are values that are not plain (see `isPlainValue`), keys that are in one list twice, refused items; absent otherwise. */
      readonly rewrite?: RewritePlan;
      /** Which items must not be stored; absent when there is none. */
      readonly refusals?: readonly Refusal[];
      /** Spans that end before they start, or have no end; absent when there is none. */
      readonly endBeforeStart?: number;
    }
  | Malformed;

/** Tags, field number and wire type in one byte: the key and the value of a `KeyValue`, the text of an `AnyValue`. */
const KEY_TAG = 0x0a;
const VALUE_TAG = 0x12;
const TEXT_TAG = 0x0a;

/**
 * Walks one export request against the field table, without building anything. Unknown fields are skipped, as
 * protobuf asks. One instance is reused; a scan is synchronous.
 *
 * A wrong wire type is refused (protobuf readers would take it for an unknown field): it is a broken sender,
 * and ClickHouse refuses it later.
 */
class Scanner extends WireCursor {
  readonly #keys = new KeyWatch(MAX_DEPTH);
  readonly #judge = new ItemJudge();
  #items = 0;
  #partsLeft = 0;
  #repeatedBytes = 0;
  #firstChangeAt = -1;
  #lastChangeAt = -1;
  #duplicateKeys = false;
  #lacksTime = false;
  /** The item that has just been walked is refused. */
  #refused = false;
  #cuts: number[] = [];

  scan(bytes: Buffer, root: number, window: AcceptWindow | undefined): ScanResult {
    this.bytes = bytes;
    this.at = 0;
    this.path = [];
    this.#items = 0;
    this.#partsLeft = Math.max(FREE_PARTS, Math.floor(bytes.length / BYTES_PER_PART));
    this.#repeatedBytes = 0;
    this.#firstChangeAt = -1;
    this.#lastChangeAt = -1;
    this.#duplicateKeys = false;
    this.#lacksTime = false;
    this.#refused = false;
    this.#cuts = [];
    this.#keys.reset(bytes);
    this.#judge.reset(bytes, window);
    const valid = this.#message(root, bytes.length, 1);
    const result = valid ? this.#found() : this.#malformed();
    this.bytes = EMPTY;
    this.#keys.reset(EMPTY);
    this.#judge.reset(EMPTY, undefined);
    return result;
  }

  #found(): ScanResult {
    const { refusals, endBeforeStart } = this.#judge;
    const rewrite: RewritePlan = {
      firstAt: this.#firstChangeAt,
      lastAt: this.#lastChangeAt,
      duplicateKeys: this.#duplicateKeys,
      lacksTime: this.#lacksTime,
      cuts: this.#cuts,
    };
    return {
      status: 'ok',
      items: this.#items,
      ...(rewrite.firstAt < 0 ? {} : { rewrite }),
      ...(refusals.length === 0 ? {} : { refusals }),
      ...(endBeforeStart === 0 ? {} : { endBeforeStart }),
    };
  }

  #malformed(): Malformed {
    const field = this.path.toReversed().join('.');
    const where = `at byte ${this.failedAt}${field === '' ? '' : ` in ${field}`}`;
    return { status: 'malformed', reason: this.reason, field, message: `${this.detail} ${where}` };
  }

  /** Walks the fields of a message from `at` to `end`. @returns false when it is malformed */
  #message(message: number, end: number, depth: number): boolean {
    const { bytes, at: messageStart } = this;
    if (depth > MAX_DEPTH) return this.fail('too_deep', messageStart, `messages nest deeper than ${MAX_DEPTH} levels`);
    if (--this.#partsLeft < 0) return this.#tooManyParts();
    const kind = itemKinds[message] as ItemKind;
    if (kind !== ITEM.none) this.#judge.open();
    const holds = holdsItems[message] === 1;
    const itemsBefore = this.#items;
    const outerKeys = this.#keys.open();
    const once = single[message] as number;
    let sharedBytes = 0;
    let seen = 0;
    while (this.at < end) {
      const start = this.at;
      let tag = bytes[start] as number;
      if (tag < 0x80) this.at = start + 1;
      else if ((tag = this.tag(end)) < 0) return false;
      const number = tag >>> 3;
      const code = number < TABLE_WIDTH ? (codes[message * TABLE_WIDTH + number] as number) : 0;
      const bit = code === 0 ? 0 : 1 << number;
      if ((seen & once & bit) !== 0) return this.#twice(message, number, start);
      seen |= bit;
      if (!this.#field(code, tag & 7, number, end, depth)) return this.failIn(nameOfField(message, number));
      if (!holds) continue;
      if (!leadsToItems(code)) sharedBytes += this.at - start;
      else if (this.#refused) this.#cut(start, this.at);
    }
    this.#keys.close(outerKeys);
    if (holds && !this.#repeat(sharedBytes, this.#items - itemsBefore)) return false;
    const either = seen & (exclusive[message] as number);
    if ((either & (either - 1)) !== 0)
      return this.fail('bad_value', this.at, 'two values of which only one may be set');
    if (kind !== ITEM.none) this.#decide(kind, either !== 0, messageStart, end);
    return true;
  }

  #decide(kind: ItemKind, hasValue: boolean, start: number, end: number): void {
    const reason = this.#judge.decide(kind, hasValue || kind !== ITEM.numberPoint, start, end);
    this.#refused = reason !== undefined;
    if (this.#refused) return;
    this.#items += 1;
    if (kind !== ITEM.record || !this.#judge.lacksTime()) return;
    this.#lacksTime = true;
    this.#noteChange(start, end);
  }

  /** Leaves an item out. Neighbours make one run. */
  #cut(start: number, end: number): void {
    this.#refused = false;
    this.#noteChange(start, start);
    if (this.#cuts.at(-1) === start) this.#cuts[this.#cuts.length - 1] = end;
    else this.#cuts.push(start, end);
  }

  #tooManyParts(): false {
    const most = `${FREE_PARTS}, or one for every ${BYTES_PER_PART} bytes`;
    return this.fail('too_many_parts', this.at, `the request consists of too many messages (at most ${most});`);
  }

  #twice(message: number, number: number, at: number): false {
    this.path.push(nameOfField(message, number));
    return this.fail('bad_value', at, 'a message that may be there once is there twice');
  }

  /** Adds up what items share and is stored with each of them. */
  #repeat(sharedBytes: number, items: number): boolean {
    this.#repeatedBytes += sharedBytes * items;
    if (this.#repeatedBytes <= MAX_REPEATED_BYTES) return true;
    const what = `what ${items} items share takes more than ${MAX_REPEATED_BYTES} bytes when it is stored with each`;
    return this.fail('too_repetitive', this.at, `${what}: send fewer items at once;`);
  }

  #field(code: number, wire: number, number: number, end: number, depth: number): boolean {
    if (code === 0) return this.unknown(wire, number, end);
    if (wire === WIRE.length) return this.#lengthDelimited(code, end, depth);
    const shape = code & SHAPE_MASK;
    if (wire === WIRE.varint && (shape === SHAPE.varint || shape === SHAPE.repeatedVarint)) return this.varint(end);
    if (wire === WIRE.fixed64 && (shape === SHAPE.fixed64 || shape === SHAPE.repeatedFixed64)) return this.skip(8, end);
    if (wire === WIRE.fixed64 && shape >= SHAPE.itemTime && shape <= SHAPE.endTime) return this.#time(shape, end);
    if (wire === WIRE.fixed32 && shape === SHAPE.fixed32) return this.skip(4, end);
    return this.fail('bad_wire_type', this.at, `wire type ${wire} does not fit the field`);
  }

  #time(shape: number, end: number): boolean {
    if (shape === SHAPE.itemTime) this.#judge.noteTime(this.at);
    else if (shape === SHAPE.endTime) this.#judge.noteEndTime(this.at);
    else this.#judge.noteObservedTime(this.at);
    return this.skip(8, end);
  }

  #lengthDelimited(code: number, end: number, depth: number): boolean {
    // The common case, a length of one byte that fits, spares a call.
    let start = this.at + 1;
    let length = start <= end ? (this.bytes[start - 1] as number) : 0x80;
    if (length < 0x80 && start + length <= end) this.at = start;
    else if ((length = this.length(end)) < 0) return false;
    else start = this.at;
    const valueEnd = start + length;
    switch (code & SHAPE_MASK) {
      case SHAPE.message:
        if (code & COMPLEX_BIT) this.#noteChange(start, start);
        if (code >>> CHILD_SHIFT === ANY_VALUE) return this.#anyValue(start, valueEnd, depth + 1);
        return this.#message(code >>> CHILD_SHIFT, valueEnd, depth + 1);
      case SHAPE.attribute:
        return this.#attribute(start, valueEnd, depth + 1);
      case SHAPE.string:
        return this.text(start, valueEnd);
      case SHAPE.bytes:
        if (code & COMPLEX_BIT) this.#noteChange(start, start);
        this.at = valueEnd;
        return true;
      case SHAPE.traceId:
        return this.#id(start, length, 16);
      case SHAPE.spanId:
        return this.#id(start, length, 8);
      case SHAPE.repeatedFixed64:
        if (length % 8 !== 0) return this.fail('bad_packed', start, `${length} bytes are no list of 8-byte numbers`);
        if (length === 0) this.#noteChange(start, start);
        this.at = valueEnd;
        return true;
      case SHAPE.repeatedVarint:
        if (length === 0) this.#noteChange(start, start);
        while (this.at < valueEnd) if (!this.varint(valueEnd)) return false;
        return true;
      default:
        return this.fail('bad_wire_type', start, 'wire type 2 does not fit the field');
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
    const bytes = this.bytes;
    const keyStart = start + 2;
    const keyBytes = keyStart <= end && bytes[start] === KEY_TAG ? (bytes[start + 1] as number) : 0x80;
    const keyEnd = keyStart + keyBytes;
    const valueStart = keyEnd + 2;
    if (keyBytes >= 0x80 || valueStart > end || bytes[keyEnd] !== VALUE_TAG) return this.#unusualAttribute(end, depth);
    const valueBytes = bytes[keyEnd + 1] as number;
    if (valueBytes >= 0x80 || valueStart + valueBytes !== end) return this.#unusualAttribute(end, depth);
    if (!this.text(keyStart, keyEnd)) return this.failIn('key');
    this.#key(keyStart, keyEnd);
    this.at = valueStart;
    if (bytes[valueStart] === TEXT_TAG && valueBytes === (bytes[valueStart + 1] as number) + 2 && valueBytes > 1)
      return this.text(valueStart + 2, end) || (this.failIn('string_value'), this.failIn('value'));
    return this.#anyValue(valueStart, end, depth + 1) || this.failIn('value');
  }

  #anyValue(start: number, end: number, depth: number): boolean {
    if (!this.#message(ANY_VALUE, end, depth)) return false;
    if (!isPlainValue(this.bytes, start, end)) this.#noteChange(start, end);
    return true;
  }

  #unusualAttribute(end: number, depth: number): boolean {
    const start = this.at;
    if (!this.#message(KEY_VALUE, end, depth)) return false;
    let keyStart = start;
    let keyEnd = start;
    const pair = new ProtoReader(this.bytes, start, end);
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

  /** Empty means absent in proto3, as SDKs send it for a root span's parent. Ids are only in items, and a bad one costs the item. */
  #id(start: number, length: number, wanted: number): boolean {
    if (length !== wanted && length !== 0) this.#judge.noteBadId(start);
    this.at += length;
    return true;
  }
}

/** Whether the field is an item or a message that holds items. */
function leadsToItems(code: number): boolean {
  if (!isMessageCode(code)) return false;
  const child = code >>> CHILD_SHIFT;
  return itemKinds[child] !== ITEM.none || holdsItems[child] === 1;
}

const scanner = new Scanner();

/**
 * Checks that a body is a valid `Export…ServiceRequest` of the signal and counts what it holds. Structure, lengths,
 * wire types, UTF-8 and depth are checked; of spans, points and records also ids, times and whether there is a value. Other values are not.
 * @param window which times are taken; any, and none, without it
 */
export function scanRequest(signal: Signal, body: Uint8Array, window?: AcceptWindow): ScanResult {
  const bytes = Buffer.isBuffer(body) ? body : Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  return scanner.scan(bytes, REQUEST[signal], window);
}
