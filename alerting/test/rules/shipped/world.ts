import { readdir, readFile } from 'node:fs/promises';
import { type TestClickHouse } from '@tocsin/deploy/testing';
import { createClickHouse } from '@tocsin/service/clickhouse';
import { loadConfig, type TocsinConfig } from '@tocsin/service/config';

const MIGRATIONS = new URL('../../../../collector/src/schema/migrations/', import.meta.url);
const CHECKER = 'tocsin-checker';

type Row = Record<string, unknown>;
/** What a checker says at a moment, beside the list of monitors. */
export interface Told {
  readonly location?: string;
  readonly blind?: boolean;
  /** Which of several checkers that say they are there. */
  readonly instance?: string;
  readonly states?: Readonly<Record<string, Outcome | State>>;
  /** The time that stands for its order, where that is not the time itself: after the clock was set back. */
  readonly orderS?: number;
}

export interface State {
  readonly state: Outcome;
  readonly was?: Outcome;
  readonly mutedBy?: 'maintenance' | 'dependency';
}

export type Outcome = 'up' | 'degraded' | 'down' | 'unknown';

/** A configuration that leads to the test's ClickHouse. */
export async function configFor({ url, database }: Pick<TestClickHouse, 'url' | 'database'>): Promise<TocsinConfig> {
  const config = await loadConfig({ file: undefined, env: {}, workingDir: '/' });
  return { ...config, clickhouse: { ...config.clickhouse, url, database } };
}

/** Makes the database with the collector's own schema. */
export async function createSchema(clickhouse: Pick<TestClickHouse, 'url' | 'database' | 'client'>): Promise<void> {
  const config = await configFor(clickhouse);
  const anywhere = createClickHouse(
    { ...config, clickhouse: { ...config.clickhouse, database: 'default' } },
    { application: 'test', readonly: false },
  );
  await anywhere.command({ query: `CREATE DATABASE IF NOT EXISTS ${clickhouse.database}` });
  await anywhere.close();
  const client = clickhouse.client();
  for (const file of (await readdir(MIGRATIONS)).toSorted()) {
    const sql = await readFile(new URL(`./${file}`, MIGRATIONS), 'utf8');
    for (const statement of sql.split(/;\s*$/m).filter((part) => part.trim() !== ''))
      await client.command({ query: statement });
  }
}

/** What happened, in seconds before (negative) or after a moment; `write()` puts it into ClickHouse. */
export class World {
  readonly nowMs: number;
  #gauges: Row[] = [];
  #sums: Row[] = [];
  #spans: Row[] = [];
  #histograms: Row[] = [];
  #logs: Row[] = [];
  #services: Row[] = [];
  #ids = 0;

  constructor(nowMs: number) {
    this.nowMs = nowMs;
  }

  /** A checker says which monitors there are, with the seconds between their runs, what it knows of them, and whether it is blind. */
  list(atS: number, monitors: Readonly<Record<string, number>>, told: Told = {}): this {
    const { location = 'default', blind = false, states = {}, instance = 'one', orderS = atS } = told;
    const resource = { 'tocsin.location': location, 'service.instance.id': instance };
    const add = (metric: string, value: number, attributes: Row): void =>
      void this.#gauges.push({
        ...this.#point(metric, atS, value, attributes, location),
        StartTimeUnix: this.#time(orderS),
        ResourceAttributes: resource,
      });
    add('tocsin.checker.blind', blind ? 1 : 0, {});
    for (const [monitor, intervalS] of Object.entries(monitors))
      add('tocsin.monitor.interval', intervalS, named(monitor, { target: `http://${monitor}/` }));
    for (const [monitor, state] of Object.entries(states)) this.state(monitor, atS, state, location, orderS);
    return this;
  }

  /** A checker says what it knows of a monitor; `was` is what it knew last, where it knows nothing now. */
  state(monitor: string, atS: number, told: Outcome | State, location = 'default', orderS = atS): this {
    const { state, was = state, mutedBy } = typeof told === 'string' ? { state: told } : told;
    const muted = mutedBy === undefined ? {} : { 'tocsin.monitor.muted_by': mutedBy };
    const attributes = { ...named(monitor), 'tocsin.monitor.state': state, ...muted };
    this.#gauges.push({
      ...this.#point('tocsin.monitor.up', atS, was === 'down' ? 0 : 1, attributes, location),
      StartTimeUnix: this.#time(orderS),
    });
    return this;
  }

  /** A checker lists the monitors every 30 s of that time. */
  listing(fromS: number, toS: number, monitors: Readonly<Record<string, number>>, told: Told = {}): this {
    for (let atS = fromS; atS <= toS; atS += 30) this.list(atS, monitors, told);
    return this;
  }

  /** A gauge of the collector's own. */
  collector(metric: string, atS: number, value: number, attributes: Readonly<Record<string, string>>): this {
    this.#gauges.push({
      ...this.#point(`tocsin.collector.${metric}`, atS, value, attributes),
      ServiceName: 'tocsin-collector',
    });
    return this;
  }

  /** A gauge of alerting's own. */
  alerting(metric: string, atS: number, value: number): this {
    const point = this.#point(`tocsin.alerting.${metric}`, atS, value, {});
    this.#gauges.push({ ...point, ServiceName: 'tocsin-alerting' });
    return this;
  }

  /** A gauge that a service of Tocsin's tells of itself. */
  own(
    service: string,
    metric: string,
    atS: number,
    value: number,
    attributes: Readonly<Record<string, string>> = {},
  ): this {
    this.#gauges.push({
      ...this.#point(metric, atS, value, attributes),
      ResourceAttributes: { 'service.instance.id': 'one' },
      ServiceName: service,
    });
    return this;
  }

  /** A counter of one of its processes, which began at `startS`: its values at some moments. */
  ownCounter(
    service: string,
    metric: string,
    startS: number,
    values: Readonly<Record<number, number>>,
    attributes: Readonly<Record<string, string>>,
  ): this {
    for (const [atS, value] of Object.entries(values))
      this.#sums.push({
        ...this.#point(metric, Number(atS), value, attributes),
        StartTimeUnix: this.#time(startS),
        ResourceAttributes: { 'service.instance.id': String(startS) },
        ServiceName: service,
      });
    return this;
  }

  /** How late the probes of a location have begun: how many runs, and the seconds of all of them. */
  lateness(location: string, atS: number, runs: number, sumS: number): this {
    const { Value: _, ...point } = this.#point('tocsin.checker.lateness', atS, 0, { 'tocsin.location': location });
    this.#histograms.push({ ...point, Count: runs, Sum: sumS, AggregationTemporality: 2 });
    return this;
  }

  /** A counter of one process of the collector, which began at `startS`: its values at some moments. */
  collectorCounter(
    metric: string,
    startS: number,
    values: Readonly<Record<number, number>>,
    attributes: Readonly<Record<string, string>>,
  ): this {
    for (const [atS, value] of Object.entries(values))
      this.#sums.push({
        ...this.#point(`tocsin.collector.${metric}`, Number(atS), value, attributes),
        StartTimeUnix: this.#time(startS),
        ResourceAttributes: { 'service.instance.id': String(startS) },
        ServiceName: 'tocsin-collector',
      });
    return this;
  }

  /** Alerting's own metrics arrive, every 10 s of that time. */
  alertingLives(fromS: number, toS: number): this {
    for (let atS = fromS; atS <= toS; atS += 10)
      this.#sums.push({
        ...this.#point('tocsin.alerting.rule.evaluations', atS, 1, {}),
        ServiceName: 'tocsin-alerting',
      });
    return this;
  }

  /** A run of a monitor. @returns its trace id */
  probe(
    monitor: string,
    atS: number,
    outcome: Outcome,
    message = '',
    withTrace = true,
    reason: string = outcome === 'unknown' ? 'no_network' : outcome,
  ): string {
    const judged = named(monitor, { outcome, reason });
    if (outcome !== 'unknown')
      this.#gauges.push(this.#point('tocsin.probe.up', atS, outcome === 'down' ? 0 : 1, named(monitor)));
    this.#sums.push(this.#point('tocsin.probe.runs', atS, 1, judged));
    const traceId = this.#id();
    if (withTrace)
      this.#spans.push({
        ...this.#span(CHECKER, atS, 20),
        TraceId: traceId,
        SpanName: `probe ${monitor}`,
        SpanKind: 'Client',
        ResourceAttributes: { 'tocsin.location': 'default' },
        SpanAttributes: { ...judged, 'tocsin.probe.message': message },
      });
    return traceId;
  }

  probes(monitor: string, fromS: number, toS: number, stepS: number, outcome: Outcome, reason?: string): this {
    for (let atS = fromS; atS <= toS; atS += stepS) this.probe(monitor, atS, outcome, '', true, reason);
    return this;
  }

  certificate(monitor: string, atS: number, remainingS: number): this {
    const notAfterS = Math.floor(this.nowMs / 1_000) + remainingS;
    this.#gauges.push(this.#point('tocsin.probe.tls.not_after', atS, notAfterS, named(monitor)));
    return this;
  }

  /** Requests that a service answered, evenly over the time. */
  requests(
    service: string,
    {
      fromS,
      toS,
      count,
      failed = 0,
      durationMs = 20,
      kind = 'Server',
    }: {
      fromS: number;
      toS: number;
      count: number;
      failed?: number;
      durationMs?: number;
      kind?: string;
    },
  ): this {
    for (let index = 0; index < count; index += 1) {
      const atS = fromS + ((toS - fromS) * (index + 0.5)) / count;
      this.#spans.push({
        ...this.#span(service, atS, durationMs),
        TraceId: this.#id(),
        SpanName: 'GET /',
        SpanKind: kind,
        StatusCode: index < failed ? 'Error' : 'Unset',
      });
    }
    return this;
  }

  /** Somebody says that a version was deployed. */
  deployed(service: string, atS: number, version: string, environment = ''): this {
    this.#logs.push({
      Timestamp: this.#time(atS),
      ServiceName: 'tocsin-deployments',
      EventName: 'tocsin.deployment',
      LogAttributes: {
        'tocsin.deployment.service': service,
        'tocsin.deployment.version': version,
        'tocsin.deployment.environment': environment,
      },
    });
    return this;
  }

  /** A version of a service was first seen. */
  versionSeen(service: string, atS: number, version: string, environment = ''): this {
    const time = Math.floor(this.nowMs / 1_000 + atS);
    this.#services.push({
      ServiceName: service,
      ServiceVersion: version,
      Environment: environment,
      Signal: 'traces',
      FirstSeen: time,
      LastSeen: time,
    });
    return this;
  }

  async write(clickhouse: TestClickHouse): Promise<void> {
    const client = clickhouse.client();
    const tables = {
      otel_metrics_gauge: this.#gauges,
      otel_metrics_sum: this.#sums,
      otel_metrics_histogram: this.#histograms,
      otel_traces: this.#spans,
      otel_logs: this.#logs,
    };
    for (const rollup of [
      'otel_services',
      'otel_traces_service_1m',
      'tocsin_probe_runs_1h',
      'tocsin_monitor_states_1h',
    ])
      await client.command({ query: `TRUNCATE TABLE ${rollup}` });
    for (const [table, values] of Object.entries(tables)) {
      await client.command({ query: `TRUNCATE TABLE ${table}` });
      if (values.length > 0) await client.insert({ table, values, format: 'JSONEachRow' });
    }
    // Last, for rows of the other tables tell of services as well.
    if (this.#services.length > 0)
      await client.insert({ table: 'otel_services', values: this.#services, format: 'JSONEachRow' });
  }

  #time(atS: number): string {
    return (this.nowMs / 1_000 + atS).toFixed(3);
  }

  #id(): string {
    this.#ids += 1;
    return this.#ids.toString(16).padStart(32, '0');
  }

  #point(metric: string, atS: number, value: number, attributes: Row, location = 'default'): Row {
    const time = this.#time(atS);
    return {
      ServiceName: CHECKER,
      ResourceAttributes: { 'tocsin.location': location },
      MetricName: metric,
      Attributes: attributes,
      StartTimeUnix: time,
      TimeUnix: time,
      Value: value,
    };
  }

  #span(service: string, atS: number, durationMs: number): Row {
    return { Timestamp: this.#time(atS), SpanId: '1', ServiceName: service, Duration: Math.round(durationMs * 1e6) };
  }
}

function named(monitor: string, { target, ...probe }: Readonly<Record<string, string>> = {}): Row {
  const further = Object.entries(probe).map(([name, value]) => [`tocsin.probe.${name}`, value]);
  return {
    'tocsin.monitor.name': monitor,
    'tocsin.monitor.kind': 'http',
    ...(target === undefined ? {} : { 'tocsin.monitor.target': target }),
    ...Object.fromEntries(further),
  };
}
