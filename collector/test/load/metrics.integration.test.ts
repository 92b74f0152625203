import { startTestClickHouse, type TestClickHouse } from '@tocsin/deploy/testing';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { readMigrations } from '../../src/schema/migrations.ts';
import { attributeList, encodeRequest, id } from './otlp.ts';
import { openStage, selectRows, type Stage } from './stage.ts';
import { ATTRIBUTES, STORED } from './values.ts';

let clickhouse: TestClickHouse;
let stage: Stage;

beforeAll(async () => {
  clickhouse = await startTestClickHouse();
  stage = await openStage(clickhouse.url);
});

afterAll(async () => {
  await stage?.close();
  await clickhouse?.stop();
});

const START = { start_time_unix_nano: '1763839440000000001', time_unix_nano: '1763839441000000002' };
const EXEMPLARS = [
  {
    time_unix_nano: '1763839440500000003',
    as_double: 0.5,
    span_id: id(1, 8),
    trace_id: id(0xab, 16),
    filtered_attributes: ATTRIBUTES,
  },
  { time_unix_nano: '1763839440500000004', as_int: '-7', trace_id: id(0, 16) },
];
const STORED_EXEMPLARS = {
  'Exemplars.FilteredAttributes': [STORED, {}],
  'Exemplars.TimeUnix': ['2025-11-22 19:24:00.500000003', '2025-11-22 19:24:00.500000004'],
  'Exemplars.Value': [0.5, -7],
  'Exemplars.SpanId': ['0101010101010101', ''],
  'Exemplars.TraceId': ['ab'.repeat(16), '00'.repeat(16)],
};
const NO_EXEMPLARS = {
  'Exemplars.FilteredAttributes': [],
  'Exemplars.TimeUnix': [],
  'Exemplars.Value': [],
  'Exemplars.SpanId': [],
  'Exemplars.TraceId': [],
};

async function load(scope: string, metrics: readonly object[], items: number): Promise<void> {
  const body = encodeRequest('metrics', {
    resource_metrics: [
      {
        resource: { attributes: attributeList({ 'service.name': 'shop' }) },
        schema_url: 'https://example.com/resource',
        scope_metrics: [
          {
            scope: { name: scope, version: '2', attributes: attributeList({ a: 'b' }), dropped_attributes_count: 3 },
            schema_url: 'https://example.com/scope',
            metrics,
          },
        ],
      },
    ],
  });
  await stage.journal.append('metrics', body, { items, self: false });
  await stage.settle();
}

function common(scope: string, metric: string): object {
  return {
    ResourceAttributes: { 'service.name': 'shop' },
    ResourceSchemaUrl: 'https://example.com/resource',
    ScopeName: scope,
    ScopeVersion: '2',
    ScopeAttributes: { a: 'b' },
    ScopeDroppedAttrCount: 3,
    ScopeSchemaUrl: 'https://example.com/scope',
    ServiceName: 'shop',
    MetricName: metric,
    MetricDescription: `about ${metric}`,
    MetricUnit: 's',
    Attributes: STORED,
    StartTimeUnix: '2025-11-22 19:24:00.000000001',
    TimeUnix: '2025-11-22 19:24:01.000000002',
  };
}

function metric(name: string, data: object): object {
  return { name, description: `about ${name}`, unit: 's', ...data };
}

async function rowsOf(kind: string, scope: string): Promise<readonly Record<string, unknown>[]> {
  return selectRows(clickhouse, `SELECT * FROM otel_metrics_${kind} WHERE ScopeName = '${scope}' ORDER BY TimeUnix`);
}

test('all five kinds of one request are stored with every column exact', async () => {
  const point = { ...START, attributes: ATTRIBUTES, flags: 1 };
  const buckets = { bucket_counts: ['1', '9007199254740993'], explicit_bounds: [0.5] };
  const range = { count: '9007199254740994', sum: 12.5, min: -0.5, max: 12 };
  const exponential = {
    scale: -3,
    zero_count: '2',
    zero_threshold: 0.001,
    positive: { offset: -4, bucket_counts: ['1', '0', '5'] },
    negative: { offset: 7, bucket_counts: ['9007199254740993'] },
  };
  const quantile_values = [
    { quantile: 0.5, value: 1 },
    { quantile: 0.99, value: 9.5 },
  ];
  await load(
    'all',
    [
      metric('g', { gauge: { data_points: [{ ...point, as_double: -1.5, exemplars: EXEMPLARS }] } }),
      metric('s', {
        sum: {
          data_points: [{ ...point, as_int: '9007199254740992', exemplars: EXEMPLARS }],
          aggregation_temporality: 2,
          is_monotonic: true,
        },
      }),
      metric('h', {
        histogram: {
          data_points: [{ ...point, ...range, ...buckets, exemplars: EXEMPLARS }],
          aggregation_temporality: 1,
        },
      }),
      metric('e', {
        exponential_histogram: {
          data_points: [{ ...point, ...range, ...exponential, exemplars: EXEMPLARS }],
          aggregation_temporality: 2,
        },
      }),
      metric('q', { summary: { data_points: [{ ...point, count: '3', sum: 12.5, quantile_values }] } }),
    ],
    5,
  );
  expect(await rowsOf('gauge', 'all')).toEqual([{ ...common('all', 'g'), Value: -1.5, Flags: 1, ...STORED_EXEMPLARS }]);
  expect(await rowsOf('sum', 'all')).toEqual([
    {
      ...common('all', 's'),
      Value: 9007199254740992,
      Flags: 1,
      ...STORED_EXEMPLARS,
      AggregationTemporality: 2,
      IsMonotonic: true,
    },
  ]);
  const storedRange = { Count: '9007199254740994', Sum: 12.5, Min: -0.5, Max: 12, Flags: 1 };
  expect(await rowsOf('histogram', 'all')).toEqual([
    {
      ...common('all', 'h'),
      ...storedRange,
      BucketCounts: ['1', '9007199254740993'],
      ExplicitBounds: [0.5],
      ...STORED_EXEMPLARS,
      AggregationTemporality: 1,
    },
  ]);
  expect(await rowsOf('exponential_histogram', 'all')).toEqual([
    {
      ...common('all', 'e'),
      ...storedRange,
      Scale: -3,
      ZeroCount: '2',
      ZeroThreshold: 0.001,
      PositiveOffset: -4,
      PositiveBucketCounts: ['1', '0', '5'],
      NegativeOffset: 7,
      NegativeBucketCounts: ['9007199254740993'],
      ...STORED_EXEMPLARS,
      AggregationTemporality: 2,
    },
  ]);
  expect(await rowsOf('summary', 'all')).toEqual([
    {
      ...common('all', 'q'),
      Count: '3',
      Sum: 12.5,
      'ValueAtQuantiles.Quantile': [0.5, 0.99],
      'ValueAtQuantiles.Value': [1, 9.5],
      Flags: 1,
    },
  ]);
});

test('points that say next to nothing are stored as zeros', async () => {
  await load(
    'bare',
    [
      { name: 'g', gauge: { data_points: [{}, { time_unix_nano: '1', as_int: '-9' }] } },
      { name: 'h', histogram: { data_points: [{}] } },
      { name: 'no points', sum: { aggregation_temporality: 2 } },
    ],
    3,
  );
  expect(await rowsOf('gauge', 'bare')).toMatchObject([
    { Value: 0, Attributes: {}, TimeUnix: '1970-01-01 00:00:00.000000000', ...NO_EXEMPLARS },
    { Value: -9, Attributes: {}, TimeUnix: '1970-01-01 00:00:00.000000001' },
  ]);
  expect(await rowsOf('histogram', 'bare')).toMatchObject([
    { Count: '0', Sum: 0, Min: 0, Max: 0, BucketCounts: [], ExplicitBounds: [], AggregationTemporality: 0 },
  ]);
  expect(await rowsOf('sum', 'bare')).toEqual([]);
});

test('an integer of an attribute is exact at every length it can have on the wire', async () => {
  // A varint has seven bits to a byte: the last number of each length, the first of the next, and negative ones, which have ten bytes.
  const ends = Array.from({ length: 9 }, (_, index) => 2n ** (7n * BigInt(index + 1)));
  const numbers = [...ends.flatMap((end) => [end - 1n, end < 2n ** 63n ? end : -1n]), -(2n ** 63n), -(2n ** 40n) - 3n];
  const attributes = Object.fromEntries(numbers.map((number) => [`n${number}`, { int: String(number) }]));
  const point = { ...START, attributes: attributeList(attributes), as_double: 1 };
  await load('integers', [metric('g', { gauge: { data_points: [point] } })], 1);
  const stored = Object.fromEntries(numbers.map((number) => [`n${number}`, String(number)]));
  expect(await rowsOf('gauge', 'integers')).toMatchObject([{ Attributes: stored }]);
});

test('a table of before its key had a column keeps that key and takes the same points, with the same columns to read', async () => {
  const gauge = (await readMigrations()).find(({ name }) => name === '0004-metrics-gauge')?.statements[0] ?? '';
  const older = gauge
    .replace(/^ *`AttributesHash`.*\n/m, '')
    .replace(', AttributesHash, ', ', cityHash64(Attributes), ')
    .replace('otel_metrics_gauge', 'older.otel_metrics_gauge');
  const client = clickhouse.client();
  await client.command({ query: 'CREATE DATABASE older' });
  await client.command({ query: older });
  await client.close();
  const body = encodeRequest('metrics', {
    resource_metrics: [
      {
        resource: {},
        scope_metrics: [
          { scope: {}, metrics: [metric('g', { gauge: { data_points: [{ ...START, attributes: ATTRIBUTES }] } })] },
        ],
      },
    ],
  });
  for (const database of ['older', 'newer']) {
    const other = await openStage(clickhouse.url, { database });
    onTestFinished(() => other.close());
    await other.journal.append('metrics', body, { items: 1, self: false });
    await other.settle();
  }
  const keys = `SELECT database, sorting_key FROM system.tables WHERE name = 'otel_metrics_gauge' AND database IN ('older', 'newer') ORDER BY database`;
  expect(await selectRows(clickhouse, keys)).toEqual([
    {
      database: 'newer',
      sorting_key: 'ServiceName, MetricName, toStartOfHour(TimeUnix), AttributesHash, TimeUnix',
    },
    {
      database: 'older',
      sorting_key: 'ServiceName, MetricName, toStartOfHour(TimeUnix), cityHash64(Attributes), TimeUnix',
    },
  ]);
  const rows = await selectRows(clickhouse, 'SELECT * FROM newer.otel_metrics_gauge');
  expect(rows).toMatchObject([{ MetricName: 'g', Attributes: STORED }]);
  expect(await selectRows(clickhouse, 'SELECT * FROM older.otel_metrics_gauge')).toEqual(rows);
  const wrong =
    'SELECT count() AS n FROM newer.otel_metrics_gauge WHERE AttributesHash != toUInt32(cityHash64(Attributes))';
  expect(await selectRows(clickhouse, wrong)).toEqual([{ n: '0' }]);
});
