-- Rewrites: nothing.
-- Keys and values of attributes, and the names of metrics, that have been seen: what pickers offer, without a look into the maps. Filled
-- from a sample (some 4,000 rows of an INSERT; all of a small one), the 20 most frequent values of a key each time.
CREATE TABLE IF NOT EXISTS otel_known_values_local ON CLUSTER 'main'
(
    `Date` Date CODEC(Delta(2), ZSTD(1)),
    `Signal` LowCardinality(String),
    `Source` LowCardinality(String),
    `Name` LowCardinality(String),
    `Key` LowCardinality(String),
    `Value` String CODEC(ZSTD(1)),
    `Seen` SimpleAggregateFunction(sum, UInt64),
    `LastSeen` SimpleAggregateFunction(max, DateTime)
)
ENGINE = ReplicatedAggregatingMergeTree('/clickhouse/tables/main/{shard}/otel/otel_known_values_local', '{replica}')
PARTITION BY toYYYYMM(Date)
ORDER BY (Signal, Source, Name, Key, Value, Date)
SETTINGS
    index_granularity = 8192,
    ttl_only_drop_parts = 1,
    materialize_ttl_recalculate_only = 1,
    replicated_deduplication_window_seconds = 604800,
    replicated_deduplication_window = 10000;

CREATE TABLE IF NOT EXISTS otel_known_values ON CLUSTER 'main' AS otel_known_values_local
ENGINE = Distributed('main', 'otel', 'otel_known_values_local');

CREATE MATERIALIZED VIEW IF NOT EXISTS otel_known_values_traces_mv ON CLUSTER 'main' TO otel_known_values_local
(
    `Date` Date,
    `Signal` LowCardinality(String),
    `Source` LowCardinality(String),
    `Name` LowCardinality(String),
    `Key` LowCardinality(String),
    `Value` String,
    `Seen` UInt64,
    `LastSeen` DateTime
)
AS SELECT
    toDate(LastSeen) AS Date,
    'traces' AS Signal,
    fact.1 AS Source,
    Name,
    fact.2 AS Key,
    substringUTF8(fact.3, 1, 128) AS Value,
    count() AS Seen,
    toDateTime(max(Timestamp)) AS LastSeen
FROM
(
    SELECT
        Timestamp,
        '' AS Name,
        arrayJoin(arrayConcat(
            arrayMap((k, v) -> ('resource', k, v), mapKeys(ResourceAttributes), mapValues(ResourceAttributes)),
            arrayMap((k, v) -> ('span', k, v), mapKeys(SpanAttributes), mapValues(SpanAttributes)))) AS fact
    FROM otel_traces_local
    WHERE cityHash64(rowNumberInBlock(), Timestamp) % greatest(1, intDiv(blockSize(), 4096)) = 0
)
GROUP BY Source, Name, Key, Value
ORDER BY Seen DESC
LIMIT 20 BY Source, Name, Key;

CREATE MATERIALIZED VIEW IF NOT EXISTS otel_known_values_logs_mv ON CLUSTER 'main' TO otel_known_values_local
(
    `Date` Date,
    `Signal` LowCardinality(String),
    `Source` LowCardinality(String),
    `Name` LowCardinality(String),
    `Key` LowCardinality(String),
    `Value` String,
    `Seen` UInt64,
    `LastSeen` DateTime
)
AS SELECT
    toDate(LastSeen) AS Date,
    'logs' AS Signal,
    fact.1 AS Source,
    Name,
    fact.2 AS Key,
    substringUTF8(fact.3, 1, 128) AS Value,
    count() AS Seen,
    toDateTime(max(Timestamp)) AS LastSeen
FROM
(
    SELECT
        Timestamp,
        '' AS Name,
        arrayJoin(arrayConcat(
            arrayMap((k, v) -> ('resource', k, v), mapKeys(ResourceAttributes), mapValues(ResourceAttributes)),
            arrayMap((k, v) -> ('log', k, v), mapKeys(LogAttributes), mapValues(LogAttributes)))) AS fact
    FROM otel_logs_local
    WHERE cityHash64(rowNumberInBlock(), Timestamp) % greatest(1, intDiv(blockSize(), 4096)) = 0
)
GROUP BY Source, Name, Key, Value
ORDER BY Seen DESC
LIMIT 20 BY Source, Name, Key;

CREATE MATERIALIZED VIEW IF NOT EXISTS otel_known_values_gauge_mv ON CLUSTER 'main' TO otel_known_values_local
(
    `Date` Date,
    `Signal` LowCardinality(String),
    `Source` LowCardinality(String),
    `Name` LowCardinality(String),
    `Key` LowCardinality(String),
    `Value` String,
    `Seen` UInt64,
    `LastSeen` DateTime
)
AS SELECT
    toDate(LastSeen) AS Date,
    'metrics' AS Signal,
    fact.1 AS Source,
    Name,
    fact.2 AS Key,
    substringUTF8(fact.3, 1, 128) AS Value,
    count() AS Seen,
    toDateTime(max(TimeUnix)) AS LastSeen
FROM
(
    SELECT
        TimeUnix,
        MetricName AS Name,
        arrayJoin(arrayConcat(
            [('metric', 'kind', 'gauge'), ('metric', 'unit', MetricUnit), ('metric', 'description', MetricDescription)],
            arrayMap((k, v) -> ('resource', k, v), mapKeys(ResourceAttributes), mapValues(ResourceAttributes)),
            arrayMap((k, v) -> ('point', k, v), mapKeys(Attributes), mapValues(Attributes)))) AS fact
    FROM otel_metrics_gauge_local
    WHERE cityHash64(rowNumberInBlock(), TimeUnix) % greatest(1, intDiv(blockSize(), 4096)) = 0
)
GROUP BY Source, Name, Key, Value
ORDER BY Seen DESC
LIMIT 20 BY Source, Name, Key;

CREATE MATERIALIZED VIEW IF NOT EXISTS otel_known_values_sum_mv ON CLUSTER 'main' TO otel_known_values_local
(
    `Date` Date,
    `Signal` LowCardinality(String),
    `Source` LowCardinality(String),
    `Name` LowCardinality(String),
    `Key` LowCardinality(String),
    `Value` String,
    `Seen` UInt64,
    `LastSeen` DateTime
)
AS SELECT
    toDate(LastSeen) AS Date,
    'metrics' AS Signal,
    fact.1 AS Source,
    Name,
    fact.2 AS Key,
    substringUTF8(fact.3, 1, 128) AS Value,
    count() AS Seen,
    toDateTime(max(TimeUnix)) AS LastSeen
FROM
(
    SELECT
        TimeUnix,
        MetricName AS Name,
        arrayJoin(arrayConcat(
            [('metric', 'kind', 'sum'), ('metric', 'unit', MetricUnit), ('metric', 'description', MetricDescription)],
            arrayMap((k, v) -> ('resource', k, v), mapKeys(ResourceAttributes), mapValues(ResourceAttributes)),
            arrayMap((k, v) -> ('point', k, v), mapKeys(Attributes), mapValues(Attributes)))) AS fact
    FROM otel_metrics_sum_local
    WHERE cityHash64(rowNumberInBlock(), TimeUnix) % greatest(1, intDiv(blockSize(), 4096)) = 0
)
GROUP BY Source, Name, Key, Value
ORDER BY Seen DESC
LIMIT 20 BY Source, Name, Key;

CREATE MATERIALIZED VIEW IF NOT EXISTS otel_known_values_histogram_mv ON CLUSTER 'main' TO otel_known_values_local
(
    `Date` Date,
    `Signal` LowCardinality(String),
    `Source` LowCardinality(String),
    `Name` LowCardinality(String),
    `Key` LowCardinality(String),
    `Value` String,
    `Seen` UInt64,
    `LastSeen` DateTime
)
AS SELECT
    toDate(LastSeen) AS Date,
    'metrics' AS Signal,
    fact.1 AS Source,
    Name,
    fact.2 AS Key,
    substringUTF8(fact.3, 1, 128) AS Value,
    count() AS Seen,
    toDateTime(max(TimeUnix)) AS LastSeen
FROM
(
    SELECT
        TimeUnix,
        MetricName AS Name,
        arrayJoin(arrayConcat(
            [('metric', 'kind', 'histogram'), ('metric', 'unit', MetricUnit), ('metric', 'description', MetricDescription)],
            arrayMap((k, v) -> ('resource', k, v), mapKeys(ResourceAttributes), mapValues(ResourceAttributes)),
            arrayMap((k, v) -> ('point', k, v), mapKeys(Attributes), mapValues(Attributes)))) AS fact
    FROM otel_metrics_histogram_local
    WHERE cityHash64(rowNumberInBlock(), TimeUnix) % greatest(1, intDiv(blockSize(), 4096)) = 0
)
GROUP BY Source, Name, Key, Value
ORDER BY Seen DESC
LIMIT 20 BY Source, Name, Key;

CREATE MATERIALIZED VIEW IF NOT EXISTS otel_known_values_exponential_histogram_mv ON CLUSTER 'main' TO otel_known_values_local
(
    `Date` Date,
    `Signal` LowCardinality(String),
    `Source` LowCardinality(String),
    `Name` LowCardinality(String),
    `Key` LowCardinality(String),
    `Value` String,
    `Seen` UInt64,
    `LastSeen` DateTime
)
AS SELECT
    toDate(LastSeen) AS Date,
    'metrics' AS Signal,
    fact.1 AS Source,
    Name,
    fact.2 AS Key,
    substringUTF8(fact.3, 1, 128) AS Value,
    count() AS Seen,
    toDateTime(max(TimeUnix)) AS LastSeen
FROM
(
    SELECT
        TimeUnix,
        MetricName AS Name,
        arrayJoin(arrayConcat(
            [('metric', 'kind', 'exponential_histogram'), ('metric', 'unit', MetricUnit), ('metric', 'description', MetricDescription)],
            arrayMap((k, v) -> ('resource', k, v), mapKeys(ResourceAttributes), mapValues(ResourceAttributes)),
            arrayMap((k, v) -> ('point', k, v), mapKeys(Attributes), mapValues(Attributes)))) AS fact
    FROM otel_metrics_exponential_histogram_local
    WHERE cityHash64(rowNumberInBlock(), TimeUnix) % greatest(1, intDiv(blockSize(), 4096)) = 0
)
GROUP BY Source, Name, Key, Value
ORDER BY Seen DESC
LIMIT 20 BY Source, Name, Key;

CREATE MATERIALIZED VIEW IF NOT EXISTS otel_known_values_summary_mv ON CLUSTER 'main' TO otel_known_values_local
(
    `Date` Date,
    `Signal` LowCardinality(String),
    `Source` LowCardinality(String),
    `Name` LowCardinality(String),
    `Key` LowCardinality(String),
    `Value` String,
    `Seen` UInt64,
    `LastSeen` DateTime
)
AS SELECT
    toDate(LastSeen) AS Date,
    'metrics' AS Signal,
    fact.1 AS Source,
    Name,
    fact.2 AS Key,
    substringUTF8(fact.3, 1, 128) AS Value,
    count() AS Seen,
    toDateTime(max(TimeUnix)) AS LastSeen
FROM
(
    SELECT
        TimeUnix,
        MetricName AS Name,
        arrayJoin(arrayConcat(
            [('metric', 'kind', 'summary'), ('metric', 'unit', MetricUnit), ('metric', 'description', MetricDescription)],
            arrayMap((k, v) -> ('resource', k, v), mapKeys(ResourceAttributes), mapValues(ResourceAttributes)),
            arrayMap((k, v) -> ('point', k, v), mapKeys(Attributes), mapValues(Attributes)))) AS fact
    FROM otel_metrics_summary_local
    WHERE cityHash64(rowNumberInBlock(), TimeUnix) % greatest(1, intDiv(blockSize(), 4096)) = 0
)
GROUP BY Source, Name, Key, Value
ORDER BY Seen DESC
LIMIT 20 BY Source, Name, Key;
