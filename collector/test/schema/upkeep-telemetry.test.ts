import { readFile } from 'node:fs/promises';
import { metrics } from '@opentelemetry/api';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createUpkeepTelemetry } from '../../src/schema/upkeep-telemetry.ts';

const points = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
const reader = new PeriodicExportingMetricReader({ exporter: points, exportIntervalMillis: 3_600_000 });
const meterProvider = new MeterProvider({ readers: [reader] });
beforeAll(() => void metrics.setGlobalMeterProvider(meterProvider));
afterAll(async () => {
  await meterProvider.shutdown();
  metrics.disable();
});

test('what is dropped, what is free and what is kept are metrics of the names that the shipped rules ask for', async () => {
  const telemetry = createUpkeepTelemetry();
  const partition = (day: string) => ({ table: 'otel_logs', partition: day, id: day, bytes: 50 });
  telemetry.dropped(partition('2026-11-19'), 1_000_000);
  telemetry.dropped(partition('2026-11-20'), 2_000_000);
  telemetry.disk({ disk: 'default', freeBytes: 5, totalBytes: 10, pendingBytes: 0, partitions: [] });
  telemetry.retention([
    { table: 'otel_logs', wantedS: 60, inForceS: 60, isApplied: true, hasChanged: true },
    { table: 'otel_traces', wantedS: 60, inForceS: undefined, isApplied: false, hasChanged: false },
  ]);
  await meterProvider.forceFlush();
  const found = points
    .getMetrics()
    .flatMap(({ scopeMetrics }) =>
      scopeMetrics.flatMap((scope) =>
        scope.metrics.flatMap(({ descriptor, dataPoints }) =>
          dataPoints.map(({ value, attributes }) => [descriptor.name, value, attributes]),
        ),
      ),
    );
  const name = (rest: string): string => `tocsin.collector.${rest}`;
  expect(found).toEqual(
    expect.arrayContaining([
      [name('disk.dropped_partitions'), 1, { table: 'otel_logs', partition: '2026-11-19' }],
      [name('disk.dropped_partitions'), 1, { table: 'otel_logs', partition: '2026-11-20' }],
      [name('disk.dropped'), 100, { table: 'otel_logs' }],
      [name('disk.last_drop'), 2_000, { table: 'otel_logs', partition: '2026-11-20' }],
      [name('disk.free'), 5, { disk: 'default' }],
      [name('disk.total'), 10, { disk: 'default' }],
      [name('retention.in_force'), 60, { table: 'otel_logs' }],
      [name('retention.applied'), 1, { table: 'otel_logs' }],
      [name('retention.applied'), 0, { table: 'otel_traces' }],
    ]),
  );
  expect(found).toHaveLength(9);
  const rules = await readFile(new URL('../../../alerting/rules/shipped.yaml', import.meta.url), 'utf8');
  const asked = [...rules.matchAll(/'(tocsin\.collector\.(?:disk|retention)\.[a-z_]+)'/g)].map(([, metric]) => metric);
  expect(new Set(asked).size).toBe(4);
  expect(found.map(([metric]) => metric)).toEqual(expect.arrayContaining(asked));
  telemetry.stop();
});
