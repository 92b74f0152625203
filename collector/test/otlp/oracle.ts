import { readFileSync } from 'node:fs';
import protobuf from 'protobufjs';
import type { Signal } from '../../src/signal.ts';

/** An independent reader of OTLP: protobufjs over the tests' own .proto. */
const root = protobuf.parse(readFileSync(new URL('otlp.proto', import.meta.url), 'utf8')).root;
const REQUESTS: Readonly<Record<Signal, string>> = {
  traces: 'otlp.TracesRequest',
  metrics: 'otlp.MetricsRequest',
  logs: 'otlp.LogsRequest',
};

/** Decodes a message: 64-bit integers as text, bytes as hex, absent fields absent. */
export function decodeMessage(type: string, body: Uint8Array): Record<string, unknown> {
  const message = root.lookupType(type);
  const plain = message.toObject(message.decode(body), { longs: String });
  return JSON.parse(JSON.stringify(plain, hexBytes)) as Record<string, unknown>;
}

/** Decodes an export request. */
export function decodeRequest(signal: Signal, body: Uint8Array): Record<string, unknown> {
  return decodeMessage(REQUESTS[signal], body);
}

/** Buffers have a toJSON of their own, so their JSON form is what arrives here. */
function hexBytes(_key: string, value: unknown): unknown {
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  const { type, data } = (value ?? {}) as { type?: unknown; data?: unknown };
  return type === 'Buffer' && Array.isArray(data) ? Buffer.from(data as number[]).toString('hex') : value;
}
