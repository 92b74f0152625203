import { WIRE } from '../otlp/field-table.ts';
import { ProtoWriter } from '../otlp/proto-writer.ts';
import type { Signal } from '../signal.ts';
import type { PartialSuccess } from '../otlp/prepare.ts';

const REJECTED_NAMES: Readonly<Record<Signal, string>> = {
  traces: 'rejectedSpans',
  metrics: 'rejectedDataPoints',
  logs: 'rejectedLogRecords',
};

/**
 * Writes an `Export…ServiceResponse` in protobuf; its fields have the same numbers for every signal. Without anything refused
 * `partial_success` is unset. Source: OTLP specification 1.11.0, "Partial Success"; opentelemetry-proto, collector/….
 */
export function encodeSuccess(partial: PartialSuccess | undefined): Buffer {
  const writer = new ProtoWriter(64);
  if (!partial) return writer.finish();
  const mark = writer.begin(1);
  writer.tag(1, WIRE.varint);
  writer.varint(partial.rejected);
  writer.string(2, partial.message);
  writer.end(mark);
  return writer.finish();
}

/** Writes an `Export…ServiceResponse` in protobuf's JSON form: 64-bit integers are text. */
export function successAsJson(signal: Signal, partial: PartialSuccess | undefined): string {
  if (!partial) return '{}';
  const { rejected, message } = partial;
  return JSON.stringify({ partialSuccess: { [REJECTED_NAMES[signal]]: String(rejected), errorMessage: message } });
}
