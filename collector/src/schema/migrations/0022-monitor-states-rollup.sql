-- Rewrites: nothing.
-- The confirmed state of each monitor over time, from `tocsin.monitor.up` (said every 30 s and at each change): an hour is 120 slots of 30 s, one
-- bit each. bitCount(Down) * 30 are the seconds down; a slot in which it changed counts as down. A point that arrives twice changes nothing.
CREATE TABLE IF NOT EXISTS tocsin_monitor_states_1h
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
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(Time)
ORDER BY (MonitorName, Location, Time)
SETTINGS
    index_granularity = 8192,
    ttl_only_drop_parts = 1,
    materialize_ttl_recalculate_only = 1,
    non_replicated_deduplication_window = 10000;

CREATE MATERIALIZED VIEW IF NOT EXISTS tocsin_monitor_states_1h_mv TO tocsin_monitor_states_1h
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
    FROM otel_metrics_gauge
    WHERE MetricName = 'tocsin.monitor.up' AND ServiceName = 'tocsin-checker'
)
GROUP BY Time, Location, MonitorName;
