import { OTLPLogExporter as GrpcLogExporter } from '@opentelemetry/exporter-logs-otlp-grpc';
import { OTLPLogExporter as ProtoLogExporter } from '@opentelemetry/exporter-logs-otlp-proto';
import { OTLPMetricExporter as GrpcMetricExporter } from '@opentelemetry/exporter-metrics-otlp-grpc';
import { OTLPMetricExporter as ProtoMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto';
import { OTLPTraceExporter as GrpcTraceExporter } from '@opentelemetry/exporter-trace-otlp-grpc';
import { OTLPTraceExporter as JsonTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtoTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import {
  ProtobufLogsSerializer,
  ProtobufMetricsSerializer,
  ProtobufTraceSerializer,
} from '@opentelemetry/otlp-transformer';
import { describe, expect, onTestFinished, test } from 'vitest';
import { decodeRequest } from '../otlp/oracle.ts';
import { rewrite } from '../otlp/scan-and-rewrite.ts';
import { makeComplexSpans, makeLogs, makeMetrics, makeSpans } from '../otlp/sdk-payloads.ts';
import { startIntake } from './intake.ts';

/** An exporter of the SDK, of any signal. */
interface Exporter<Items> {
  export(items: Items, done: (result: { code: number; error?: Error }) => void): void;
  shutdown(): Promise<void>;
}

/** The exporters take the word, their types the name of an enum that they do not export. */
const GZIP = 'gzip' as never;

/** Sends with a real exporter and fails when it reports a failure. */
async function send<Items>(exporter: Exporter<Items>, items: Items): Promise<void> {
  onTestFinished(() => exporter.shutdown());
  const result = await new Promise<{ code: number; error?: Error }>((resolve) => exporter.export(items, resolve));
  expect(result).toEqual({ code: 0 });
}

describe('spans arrive as the SDK serialises them', () => {
  const spans = [...makeSpans()];
  const body = Buffer.from(ProtobufTraceSerializer.serializeRequest(spans)!);

  test('over HTTP as protobuf, plain and with gzip', async () => {
    const { http, journal } = await startIntake();
    await send(new ProtoTraceExporter({ url: `${http}/v1/traces` }), spans);
    await send(new ProtoTraceExporter({ url: `${http}/v1/traces`, compression: GZIP }), spans);
    expect(journal.entries.map((entry) => entry.body)).toEqual([body, body]);
    expect(journal.entries[0]?.summary).toEqual({ items: 2, self: false });
  });

  test('over HTTP as JSON: the same content', async () => {
    const { http, journal } = await startIntake();
    await send(new JsonTraceExporter({ url: `${http}/v1/traces`, headers: { 'x-tocsin-self': 'shop' } }), spans);
    expect(journal.entries[0]?.summary).toEqual({ items: 2, self: true });
    const [fromJson, fromProtobuf] = [journal.entries[0]!.body, body].map((bytes) => decodeRequest('traces', bytes));
    // The SDK's JSON writes zeros that its protobuf leaves out.
    expect(fromJson).toMatchObject(fromProtobuf!);
  });

  test('over gRPC, plain and with gzip', async () => {
    const { grpc, journal } = await startIntake();
    await send(new GrpcTraceExporter({ url: grpc }), spans);
    await send(new GrpcTraceExporter({ url: grpc, compression: GZIP }), spans);
    expect(journal.entries.map((entry) => entry.body)).toEqual([body, body]);
  });

  test('array attributes arrive as text by each way', async () => {
    const { http, grpc, journal } = await startIntake();
    const complex = [...makeComplexSpans()];
    await send(new ProtoTraceExporter({ url: `${http}/v1/traces` }), complex);
    await send(new GrpcTraceExporter({ url: grpc }), complex);
    await send(new JsonTraceExporter({ url: `${http}/v1/traces` }), complex);
    const contents = journal.entries.map((entry) => decodeRequest('traces', entry.body));
    for (const content of contents)
      expect(content).toHaveProperty('resourceSpans[0].scopeSpans[0].spans[0].attributes', [
        { key: 'tags', value: { stringValue: '["a","ü"]' } },
        { key: 'sizes', value: { stringValue: '[1,2.5]' } },
      ]);
  });
});

describe('the other signals', () => {
  test('log records, by protobuf and gRPC', async () => {
    const { http, grpc, journal } = await startIntake();
    const logs = [...makeLogs()];
    await send(new ProtoLogExporter({ url: `${http}/v1/logs` }), logs);
    await send(new GrpcLogExporter({ url: grpc }), logs);
    const expected = rewrite('logs', ProtobufLogsSerializer.serializeRequest(logs)!);
    expect(journal.entries.map(({ body, summary }) => [body.equals(expected), summary.items])).toEqual([
      [true, 3],
      [true, 3],
    ]);
  });

  test('metrics, by protobuf and gRPC', async () => {
    const { http, grpc, journal } = await startIntake();
    const metrics = await makeMetrics();
    await send(new ProtoMetricExporter({ url: `${http}/v1/metrics` }), metrics);
    await send(new GrpcMetricExporter({ url: grpc }), metrics);
    const expected = Buffer.from(ProtobufMetricsSerializer.serializeRequest(metrics)!);
    expect(journal.entries.map(({ body, summary }) => [body.equals(expected), summary.items])).toEqual([
      [true, 5],
      [true, 5],
    ]);
  });
});

describe('refusals as the SDK sees them', () => {
  // The gRPC exporter of JavaScript does not try again; the HTTP ones do.
  test('a full journal is retried until it has room', async () => {
    const { http, journal } = await startIntake();
    let refusals = 1;
    journal.respond = () =>
      Promise.resolve(
        refusals-- > 0 ? { status: 'full', reason: 'journal_full', retryAfterMs: 1_000 } : { status: 'stored' },
      );
    await send(new ProtoTraceExporter({ url: `${http}/v1/traces` }), [...makeSpans()]);
    expect(journal.entries).toHaveLength(1);
  });
});
