-- Rewrites: nothing.
-- When each trace begins and ends, so that a trace is found by its id without a search over all time.
CREATE TABLE IF NOT EXISTS otel_traces_trace_id_ts_local ON CLUSTER 'main'
(
    `TraceId` String CODEC(ZSTD(1)),
    `Start` SimpleAggregateFunction(min, DateTime) CODEC(Delta(4), ZSTD(1)),
    `End` SimpleAggregateFunction(max, DateTime) CODEC(Delta(4), ZSTD(1)),
    INDEX idx_trace_id TraceId TYPE bloom_filter(0.01) GRANULARITY 1
)
ENGINE = ReplicatedAggregatingMergeTree('/clickhouse/tables/main/{shard}/otel/otel_traces_trace_id_ts_local', '{replica}')
PARTITION BY toStartOfWeek(Start)
ORDER BY TraceId
SETTINGS
    index_granularity = 8192,
    ttl_only_drop_parts = 1,
    materialize_ttl_recalculate_only = 1,
    replicated_deduplication_window_seconds = 604800,
    replicated_deduplication_window = 10000;

CREATE TABLE IF NOT EXISTS otel_traces_trace_id_ts ON CLUSTER 'main' AS otel_traces_trace_id_ts_local
ENGINE = Distributed('main', 'otel', 'otel_traces_trace_id_ts_local');

CREATE MATERIALIZED VIEW IF NOT EXISTS otel_traces_trace_id_ts_mv ON CLUSTER 'main' TO otel_traces_trace_id_ts_local
(
    `TraceId` String,
    `Start` DateTime,
    `End` DateTime
)
AS SELECT
    TraceId,
    toDateTime(min(Timestamp)) AS Start,
    toDateTime(max(Timestamp)) AS End
FROM otel_traces_local
WHERE TraceId != ''
GROUP BY TraceId;
