import { ATTRIBUTES_TYPE } from './proto.ts';
import type { Columns } from './statement.ts';

/** The five kinds of metric, as the fields of OTLP's `Metric.data` are named. */
export const METRIC_KINDS = ['gauge', 'sum', 'histogram', 'exponential_histogram', 'summary'] as const;
export type MetricKind = (typeof METRIC_KINDS)[number];

/** What sets one kind apart. All of it is opentelemetry-proto, metrics/v1/metrics.proto. */
export interface MetricKindSchema {
  /** The field number in `Metric`. */
  readonly field: number;
  /** The field number of the attributes in its data point: the one common field that moves. */
  readonly attributesField: number;
  /** The data point's fields beyond the common ones, as a schema and as ClickHouse types. */
  readonly pointProto: string;
  readonly pointType: string;
  /** Further messages that the point needs. */
  readonly messages: string;
  readonly columns: Columns;
}

const EXEMPLAR_PROTO =
  'message Exemplar{fixed64 time_unix_nano=2;double as_double=3;sfixed64 as_int=6;bytes span_id=4;bytes trace_id=5;map<string,string> filtered_attributes=7;}';
const EXEMPLARS_TYPE =
  'exemplars Array(Tuple(time_unix_nano UInt64,as_double Float64,as_int Int64,' +
  `span_id String,trace_id String,filtered_attributes ${ATTRIBUTES_TYPE}))`;
/*
 * Of a number at most one form is there (two make a request malformed at the door), and the other reads as 0. So no column has to say which:
 * that would take `input_format_protobuf_oneof_presence`, which ClickHouse has from 25.9 on only.
 */
const NUMBER_TYPE = 'as_double Float64,as_int Int64';
const NUMBER_PROTO = 'double as_double=4;sfixed64 as_int=6;repeated Exemplar exemplars=5;uint64 flags=8;';

const FLAGS: Columns = [['Flags', 'p.flags']];
const VALUE: Columns = [['Value', 'if(p.as_int!=0,toFloat64(p.as_int),p.as_double)'], ...FLAGS];
const EXEMPLARS: Columns = [
  ['Exemplars.FilteredAttributes', 'arrayMap(x->attribute_map(x),p.exemplars.6)'],
  ['Exemplars.TimeUnix', 'arrayMap(x->moment(x),p.exemplars.1)'],
  ['Exemplars.Value', 'arrayMap((d,i)->if(i!=0,toFloat64(i),d),p.exemplars.2,p.exemplars.3)'],
  ['Exemplars.SpanId', 'arrayMap(x->lower(hex(x)),p.exemplars.4)'],
  ['Exemplars.TraceId', 'arrayMap(x->lower(hex(x)),p.exemplars.5)'],
];
const COUNTS: Columns = [
  ['Count', 'p.count'],
  ['Sum', 'p.sum'],
];
const RANGE: Columns = [
  ['Min', 'p.min'],
  ['Max', 'p.max'],
];
const TEMPORALITY: Columns = [['AggregationTemporality', 'metric.4']];

export const METRIC_KIND_SCHEMAS = {
  gauge: {
    field: 5,
    attributesField: 7,
    messages: EXEMPLAR_PROTO,
    pointProto: NUMBER_PROTO,
    pointType: `${NUMBER_TYPE},${EXEMPLARS_TYPE},flags UInt64`,
    columns: [...VALUE, ...EXEMPLARS],
  },
  sum: {
    field: 7,
    attributesField: 7,
    messages: EXEMPLAR_PROTO,
    pointProto: NUMBER_PROTO,
    pointType: `${NUMBER_TYPE},${EXEMPLARS_TYPE},flags UInt64`,
    columns: [...VALUE, ...EXEMPLARS, ...TEMPORALITY, ['IsMonotonic', 'metric.5!=0']],
  },
  histogram: {
    field: 9,
    attributesField: 9,
    messages: EXEMPLAR_PROTO,
    pointProto:
      'fixed64 count=4;double sum=5;repeated fixed64 bucket_counts=6;repeated double explicit_bounds=7;repeated Exemplar exemplars=8;uint64 flags=10;double min=11;double max=12;',
    pointType: `count UInt64,sum Float64,bucket_counts Array(UInt64),explicit_bounds Array(Float64),${EXEMPLARS_TYPE},flags UInt64,min Float64,max Float64`,
    columns: [
      ...COUNTS,
      ['BucketCounts', 'p.bucket_counts'],
      ['ExplicitBounds', 'p.explicit_bounds'],
      ...EXEMPLARS,
      ...FLAGS,
      ...RANGE,
      ...TEMPORALITY,
    ],
  },
  exponential_histogram: {
    field: 10,
    attributesField: 1,
    messages: `${EXEMPLAR_PROTO}\nmessage Buckets{sint64 offset=1;repeated uint64 bucket_counts=2;}`,
    pointProto:
      'fixed64 count=4;double sum=5;sint64 scale=6;fixed64 zero_count=7;Buckets positive=8;Buckets negative=9;uint64 flags=10;repeated Exemplar exemplars=11;double min=12;double max=13;double zero_threshold=14;',
    pointType: `count UInt64,sum Float64,scale Int64,zero_count UInt64,positive Tuple(offset Int64,bucket_counts Array(UInt64)),negative Tuple(offset Int64,bucket_counts Array(UInt64)),flags UInt64,${EXEMPLARS_TYPE},min Float64,max Float64,zero_threshold Float64`,
    columns: [
      ...COUNTS,
      ['Scale', 'p.scale'],
      ['ZeroCount', 'p.zero_count'],
      ['PositiveOffset', 'p.positive.offset'],
      ['PositiveBucketCounts', 'p.positive.bucket_counts'],
      ['NegativeOffset', 'p.negative.offset'],
      ['NegativeBucketCounts', 'p.negative.bucket_counts'],
      ['ZeroThreshold', 'p.zero_threshold'],
      ...EXEMPLARS,
      ...FLAGS,
      ...RANGE,
      ...TEMPORALITY,
    ],
  },
  summary: {
    field: 11,
    attributesField: 7,
    messages: 'message Quantile{double quantile=1;double value=2;}',
    pointProto: 'fixed64 count=4;double sum=5;repeated Quantile quantile_values=6;uint64 flags=8;',
    pointType: 'count UInt64,sum Float64,quantile_values Array(Tuple(quantile Float64,value Float64)),flags UInt64',
    columns: [
      ...COUNTS,
      ['ValueAtQuantiles.Quantile', 'p.quantile_values.1'],
      ['ValueAtQuantiles.Value', 'p.quantile_values.2'],
      ...FLAGS,
    ],
  },
} as const satisfies Record<MetricKind, MetricKindSchema>;
