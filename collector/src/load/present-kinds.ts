import { METRIC_KIND_SCHEMAS, METRIC_KINDS, type MetricKind } from './statements/metric-kinds.ts';

/*
 * Where a Metric lies: Export…Request.resource_metrics = 1, ResourceMetrics.scope_metrics = 2, ScopeMetrics.metrics = 2
 * (opentelemetry-proto, metrics/v1/metrics.proto).
 */
const PATH = [1, 2, 2] as const;
const LENGTH_DELIMITED = 2;

/**
 * Gathers which kinds of metric the requests of a segment hold, so that only their tables get an INSERT. Looks at lengths and field
 * numbers alone, never at points. Where the bytes make no sense all kinds count as present: ClickHouse is the judge then.
 */
export class PresentKinds {
  readonly #found = new Set<number>();
  #isSound = true;

  /** Takes one request. */
  add(body: Uint8Array): void {
    this.#isSound = walkMessage(body, 0, body.byteLength, 0, this.#found) && this.#isSound;
  }

  list(): readonly MetricKind[] {
    if (!this.#isSound) return METRIC_KINDS;
    return METRIC_KINDS.filter((kind) => this.#found.has(METRIC_KIND_SCHEMAS[kind].field));
  }
}

/** Walks one message between two offsets. @returns whether it was sound */
function walkMessage(bytes: Uint8Array, start: number, end: number, depth: number, found: Set<number>): boolean {
  let offset = start;
  while (offset < end) {
    const tag = readVarint(bytes, offset, end);
    if (!tag) return false;
    const field = Math.floor(tag.value / 8);
    const wireType = tag.value % 8;
    const next = fieldEnd(bytes, tag.next, end, wireType);
    if (next === undefined) return false;
    if (depth === PATH.length) found.add(field);
    else if (field === PATH[depth] && wireType === LENGTH_DELIMITED) {
      const length = readVarint(bytes, tag.next, end);
      if (!length || !walkMessage(bytes, length.next, next, depth + 1, found)) return false;
    }
    offset = next;
  }
  return true;
}

/** Where a field's value ends; `undefined` beyond the message's end or for a wire type that proto3 has not. */
function fieldEnd(bytes: Uint8Array, offset: number, end: number, wireType: number): number | undefined {
  let next: number | undefined;
  if (wireType === 0) next = readVarint(bytes, offset, end)?.next;
  else if (wireType === 1) next = offset + 8;
  else if (wireType === 5) next = offset + 4;
  else if (wireType === LENGTH_DELIMITED) {
    const length = readVarint(bytes, offset, end);
    next = length && length.next + length.value;
  }
  return next !== undefined && next <= end ? next : undefined;
}

interface Varint {
  readonly value: number;
  readonly next: number;
}

/** Reads a varint as a double: exact for tags and lengths, which is all that is used. */
function readVarint(bytes: Uint8Array, offset: number, end: number): Varint | undefined {
  let value = 0;
  let scale = 1;
  for (let next = offset; next < end && next < offset + 10; next += 1) {
    const byte = bytes[next] ?? 0;
    value += (byte & 0x7f) * scale;
    scale *= 128;
    if (byte < 0x80) return { value, next: next + 1 };
  }
  return undefined;
}
