/* A day of what Tocsin itself sends, as SQL: fifty monitors every 30 s with spans and points, and its services' own metrics every 10 s. */

/** How many monitors; `monitor-0` and so on. */
export const MONITORS = 50;

const RUNS = 2_880;
const RESOURCE = "map('service.name', 'tocsin-checker', 'tocsin.location', 'default')";
const monitor = "concat('monitor-', toString(m))";
const named = (...more: readonly string[]): string =>
  `map(${["'tocsin.monitor.name'", monitor, "'tocsin.monitor.kind'", "'http'", ...more].join(', ')})`;

const runsOf = (endMs: number): string => `FROM (
  SELECT fromUnixTimestamp64Milli(toInt64(${endMs} - 86400000) + toInt64(intDiv(number, ${MONITORS})) * 30000 + number % ${MONITORS} * 500 + 1) AS at,
    number AS n, number % ${MONITORS} AS m, if(cityHash64(number) % 200 = 0, 'down', 'up') AS outcome FROM numbers(${RUNS * MONITORS}))`;

const PHASES = "['resolve', 'connect', 'tls', 'request', 'transfer']";
const POINT = '(ResourceAttributes, ServiceName, MetricName, Attributes, StartTimeUnix, TimeUnix, Value)';

const gauge = (metric: string, attributes: string, value: string, endMs: number): string =>
  `INSERT INTO otel_metrics_gauge ${POINT} SELECT ${RESOURCE}, 'tocsin-checker', '${metric}', ${attributes}, at, at, ${value} ${runsOf(endMs)}`;

const own = (table: string, service: string, metrics: readonly string[], attributes: string, endMs: number): string =>
  `INSERT INTO ${table} ${POINT}
  SELECT map('service.name', '${service}', 'service.instance.id', '1', 'tocsin.location', 'default'), '${service}', metric, ${attributes}, at, at, 0
  FROM (SELECT fromUnixTimestamp64Milli(toInt64(${endMs} - 86400000) + toInt64(number) * 10000 + 1) AS at,
    arrayJoin([${metrics.map((metric) => `'${metric}'`).join(', ')}]) AS metric FROM numbers(8640))`;

const span = (
  name: string,
  parent: string,
  id: string,
  duration: string,
  endMs: number,
): string => `INSERT INTO otel_traces
  (Timestamp, TraceId, SpanId, ParentSpanId, SpanName, SpanKind, ServiceName, ResourceAttributes, SpanAttributes, Duration, StatusCode)
  SELECT at, lower(hex(sipHash128('probe', n))), ${id}, ${parent}, ${name}, 'Client', 'tocsin-checker', ${RESOURCE},
    ${named("'tocsin.probe.outcome'", 'outcome', "'tocsin.probe.reason'", 'outcome', "'tocsin.probe.message'", "'The status is 200.'", "'http.response.status_code'", "'200'")},
    ${duration}, if(outcome = 'down', 'Error', 'Unset') ${runsOf(endMs)}`;

const COLLECTOR =
  `disk.free disk.total journal.size journal.limit journal.disk.free journal.disk.low_water journal.oldest_age load.lag
  dead_letters.kept dead_letters.full table.partition_parts retention.applied disk.last_drop`
    .split(/\s+/)
    .map((name) => `tocsin.collector.${name}`);
const COUNTERS = ['requests', 'load.retries', 'load.splits'].map((name) => `tocsin.collector.${name}`);

/** The statements that write the day that ends at `endMs`, Unix ms. */
export function ownStatements(endMs: number): readonly string[] {
  const id = (place: string): string => `leftPad(lower(hex(cityHash64('probe', n, ${place}))), 16, '0')`;
  return [
    span(`concat('probe ', ${monitor})`, "''", id('0'), '20000000 + n % 1000000', endMs),
    span("'request'", id('0'), id('1'), '15000000', endMs),
    gauge('tocsin.probe.up', named(), "if(outcome = 'down', 0, 1)", endMs),
    gauge('tocsin.monitor.up', named("'tocsin.monitor.state'", 'outcome'), "if(outcome = 'down', 0, 1)", endMs),
    gauge('tocsin.monitor.interval', named("'tocsin.monitor.target'", "'http://x/'"), '30', endMs),
    gauge('tocsin.probe.lateness', named(), '0.002', endMs),
    gauge('tocsin.probe.tls.not_after', named(), String(Math.floor(endMs / 1_000) + 7_776_000), endMs),
    gauge('tocsin.probe.duration', named("'tocsin.probe.phase'", "'total'"), '0.02', endMs),
    gauge('tocsin.probe.duration', named("'tocsin.probe.phase'", `arrayJoin(${PHASES})`), '0.004', endMs),
    `INSERT INTO otel_metrics_sum ${POINT} SELECT ${RESOURCE}, 'tocsin-checker', 'tocsin.probe.runs',
      ${named("'tocsin.probe.outcome'", 'outcome', "'tocsin.probe.reason'", 'outcome')}, at, at, 1 ${runsOf(endMs)}`,
    own('otel_metrics_gauge', 'tocsin-checker', ['tocsin.checker.runs.active', 'tocsin.checker.blind'], 'map()', endMs),
    own('otel_metrics_gauge', 'tocsin-collector', COLLECTOR, "map('table', 'otel_traces')", endMs),
    own('otel_metrics_sum', 'tocsin-collector', COUNTERS, "map('reason', 'memory')", endMs),
    own('otel_metrics_sum', 'tocsin-alerting', ['tocsin.alerting.rule.evaluations'], 'map()', endMs),
  ];
}
