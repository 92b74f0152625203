-- Rewrites: nothing.
-- Where the time of the checker's runs went, from `tocsin.probe.duration`: by monitor, location, phase (`total` among them) and hour. Nanoseconds.
CREATE TABLE IF NOT EXISTS tocsin_probe_phases_1h
(
    `Time` DateTime CODEC(Delta(4), ZSTD(1)),
    `Location` LowCardinality(String) CODEC(ZSTD(1)),
    `MonitorName` LowCardinality(String) CODEC(ZSTD(1)),
    `Phase` LowCardinality(String) CODEC(ZSTD(1)),
    `Runs` SimpleAggregateFunction(sum, UInt64) CODEC(T64, ZSTD(1)),
    `DurationSum` SimpleAggregateFunction(sum, UInt64) CODEC(T64, ZSTD(1)),
    `DurationMax` SimpleAggregateFunction(max, UInt64) CODEC(T64, ZSTD(1))
)
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(Time)
ORDER BY (MonitorName, Location, Time, Phase)
SETTINGS
    index_granularity = 8192,
    ttl_only_drop_parts = 1,
    materialize_ttl_recalculate_only = 1,
    non_replicated_deduplication_window = 10000;

CREATE MATERIALIZED VIEW IF NOT EXISTS tocsin_probe_phases_1h_mv TO tocsin_probe_phases_1h
(
    `Time` DateTime,
    `Location` LowCardinality(String),
    `MonitorName` LowCardinality(String),
    `Phase` LowCardinality(String),
    `Runs` UInt64,
    `DurationSum` UInt64,
    `DurationMax` UInt64
)
AS SELECT
    toStartOfHour(RunEnd) AS Time,
    Location,
    MonitorName,
    Phase,
    count() AS Runs,
    sum(DurationNs) AS DurationSum,
    max(DurationNs) AS DurationMax
FROM
(
    SELECT
        toDateTime(TimeUnix) AS RunEnd,
        ResourceAttributes['tocsin.location'] AS Location,
        Attributes['tocsin.monitor.name'] AS MonitorName,
        Attributes['tocsin.probe.phase'] AS Phase,
        toUInt64(greatest(Value, 0) * 1e9) AS DurationNs
    FROM otel_metrics_gauge
    WHERE MetricName = 'tocsin.probe.duration' AND ServiceName = 'tocsin-checker'
)
GROUP BY Time, Location, MonitorName, Phase;

-- The same by day of UTC, filled from the hours as they are inserted.
CREATE TABLE IF NOT EXISTS tocsin_probe_phases_1d
(
    `Time` DateTime CODEC(Delta(4), ZSTD(1)),
    `Location` LowCardinality(String) CODEC(ZSTD(1)),
    `MonitorName` LowCardinality(String) CODEC(ZSTD(1)),
    `Phase` LowCardinality(String) CODEC(ZSTD(1)),
    `Runs` SimpleAggregateFunction(sum, UInt64) CODEC(T64, ZSTD(1)),
    `DurationSum` SimpleAggregateFunction(sum, UInt64) CODEC(T64, ZSTD(1)),
    `DurationMax` SimpleAggregateFunction(max, UInt64) CODEC(T64, ZSTD(1))
)
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(Time)
ORDER BY (MonitorName, Location, Time, Phase)
SETTINGS
    index_granularity = 8192,
    ttl_only_drop_parts = 1,
    materialize_ttl_recalculate_only = 1,
    non_replicated_deduplication_window = 10000;

CREATE MATERIALIZED VIEW IF NOT EXISTS tocsin_probe_phases_1d_mv TO tocsin_probe_phases_1d
(
    `Time` DateTime,
    `Location` LowCardinality(String),
    `MonitorName` LowCardinality(String),
    `Phase` LowCardinality(String),
    `Runs` UInt64,
    `DurationSum` UInt64,
    `DurationMax` UInt64
)
AS SELECT
    toStartOfDay(HourTime) AS Time,
    Location,
    MonitorName,
    Phase,
    sum(HourRuns) AS Runs,
    sum(HourDurationSum) AS DurationSum,
    max(HourDurationMax) AS DurationMax
FROM
(
    SELECT
        Time AS HourTime,
        Location,
        MonitorName,
        Phase,
        Runs AS HourRuns,
        DurationSum AS HourDurationSum,
        DurationMax AS HourDurationMax
    FROM tocsin_probe_phases_1h
)
GROUP BY Time, Location, MonitorName, Phase;
