import { fieldsOf, indexOfMessage, ITEM, type ItemKind } from './field-table.ts';
import { ProtoReader } from './proto-reader.ts';
import { EMPTY } from './wire-cursor.ts';

/** Why a span, a data point or a log record is refused while the rest of its request is stored: the word is also the metric attribute. */
export const REFUSED_REASONS = [
  'missing_id',
  'bad_id',
  'zero_id',
  'no_value',
  'missing_time',
  'too_old',
  'too_new',
] as const;
export type RefusedReason = (typeof REFUSED_REASONS)[number];

/** Items of a request that are refused for one reason. */
export interface Refusal {
  readonly reason: RefusedReason;
  readonly count: number;
  /** Where the first of them begins in the body. */
  readonly exampleAt: number;
}

/** Which times of spans, points and records are stored: from `pastMs` before `nowMs` to `futureMs` after it, in milliseconds. */
export interface AcceptWindow {
  readonly nowMs: number;
  readonly pastMs: number;
  readonly futureMs: number;
}

const NS_PER_MS = 1e6;
const HIGH = 2 ** 32;
const TRACE_ID_BYTES = 16;
const SPAN_ID_BYTES = 8;
/** `NO_RECORDED_VALUE_MASK` of opentelemetry-proto, metrics.proto, DataPointFlags. */
const NO_RECORDED_VALUE = 1n;
const FLAGS_FIELD = fieldsOf[indexOfMessage('NumberDataPoint')]?.find(({ name }) => name === 'flags')?.number;
/** How the two ids of a span begin as every SDK writes them: tag and length. */
const TRACE_ID_TAG = 0x0a;
const SPAN_ID_TAG = 0x12;

/**
 * Decides about single items while a request is walked: the walk notes where an item's times are and which id has a wrong size, and asks at
 * its end. Only what is unusual is read a second time.
 */
export class ItemJudge {
  #bytes: Buffer = EMPTY;
  #checksTime = false;
  #earliestNs = 0;
  #latestNs = 0;
  #badIdAt = 0;
  #timeAt = 0;
  #endTimeAt = 0;
  #observedTimeAt = 0;
  #refusals: (Refusal | undefined)[] = [];
  #endBeforeStart = 0;

  /** Begins with another request. @param window `undefined` takes any time, and none */
  reset(bytes: Buffer, window: AcceptWindow | undefined): void {
    this.#bytes = bytes;
    this.#checksTime = window !== undefined;
    if (window) {
      this.#earliestNs = (window.nowMs - window.pastMs) * NS_PER_MS;
      this.#latestNs = (window.nowMs + window.futureMs) * NS_PER_MS;
    }
    if (this.#refusals.length > 0) this.#refusals = [];
    this.#endBeforeStart = 0;
  }

  /** What was refused, by reason. */
  get refusals(): readonly Refusal[] {
    return this.#refusals.filter((refusal) => refusal !== undefined);
  }

  /** Spans that were taken and end before they start. */
  get endBeforeStart(): number {
    return this.#endBeforeStart;
  }

  /** An item begins. */
  open(): void {
    this.#badIdAt = 0;
    this.#timeAt = 0;
    this.#endTimeAt = 0;
    this.#observedTimeAt = 0;
  }

  /** The time by which an item is stored: a span's start, a point's or a record's time. */
  noteTime(at: number): void {
    this.#timeAt = at;
  }

  noteEndTime(at: number): void {
    this.#endTimeAt = at;
  }

  noteObservedTime(at: number): void {
    this.#observedTimeAt = at;
  }

  /** An id of the item, or of a link or an exemplar in it, is neither empty nor as long as it has to be. */
  noteBadId(at: number): void {
    this.#badIdAt = at;
  }

  /** Whether the log record that ends here says no time at all. */
  lacksTime(): boolean {
    return this.#isZeroAt(this.#timeAt) && this.#isZeroAt(this.#observedTimeAt);
  }

  /**
   * Decides about the item that lies from `start` to `end`.
   * @param hasValue whether one of the fields was there of which one has to be
   */
  decide(kind: ItemKind, hasValue: boolean, start: number, end: number): RefusedReason | undefined {
    const reason = this.#reasonAgainst(kind, hasValue, start, end);
    if (reason !== undefined) this.#count(reason, start);
    else if (kind === ITEM.span && this.#endsBeforeStart()) this.#endBeforeStart += 1;
    return reason;
  }

  #reasonAgainst(kind: ItemKind, hasValue: boolean, start: number, end: number): RefusedReason | undefined {
    if (this.#badIdAt !== 0) return 'bad_id';
    if (kind === ITEM.span) {
      const reason = this.#judgeSpanIds(start, end);
      if (reason !== undefined) return reason;
    }
    if (!hasValue && !this.#recordsNoValue(start, end)) return 'no_value';
    return this.#checksTime ? this.#judgeTime(kind) : undefined;
  }

  #count(reason: RefusedReason, start: number): void {
    const index = REFUSED_REASONS.indexOf(reason);
    const { count = 0, exampleAt = start } = this.#refusals[index] ?? {};
    this.#refusals[index] = { reason, count: count + 1, exampleAt };
  }

  /** The usual place of the ids is looked at without reading fields: first in the span, the trace's before the span's. */
  #judgeSpanIds(start: number, end: number): RefusedReason | undefined {
    const bytes = this.#bytes;
    const spanIdAt = start + 2 + TRACE_ID_BYTES;
    const usual =
      spanIdAt + 2 + SPAN_ID_BYTES <= end &&
      bytes[start] === TRACE_ID_TAG &&
      bytes[start + 1] === TRACE_ID_BYTES &&
      bytes[spanIdAt] === SPAN_ID_TAG &&
      bytes[spanIdAt + 1] === SPAN_ID_BYTES;
    if (usual) {
      const zero = this.#allZero(start + 2, spanIdAt) || this.#allZero(spanIdAt + 2, spanIdAt + 2 + SPAN_ID_BYTES);
      if (!zero) return undefined;
    }
    return this.#readSpanIds(start, end);
  }

  #readSpanIds(start: number, end: number): RefusedReason | undefined {
    const found = [false, false];
    const reader = new ProtoReader(this.#bytes, start, end);
    let reason: RefusedReason | undefined;
    while (reader.nextField()) {
      if (reader.number !== 1 && reader.number !== 2) continue;
      found[reader.number - 1] = reader.end > reader.start;
      if (reader.end > reader.start && this.#allZero(reader.start, reader.end)) reason = 'zero_id';
    }
    return found.every(Boolean) ? reason : 'missing_id';
  }

  #allZero(start: number, end: number): boolean {
    for (let at = start; at < end; at++) if (this.#bytes[at] !== 0) return false;
    return true;
  }

  /** Whether a point without a value says that it has none: the end of a series. */
  #recordsNoValue(start: number, end: number): boolean {
    let flags = 0n;
    const reader = new ProtoReader(this.#bytes, start, end);
    while (reader.nextField()) if (reader.number === FLAGS_FIELD) flags = reader.int64();
    return (flags & NO_RECORDED_VALUE) !== 0n;
  }

  /** A log record without any time is taken: the side door gives it the time at which it was received. */
  #judgeTime(kind: ItemKind): RefusedReason | undefined {
    let timeAt = this.#timeAt;
    if (this.#isZeroAt(timeAt)) {
      if (kind !== ITEM.record) return 'missing_time';
      timeAt = this.#observedTimeAt;
      if (this.#isZeroAt(timeAt)) return undefined;
    }
    const timeNs = this.#wordAt(timeAt + 4) * HIGH + this.#wordAt(timeAt);
    if (timeNs < this.#earliestNs) return 'too_old';
    return timeNs > this.#latestNs ? 'too_new' : undefined;
  }

  /** Also true of a span without an end. Exact: both halves are compared. */
  #endsBeforeStart(): boolean {
    if (this.#timeAt === 0) return false;
    if (this.#endTimeAt === 0) return !this.#isZeroAt(this.#timeAt);
    const high = this.#wordAt(this.#endTimeAt + 4) - this.#wordAt(this.#timeAt + 4);
    return high < 0 || (high === 0 && this.#wordAt(this.#endTimeAt) < this.#wordAt(this.#timeAt));
  }

  #isZeroAt(at: number): boolean {
    return at === 0 || (this.#wordAt(at) === 0 && this.#wordAt(at + 4) === 0);
  }

  /** Four bytes, little endian. */
  #wordAt(at: number): number {
    const bytes = this.#bytes;
    const high = ((bytes[at + 3] as number) << 24) | ((bytes[at + 2] as number) << 16);
    return (high | ((bytes[at + 1] as number) << 8) | (bytes[at] as number)) >>> 0;
  }
}
