-- Rewrites: nothing.
-- The checker's runs by monitor, location and hour, from `tocsin.probe.runs`: how many ended how, why, and how long they took. A run counts
-- in the hour it ended in, however late it arrives. Durations as in otel_traces_service_1m, the buckets of a row in one map: bucket b
-- holds runs from 2^(b/8) up to 2^((b+1)/8) nanoseconds, -1 those without a duration, so a quantile is within 4.4 %.
CREATE TABLE IF NOT EXISTS tocsin_probe_runs_1h_local ON CLUSTER 'main'
(
    `Time` DateTime CODEC(Delta(4), ZSTD(1)),
    `Location` LowCardinality(String) CODEC(ZSTD(1)),
    `MonitorName` LowCardinality(String) CODEC(ZSTD(1)),
    `MonitorKind` LowCardinality(String) CODEC(ZSTD(1)),
    `Outcome` LowCardinality(String) CODEC(ZSTD(1)),
    `Reason` LowCardinality(String) CODEC(ZSTD(1)),
    `InMaintenance` Bool CODEC(ZSTD(1)),
    `IsExcluded` Bool CODEC(ZSTD(1)),
    `Runs` SimpleAggregateFunction(sum, UInt64) CODEC(T64, ZSTD(1)),
    `DurationSum` SimpleAggregateFunction(sum, UInt64) CODEC(T64, ZSTD(1)),
    `DurationBuckets` SimpleAggregateFunction(sumMap, Map(Int16, UInt64)) CODEC(ZSTD(1))
)
ENGINE = ReplicatedAggregatingMergeTree('/clickhouse/tables/main/{shard}/otel/tocsin_probe_runs_1h_local', '{replica}')
PARTITION BY toYYYYMM(Time)
ORDER BY (MonitorName, Location, Time, Outcome, Reason, InMaintenance, IsExcluded, MonitorKind)
SETTINGS
    index_granularity = 8192,
    ttl_only_drop_parts = 1,
    materialize_ttl_recalculate_only = 1,
    replicated_deduplication_window_seconds = 604800,
    replicated_deduplication_window = 10000;

CREATE TABLE IF NOT EXISTS tocsin_probe_runs_1h ON CLUSTER 'main' AS tocsin_probe_runs_1h_local
ENGINE = Distributed('main', 'otel', 'tocsin_probe_runs_1h_local');

CREATE MATERIALIZED VIEW IF NOT EXISTS tocsin_probe_runs_1h_mv ON CLUSTER 'main' TO tocsin_probe_runs_1h_local
(
    `Time` DateTime,
    `Location` LowCardinality(String),
    `MonitorName` LowCardinality(String),
    `MonitorKind` LowCardinality(String),
    `Outcome` LowCardinality(String),
    `Reason` LowCardinality(String),
    `InMaintenance` Bool,
    `IsExcluded` Bool,
    `Runs` UInt64,
    `DurationSum` UInt64,
    `DurationBuckets` Map(Int16, UInt64)
)
AS SELECT
    toStartOfHour(RunEnd) AS Time,
    Location,
    MonitorName,
    MonitorKind,
    Outcome,
    Reason,
    InMaintenance,
    IsExcluded,
    sum(RunCount) AS Runs,
    sum(RunCount * DurationNs) AS DurationSum,
    sumMap(map(if(DurationNs = 0, -1, toInt16(floor(log2(DurationNs) * 8))), RunCount)) AS DurationBuckets
FROM
(
    SELECT
        toDateTime(TimeUnix) AS RunEnd,
        ResourceAttributes['tocsin.location'] AS Location,
        Attributes['tocsin.monitor.name'] AS MonitorName,
        Attributes['tocsin.monitor.kind'] AS MonitorKind,
        Attributes['tocsin.probe.outcome'] AS Outcome,
        Attributes['tocsin.probe.reason'] AS Reason,
        Attributes['tocsin.probe.maintenance'] = 'true' AS InMaintenance,
        Attributes['tocsin.probe.excluded'] = 'true' AS IsExcluded,
        toUInt64(greatest(Value, 0)) AS RunCount,
        toUInt64(if(StartTimeUnix = toDateTime64(0, 9, 'UTC'), 0, greatest(0, toUnixTimestamp64Nano(TimeUnix) - toUnixTimestamp64Nano(StartTimeUnix)))) AS DurationNs
    FROM otel_metrics_sum_local
    WHERE MetricName = 'tocsin.probe.runs' AND ServiceName = 'tocsin-checker'
)
GROUP BY Time, Location, MonitorName, MonitorKind, Outcome, Reason, InMaintenance, IsExcluded;

-- The same by day of UTC, for long ranges: filled from the hours as they are inserted.
CREATE TABLE IF NOT EXISTS tocsin_probe_runs_1d_local ON CLUSTER 'main'
(
    `Time` DateTime CODEC(Delta(4), ZSTD(1)),
    `Location` LowCardinality(String) CODEC(ZSTD(1)),
    `MonitorName` LowCardinality(String) CODEC(ZSTD(1)),
    `MonitorKind` LowCardinality(String) CODEC(ZSTD(1)),
    `Outcome` LowCardinality(String) CODEC(ZSTD(1)),
    `Reason` LowCardinality(String) CODEC(ZSTD(1)),
    `InMaintenance` Bool CODEC(ZSTD(1)),
    `IsExcluded` Bool CODEC(ZSTD(1)),
    `Runs` SimpleAggregateFunction(sum, UInt64) CODEC(T64, ZSTD(1)),
    `DurationSum` SimpleAggregateFunction(sum, UInt64) CODEC(T64, ZSTD(1)),
    `DurationBuckets` SimpleAggregateFunction(sumMap, Map(Int16, UInt64)) CODEC(ZSTD(1))
)
ENGINE = ReplicatedAggregatingMergeTree('/clickhouse/tables/main/{shard}/otel/tocsin_probe_runs_1d_local', '{replica}')
PARTITION BY toYYYYMM(Time)
ORDER BY (MonitorName, Location, Time, Outcome, Reason, InMaintenance, IsExcluded, MonitorKind)
SETTINGS
    index_granularity = 8192,
    ttl_only_drop_parts = 1,
    materialize_ttl_recalculate_only = 1,
    replicated_deduplication_window_seconds = 604800,
    replicated_deduplication_window = 10000;

CREATE TABLE IF NOT EXISTS tocsin_probe_runs_1d ON CLUSTER 'main' AS tocsin_probe_runs_1d_local
ENGINE = Distributed('main', 'otel', 'tocsin_probe_runs_1d_local');

CREATE MATERIALIZED VIEW IF NOT EXISTS tocsin_probe_runs_1d_mv ON CLUSTER 'main' TO tocsin_probe_runs_1d_local
(
    `Time` DateTime,
    `Location` LowCardinality(String),
    `MonitorName` LowCardinality(String),
    `MonitorKind` LowCardinality(String),
    `Outcome` LowCardinality(String),
    `Reason` LowCardinality(String),
    `InMaintenance` Bool,
    `IsExcluded` Bool,
    `Runs` UInt64,
    `DurationSum` UInt64,
    `DurationBuckets` Map(Int16, UInt64)
)
AS SELECT
    toStartOfDay(HourTime) AS Time,
    Location,
    MonitorName,
    MonitorKind,
    Outcome,
    Reason,
    InMaintenance,
    IsExcluded,
    sum(HourRuns) AS Runs,
    sum(HourDurationSum) AS DurationSum,
    sumMap(HourDurationBuckets) AS DurationBuckets
FROM
(
    SELECT
        Time AS HourTime,
        Location,
        MonitorName,
        MonitorKind,
        Outcome,
        Reason,
        InMaintenance,
        IsExcluded,
        Runs AS HourRuns,
        DurationSum AS HourDurationSum,
        DurationBuckets AS HourDurationBuckets
    FROM tocsin_probe_runs_1h_local
)
GROUP BY Time, Location, MonitorName, MonitorKind, Outcome, Reason, InMaintenance, IsExcluded;
