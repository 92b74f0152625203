-- Rewrites: nothing.
-- How many log records of which severity each service wrote, by the minute.
CREATE TABLE IF NOT EXISTS otel_logs_1m
(
    `Time` DateTime CODEC(Delta(4), ZSTD(1)),
    `ServiceName` LowCardinality(String) CODEC(ZSTD(1)),
    `SeverityNumber` UInt8 CODEC(ZSTD(1)),
    `SeverityText` LowCardinality(String) CODEC(ZSTD(1)),
    `Records` SimpleAggregateFunction(sum, UInt64) CODEC(T64, ZSTD(1))
)
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(Time)
ORDER BY (toStartOfHour(Time), ServiceName, SeverityNumber, SeverityText, Time)
SETTINGS
    index_granularity = 8192,
    ttl_only_drop_parts = 1,
    materialize_ttl_recalculate_only = 1,
    non_replicated_deduplication_window = 10000;

CREATE MATERIALIZED VIEW IF NOT EXISTS otel_logs_1m_mv TO otel_logs_1m
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
FROM otel_logs
GROUP BY Time, ServiceName, SeverityNumber, SeverityText;
