import { metrics } from '@opentelemetry/api';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readRestarts, restartsEnv } from '../../src/run/restarts.ts';
import { type MeasuredProcess, measureProcess } from '../../src/telemetry/process-metrics.ts';
import { observeReloads } from '../../src/telemetry/reload-metrics.ts';

const GIB = 2 ** 30;
let exporter: InMemoryMetricExporter;
let provider: MeterProvider;

beforeEach(() => {
  metrics.disable();
  exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  provider = new MeterProvider({ readers: [new PeriodicExportingMetricReader({ exporter })] });
  metrics.setGlobalMeterProvider(provider);
});
afterEach(async () => {
  metrics.disable();
  await provider.shutdown();
});

async function collect(): Promise<Record<string, number>> {
  await provider.forceFlush();
  const shown = exporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics));
  return Object.fromEntries(shown.map(({ descriptor, dataPoints }) => [descriptor.name, Number(dataPoints[0]?.value)]));
}

const host = (limitBytes: number): MeasuredProcess => ({
  memoryUsage: Object.assign(() => process.memoryUsage(), { rss: () => 100 }),
  cpuUsage: () => ({ user: 0, system: 0 }),
  uptime: () => 5,
  availableMemory: () => 2 * GIB,
  constrainedMemory: () => limitBytes,
});

test.each([
  ['of its control group', 4 * GIB, 4 * GIB],
  ['of the machine where the group has none', 0, 8 * GIB],
  ['of the machine where that of the group is no number of bytes', 2 ** 63, 8 * GIB],
])('a process says how much memory there is: the limit %s', async (_, limitBytes, shown) => {
  const end = measureProcess(host(limitBytes), { machineMemoryBytes: 8 * GIB, restarts: undefined });
  const found = await collect();
  end();
  expect(found).toMatchObject({
    'process.memory.usage': 100,
    'tocsin.process.memory.limit': shown,
    'tocsin.process.memory.available': 2 * GIB,
  });
  expect(found).not.toHaveProperty(['tocsin.process.restarts']);
});

test('what the launcher says of restarts goes through the environment into metrics', async () => {
  expect(readRestarts({})).toBeUndefined();
  expect(readRestarts(restartsEnv({ count: 0, lastEndMs: undefined }))).toEqual({ count: 0, lastEndMs: undefined });
  const restarts = readRestarts(restartsEnv({ count: 2, lastEndMs: 1_795_000_000_500 }));
  const end = measureProcess(host(0), { machineMemoryBytes: GIB, restarts });
  const found = await collect();
  end();
  expect(found).toMatchObject({
    'tocsin.process.restarts': 2,
    'tocsin.process.last_unexpected_end': 1_795_000_000.5,
  });
});

test('a process says whether its configuration could be read, and when the one it uses was', async () => {
  observeReloads(() => ({ successful: false, succeededAtMs: 1_795_000_000_000 }));
  expect(await collect()).toEqual({
    'tocsin.config.last_reload.successful': 0,
    'tocsin.config.last_reload.success_time': 1_795_000_000,
  });
});
