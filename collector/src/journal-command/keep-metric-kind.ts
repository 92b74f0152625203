import { METRIC_KIND_SCHEMAS, METRIC_KINDS } from '../load/statements/metric-kinds.ts';
import { WIRE } from '../otlp/field-table.ts';
import { ProtoReader } from '../otlp/proto-reader.ts';
import { ProtoWriter } from '../otlp/proto-writer.ts';

/** Export request → resource_metrics = 1 → scope_metrics = 2 → metrics = 2 (opentelemetry-proto, metrics/v1/metrics.proto). */
const PATH = [1, 2, 2] as const;

/** A request of metrics without the metrics of other kinds. Every byte that stays is as it came. The request must be valid. */
export function keepMetricKind(body: Buffer, kind: string): Buffer {
  const known = METRIC_KINDS.find((candidate) => candidate === kind);
  return known ? copy(body, 0, body.byteLength, 0, METRIC_KIND_SCHEMAS[known].field) : body;
}

function copy(bytes: Buffer, start: number, end: number, depth: number, field: number): Buffer {
  const parts: Buffer[] = [];
  const reader = new ProtoReader(bytes, start, end);
  while (reader.nextField()) {
    if (reader.number !== PATH[depth]) {
      parts.push(bytes.subarray(reader.fieldStart, reader.end));
    } else if (depth === PATH.length - 1) {
      if (hasField(bytes, reader.start, reader.end, field)) parts.push(bytes.subarray(reader.fieldStart, reader.end));
    } else {
      const child = copy(bytes, reader.start, reader.end, depth + 1, field);
      const head = new ProtoWriter();
      head.tag(reader.number, WIRE.length);
      head.varint(child.byteLength);
      parts.push(Buffer.from(head.finish()), child);
    }
  }
  return Buffer.concat(parts);
}

function hasField(bytes: Buffer, start: number, end: number, field: number): boolean {
  const reader = new ProtoReader(bytes, start, end);
  while (reader.nextField()) if (reader.number === field) return true;
  return false;
}
