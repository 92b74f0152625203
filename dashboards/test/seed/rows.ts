/** Time in Unix ms as ClickHouse reads a DateTime64: decimal Unix seconds. */
export function timestamp(atMs: number): string {
  return (atMs / 1_000).toFixed(6);
}

/** A row of `otel_traces`, as JSONEachRow. */
export interface SpanSeed {
  readonly service: string;
  readonly name: string;
  readonly kind?: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly atMs: number;
  readonly durationMs: number;
  readonly status?: 'Unset' | 'Ok' | 'Error';
  readonly message?: string;
  readonly attributes?: Readonly<Record<string, string>>;
  readonly resource?: Readonly<Record<string, string>>;
  /** Written as an `exception` event at the span's end. */
  readonly exception?: string;
}

export function spanRow(seed: SpanSeed): Record<string, unknown> {
  const endMs = seed.atMs + seed.durationMs;
  const exception = { 'exception.type': 'Error', 'exception.message': seed.exception ?? '' };
  return {
    Timestamp: timestamp(seed.atMs),
    TraceId: seed.traceId,
    SpanId: seed.spanId,
    ParentSpanId: seed.parentSpanId ?? '',
    SpanName: seed.name,
    SpanKind: seed.kind ?? 'Internal',
    ServiceName: seed.service,
    ResourceAttributes: { 'service.name': seed.service, ...seed.resource },
    SpanAttributes: seed.attributes ?? {},
    Duration: Math.round(seed.durationMs * 1e6),
    StatusCode: seed.status ?? 'Unset',
    StatusMessage: seed.message ?? '',
    'Events.Timestamp': seed.exception === undefined ? [] : [timestamp(endMs)],
    'Events.Name': seed.exception === undefined ? [] : ['exception'],
    'Events.Attributes': seed.exception === undefined ? [] : [exception],
  };
}

/** A row of `otel_logs`, as JSONEachRow. */
export function logRow(
  service: string,
  atMs: number,
  body: string,
  traceId: string,
  spanId: string,
): Record<string, unknown> {
  return {
    Timestamp: timestamp(atMs),
    TraceId: traceId,
    SpanId: spanId,
    SeverityText: 'INFO',
    SeverityNumber: 9,
    ServiceName: service,
    Body: body,
    ResourceAttributes: { 'service.name': service },
    LogAttributes: {},
  };
}

/** A row of `otel_metrics_gauge` or `otel_metrics_sum`, as JSONEachRow, from the checker. */
export function pointRow(
  metric: string,
  atMs: number,
  value: number,
  attributes: Readonly<Record<string, string>>,
): Record<string, unknown> {
  return {
    ServiceName: 'tocsin-checker',
    MetricName: metric,
    ResourceAttributes: { 'service.name': 'tocsin-checker', 'tocsin.location': 'default' },
    Attributes: attributes,
    StartTimeUnix: timestamp(atMs),
    TimeUnix: timestamp(atMs),
    Value: value,
  };
}

/** Ids that are the same in every run: `length` hex digits from a number. */
export function hexId(number: number, length: 16 | 32): string {
  return number.toString(16).padStart(length, '0');
}
