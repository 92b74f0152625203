import type { AttributeMap } from '../attributes.ts';
import type { ProbeRun } from '../probe-run.ts';
import type { ProtoWriter } from './proto-writer.ts';
import type { StatePoint } from '../state/monitor-states.ts';
import type { MonitorList } from './sink.ts';
import type { Telling } from './telling-order.ts';

const UNITS = {
  'tocsin.probe.up': '1',
  'tocsin.probe.runs': '{run}',
  'tocsin.probe.duration': 's',
  'tocsin.probe.lateness': 's',
  'tocsin.probe.domain.not_after': 's',
  'tocsin.probe.icmp.loss': '1',
  'tocsin.probe.icmp.rtt': 's',
  'tocsin.probe.icmp.jitter': 's',
  'tocsin.probe.tls.not_after': 's',
  'tocsin.probe.tls.earliest_not_after': 's',
  'tocsin.probe.tls.verified_not_after': 's',
  'tocsin.monitor.interval': 's',
  'tocsin.monitor.up': '1',
  'tocsin.checker.blind': '1',
} as const;
type MetricName = keyof typeof UNITS;

/** `AGGREGATION_TEMPORALITY_DELTA` of opentelemetry-proto 1.x. */
const DELTA = 1;

interface Point {
  readonly startUnixMs: number;
  readonly unixMs: number;
  readonly value: number;
  readonly attributes: AttributeMap;
}

const KIND_GAUGES = [
  'tocsin.probe.tls.earliest_not_after',
  'tocsin.probe.tls.verified_not_after',
  'tocsin.probe.domain.not_after',
  'tocsin.probe.icmp.loss',
  'tocsin.probe.icmp.rtt',
  'tocsin.probe.icmp.jitter',
] as const;

/** A run as the `metrics` of a `ScopeMetrics`; points are stamped with its end. */
export function encodePoints(writer: ProtoWriter, run: ProbeRun): Buffer {
  const { startUnixMs, marks, verdict, monitor, kind } = run;
  const unixMs = startUnixMs + run.durationMs;
  const base = { 'tocsin.monitor.name': monitor, 'tocsin.monitor.kind': kind };
  const judged = {
    ...base,
    ...(marks?.isInMaintenance === true ? { 'tocsin.probe.maintenance': true } : {}),
    ...(marks?.isExcluded === true ? { 'tocsin.probe.excluded': true } : {}),
  };
  const point = (value: number, attributes: AttributeMap): Point => ({ startUnixMs, unixMs, value, attributes });
  const { outcome, reason } = verdict;
  if (outcome !== 'unknown') writeGauge(writer, 'tocsin.probe.up', [point(outcome === 'down' ? 0 : 1, judged)]);
  writeRuns(writer, point(1, { ...judged, 'tocsin.probe.outcome': outcome, 'tocsin.probe.reason': reason }));
  const durations = [point(run.durationMs / 1_000, { ...base, 'tocsin.probe.phase': 'total' })];
  for (const [phase, durationMs] of sumPhases(run))
    durations.push(point(durationMs / 1_000, { ...base, 'tocsin.probe.phase': phase }));
  writeGauge(writer, 'tocsin.probe.duration', durations);
  writeGauge(writer, 'tocsin.probe.lateness', [point(run.latenessMs / 1_000, base)]);
  if (run.tlsNotAfterUnixS !== undefined)
    writeGauge(writer, 'tocsin.probe.tls.not_after', [point(run.tlsNotAfterUnixS, base)]);
  for (const name of KIND_GAUGES) {
    const value = run.gauges?.[name];
    if (value !== undefined) writeGauge(writer, name, [point(value, base)]);
  }
  return writer.take();
}

/** The time of each phase over all redirects, so that the phases of a run add up to about its total. */
function sumPhases(run: ProbeRun): Map<string, number> {
  const sums = new Map<string, number>();
  for (const { name, durationMs } of run.phases) sums.set(name, (sums.get(name) ?? 0) + durationMs);
  return sums;
}

/** The list of monitors and their states, all with one timestamp: what is missing in it is not watched any more. */
export function encodeList(writer: ProtoWriter, { telling, monitors, states, isBlind }: MonitorList): Buffer {
  const at = timesOf(telling);
  writeGauge(writer, 'tocsin.checker.blind', [{ ...at, value: isBlind ? 1 : 0, attributes: {} }]);
  const intervals = monitors.map(({ name, kind, target, intervalS }): Point => {
    const attributes = { 'tocsin.monitor.name': name, 'tocsin.monitor.kind': kind, 'tocsin.monitor.target': target };
    return { ...at, value: intervalS, attributes };
  });
  if (intervals.length > 0) writeGauge(writer, 'tocsin.monitor.interval', intervals);
  writeStates(writer, states, telling);
  return writer.take();
}

/** States that have just changed. */
export function encodeStates(writer: ProtoWriter, states: readonly StatePoint[], telling: Telling): Buffer {
  writeStates(writer, states, telling);
  return writer.take();
}

/** A gauge has no use for a start time, so it carries the order. Source: opentelemetry-proto 1.x, `NumberDataPoint.start_time_unix_nano` ("optional"). */
function timesOf({ unixMs, orderMs }: Telling): Pick<Point, 'startUnixMs' | 'unixMs'> {
  return { startUnixMs: orderMs, unixMs };
}

function writeStates(writer: ProtoWriter, states: readonly StatePoint[], telling: Telling): void {
  const at = timesOf(telling);
  const points = states.map(({ name, kind, isUp, state, mutedBy, suppressedBy }): Point => {
    const attributes = {
      'tocsin.monitor.name': name,
      'tocsin.monitor.kind': kind,
      'tocsin.monitor.state': state,
      ...(mutedBy === undefined ? {} : { 'tocsin.monitor.muted_by': mutedBy }),
      ...(suppressedBy === undefined ? {} : { 'tocsin.monitor.suppressed_by': suppressedBy }),
    };
    return { ...at, value: isUp ? 1 : 0, attributes };
  });
  if (points.length > 0) writeGauge(writer, 'tocsin.monitor.up', points);
}

function writeGauge(writer: ProtoWriter, name: MetricName, points: readonly Point[]): void {
  const metric = writer.begin(2);
  writer.text(1, name);
  writer.text(3, UNITS[name]);
  const gauge = writer.begin(5);
  for (const point of points) writePoint(writer, point, () => writer.double(4, point.value));
  writer.end(gauge);
  writer.end(metric);
}

function writeRuns(writer: ProtoWriter, point: Point): void {
  const metric = writer.begin(2);
  writer.text(1, 'tocsin.probe.runs');
  writer.text(3, UNITS['tocsin.probe.runs']);
  const sum = writer.begin(7);
  writePoint(writer, point, () => writer.fixed64(6, BigInt(point.value)));
  writer.uint(2, DELTA);
  writer.uint(3, 1);
  writer.end(sum);
  writer.end(metric);
}

function writePoint(writer: ProtoWriter, point: Point, writeValue: () => void): void {
  const message = writer.begin(1);
  writer.time(2, point.startUnixMs);
  writer.time(3, point.unixMs);
  writeValue();
  writer.attributes(7, point.attributes);
  writer.end(message);
}
