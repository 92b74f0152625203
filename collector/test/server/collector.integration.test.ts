import { OTLPTraceExporter as GrpcTraceExporter } from '@opentelemetry/exporter-trace-otlp-grpc';
import { OTLPTraceExporter as JsonTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtoTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { startTestClickHouse } from '@tocsin/deploy/testing';
import { expect, onTestFinished, test } from 'vitest';
import { makeComplexSpans, makeSpans } from '../otlp/sdk-payloads.ts';
import { makeDataDir, startCollector } from './running-collector.ts';

test('spans sent by each exporter of the SDK are rows in ClickHouse', async () => {
  const clickhouse = await startTestClickHouse();
  onTestFinished(async () => void (await clickhouse.stop()));
  const { http, grpc } = await startCollector(await makeDataDir(), clickhouse.url);
  const exporters = [
    new ProtoTraceExporter({ url: `${http}/v1/traces` }),
    new JsonTraceExporter({ url: `${http}/v1/traces` }),
    new GrpcTraceExporter({ url: grpc }),
  ];
  for (const exporter of exporters) {
    onTestFinished(() => exporter.shutdown());
    const spans = [...makeSpans(), ...makeComplexSpans()];
    const result = await new Promise((resolve) => exporter.export(spans, resolve));
    expect(result).toEqual({ code: 0 });
  }
  const client = clickhouse.client();
  const query = async (): Promise<unknown> => {
    const answer = await client.query({
      query: `SELECT SpanName AS name, SpanKind AS kind, StatusCode AS status, ServiceName AS service,
                SpanAttributes['tags'] AS tags, Events.Attributes[1]['exception.message'] AS message, toUInt32(count()) AS rows
              FROM otel_traces GROUP BY ALL ORDER BY name`,
      format: 'JSONEachRow',
    });
    return answer.json();
  };
  const count = async (): Promise<unknown> => {
    const query = `SELECT toUInt32(sum(total_rows)) AS rows FROM system.tables WHERE database = 'otel' AND name = 'otel_traces'`;
    return (await client.query({ query, format: 'JSONEachRow' })).json();
  };
  await expect.poll(count, { timeout: 20_000, interval: 200 }).toEqual([{ rows: 9 }]);
  const plain = { kind: 'Internal', status: 'Unset', service: 'shop', tags: '', message: '', rows: 3 };
  expect(await query()).toEqual([
    { ...plain, name: 'GET /basket/:id', kind: 'Server', status: 'Error', message: 'Schlüssel fehlt 🔑' },
    { ...plain, name: 'SELECT', kind: 'Client' },
    { ...plain, name: 'list', tags: '["a","ü"]' },
  ]);
});
