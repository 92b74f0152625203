import type { Signal } from '../signal.ts';
import { ANY_VALUE, CHILD_SHIFT, codes, fieldsOf, REQUEST, SHAPE, SHAPE_MASK, TABLE_WIDTH } from './field-table.ts';
import { ProtoReader } from './proto-reader.ts';
import { ProtoWriter } from './proto-writer.ts';
import type { ComplexRange } from './scan.ts';
import { ANY_VALUE_FIELD, lastValue, textOfComplexValue } from './value-text.ts';

/** For every message: 1 when an AnyValue can be somewhere below it, so that it must be looked into. */
const holdsValues: Uint8Array = (() => {
  const holds = new Uint8Array(fieldsOf.length);
  holds[ANY_VALUE] = 1;
  for (let changed = true; changed;) {
    changed = false;
    for (const [index, fields] of fieldsOf.entries()) {
      if (holds[index] === 1 || !fields.some(({ child }) => child >= 0 && holds[child] === 1)) continue;
      holds[index] = 1;
      changed = true;
    }
  }
  return holds;
})();

/**
 * The side door: gives the request with every attribute value that is an array, a map or bytes replaced by its text
 * (see `textOfComplexValue`). Everything else is copied byte by byte, so 64-bit numbers and unknown fields stay as
 * they came. The body must have passed `scanRequest`, which also says the range to look into: most often that is
 * one attribute of the resource, as `process.command_args`.
 */
export function rewriteComplexValues(signal: Signal, body: Uint8Array, range: ComplexRange): Buffer {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const rewriter = new Rewriter(bytes, range);
  rewriter.copyMessage(REQUEST[signal], 0, bytes.length);
  return rewriter.writer.finish();
}

class Rewriter {
  readonly writer: ProtoWriter;
  readonly #bytes: Buffer;
  readonly #range: ComplexRange;

  constructor(bytes: Buffer, range: ComplexRange) {
    this.writer = new ProtoWriter(bytes.length + (bytes.length >> 3));
    this.#bytes = bytes;
    this.#range = range;
  }

  copyMessage(message: number, start: number, end: number): void {
    if (message === ANY_VALUE) return this.#copyAnyValue(start, end);
    const reader = new ProtoReader(this.#bytes, start, end);
    let copied = start;
    while (reader.nextField()) {
      const code = reader.number < TABLE_WIDTH ? (codes[message * TABLE_WIDTH + reader.number] as number) : 0;
      const child = code >>> CHILD_SHIFT;
      if ((code & SHAPE_MASK) !== SHAPE.message || holdsValues[child] !== 1) continue;
      if (reader.end < this.#range.firstAt || reader.start > this.#range.lastAt) continue;
      this.writer.copy(this.#bytes, copied, reader.fieldStart);
      const mark = this.writer.begin(reader.number);
      this.copyMessage(child, reader.start, reader.end);
      this.writer.end(mark);
      copied = reader.end;
    }
    this.writer.copy(this.#bytes, copied, end);
  }

  #copyAnyValue(start: number, end: number): void {
    const value = lastValue(this.#bytes, start, end);
    if (!value) return;
    if (value.number < ANY_VALUE_FIELD.array) this.writer.copy(this.#bytes, value.fieldStart, value.end);
    else this.writer.string(ANY_VALUE_FIELD.string, textOfComplexValue(value));
  }
}
