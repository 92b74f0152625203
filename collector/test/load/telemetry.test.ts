import { metrics, trace } from '@opentelemetry/api';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SegmentRequest } from '../../src/journal/segment.ts';
import { createLoadTelemetry } from '../../src/load/telemetry.ts';
import { openTestJournal, temporaryDirectory, body } from '../journal/requests.ts';

const spans = new InMemorySpanExporter();
const points = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
const reader = new PeriodicExportingMetricReader({ exporter: points, exportIntervalMillis: 3_600_000 });
const meterProvider = new MeterProvider({ readers: [reader] });

beforeAll(() => {
  trace.setGlobalTracerProvider(new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter: spans })] }));
  metrics.setGlobalMeterProvider(meterProvider);
});

afterAll(async () => {
  await meterProvider.shutdown();
  trace.disable();
  metrics.disable();
});

const segment = { name: 'n', signal: 'traces', path: 'p', sizeBytes: 100, createdAtMs: 0 } as const;
const request = (self: boolean): SegmentRequest => ({ offset: 0, bodyOffset: 24, bodyBytes: 1, items: 5, self });

test('a segment makes a span unless all of it is our own telemetry, and always counts', async () => {
  const journal = await openTestJournal(await temporaryDirectory(), { now: () => 10_000 });
  await journal.append('logs', body('waiting'), { items: 1, self: false });
  const deadLetters = { stats: () => ({ count: 3, bytes: 40, maxBytes: 100, isFull: true }) };
  const parts = () => [{ table: 'otel_logs', parts: 9, mostInPartition: 7 }];
  const telemetry = createLoadTelemetry({ journal, deadLetters, parts, now: () => 12_000 });
  const times = { startedAtMs: 10_000, endedAtMs: 10_500, retries: 2, deadLetters: 0 };
  telemetry.loaded({ segment, requests: [request(true), request(true)], ...times });
  expect(spans.getFinishedSpans()).toEqual([]);
  telemetry.loaded({ segment, requests: [request(true), request(false)], ...times });
  expect(spans.getFinishedSpans()).toMatchObject([
    {
      name: 'load traces',
      attributes: { 'tocsin.segment.items': 10, 'tocsin.load.retries': 2 },
      duration: [0, 500_000_000],
    },
  ]);
  telemetry.retried('traces', 'unreachable', 5);
  telemetry.split('traces', 'timeout', 6);
  telemetry.deadLettered('traces', 'refused', 7);
  await reader.forceFlush();
  const values = Object.fromEntries(
    points
      .getMetrics()
      .flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics))
      .map(({ descriptor, dataPoints }) => [descriptor.name, dataPoints.map(({ value }) => value)]),
  );
  expect(values).toMatchObject({
    'tocsin.collector.loaded.items': [20],
    'tocsin.collector.loaded.segments': [2],
    'tocsin.collector.load.retries': [1],
    'tocsin.collector.load.retried.items': [5],
    'tocsin.collector.load.splits': [1],
    'tocsin.collector.load.split.items': [6],
    'tocsin.collector.dead_letters.items': [7],
    'tocsin.collector.dead_letters.kept': [3],
    'tocsin.collector.dead_letters.size': [40],
    'tocsin.collector.dead_letters.limit': [100],
    'tocsin.collector.dead_letters.full': [1],
    'tocsin.collector.table.parts': [9],
    'tocsin.collector.table.partition_parts': [7],
    'tocsin.collector.load.lag': [10.5],
    'tocsin.collector.journal.limit': [2 ** 20],
    'tocsin.collector.journal.delay': [0],
    'tocsin.collector.journal.disk.low_water': [0],
    'tocsin.collector.journal.disk.free': [expect.any(Number)],
    'tocsin.collector.dead_letters': [1],
    'tocsin.collector.journal.size': [journal.stats().bytes],
    'tocsin.collector.journal.segments': [1],
    'tocsin.collector.journal.oldest_age': [2],
    'tocsin.collector.load.duration': [{ count: 2, sum: 1 }],
  });
  telemetry.stop();
});
