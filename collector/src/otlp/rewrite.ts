import type { Signal } from '../signal.ts';
import { findEarlierTwins } from './attribute-keys.ts';
import {
  ANY_VALUE,
  CHILD_SHIFT,
  codes,
  type Field,
  fieldsOf,
  indexOfMessage,
  isMessageCode,
  REQUEST,
  SHAPE,
  SHAPE_MASK,
  TABLE_WIDTH,
  WIRE,
} from './field-table.ts';
import { ProtoReader } from './proto-reader.ts';
import { ProtoWriter } from './proto-writer.ts';
import type { RewritePlan } from './scan.ts';
import { ANY_VALUE_FIELD, lastValue, textOfComplexValue } from './value-text.ts';

const NS_PER_MS = 1_000_000n;
const LOG_RECORD = indexOfMessage('LogRecord');
const TIME = fieldsOf[LOG_RECORD]?.find(({ label }) => label === 'item_time')?.number as number;
const OBSERVED_TIME = fieldsOf[LOG_RECORD]?.find(({ label }) => label === 'observed_time')?.number as number;

/** For every message: 1 when an AnyValue or a list of numbers can be somewhere below it, so that it must be looked into. */
const holdsValues: Uint8Array = (() => {
  const holds = new Uint8Array(fieldsOf.length);
  holds[ANY_VALUE] = 1;
  for (let changed = true; changed;) {
    changed = false;
    for (const [index, fields] of fieldsOf.entries()) {
      const isOne = ({ child, label, type }: Field): boolean =>
        child >= 0 ? holds[child] === 1 : label === 'repeated' && type !== 'message';
      if (holds[index] === 1 || !fields.some(isOne)) continue;
      holds[index] = 1;
      changed = true;
    }
  }
  return holds;
})();

/**
 * The side door: gives the request
 * - with every attribute value that is an array, a map or bytes replaced by its text (see `textOfComplexValue`),
 * - with every other attribute value in its shortest form (see `isPlainValue`),
 * - without attributes whose key comes again in the same list: the last one counts,
 * - without the items that the scan refused,
 * - without packed lists of no elements, which ClickHouse cannot read,
 * - with `nowMs` as the observed time of log records that say no time.
 *
 * Everything else is copied byte by byte, so unknown fields stay as they came. The body must have passed `scanRequest`, whose
 * plan also says the range to look into: most often that is one attribute of the resource, as `process.command_args`.
 * @returns the request; where it is longer than `maxBytes` the work was given up, and what there is of it is of no use
 */
export function rewriteRequest(
  signal: Signal,
  body: Uint8Array,
  plan: RewritePlan,
  nowMs: number,
  maxBytes = Infinity,
): Buffer {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const rewriter = new Rewriter(bytes, plan, BigInt(Math.round(nowMs)) * NS_PER_MS, maxBytes);
  rewriter.copyMessage(REQUEST[signal], 0, bytes.length);
  return rewriter.writer.finish();
}

class Rewriter {
  readonly writer: ProtoWriter;
  readonly #bytes: Buffer;
  readonly #plan: RewritePlan;
  readonly #nowNs: bigint;
  readonly #maxBytes: number;
  /** Where the next run of refused items begins in the plan's cuts. */
  #nextCut = 0;

  constructor(bytes: Buffer, plan: RewritePlan, nowNs: bigint, maxBytes: number) {
    this.writer = new ProtoWriter(bytes.length + (bytes.length >> 3));
    this.#bytes = bytes;
    this.#plan = plan;
    this.#nowNs = nowNs;
    this.#maxBytes = maxBytes;
  }

  copyMessage(message: number, start: number, end: number): void {
    if (message === ANY_VALUE) return this.#copyAnyValue(start, end);
    const { firstAt, lastAt, duplicateKeys, lacksTime, cuts } = this.#plan;
    const twins = duplicateKeys ? findEarlierTwins(message, this.#bytes, start, end) : undefined;
    const stamped = lacksTime && message === LOG_RECORD && this.#hasNoTime(start, end);
    const reader = new ProtoReader(this.#bytes, start, end);
    let copied = start;
    while (reader.nextField()) {
      const code = reader.number < TABLE_WIDTH ? (codes[message * TABLE_WIDTH + reader.number] as number) : 0;
      const child = code >>> CHILD_SHIFT;
      const isCut = reader.fieldStart === cuts[this.#nextCut];
      const leftOut =
        isCut ||
        twins?.has(reader.fieldStart) === true ||
        (stamped && reader.number === OBSERVED_TIME) ||
        (reader.end === reader.start && isList(code));
      if (leftOut) {
        this.writer.copy(this.#bytes, copied, reader.fieldStart);
        if (isCut) reader.end = this.#passCut();
        copied = reader.end;
        continue;
      }
      if (!isMessageCode(code) || holdsValues[child] !== 1 || reader.end < firstAt || reader.start > lastAt) continue;
      this.writer.copy(this.#bytes, copied, reader.fieldStart);
      const mark = this.writer.begin(reader.number);
      this.copyMessage(child, reader.start, reader.end);
      this.writer.end(mark);
      copied = reader.end;
      if (this.writer.length > this.#maxBytes) return;
    }
    this.writer.copy(this.#bytes, copied, end);
    if (!stamped) return;
    this.writer.tag(OBSERVED_TIME, WIRE.fixed64);
    this.writer.fixed64(this.#nowNs);
  }

  /** @returns where the run of refused items ends at which the reader is */
  #passCut(): number {
    const end = this.#plan.cuts[this.#nextCut + 1] as number;
    this.#nextCut += 2;
    return end;
  }

  #hasNoTime(start: number, end: number): boolean {
    const reader = new ProtoReader(this.#bytes, start, end);
    let timeNs = 0n;
    let observedNs = 0n;
    while (reader.nextField()) {
      if (reader.number === TIME) timeNs = this.#bytes.readBigUInt64LE(reader.start);
      else if (reader.number === OBSERVED_TIME) observedNs = this.#bytes.readBigUInt64LE(reader.start);
    }
    return timeNs === 0n && observedNs === 0n;
  }

  #copyAnyValue(start: number, end: number): void {
    const value = lastValue(this.#bytes, start, end);
    if (!value) return;
    writePlainValue(this.writer, value);
  }
}

/** Whether the field is a list of numbers. */
function isList(code: number): boolean {
  const shape = code & SHAPE_MASK;
  return shape === SHAPE.repeatedVarint || shape === SHAPE.repeatedFixed64;
}

/** Writes an AnyValue's value so that `isPlainValue` holds. */
function writePlainValue(writer: ProtoWriter, value: ProtoReader): void {
  switch (value.number) {
    case ANY_VALUE_FIELD.string:
      return writer.bytes(ANY_VALUE_FIELD.string, value.bytes.subarray(value.start, value.end));
    case ANY_VALUE_FIELD.bool:
      writer.tag(ANY_VALUE_FIELD.bool, WIRE.varint);
      return writer.varint(value.int64() === 0n ? 0 : 1);
    case ANY_VALUE_FIELD.int:
      writer.tag(ANY_VALUE_FIELD.int, WIRE.varint);
      return writer.varint64(value.int64());
    case ANY_VALUE_FIELD.double:
      return writer.copy(value.bytes, value.fieldStart, value.end);
    default:
      return writer.string(ANY_VALUE_FIELD.string, textOfComplexValue(value));
  }
}
