import {
  ProtobufLogsSerializer,
  ProtobufMetricsSerializer,
  ProtobufTraceSerializer,
} from '@opentelemetry/otlp-transformer';
import { startTestClickHouse, type TestClickHouse } from '@tocsin/deploy/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Signal } from '../../src/signal.ts';
import { makeLogs, makeMetrics, makeSpans } from '../otlp/sdk-payloads.ts';
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

async function load(signal: Signal, body: Uint8Array | undefined): Promise<void> {
  await stage.journal.append(signal, body!, { items: 1, self: false });
  await stage.settle();
}

test('spans of the real SDK arrive as they were made', async () => {
  const spans = makeSpans();
  await load('traces', ProtobufTraceSerializer.serializeRequest([...spans]));
  const rows = await selectRows(clickhouse, 'SELECT * FROM otel_traces ORDER BY SpanName');
  const [server, child] = [
    spans.find(({ name }) => name.startsWith('GET'))!,
    spans.find(({ name }) => name === 'SELECT')!,
  ];
  expect(rows).toMatchObject([
    {
      SpanName: 'GET /basket/:id',
      TraceId: server.spanContext().traceId,
      SpanId: server.spanContext().spanId,
      ParentSpanId: '',
      SpanKind: 'Server',
      ServiceName: 'shop',
      ResourceAttributes: { 'service.name': 'shop', 'service.version': '1.2.3', 'host.cpus': '4' },
      SpanAttributes: {
        'http.route': '/basket/:id',
        'http.response.status_code': '500',
        load: '0.25',
        cached: 'false',
      },
      Duration: String(BigInt(server.duration[0]) * 1_000_000_000n + BigInt(server.duration[1])),
      StatusCode: 'Error',
      StatusMessage: 'no basket',
      'Events.Name': ['exception'],
      'Events.Attributes': [{ 'exception.message': 'Schlüssel fehlt 🔑' }],
      'Links.TraceId': ['0af7651916cd43dd8448eb211c80319c'],
      'Links.SpanId': ['b7ad6b7169203331'],
    },
    {
      SpanName: 'SELECT',
      ParentSpanId: server.spanContext().spanId,
      SpanId: child.spanContext().spanId,
      SpanKind: 'Client',
    },
  ]);
});

test('metrics of the real SDK arrive in the tables of their kinds', async () => {
  await load('metrics', ProtobufMetricsSerializer.serializeRequest(await makeMetrics()));
  const rows = (kind: string): Promise<readonly Record<string, unknown>[]> =>
    selectRows(clickhouse, `SELECT * FROM otel_metrics_${kind} ORDER BY MetricName`);
  expect(await rows('sum')).toMatchObject([
    { MetricName: 'baskets', Value: -2, IsMonotonic: false, AggregationTemporality: 2 },
    { MetricName: 'orders', Value: 3, IsMonotonic: true, Attributes: { 'payment.method': 'card' } },
  ]);
  expect(await rows('gauge')).toMatchObject([{ MetricName: 'temperature', Value: -1.5, MetricUnit: 'Cel' }]);
  expect(await rows('histogram')).toMatchObject([
    { MetricName: 'latency', Count: '1', Sum: 0.07, Min: 0.07, Max: 0.07 },
  ]);
  expect(await rows('exponential_histogram')).toMatchObject([
    { MetricName: 'sizes', Count: '4', Sum: 1003, Min: 0, Max: 1000, ZeroCount: '1' },
  ]);
});

test('log records of the real SDK arrive with text bodies', async () => {
  const [first] = makeLogs();
  await load('logs', ProtobufLogsSerializer.serializeRequest([first!]));
  expect(await selectRows(clickhouse, 'SELECT * FROM otel_logs')).toMatchObject([
    {
      Body: 'basket opened',
      SeverityText: 'INFO',
      SeverityNumber: 9,
      LogAttributes: { user: 'u1' },
      ServiceName: 'shop',
    },
  ]);
});
