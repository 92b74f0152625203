/*
 * The rows that the queries run over, as SQL on the numbers [from, from + count) of all `spans`: a day of twelve services with 204 operations,
 * a third of it in the last hour. Ids are unique, eight spans are a trace, one in a hundred fails; for every ten spans there is a log record and
 * a metric point.
 */

/** A block of the numbers. `endMs` is the end of the day, Unix ms. */
export interface Block {
  readonly spans: number;
  readonly endMs: number;
  readonly from: number;
  readonly count: number;
}

const HOUR_US = 3_600e6;
const SERVICES = 12;

/** The time of row `n`: two thirds evenly over 23 hours, the rest over the last one. */
function timeOf(n: string, { spans, endMs }: Block): string {
  const early = Math.floor((spans * 2) / 3);
  const endUs = endMs * 1_000;
  const us = `if(${n} < ${early}, ${endUs - 24 * HOUR_US} + ${n} / ${early} * ${23 * HOUR_US},
    ${endUs - HOUR_US} + (${n} - ${early}) / ${spans - early} * ${HOUR_US})`;
  return `fromUnixTimestamp64Micro(toInt64(${us}))`;
}

const TRACE_ID = 'lower(hex(sipHash128(intDiv(n, 8))))';
const RESOURCE = `map('service.name', service, 'service.version', concat('1.', toString(n % 3)), 'host.name', concat('host-', toString(h % 9)),
  'k8s.pod.name', concat(service, '-', toString(h % 7)), 'telemetry.sdk.language', 'nodejs')`;
const base = ({ from, count }: Block): string => `FROM (
  SELECT number AS n, cityHash64(number) AS h, concat('service-', toString((cityHash64(intDiv(number, 8)) + number % 8) % ${SERVICES})) AS service,
    intDiv(h, 97) % 17 AS operation FROM numbers(${from}, ${count}))`;

const spansOf = (block: Block): string => `INSERT INTO otel_traces
  (Timestamp, TraceId, SpanId, ParentSpanId, SpanName, SpanKind, ServiceName, ResourceAttributes, ScopeName, ScopeVersion, SpanAttributes,
   Duration, StatusCode, Events.Timestamp, Events.Name, Events.Attributes)
  SELECT
    addMilliseconds(${timeOf('intDiv(n, 8) * 8', block)}, n % 8 * 3) AS at,
    ${TRACE_ID}, leftPad(lower(hex(cityHash64(n, 1))), 16, '0'),
    if(n % 8 = 0, '', leftPad(lower(hex(cityHash64(intDiv(n, 8) * 8, 1))), 16, '0')),
    concat('GET /api/', service, '/', toString(operation)),
    ['Server', 'Client', 'Server', 'Internal', 'Client', 'Server', 'Consumer', 'Producer'][operation % 8 + 1],
    service, ${RESOURCE}, '@opentelemetry/instrumentation-http', '0.301.0',
    map('http.request.method', if(h % 4 = 0, 'POST', 'GET'), 'url.path', concat('/api/items/', toString(h % 100000)),
      'http.response.status_code', if(intDiv(h, 7) % 100 = 0, '500', '200'), 'http.route', concat('/api/items/:', toString(operation)),
      'server.address', concat('service-', toString(operation % ${SERVICES}), '.shop.example.com'), 'server.port', '443',
      'user_agent.original', 'Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/145.0', 'network.protocol.version', '1.1',
      'client.address', concat('10.0.', toString(h % 256), '.', toString(intDiv(h, 256) % 256)), 'enduser.id', concat('u', toString(h % 1000000))),
    toUInt64(exp(15 + (h % 1000 + intDiv(h, 1000) % 1000 + intDiv(h, 1000000) % 1000 - 1500) / 500)),
    if(intDiv(h, 7) % 100 = 0, 'Error', 'Unset'),
    if(h % 10 = 0, [at], []), if(h % 10 = 0, ['exception'], []),
    if(h % 10 = 0, [map('exception.type', 'Error', 'exception.message', concat('no item ', toString(h % 1000)))], [])
  ${base(block)}`;

const logsOf = (block: Block): string => `INSERT INTO otel_logs
  (Timestamp, TraceId, SpanId, SeverityText, SeverityNumber, ServiceName, Body, ResourceAttributes, LogAttributes)
  SELECT ${timeOf('n', block)}, ${TRACE_ID}, leftPad(lower(hex(cityHash64(n, 1))), 16, '0'), if(h % 50 = 0, 'ERROR', 'INFO'), if(h % 50 = 0, 17, 9),
    service, concat('item ', toString(h % 100000), ' read for user ', toString(h % 1000000)), ${RESOURCE}, map('code.function.name', 'read', 'thread.name', 'main')
  ${base(block)} WHERE n % 10 = 0`;

const pointsOf = (table: string, rest: number, block: Block): string => `INSERT INTO ${table}
  (ResourceAttributes, ServiceName, MetricName, MetricUnit, Attributes, StartTimeUnix, TimeUnix, Value)
  SELECT ${RESOURCE}, service, concat('app.metric_', toString(operation)), '1', map('http.route', concat('/api/items/:', toString(h % 20))),
    ${timeOf('n', block)}, ${timeOf('n', block)}, h % 1000
  ${base(block)} WHERE n % 20 = ${rest}`;

/** The statements that write a block. */
export function statementsOf(block: Block): readonly string[] {
  return [
    spansOf(block),
    logsOf(block),
    pointsOf('otel_metrics_gauge', 0, block),
    pointsOf('otel_metrics_sum', 10, block),
  ];
}
