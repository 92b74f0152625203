import type { Signal } from '../signal.ts';
import { ProtoReader } from './proto-reader.ts';

/** The kinds of metric by their field in `Metric` (opentelemetry-proto, metrics/v1/metrics.proto). */
const METRIC_KINDS = new Map([
  [5, 'gauge'],
  [7, 'sum'],
  [9, 'histogram'],
  [10, 'exponential_histogram'],
  [11, 'summary'],
] as const);

/** One span, log record or data point, as far as people and the loader ask about it. */
export interface OtlpRecord {
  /** `service.name`; empty where it is absent. */
  readonly service: string;
  /** The moment it is stored under, in nanoseconds since the epoch. */
  readonly timeNs: bigint;
  /** A span's name, the text of a log record's body, a metric's name. */
  readonly name: string;
  /** A metric's kind, a log record's severity, or nothing. */
  readonly kind: string;
}

/** Goes through the records of a request that `scanRequest` has found valid, in the order they came. */
export function* readRecords(signal: Signal, body: Buffer): Generator<OtlpRecord> {
  for (const group of fieldsOf(body, 0, body.byteLength, 1)) {
    const service = readService(body, group);
    for (const scope of fieldsOf(body, group.start, group.end, 2)) {
      for (const part of fieldsOf(body, scope.start, scope.end, 2)) {
        if (signal === 'traces') yield readSpan(body, part, service);
        else if (signal === 'logs') yield readLog(body, part, service);
        else yield* readPoints(body, part, service);
      }
    }
  }
}

interface Part {
  readonly start: number;
  readonly end: number;
}

function* fieldsOf(bytes: Buffer, start: number, end: number, number: number): Generator<Part> {
  const reader = new ProtoReader(bytes, start, end);
  while (reader.nextField()) if (reader.number === number) yield { start: reader.start, end: reader.end };
}

/** Field 1 of each group is its resource, whose field 1 are the attributes; of a key that is there twice the last one counts. */
function readService(bytes: Buffer, group: Part): string {
  let service = '';
  for (const resource of fieldsOf(bytes, group.start, group.end, 1)) {
    for (const attribute of fieldsOf(bytes, resource.start, resource.end, 1)) {
      const [key] = [...fieldsOf(bytes, attribute.start, attribute.end, 1)].slice(-1);
      if (!key || bytes.toString('utf8', key.start, key.end) !== 'service.name') continue;
      for (const value of fieldsOf(bytes, attribute.start, attribute.end, 2)) service = readText(bytes, value);
    }
  }
  return service;
}

/** The text of an `AnyValue` that is a string; empty for any other. */
function readText(bytes: Buffer, value: Part): string {
  const [text] = [...fieldsOf(bytes, value.start, value.end, 1)].slice(-1);
  return text ? bytes.toString('utf8', text.start, text.end) : '';
}

function readSpan(bytes: Buffer, part: Part, service: string): OtlpRecord {
  const reader = new ProtoReader(bytes, part.start, part.end);
  let timeNs = 0n;
  let name = '';
  while (reader.nextField()) {
    if (reader.number === 5) name = reader.text();
    else if (reader.number === 7) timeNs = bytes.readBigUInt64LE(reader.start);
  }
  return { service, timeNs, name, kind: '' };
}

function readLog(bytes: Buffer, part: Part, service: string): OtlpRecord {
  const reader = new ProtoReader(bytes, part.start, part.end);
  let timeNs = 0n;
  let observedNs = 0n;
  let name = '';
  let kind = '';
  while (reader.nextField()) {
    if (reader.number === 1) timeNs = bytes.readBigUInt64LE(reader.start);
    else if (reader.number === 11) observedNs = bytes.readBigUInt64LE(reader.start);
    else if (reader.number === 3) kind = reader.text();
    else if (reader.number === 5) name = readText(bytes, { start: reader.start, end: reader.end });
  }
  return { service, timeNs: timeNs === 0n ? observedNs : timeNs, name, kind };
}

function* readPoints(bytes: Buffer, metric: Part, service: string): Generator<OtlpRecord> {
  const names = [...fieldsOf(bytes, metric.start, metric.end, 1)];
  const named = names.at(-1);
  const name = named ? bytes.toString('utf8', named.start, named.end) : '';
  const reader = new ProtoReader(bytes, metric.start, metric.end);
  while (reader.nextField()) {
    const kind = METRIC_KINDS.get(reader.number as never);
    if (kind === undefined) continue;
    for (const point of fieldsOf(bytes, reader.start, reader.end, 1)) {
      let timeNs = 0n;
      for (const time of fieldsOf(bytes, point.start, point.end, 3)) timeNs = bytes.readBigUInt64LE(time.start);
      yield { service, timeNs, name, kind };
    }
  }
}
