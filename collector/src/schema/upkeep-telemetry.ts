import { metrics } from '@opentelemetry/api';
import type { DiskState, Partition } from './disk/decide-drop.ts';
import type { TableRetention } from './retention.ts';

/** What the upkeep tells about itself. */
export interface UpkeepTelemetry {
  retention(report: readonly TableRetention[]): void;
  disk(state: DiskState): void;
  /** @param atMs milliseconds since the epoch */
  dropped(partition: Partition, atMs: number): void;
  /** Takes the gauges away. */
  stop(): void;
}

/** Makes the upkeep's instruments on the meter `tocsin.collector`. */
export function createUpkeepTelemetry(): UpkeepTelemetry {
  const meter = metrics.getMeter('tocsin.collector');
  const droppedPartitions = meter.createCounter('tocsin.collector.disk.dropped_partitions', {
    unit: '{partition}',
    description: 'Partitions that went because the disk of ClickHouse was nearly full',
  });
  const droppedBytes = meter.createCounter('tocsin.collector.disk.dropped', { unit: 'By' });
  const lastDropS = meter.createObservableGauge('tocsin.collector.disk.last_drop', {
    unit: 's',
    description: 'Unix time at which the last partition of a table went under disk pressure',
  });
  const freeBytes = meter.createObservableGauge('tocsin.collector.disk.free', { unit: 'By' });
  const totalBytes = meter.createObservableGauge('tocsin.collector.disk.total', { unit: 'By' });
  const inForceS = meter.createObservableGauge('tocsin.collector.retention.in_force', {
    unit: 's',
    description: 'How long ClickHouse keeps a table, as system.tables says; 0 is for ever',
  });
  const isApplied = meter.createObservableGauge('tocsin.collector.retention.applied', {
    unit: '1',
    description: '1 when a table is kept as configured, 0 when not',
  });

  let report: readonly TableRetention[] = [];
  let state: DiskState | undefined;
  const lastDrops = new Map<string, { readonly partition: string; readonly atMs: number }>();
  const observed = [lastDropS, freeBytes, totalBytes, inForceS, isApplied];
  const observe: Parameters<typeof meter.addBatchObservableCallback>[0] = (result) => {
    for (const [table, { partition, atMs }] of lastDrops) result.observe(lastDropS, atMs / 1_000, { table, partition });
    if (state) {
      result.observe(freeBytes, state.freeBytes, { disk: state.disk });
      result.observe(totalBytes, state.totalBytes, { disk: state.disk });
    }
    for (const { table, inForceS: seconds, isApplied: applied } of report) {
      if (seconds !== undefined) result.observe(inForceS, seconds, { table });
      result.observe(isApplied, applied ? 1 : 0, { table });
    }
  };
  meter.addBatchObservableCallback(observe, observed);
  return {
    retention: (next) => void (report = next),
    disk: (next) => void (state = next),
    dropped({ table, partition, bytes }, atMs) {
      droppedPartitions.add(1, { table, partition });
      droppedBytes.add(bytes, { table });
      lastDrops.set(table, { partition, atMs });
    },
    stop: () => meter.removeBatchObservableCallback(observe, observed),
  };
}
