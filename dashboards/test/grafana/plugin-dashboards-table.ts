/**
 * What the three dashboards for OpenTelemetry data need that Grafana's ClickHouse plugin ships (grafana/clickhouse-datasource 4.20, `src/dashboards/otel-*.json`,
 * Apache-2.0): tables by their plain names in the default database, columns with a type that a function of theirs takes, and statements of these shapes. The statements are
 * worded here anew; panels of one shape stand for each other.
 */
interface PluginDashboard {
  readonly uid: string;
  /** By table: a column, or a key of a map, and the type it has to have. */
  readonly columns: Readonly<Record<string, Readonly<Record<string, RegExp>>>>;
  readonly statements: Readonly<Record<string, string>>;
}

const TEXT = /^(?:LowCardinality\(String\)|String)$/;
const TIME = /^DateTime64\(\d\)$/;
const MAP = /^Map\(LowCardinality\(String\), String\)$/;
const COUNT = /^UInt64$/;

const LOGS = {
  Timestamp: TIME,
  ServiceName: TEXT,
  SeverityText: TEXT,
  Body: TEXT,
  TraceId: TEXT,
  SpanId: TEXT,
  ResourceAttributes: MAP,
};
const TRACES = {
  Timestamp: TIME,
  TraceId: TEXT,
  SpanId: TEXT,
  ParentSpanId: TEXT,
  ServiceName: TEXT,
  SpanName: TEXT,
  SpanKind: TEXT,
  Duration: COUNT,
  StatusCode: TEXT,
  StatusMessage: TEXT,
  SpanAttributes: MAP,
  ResourceAttributes: MAP,
};
const BUCKET = 'toStartOfInterval(Timestamp, INTERVAL $__interval_s second) AS time';
const OF_LOGS = `FROM otel_logs WHERE $__timeFilter(Timestamp) AND $__conditionalAll(ServiceName IN (\${service:singlequote}), $service)
  AND $__conditionalAll(SeverityText IN (\${level_filter:singlequote}), $level_filter) AND $__conditionalAll(positionCaseInsensitive(Body, \${search:singlequote}) > 0, $search)`;
const OF_SPANS = `FROM otel_traces WHERE $__timeFilter(Timestamp) AND ServiceName IN (\${service:singlequote})
  AND $__conditionalAll(SpanName IN (\${operation:singlequote}), $operation) AND $__conditionalAll(positionCaseInsensitive(SpanName, \${search:singlequote}) > 0, $search)`;
const FAILED = "StatusCode IN ('Error', 'STATUS_CODE_ERROR')";
/** The mark of a deployment: a service whose most frequent version in 30 s is another one than before. */
const DEPLOYMENTS = `SELECT time, ServiceName AS tags, concat(ServiceName, ' ', version) AS text FROM (
    SELECT toStartOfInterval(Timestamp, INTERVAL 30 second) AS time, ServiceName, topK(1)(ResourceAttributes['service.version'])[1] AS version,
      lagInFrame(topK(1)(ResourceAttributes['service.version'])[1]) OVER (PARTITION BY ServiceName ORDER BY time) AS before
    FROM otel_traces WHERE $__timeFilter(Timestamp) AND ResourceAttributes['service.version'] != '' GROUP BY ServiceName, time ORDER BY ServiceName, time)
  WHERE before != '' AND before != version ORDER BY time`;
const KINDS = { Server: "= 'Server'", Client: "= 'Client'", async: "IN ('Producer', 'Consumer')" } as const;

const perKind = Object.entries(KINDS).flatMap(([name, is]) => [
  [
    `${name}: rate`,
    `SELECT ${BUCKET}, count() / $__interval_s AS rps ${OF_SPANS} AND SpanKind ${is} GROUP BY time ORDER BY time`,
  ],
  [
    `${name}: errors`,
    `SELECT ${BUCKET}, countIf(${FAILED}) / count() AS error_rate ${OF_SPANS} AND SpanKind ${is} GROUP BY time ORDER BY time`,
  ],
  [
    `${name}: durations`,
    `SELECT ${BUCKET}, quantile(0.5)(Duration) AS p50, quantile(0.9)(Duration) AS p90, quantile(0.99)(Duration) AS p99 ${OF_SPANS} AND SpanKind ${is} GROUP BY time ORDER BY time`,
  ],
  [
    `${name}: slowest`,
    `SELECT SpanName AS Operation, count() AS Count, quantile(0.99)(Duration) AS P99 ${OF_SPANS} AND SpanKind ${is} GROUP BY SpanName ORDER BY P99 DESC LIMIT 20`,
  ],
]) as [string, string][];

export const PLUGIN_DASHBOARDS: readonly PluginDashboard[] = [
  {
    uid: 'otel-logs-explorer',
    columns: { otel_logs: LOGS, otel_traces: { Timestamp: TIME, ServiceName: TEXT, ResourceAttributes: MAP } },
    statements: {
      services:
        'SELECT ServiceName FROM otel_logs WHERE $__timeFilter(Timestamp) GROUP BY ServiceName ORDER BY count() DESC LIMIT 10',
      levels: 'SELECT DISTINCT SeverityText FROM otel_logs WHERE $__timeFilter(Timestamp) ORDER BY SeverityText',
      volume: `SELECT ${BUCKET}, SeverityText AS metric, count() AS count ${OF_LOGS} GROUP BY time, metric ORDER BY time`,
      'by service': `SELECT ServiceName AS Service, count() AS Count ${OF_LOGS} GROUP BY Service ORDER BY Count DESC LIMIT 15`,
      'top errors': `SELECT SeverityText AS Level, ServiceName AS Service, replaceRegexpAll(Body, '(order|user)=[a-zA-Z0-9-]+', '\\\\1=') AS Message, count() AS Count
        ${OF_LOGS} AND SeverityText IN ('ERROR', 'WARN', 'FATAL') GROUP BY Level, Service, Message ORDER BY Count DESC LIMIT 20`,
      samples: `SELECT Timestamp AS timestamp, Body AS body, SeverityText AS level, ServiceName, TraceId, SpanId, ResourceAttributes['service.namespace'] AS namespace,
        ResourceAttributes['k8s.pod.name'] AS k8s_pod ${OF_LOGS} ORDER BY Timestamp DESC LIMIT 200`,
      deployments: DEPLOYMENTS,
    },
  },
  {
    uid: 'otel-traces-explorer',
    columns: { otel_traces: TRACES },
    statements: {
      services:
        'SELECT ServiceName FROM otel_traces WHERE $__timeFilter(Timestamp) GROUP BY ServiceName ORDER BY count() DESC LIMIT 10',
      statuses: 'SELECT DISTINCT StatusCode FROM otel_traces WHERE $__timeFilter(Timestamp) ORDER BY StatusCode',
      nodes: `SELECT ServiceName AS id, ServiceName AS title, concat(toString(count()), ' spans') AS mainstat, countIf(${FAILED}) / count() AS arc__errors
        FROM otel_traces WHERE $__timeFilter(Timestamp) GROUP BY ServiceName ORDER BY count() DESC LIMIT 30`,
      edges: `SELECT concat(parent.ServiceName, '-', child.ServiceName) AS id, parent.ServiceName AS source, child.ServiceName AS target, concat(toString(count()), ' calls') AS mainstat
        FROM otel_traces AS child INNER JOIN otel_traces AS parent ON child.ParentSpanId = parent.SpanId AND child.TraceId = parent.TraceId
        WHERE $__timeFilter(child.Timestamp) AND $__timeFilter(parent.Timestamp) AND parent.ServiceName != child.ServiceName
        GROUP BY source, target ORDER BY count() DESC LIMIT 50`,
      search: `SELECT TraceId, any(ServiceName) AS Service, min(Timestamp) AS Time, max(Duration) AS Duration, count() AS Spans, anyIf(StatusCode, ${FAILED}) AS Status
        ${OF_SPANS} GROUP BY TraceId ORDER BY Time DESC LIMIT 200`,
      'a sample of durations': `SELECT ${BUCKET}, Duration / 1000000 AS duration_ms ${OF_SPANS} AND cityHash64(SpanId) % 5 = 0 ORDER BY time`,
      'top operations': `SELECT SpanName AS Operation, count() AS Count, quantile(0.99)(Duration) AS P99,
        anyIf(if(StatusMessage != '', StatusMessage, SpanAttributes['http.status_code']), ${FAILED}) AS "Top Error" ${OF_SPANS} GROUP BY Operation ORDER BY Count DESC LIMIT 15`,
      deployments: DEPLOYMENTS,
    },
  },
  {
    uid: 'otel-service-dashboard',
    columns: { otel_traces: TRACES, otel_logs: LOGS },
    statements: {
      ...Object.fromEntries(perKind),
      'top errors': `SELECT SpanName AS Operation, SpanKind AS Kind, StatusMessage AS Error, count() AS Count, max(Timestamp) AS "Last Seen"
        FROM otel_traces WHERE $__timeFilter(Timestamp) AND ServiceName IN (\${service:singlequote}) AND ${FAILED} GROUP BY SpanName, SpanKind, StatusMessage ORDER BY Count DESC LIMIT 20`,
      deployments: DEPLOYMENTS,
    },
  },
];
