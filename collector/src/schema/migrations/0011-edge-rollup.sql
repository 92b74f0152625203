-- Rewrites: nothing.
-- Whom a span calls, as it names them itself: a service, a database, a queue or topic, or an address.
ALTER TABLE otel_traces
    ADD COLUMN IF NOT EXISTS `PeerType` LowCardinality(String) ALIAS multiIf(
        SpanAttributes['peer.service'] != '', 'service',
        SpanAttributes['db.system.name'] != '' OR SpanAttributes['db.system'] != '', 'database',
        SpanAttributes['messaging.system'] != '', 'messaging',
        'address'),
    ADD COLUMN IF NOT EXISTS `Peer` String ALIAS multiIf(
        PeerType = 'service', SpanAttributes['peer.service'],
        PeerType = 'database', concat(coalesce(nullIf(SpanAttributes['db.system.name'], ''), SpanAttributes['db.system']), '/',
            coalesce(nullIf(SpanAttributes['db.namespace'], ''), nullIf(SpanAttributes['db.name'], ''), SpanAttributes['server.address'])),
        PeerType = 'messaging', concat(SpanAttributes['messaging.system'], '/',
            coalesce(nullIf(SpanAttributes['messaging.destination.name'], ''), SpanAttributes['messaging.destination'])),
        SpanAttributes['server.address'] != '', concat(SpanAttributes['server.address'], ':', SpanAttributes['server.port']),
        SpanAttributes['net.peer.name'] != '', concat(SpanAttributes['net.peer.name'], ':', SpanAttributes['net.peer.port']),
        SpanAttributes['rpc.service']);

-- The service graph: what each service calls, by the minute, as its own client and producer spans name it.
CREATE TABLE IF NOT EXISTS otel_traces_edge_1m
(
    `Time` DateTime CODEC(Delta(4), ZSTD(1)),
    `ServiceName` LowCardinality(String) CODEC(ZSTD(1)),
    `PeerType` LowCardinality(String) CODEC(ZSTD(1)),
    `Peer` LowCardinality(String) CODEC(ZSTD(1)),
    `Requests` SimpleAggregateFunction(sum, UInt64) CODEC(T64, ZSTD(1)),
    `Errors` SimpleAggregateFunction(sum, UInt64) CODEC(T64, ZSTD(1)),
    `DurationSum` SimpleAggregateFunction(sum, UInt64) CODEC(T64, ZSTD(1)),
    `DurationMax` SimpleAggregateFunction(max, UInt64) CODEC(T64, ZSTD(1))
)
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(Time)
ORDER BY (toStartOfHour(Time), ServiceName, PeerType, Peer, Time)
SETTINGS
    index_granularity = 8192,
    ttl_only_drop_parts = 1,
    materialize_ttl_recalculate_only = 1,
    non_replicated_deduplication_window = 10000;

CREATE MATERIALIZED VIEW IF NOT EXISTS otel_traces_edge_1m_mv TO otel_traces_edge_1m
(
    `Time` DateTime,
    `ServiceName` LowCardinality(String),
    `PeerType` LowCardinality(String),
    `Peer` LowCardinality(String),
    `Requests` UInt64,
    `Errors` UInt64,
    `DurationSum` UInt64,
    `DurationMax` UInt64
)
AS SELECT
    toStartOfMinute(Timestamp) AS Time,
    ServiceName,
    PeerType,
    Peer,
    count() AS Requests,
    countIf(StatusCode = 'Error') AS Errors,
    sum(Duration) AS DurationSum,
    max(Duration) AS DurationMax
FROM otel_traces
WHERE SpanKind IN ('Client', 'Producer')
GROUP BY Time, ServiceName, PeerType, Peer;

-- Which service answers behind an address, as traces have shown it: facts, learned from a sample, that may be inserted again without harm.
CREATE TABLE IF NOT EXISTS otel_service_peers
(
    `ServiceName` LowCardinality(String),
    `PeerType` LowCardinality(String),
    `Peer` String,
    `PeerService` LowCardinality(String),
    `LastSeen` DateTime
)
ENGINE = ReplacingMergeTree(LastSeen)
ORDER BY (ServiceName, PeerType, Peer, PeerService)
SETTINGS
    index_granularity = 8192,
    ttl_only_drop_parts = 1,
    materialize_ttl_recalculate_only = 1,
    non_replicated_deduplication_window = 10000;
