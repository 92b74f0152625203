import { readFileSync } from 'node:fs';
import protobuf, { type Type } from 'protobufjs';
import type { Signal } from '../../src/signal.ts';

/** An independent writer of OTLP: protobufjs over the tests' own .proto, apart from the schema that ClickHouse is given. */
const SOURCE = new URL('../otlp/otlp.proto', import.meta.url);
const root = protobuf.parse(readFileSync(SOURCE, 'utf8'), { keepCase: true }).root;
const TYPES: Readonly<Record<Signal, Type>> = {
  traces: root.lookupType('otlp.TracesRequest'),
  metrics: root.lookupType('otlp.MetricsRequest'),
  logs: root.lookupType('otlp.LogsRequest'),
};

/** Encodes an `Export…ServiceRequest` written with the names of the `.proto` files; 64-bit numbers as text. */
export function encodeRequest(signal: Signal, request: Record<string, unknown>): Uint8Array {
  const type = TYPES[signal];
  return type.encode(type.fromObject(request)).finish();
}

/** Attributes: text, boolean, and numbers as `{ int: '1' }` or `{ double: 0.5 }`; `null` is an empty value. */
export type Attributes = Readonly<Record<string, string | boolean | null | { int: string } | { double: number }>>;

/** Writes attributes as OTLP's list. */
export function attributeList(attributes: Attributes): readonly object[] {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: anyValue(value) }));
}

/** Writes one value as an `AnyValue`. */
export function anyValue(value: Attributes[string]): object {
  if (value === null) return {};
  if (typeof value === 'string') return { string_value: value };
  if (typeof value === 'boolean') return { bool_value: value };
  return 'int' in value ? { int_value: value.int } : { double_value: value.double };
}

/** An id of so many bytes, each the same. */
export function id(byte: number, lengthBytes: number): Buffer {
  return Buffer.alloc(lengthBytes, byte);
}

/** A request of spans of one service, which differ in their names only. */
export function simpleSpans(service: string, names: readonly string[], startNs = '1763839440123456789'): Uint8Array {
  const spans = names.map((name, index) => ({
    trace_id: Buffer.from(name.padEnd(16, '.').slice(0, 16)),
    span_id: Buffer.from(String(index + 1).padStart(8, '0')),
    name,
    kind: 2,
    start_time_unix_nano: startNs,
    end_time_unix_nano: startNs,
  }));
  const resource = { attributes: attributeList({ 'service.name': service }) };
  return encodeRequest('traces', { resource_spans: [{ resource, scope_spans: [{ spans }] }] });
}
