-- Rewrites: nothing.
-- The services and versions that have been seen, and when first and last: a first sight of a version is a deployment.
CREATE TABLE IF NOT EXISTS otel_services
(
    `ServiceName` LowCardinality(String),
    `ServiceVersion` String,
    `Environment` LowCardinality(String),
    `Signal` LowCardinality(String),
    `FirstSeen` SimpleAggregateFunction(min, DateTime),
    `LastSeen` SimpleAggregateFunction(max, DateTime)
)
ENGINE = AggregatingMergeTree
ORDER BY (ServiceName, ServiceVersion, Environment, Signal)
SETTINGS
    index_granularity = 8192,
    ttl_only_drop_parts = 1,
    materialize_ttl_recalculate_only = 1,
    non_replicated_deduplication_window = 10000;

CREATE MATERIALIZED VIEW IF NOT EXISTS otel_services_traces_mv TO otel_services
(
    `ServiceName` LowCardinality(String),
    `ServiceVersion` String,
    `Environment` LowCardinality(String),
    `Signal` LowCardinality(String),
    `FirstSeen` DateTime,
    `LastSeen` DateTime
)
AS SELECT
    ServiceName,
    ResourceAttributes['service.version'] AS ServiceVersion,
    coalesce(nullIf(ResourceAttributes['deployment.environment.name'], ''), ResourceAttributes['deployment.environment']) AS Environment,
    'traces' AS Signal,
    toDateTime(min(Timestamp)) AS FirstSeen,
    toDateTime(max(Timestamp)) AS LastSeen
FROM otel_traces
GROUP BY ServiceName, ServiceVersion, Environment;

CREATE MATERIALIZED VIEW IF NOT EXISTS otel_services_logs_mv TO otel_services
(
    `ServiceName` LowCardinality(String),
    `ServiceVersion` String,
    `Environment` LowCardinality(String),
    `Signal` LowCardinality(String),
    `FirstSeen` DateTime,
    `LastSeen` DateTime
)
AS SELECT
    ServiceName,
    ResourceAttributes['service.version'] AS ServiceVersion,
    coalesce(nullIf(ResourceAttributes['deployment.environment.name'], ''), ResourceAttributes['deployment.environment']) AS Environment,
    'logs' AS Signal,
    toDateTime(min(Timestamp)) AS FirstSeen,
    toDateTime(max(Timestamp)) AS LastSeen
FROM otel_logs
GROUP BY ServiceName, ServiceVersion, Environment;

