import { type Attributes, type HrTime, ValueType } from '@opentelemetry/api';
import { ProtobufMetricsSerializer } from '@opentelemetry/otlp-transformer';
import type { Resource } from '@opentelemetry/resources';
import { AggregationTemporality, DataPointType, type DataPoint, type MetricData } from '@opentelemetry/sdk-metrics';
import type { PhaseName } from '../phases.ts';
import type { ProbeRun } from '../probe-run.ts';
import { SCOPE } from './scope.ts';
import type { MonitorList } from './sink.ts';
import { toHrTime } from './time.ts';

/** What becomes data points: results of runs and lists of monitors. */
export interface MetricSources {
  readonly runs: readonly ProbeRun[];
  readonly lists: readonly MonitorList[];
}

const UNITS = {
  'tocsin.probe.up': '1',
  'tocsin.probe.runs': '{run}',
  'tocsin.probe.duration': 's',
  'tocsin.probe.lateness': 's',
  'tocsin.probe.tls.not_after': 's',
  'tocsin.monitor.interval': 's',
} as const;
type MetricName = keyof typeof UNITS;
type Points = Map<MetricName, DataPoint<number>[]>;

/** Results as the body of an OTLP `ExportMetricsServiceRequest`; points are stamped with the end of their run. */
export function encodeMetrics({ runs, lists }: MetricSources, resource: Resource): Uint8Array {
  const points: Points = new Map();
  for (const run of runs) addRun(points, run);
  for (const list of lists) addMonitors(points, list);
  const metrics = [...points].map(([name, dataPoints]) => toMetric(name, dataPoints));
  return (
    ProtobufMetricsSerializer.serializeRequest({ resource, scopeMetrics: [{ scope: SCOPE, metrics }] }) ??
    new Uint8Array()
  );
}

function addRun(points: Points, run: ProbeRun): void {
  const startTime = toHrTime(run.startUnixMs);
  const endTime = toHrTime(run.startUnixMs + run.durationMs);
  const monitor = { 'tocsin.monitor.name': run.monitor, 'tocsin.monitor.kind': run.kind };
  const add = (name: MetricName, value: number, further: Attributes = {}): void =>
    addPoint(points, name, { startTime, endTime, value, attributes: { ...monitor, ...further } });
  const { outcome, reason } = run.verdict;
  if (outcome !== 'unknown') add('tocsin.probe.up', outcome === 'down' ? 0 : 1);
  add('tocsin.probe.runs', 1, { 'tocsin.probe.outcome': outcome, 'tocsin.probe.reason': reason });
  add('tocsin.probe.duration', run.durationMs / 1_000, { 'tocsin.probe.phase': 'total' });
  for (const [phase, durationMs] of sumPhases(run)) {
    add('tocsin.probe.duration', durationMs / 1_000, { 'tocsin.probe.phase': phase });
  }
  add('tocsin.probe.lateness', run.latenessMs / 1_000);
  if (run.tlsNotAfterUnixS !== undefined) add('tocsin.probe.tls.not_after', run.tlsNotAfterUnixS);
}

/** The time of each phase over all redirects, so that the phases of a run add up to about its total. */
function sumPhases(run: ProbeRun): Map<PhaseName, number> {
  const sums = new Map<PhaseName, number>();
  for (const { name, durationMs } of run.phases) sums.set(name, (sums.get(name) ?? 0) + durationMs);
  return sums;
}

function addMonitors(points: Points, list: MonitorList): void {
  const time: HrTime = toHrTime(list.unixMs);
  for (const { name, kind, target, intervalS } of list.monitors) {
    const attributes = { 'tocsin.monitor.name': name, 'tocsin.monitor.kind': kind, 'tocsin.monitor.target': target };
    addPoint(points, 'tocsin.monitor.interval', { startTime: time, endTime: time, value: intervalS, attributes });
  }
}

function addPoint(points: Points, name: MetricName, point: DataPoint<number>): void {
  const list = points.get(name);
  if (list) list.push(point);
  else points.set(name, [point]);
}

function toMetric(name: MetricName, dataPoints: DataPoint<number>[]): MetricData {
  const descriptor = { name, description: '', unit: UNITS[name], valueType: ValueType.DOUBLE };
  const aggregationTemporality = AggregationTemporality.DELTA;
  if (name === 'tocsin.probe.runs') {
    const valueType = ValueType.INT;
    const type = { dataPointType: DataPointType.SUM, isMonotonic: true } as const;
    return { ...type, descriptor: { ...descriptor, valueType }, aggregationTemporality, dataPoints };
  }
  return { dataPointType: DataPointType.GAUGE, descriptor, aggregationTemporality, dataPoints };
}
