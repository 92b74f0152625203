import { startTestClickHouse, type TestClickHouse } from '@tocsin/deploy/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { anyValue, attributeList, encodeRequest, id } from './otlp.ts';
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

async function load(records: readonly object[], scope = 'log'): Promise<void> {
  const body = encodeRequest('logs', {
    resource_logs: [
      {
        resource: { attributes: attributeList({ 'service.name': 'shop', 'k8s.pod.name': 'shop-1' }) },
        schema_url: 'https://example.com/resource',
        scope_logs: [
          {
            scope: { name: scope, version: '2', attributes: attributeList({ a: { int: '1' } }) },
            schema_url: 'https://example.com/scope',
            log_records: records,
          },
        ],
      },
    ],
  });
  await stage.journal.append('logs', body, { items: records.length, self: false });
  await stage.settle();
}

test('every column of a log record is stored with its exact value', async () => {
  await load([
    {
      time_unix_nano: '1763839440123456789',
      observed_time_unix_nano: '1763839440999999999',
      severity_number: 17,
      severity_text: 'Error',
      body: anyValue('no basket'),
      attributes: ATTRIBUTES,
      flags: 0x101,
      trace_id: id(0xab, 16),
      span_id: id(0x01, 8),
      event_name: 'checkout',
    },
  ]);
  const materialized = '`__otel_materialized_k8s.pod.name` AS pod, `__otel_materialized_k8s.node.name` AS node';
  expect(await selectRows(clickhouse, `SELECT *, TimestampTime, ${materialized} FROM otel_logs`)).toEqual([
    {
      Timestamp: '2025-11-22 19:24:00.123456789',
      TimestampTime: '2025-11-22 19:24:00',
      TraceId: 'ab'.repeat(16),
      SpanId: '0101010101010101',
      TraceFlags: 1,
      SeverityText: 'Error',
      SeverityNumber: 17,
      ServiceName: 'shop',
      Body: 'no basket',
      ResourceSchemaUrl: 'https://example.com/resource',
      ResourceAttributes: { 'service.name': 'shop', 'k8s.pod.name': 'shop-1' },
      ScopeSchemaUrl: 'https://example.com/scope',
      ScopeName: 'log',
      ScopeVersion: '2',
      ScopeAttributes: { a: '1' },
      LogAttributes: STORED,
      EventName: 'checkout',
      pod: 'shop-1',
      node: '',
    },
  ]);
});

test('a record without a time has the time at which it was observed, and bodies of every kind are text', async () => {
  const observed = { observed_time_unix_nano: '1763839440000000001' };
  await load(
    [
      { ...observed, event_name: '1 none' },
      { ...observed, event_name: '2 empty', body: anyValue('') },
      { ...observed, event_name: '3 bool', body: anyValue(false) },
      { ...observed, event_name: '4 int', body: anyValue({ int: '-9007199254740993' }) },
      { ...observed, event_name: '5 double', body: anyValue({ double: 0.25 }) },
      { event_name: '6 no time at all', severity_number: -1 },
    ],
    'bodies',
  );
  const rows = await selectRows(
    clickhouse,
    "SELECT EventName, Timestamp, Body, SeverityNumber FROM otel_logs WHERE ScopeName = 'bodies' ORDER BY EventName",
  );
  const Timestamp = '2025-11-22 19:24:00.000000001';
  expect(rows).toEqual([
    { EventName: '1 none', Timestamp, Body: '', SeverityNumber: 0 },
    { EventName: '2 empty', Timestamp, Body: '', SeverityNumber: 0 },
    { EventName: '3 bool', Timestamp, Body: 'false', SeverityNumber: 0 },
    { EventName: '4 int', Timestamp, Body: '-9007199254740993', SeverityNumber: 0 },
    { EventName: '5 double', Timestamp, Body: '0.25', SeverityNumber: 0 },
    { EventName: '6 no time at all', Timestamp: '1970-01-01 00:00:00.000000000', Body: '', SeverityNumber: 255 },
  ]);
});
