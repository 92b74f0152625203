import type { Signal } from '../signal.ts';
import { ANY_VALUE, CHILD_SHIFT, codes, fieldsOf, REQUEST, SHAPE, SHAPE_MASK, TABLE_WIDTH } from './field-table.ts';
import { ProtoReader } from './proto-reader.ts';
import { ProtoWriter } from './proto-writer.ts';
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
 * they came. The body must have passed `scanRequest`.
 */
export function rewriteComplexValues(signal: Signal, body: Uint8Array): Buffer {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const writer = new ProtoWriter(bytes.length + (bytes.length >> 3));
  copyMessage(writer, REQUEST[signal], bytes, 0, bytes.length);
  return writer.finish();
}

function copyMessage(writer: ProtoWriter, message: number, bytes: Buffer, start: number, end: number): void {
  if (message === ANY_VALUE) return copyAnyValue(writer, bytes, start, end);
  const reader = new ProtoReader(bytes, start, end);
  let copied = start;
  while (reader.nextField()) {
    const code = reader.number < TABLE_WIDTH ? (codes[message * TABLE_WIDTH + reader.number] as number) : 0;
    const child = code >>> CHILD_SHIFT;
    if ((code & SHAPE_MASK) !== SHAPE.message || holdsValues[child] !== 1) continue;
    writer.raw(bytes.subarray(copied, reader.fieldStart));
    const mark = writer.begin(reader.number);
    copyMessage(writer, child, bytes, reader.start, reader.end);
    writer.end(mark);
    copied = reader.end;
  }
  writer.raw(bytes.subarray(copied, end));
}

function copyAnyValue(writer: ProtoWriter, bytes: Buffer, start: number, end: number): void {
  const value = lastValue(bytes, start, end);
  if (!value) return;
  if (value.number < ANY_VALUE_FIELD.array) writer.raw(bytes.subarray(value.fieldStart, value.end));
  else writer.string(ANY_VALUE_FIELD.string, textOfComplexValue(value));
}
