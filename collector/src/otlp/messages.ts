/** How a scalar field is written. `enum` is an int32 on the wire; the two id types are `bytes` of a fixed size. */
export type ScalarType =
  | 'bool'
  | 'int32'
  | 'sint32'
  | 'uint32'
  | 'enum'
  | 'int64'
  | 'uint64'
  | 'fixed32'
  | 'fixed64'
  | 'sfixed64'
  | 'double'
  | 'string'
  | 'bytes'
  | 'trace_id'
  | 'span_id';

/**
 * `oneof`: at most one field so marked may be set in a message. The times: the one by which a span, a point or a log record is stored, what
 * stands in for it, and the end of a span.
 */
export type FieldLabel = 'repeated' | 'oneof' | 'item_time' | 'observed_time' | 'end_time';

/** Number, type and label of one field. */
export type FieldSpec = readonly [number: number, type: ScalarType | MessageName, label?: FieldLabel];

/** A message of OTLP that Tocsin takes in, by its short name. */
export type MessageName = keyof typeof MESSAGES;

/*
 * Every message of an OTLP export request, its fields by protobuf name.
 * Source: opentelemetry-proto 1.11.0, `common.proto`, `resource.proto`, `trace.proto`, `metrics.proto`, `logs.proto`.
 * Left out, and so skipped as unknown: `key_strindex` and `string_value_strindex`, which belong to profiles only.
 */
const MESSAGES = {
  TracesRequest: { resource_spans: [1, 'ResourceSpans', 'repeated'] },
  MetricsRequest: { resource_metrics: [1, 'ResourceMetrics', 'repeated'] },
  LogsRequest: { resource_logs: [1, 'ResourceLogs', 'repeated'] },

  AnyValue: {
    string_value: [1, 'string', 'oneof'],
    bool_value: [2, 'bool', 'oneof'],
    int_value: [3, 'int64', 'oneof'],
    double_value: [4, 'double', 'oneof'],
    array_value: [5, 'ArrayValue', 'oneof'],
    kvlist_value: [6, 'KeyValueList', 'oneof'],
    bytes_value: [7, 'bytes', 'oneof'],
  },
  ArrayValue: { values: [1, 'AnyValue', 'repeated'] },
  KeyValueList: { values: [1, 'KeyValue', 'repeated'] },
  KeyValue: { key: [1, 'string'], value: [2, 'AnyValue'] },
  InstrumentationScope: {
    name: [1, 'string'],
    version: [2, 'string'],
    attributes: [3, 'KeyValue', 'repeated'],
    dropped_attributes_count: [4, 'uint32'],
  },
  EntityRef: {
    schema_url: [1, 'string'],
    type: [2, 'string'],
    id_keys: [3, 'string', 'repeated'],
    description_keys: [4, 'string', 'repeated'],
  },
  Resource: {
    attributes: [1, 'KeyValue', 'repeated'],
    dropped_attributes_count: [2, 'uint32'],
    entity_refs: [3, 'EntityRef', 'repeated'],
  },

  ResourceSpans: {
    resource: [1, 'Resource'],
    scope_spans: [2, 'ScopeSpans', 'repeated'],
    schema_url: [3, 'string'],
  },
  ScopeSpans: { scope: [1, 'InstrumentationScope'], spans: [2, 'Span', 'repeated'], schema_url: [3, 'string'] },
  Span: {
    trace_id: [1, 'trace_id'],
    span_id: [2, 'span_id'],
    trace_state: [3, 'string'],
    parent_span_id: [4, 'span_id'],
    name: [5, 'string'],
    kind: [6, 'enum'],
    start_time_unix_nano: [7, 'fixed64', 'item_time'],
    end_time_unix_nano: [8, 'fixed64', 'end_time'],
    attributes: [9, 'KeyValue', 'repeated'],
    dropped_attributes_count: [10, 'uint32'],
    events: [11, 'SpanEvent', 'repeated'],
    dropped_events_count: [12, 'uint32'],
    links: [13, 'SpanLink', 'repeated'],
    dropped_links_count: [14, 'uint32'],
    status: [15, 'SpanStatus'],
    flags: [16, 'fixed32'],
  },
  SpanEvent: {
    time_unix_nano: [1, 'fixed64'],
    name: [2, 'string'],
    attributes: [3, 'KeyValue', 'repeated'],
    dropped_attributes_count: [4, 'uint32'],
  },
  SpanLink: {
    trace_id: [1, 'trace_id'],
    span_id: [2, 'span_id'],
    trace_state: [3, 'string'],
    attributes: [4, 'KeyValue', 'repeated'],
    dropped_attributes_count: [5, 'uint32'],
    flags: [6, 'fixed32'],
  },
  SpanStatus: { message: [2, 'string'], code: [3, 'enum'] },

  ResourceLogs: { resource: [1, 'Resource'], scope_logs: [2, 'ScopeLogs', 'repeated'], schema_url: [3, 'string'] },
  ScopeLogs: {
    scope: [1, 'InstrumentationScope'],
    log_records: [2, 'LogRecord', 'repeated'],
    schema_url: [3, 'string'],
  },
  LogRecord: {
    time_unix_nano: [1, 'fixed64', 'item_time'],
    severity_number: [2, 'enum'],
    severity_text: [3, 'string'],
    body: [5, 'AnyValue'],
    attributes: [6, 'KeyValue', 'repeated'],
    dropped_attributes_count: [7, 'uint32'],
    flags: [8, 'fixed32'],
    trace_id: [9, 'trace_id'],
    span_id: [10, 'span_id'],
    observed_time_unix_nano: [11, 'fixed64', 'observed_time'],
    event_name: [12, 'string'],
  },

  ResourceMetrics: {
    resource: [1, 'Resource'],
    scope_metrics: [2, 'ScopeMetrics', 'repeated'],
    schema_url: [3, 'string'],
  },
  ScopeMetrics: {
    scope: [1, 'InstrumentationScope'],
    metrics: [2, 'Metric', 'repeated'],
    schema_url: [3, 'string'],
  },
  Metric: {
    name: [1, 'string'],
    description: [2, 'string'],
    unit: [3, 'string'],
    gauge: [5, 'Gauge', 'oneof'],
    sum: [7, 'Sum', 'oneof'],
    histogram: [9, 'Histogram', 'oneof'],
    exponential_histogram: [10, 'ExponentialHistogram', 'oneof'],
    summary: [11, 'Summary', 'oneof'],
    metadata: [12, 'KeyValue', 'repeated'],
  },
  Gauge: { data_points: [1, 'NumberDataPoint', 'repeated'] },
  Sum: {
    data_points: [1, 'NumberDataPoint', 'repeated'],
    aggregation_temporality: [2, 'enum'],
    is_monotonic: [3, 'bool'],
  },
  Histogram: { data_points: [1, 'HistogramDataPoint', 'repeated'], aggregation_temporality: [2, 'enum'] },
  ExponentialHistogram: {
    data_points: [1, 'ExponentialHistogramDataPoint', 'repeated'],
    aggregation_temporality: [2, 'enum'],
  },
  Summary: { data_points: [1, 'SummaryDataPoint', 'repeated'] },
  NumberDataPoint: {
    start_time_unix_nano: [2, 'fixed64'],
    time_unix_nano: [3, 'fixed64', 'item_time'],
    as_double: [4, 'double', 'oneof'],
    exemplars: [5, 'Exemplar', 'repeated'],
    as_int: [6, 'sfixed64', 'oneof'],
    attributes: [7, 'KeyValue', 'repeated'],
    flags: [8, 'uint32'],
  },
  HistogramDataPoint: {
    start_time_unix_nano: [2, 'fixed64'],
    time_unix_nano: [3, 'fixed64', 'item_time'],
    count: [4, 'fixed64'],
    sum: [5, 'double'],
    bucket_counts: [6, 'fixed64', 'repeated'],
    explicit_bounds: [7, 'double', 'repeated'],
    exemplars: [8, 'Exemplar', 'repeated'],
    attributes: [9, 'KeyValue', 'repeated'],
    flags: [10, 'uint32'],
    min: [11, 'double'],
    max: [12, 'double'],
  },
  ExponentialHistogramDataPoint: {
    attributes: [1, 'KeyValue', 'repeated'],
    start_time_unix_nano: [2, 'fixed64'],
    time_unix_nano: [3, 'fixed64', 'item_time'],
    count: [4, 'fixed64'],
    sum: [5, 'double'],
    scale: [6, 'sint32'],
    zero_count: [7, 'fixed64'],
    positive: [8, 'ExponentialBuckets'],
    negative: [9, 'ExponentialBuckets'],
    flags: [10, 'uint32'],
    exemplars: [11, 'Exemplar', 'repeated'],
    min: [12, 'double'],
    max: [13, 'double'],
    zero_threshold: [14, 'double'],
  },
  ExponentialBuckets: { offset: [1, 'sint32'], bucket_counts: [2, 'uint64', 'repeated'] },
  SummaryDataPoint: {
    start_time_unix_nano: [2, 'fixed64'],
    time_unix_nano: [3, 'fixed64', 'item_time'],
    count: [4, 'fixed64'],
    sum: [5, 'double'],
    quantile_values: [6, 'ValueAtQuantile', 'repeated'],
    attributes: [7, 'KeyValue', 'repeated'],
    flags: [8, 'uint32'],
  },
  ValueAtQuantile: { quantile: [1, 'double'], value: [2, 'double'] },
  Exemplar: {
    time_unix_nano: [2, 'fixed64'],
    as_double: [3, 'double', 'oneof'],
    span_id: [4, 'span_id'],
    trace_id: [5, 'trace_id'],
    as_int: [6, 'sfixed64', 'oneof'],
    filtered_attributes: [7, 'KeyValue', 'repeated'],
  },
} as const;

/** The messages of OTLP with their fields by protobuf name. */
export const messages: Readonly<Record<MessageName, Readonly<Record<string, FieldSpec>>>> = MESSAGES;
