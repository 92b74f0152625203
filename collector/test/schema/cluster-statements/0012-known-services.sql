-- Rewrites: nothing.
-- The services and versions that have been seen, and when first and last: a first sight of a version is a deployment.
CREATE TABLE IF NOT EXISTS otel_services_local ON CLUSTER 'main'
(
    `ServiceName` LowCardinality(String),
    `ServiceVersion` String,
    `Environment` LowCardinality(String),
    `Signal` LowCardinality(String),
    `FirstSeen` SimpleAggregateFunction(min, DateTime),
    `LastSeen` SimpleAggregateFunction(max, DateTime)
)
ENGINE = ReplicatedAggregatingMergeTree('/clickhouse/tables/main/{shard}/otel/otel_services_local', '{replica}')
ORDER BY (ServiceName, ServiceVersion, Environment, Signal)
SETTINGS
    index_granularity = 8192,
    ttl_only_drop_parts = 1,
    materialize_ttl_recalculate_only = 1,
    replicated_deduplication_window_seconds = 604800,
    replicated_deduplication_window = 10000;

CREATE TABLE IF NOT EXISTS otel_services ON CLUSTER 'main' AS otel_services_local
ENGINE = Distributed('main', 'otel', 'otel_services_local');

CREATE MATERIALIZED VIEW IF NOT EXISTS otel_services_traces_mv ON CLUSTER 'main' TO otel_services_local
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
FROM otel_traces_local
GROUP BY ServiceName, ServiceVersion, Environment;

CREATE MATERIALIZED VIEW IF NOT EXISTS otel_services_logs_mv ON CLUSTER 'main' TO otel_services_local
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
FROM otel_logs_local
GROUP BY ServiceName, ServiceVersion, Environment;
