import { startTestClickHouse, type TestClickHouse } from '@tocsin/deploy/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { scanRequest } from '../../src/otlp/scan.ts';
import { attributeList, encodeRequest, id } from './otlp.ts';
import { ATTRIBUTES, STORED } from './values.ts';
import { openStage, selectRows, type Stage } from './stage.ts';

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

test('every column of a span is stored with its exact value', async () => {
  const span = {
    trace_id: id(0xab, 16),
    span_id: id(0x01, 8),
    parent_span_id: id(0x02, 8),
    trace_state: 'vendor=1',
    name: 'GET /basket',
    kind: 2,
    start_time_unix_nano: '1763839440123456789',
    end_time_unix_nano: '1763839440123456999',
    attributes: ATTRIBUTES,
    events: [
      { time_unix_nano: '1763839440123456790', name: 'exception', attributes: ATTRIBUTES },
      { time_unix_nano: '1763839440123456791', name: 'retry' },
    ],
    links: [{ trace_id: id(0xcd, 16), span_id: id(0x03, 8), trace_state: 'a=b', attributes: ATTRIBUTES }],
    status: { code: 2, message: 'no basket' },
    flags: 257,
    dropped_attributes_count: 3,
  };
  const body = encodeRequest('traces', {
    resource_spans: [
      {
        resource: { attributes: attributeList({ 'service.name': 'shop', pods: { int: '3' } }) },
        scope_spans: [{ scope: { name: 'http', version: '1.2' }, spans: [span], schema_url: 'https://example.com' }],
      },
    ],
  });
  await stage.journal.append('traces', body, { items: 1, self: false });
  await stage.settle();
  expect(await selectRows(clickhouse, "SELECT * FROM otel_traces WHERE ServiceName = 'shop'")).toEqual([
    {
      Timestamp: '2025-11-22 19:24:00.123456789',
      TraceId: 'ab'.repeat(16),
      SpanId: '0101010101010101',
      ParentSpanId: '0202020202020202',
      TraceState: 'vendor=1',
      SpanName: 'GET /basket',
      SpanKind: 'Server',
      ServiceName: 'shop',
      ResourceAttributes: { 'service.name': 'shop', pods: '3' },
      ScopeName: 'http',
      ScopeVersion: '1.2',
      SpanAttributes: STORED,
      Duration: '210',
      StatusCode: 'Error',
      StatusMessage: 'no basket',
      'Events.Timestamp': ['2025-11-22 19:24:00.123456790', '2025-11-22 19:24:00.123456791'],
      'Events.Name': ['exception', 'retry'],
      'Events.Attributes': [STORED, {}],
      'Links.TraceId': ['cd'.repeat(16)],
      'Links.SpanId': ['0303030303030303'],
      'Links.TraceState': ['a=b'],
      'Links.Attributes': [STORED],
    },
  ]);
  expect(
    await selectRows(clickhouse, `SELECT * FROM otel_traces_trace_id_ts WHERE TraceId = '${'ab'.repeat(16)}'`),
  ).toEqual([{ TraceId: 'ab'.repeat(16), Start: '2025-11-22 19:24:00', End: '2025-11-22 19:24:00' }]);
});

test('what is absent, zero or out of the ordinary has its agreed value', async () => {
  const spans = [
    { name: 'bare' },
    { name: 'zero ids', trace_id: id(0, 16), span_id: id(0, 8), parent_span_id: id(0, 8) },
    { name: 'ends early', start_time_unix_nano: '2000', end_time_unix_nano: '1000' },
    { name: 'far kinds', kind: 99, status: { code: 99 } },
    { name: 'negative kinds', kind: -2, status: { code: -2 } },
    { name: 'twice', attributes: [...attributeList({ k: '1', other: 'o' }), ...attributeList({ k: '2' })] },
    { name: 'end of time', start_time_unix_nano: '18446744073709551615', end_time_unix_nano: '18446744073709551615' },
  ];
  const body = encodeRequest('traces', { resource_spans: [{ scope_spans: [{ spans, scope: { name: 'odd' } }] }] });
  await stage.journal.append('traces', body, { items: spans.length, self: false });
  await stage.settle();
  const rows = await selectRows(
    clickhouse,
    `SELECT SpanName, TraceId, SpanId, ParentSpanId, SpanKind, StatusCode, Duration, ServiceName, SpanAttributes, toYear(Timestamp) AS year
     FROM otel_traces WHERE ScopeName = 'odd' ORDER BY SpanName`,
  );
  const plain = {
    TraceId: '',
    SpanId: '',
    ParentSpanId: '',
    SpanKind: 'Unspecified',
    StatusCode: 'Unset',
    Duration: '0',
    ServiceName: '',
    SpanAttributes: {},
    year: 1970,
  };
  expect(rows).toEqual([
    { ...plain, SpanName: 'bare' },
    { ...plain, SpanName: 'end of time', year: 2262 },
    { ...plain, SpanName: 'ends early' },
    { ...plain, SpanName: 'far kinds', SpanKind: '', StatusCode: '' },
    { ...plain, SpanName: 'negative kinds', SpanKind: '', StatusCode: '' },
    { ...plain, SpanName: 'twice', SpanAttributes: { other: 'o', k: '2' } },
    { ...plain, SpanName: 'zero ids' },
  ]);
});

test('numbers of every length and texts of every size of length come out of their bytes exactly', async () => {
  const around = (power: number): bigint[] => [-1n, 0n, 1n].map((near) => (1n << BigInt(power)) + near);
  const integers = [7, 8, 14, 21, 28, 32, 35, 42, 49, 55, 56, 57, 62].flatMap(around).flatMap((n) => [n, -n]);
  const texts = [1, 126, 127, 128, 16_383, 16_384, 2_097_151, 2_097_152].map((length) => 'é'.padEnd(length - 1, 'x'));
  const attributes = attributeList({
    ...Object.fromEntries(integers.map((n) => [`int ${n}`, { int: String(n) }])),
    ...Object.fromEntries(texts.map((text) => [`text ${Buffer.byteLength(text)}`, text])),
  });
  const body = encodeRequest('traces', {
    resource_spans: [
      {
        scope_spans: [
          { spans: [{ name: 'exact', trace_id: id(1, 16), span_id: id(1, 8), attributes }], scope: { name: 'exact' } },
        ],
      },
    ],
  });
  expect(scanRequest('traces', body)).toMatchObject({ status: 'ok', items: 1 });
  await stage.journal.append('traces', body, { items: 1, self: false });
  await stage.settle();
  const [row] = await selectRows(clickhouse, "SELECT SpanAttributes FROM otel_traces WHERE ScopeName = 'exact'");
  expect(row).toEqual({
    SpanAttributes: {
      ...Object.fromEntries(integers.map((n) => [`int ${n}`, String(n)])),
      ...Object.fromEntries(texts.map((text) => [`text ${Buffer.byteLength(text)}`, text])),
    },
  });
});
