import { randomFillSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import protobuf, { type Type } from 'protobufjs';
import { Marks, TIME_MARK_NS } from './marks.ts';
import { logRequest } from './workload-logs.ts';
import { metricRequest } from './workload-metrics.ts';
import { traceRequest } from './workload-traces.ts';

export const SIGNALS = ['traces', 'metrics', 'logs'] as const;
export type Signal = (typeof SIGNALS)[number];

const source = readFileSync(new URL('../test/otlp/otlp.proto', import.meta.url), 'utf8');
const root = protobuf.parse(source, { keepCase: true }).root;
const TYPES: Readonly<Record<Signal, Type>> = {
  traces: root.lookupType('otlp.TracesRequest'),
  metrics: root.lookupType('otlp.MetricsRequest'),
  logs: root.lookupType('otlp.LogsRequest'),
};
const REQUESTS = { traces: traceRequest, metrics: metricRequest, logs: logRequest } as const;

/** A request whose ids and times are written anew in place for each sending. */
export interface Template {
  readonly body: Buffer;
  readonly ids: readonly { readonly offsets: readonly number[]; readonly length: number }[];
  /** Offsets of the times in their order. */
  readonly times: readonly number[];
}

/** Makes a template. @param seed templates of different seeds differ in more than ids and times */
export function makeTemplate(signal: Signal, seed: number): Template {
  const marks = new Marks();
  const type = TYPES[signal];
  const body = Buffer.from(type.encode(type.fromObject(REQUESTS[signal](marks, seed))).finish());
  let from = 0;
  const ids = marks.random.map((bytes) => {
    const offsets = allOffsets(body, bytes, from, from + NEAR_BYTES);
    from = offsets[0] ?? from;
    return { offsets, length: bytes.length };
  });
  // The upper half of the marks is one value, which is found faster than each of them.
  const mark = Buffer.alloc(8);
  mark.writeBigUInt64LE(TIME_MARK_NS);
  const times = allOffsets(body, mark.subarray(4), 0, body.length).map((offset) => offset - 4);
  return { body, ids, times };
}

/** What is made one after another lies one after another, and a trace's id only in its few spans. */
const NEAR_BYTES = 16_384;

function allOffsets(body: Buffer, bytes: Buffer, start: number, end: number): readonly number[] {
  const part = body.subarray(0, end);
  const offsets: number[] = [];
  for (let at = part.indexOf(bytes, start); at >= 0; at = part.indexOf(bytes, at + bytes.length)) offsets.push(at);
  return offsets;
}

/** Writes new ids and times into a template's body. @param nowNs nanoseconds since the epoch */
export function refresh({ body, ids, times }: Template, nowNs: bigint): Buffer {
  let count = 0;
  for (const { length } of ids) count += length;
  const random = randomFillSync(Buffer.allocUnsafe(Math.max(count, 1)));
  let from = 0;
  for (const { offsets, length } of ids) {
    for (const offset of offsets) random.copy(body, offset, from, from + length);
    from += length;
  }
  for (const [index, offset] of times.entries()) {
    // A start and an end alternate: the later one is up to some 50 ms after the earlier.
    const spread = index % 2 === 0 ? 0n : BigInt(random[index % random.length] ?? 0) * 200_000n;
    body.writeBigUInt64LE(nowNs + BigInt(index) * 1_000n + spread, offset);
  }
  return body;
}
