-- Rewrites: nothing.
-- Requests, errors and durations of each service, operation and kind, by the minute. The durations are a sketch: a row for each bucket
-- with spans in it; bucket b holds durations from 2^(b/8) up to 2^((b+1)/8) nanoseconds, -1 those of zero, so a quantile is within 4.4 %.
CREATE TABLE IF NOT EXISTS otel_traces_service_1m
(
    `Time` DateTime CODEC(Delta(4), ZSTD(1)),
    `ServiceName` LowCardinality(String) CODEC(ZSTD(1)),
    `SpanName` LowCardinality(String) CODEC(ZSTD(1)),
    `SpanKind` LowCardinality(String) CODEC(ZSTD(1)),
    `DurationBucket` Int16 CODEC(ZSTD(1)),
    `Requests` SimpleAggregateFunction(sum, UInt64) CODEC(T64, ZSTD(1)),
    `Errors` SimpleAggregateFunction(sum, UInt64) CODEC(T64, ZSTD(1)),
    `DurationSum` SimpleAggregateFunction(sum, UInt64) CODEC(T64, ZSTD(1))
)
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(Time)
ORDER BY (toStartOfHour(Time), ServiceName, SpanKind, SpanName, Time, DurationBucket)
SETTINGS
    index_granularity = 8192,
    ttl_only_drop_parts = 1,
    materialize_ttl_recalculate_only = 1,
    non_replicated_deduplication_window = 10000;

CREATE MATERIALIZED VIEW IF NOT EXISTS otel_traces_service_1m_mv TO otel_traces_service_1m
(
    `Time` DateTime,
    `ServiceName` LowCardinality(String),
    `SpanName` LowCardinality(String),
    `SpanKind` LowCardinality(String),
    `DurationBucket` Int16,
    `Requests` UInt64,
    `Errors` UInt64,
    `DurationSum` UInt64
)
AS SELECT
    toStartOfMinute(Timestamp) AS Time,
    ServiceName,
    SpanName,
    SpanKind,
    if(Duration = 0, -1, toInt16(floor(log2(Duration) * 8))) AS DurationBucket,
    count() AS Requests,
    countIf(StatusCode = 'Error') AS Errors,
    sum(Duration) AS DurationSum
FROM otel_traces
GROUP BY Time, ServiceName, SpanName, SpanKind, DurationBucket;
