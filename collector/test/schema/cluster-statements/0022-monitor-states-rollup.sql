-- Rewrites: nothing.
-- The confirmed state of each monitor over time, from `tocsin.monitor.up` (said every 30 s and at each change): an hour is 120 slots of 30 s, one
-- bit each. bitCount(Down) * 30 are the seconds down; a slot in which it changed counts as down. A point that arrives twice changes nothing.
CREATE TABLE IF NOT EXISTS tocsin_monitor_states_1h_local ON CLUSTER 'main'
(
    `Time` DateTime CODEC(Delta(4), ZSTD(1)),
    `Location` LowCardinality(String) CODEC(ZSTD(1)),
    `MonitorName` LowCardinality(String) CODEC(ZSTD(1)),
    `Known` SimpleAggregateFunction(groupBitOr, UInt128) CODEC(ZSTD(1)),
    `Down` SimpleAggregateFunction(groupBitOr, UInt128) CODEC(ZSTD(1)),
    `Degraded` SimpleAggregateFunction(groupBitOr, UInt128) CODEC(ZSTD(1)),
    `Unknown` SimpleAggregateFunction(groupBitOr, UInt128) CODEC(ZSTD(1)),
    `InMaintenance` SimpleAggregateFunction(groupBitOr, UInt128) CODEC(ZSTD(1))
)
ENGINE = ReplicatedAggregatingMergeTree('/clickhouse/tables/main/{shard}/otel/tocsin_monitor_states_1h_local', '{replica}')
PARTITION BY toYYYYMM(Time)
ORDER BY (MonitorName, Location, Time)
SETTINGS
    index_granularity = 8192,
    ttl_only_drop_parts = 1,
    materialize_ttl_recalculate_only = 1,
    replicated_deduplication_window_seconds = 604800,
    replicated_deduplication_window = 10000;

CREATE TABLE IF NOT EXISTS tocsin_monitor_states_1h ON CLUSTER 'main' AS tocsin_monitor_states_1h_local
ENGINE = Distributed('main', 'otel', 'tocsin_monitor_states_1h_local');

CREATE MATERIALIZED VIEW IF NOT EXISTS tocsin_monitor_states_1h_mv ON CLUSTER 'main' TO tocsin_monitor_states_1h_local
(
    `Time` DateTime,
    `Location` LowCardinality(String),
    `MonitorName` LowCardinality(String),
    `Known` UInt128,
    `Down` UInt128,
    `Degraded` UInt128,
    `Unknown` UInt128,
    `InMaintenance` UInt128
)
AS SELECT
    toStartOfHour(At) AS Time,
    Location,
    MonitorName,
    groupBitOr(if(State != 'unknown', Slot, toUInt128(0))) AS Known,
    groupBitOr(if(State = 'down', Slot, toUInt128(0))) AS Down,
    groupBitOr(if(State = 'degraded', Slot, toUInt128(0))) AS Degraded,
    groupBitOr(if(State = 'unknown', Slot, toUInt128(0))) AS Unknown,
    groupBitOr(if(MutedBy = 'maintenance', Slot, toUInt128(0))) AS InMaintenance
FROM
(
    SELECT
        toDateTime(TimeUnix) AS At,
        ResourceAttributes['tocsin.location'] AS Location,
        Attributes['tocsin.monitor.name'] AS MonitorName,
        Attributes['tocsin.monitor.state'] AS State,
        Attributes['tocsin.monitor.muted_by'] AS MutedBy,
        bitShiftLeft(toUInt128(1), intDiv(toUnixTimestamp(TimeUnix) % 3600, 30)) AS Slot
    FROM otel_metrics_gauge_local
    WHERE MetricName = 'tocsin.monitor.up' AND ServiceName = 'tocsin-checker'
)
GROUP BY Time, Location, MonitorName;
