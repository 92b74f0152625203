-- Rewrites: nothing.
-- How many log records of which severity each service wrote, by the minute.
CREATE TABLE IF NOT EXISTS otel_logs_1m_local ON CLUSTER 'main'
(
    `Time` DateTime CODEC(Delta(4), ZSTD(1)),
    `ServiceName` LowCardinality(String) CODEC(ZSTD(1)),
    `SeverityNumber` UInt8 CODEC(ZSTD(1)),
    `SeverityText` LowCardinality(String) CODEC(ZSTD(1)),
    `Records` SimpleAggregateFunction(sum, UInt64) CODEC(T64, ZSTD(1))
)
ENGINE = ReplicatedAggregatingMergeTree('/clickhouse/tables/main/{shard}/otel/otel_logs_1m_local', '{replica}')
PARTITION BY toYYYYMM(Time)
ORDER BY (toStartOfHour(Time), ServiceName, SeverityNumber, SeverityText, Time)
SETTINGS
    index_granularity = 8192,
    ttl_only_drop_parts = 1,
    materialize_ttl_recalculate_only = 1,
    replicated_deduplication_window_seconds = 604800,
    replicated_deduplication_window = 10000;

CREATE TABLE IF NOT EXISTS otel_logs_1m ON CLUSTER 'main' AS otel_logs_1m_local
ENGINE = Distributed('main', 'otel', 'otel_logs_1m_local');

CREATE MATERIALIZED VIEW IF NOT EXISTS otel_logs_1m_mv ON CLUSTER 'main' TO otel_logs_1m_local
(
    `Time` DateTime,
    `ServiceName` LowCardinality(String),
    `SeverityNumber` UInt8,
    `SeverityText` LowCardinality(String),
    `Records` UInt64
)
AS SELECT
    toStartOfMinute(Timestamp) AS Time,
    ServiceName,
    SeverityNumber,
    SeverityText,
    count() AS Records
FROM otel_logs_local
GROUP BY Time, ServiceName, SeverityNumber, SeverityText;
