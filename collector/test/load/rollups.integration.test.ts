import { startTestClickHouse, type TestClickHouse } from '@tocsin/deploy/testing';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { learnPeers } from '../../src/rollup/learn-peers.ts';
import { attributeList, type Attributes, encodeRequest, id } from './otlp.ts';
import { openStage, selectRows, type Stage } from './stage.ts';

const NOON_NS = 1_763_812_800_000_000_000n;
const NOON = '2025-11-22 12:00:00';
let clickhouse: TestClickHouse;
let stage: Stage;

beforeAll(async () => {
  clickhouse = await startTestClickHouse();
  stage = await openStage(clickhouse.url);
});

afterAll(async () => {
  await stage?.close();
  await clickhouse?.stop();
});

interface Call {
  readonly name: string;
  readonly kind: number;
  readonly durationNs?: bigint;
  readonly afterS?: number;
  readonly failed?: boolean;
  readonly attributes?: Attributes;
}

function span(
  { name, kind, durationNs = 0n, afterS = 0, failed = false, attributes = {} }: Call,
  index: number,
): object {
  const startNs = NOON_NS + BigInt(afterS) * 1_000_000_000n;
  return {
    trace_id: id(index + 1, 16),
    span_id: id(index + 1, 8),
    name,
    kind,
    start_time_unix_nano: String(startNs),
    end_time_unix_nano: String(startNs + durationNs),
    attributes: attributeList(attributes),
    status: { code: failed ? 2 : 0 },
  };
}

async function store(service: string, calls: readonly Call[], resource: Attributes = {}): Promise<void> {
  const attributes = attributeList({ 'service.name': service, ...resource });
  const spans = calls.map((call, index) => span(call, index));
  const body = encodeRequest('traces', { resource_spans: [{ resource: { attributes }, scope_spans: [{ spans }] }] });
  await stage.journal.append('traces', body, { items: calls.length, self: false });
  await stage.settle();
}

test('requests, errors and durations are counted by service, operation, kind and minute; buckets of 9 %', async () => {
  const get = { name: 'GET /', kind: 2 };
  await store('counted', [
    { ...get, durationNs: 1_000_000n },
    { ...get, durationNs: 1_000_001n, failed: true },
    { ...get, durationNs: 2_000_000n, afterS: 59 },
    { ...get, afterS: 60 },
    { name: 'work', kind: 1, durationNs: 1n },
  ]);
  const rows = await selectRows(
    clickhouse,
    `SELECT Time, SpanName, SpanKind, DurationBucket, sum(Requests) AS Requests, sum(Errors) AS Errors, sum(DurationSum) AS DurationSum
     FROM otel_traces_service_1m WHERE ServiceName = 'counted' GROUP BY ALL ORDER BY SpanName, Time, DurationBucket`,
  );
  const row = { Time: NOON, SpanName: 'GET /', SpanKind: 'Server', Requests: '1', Errors: '0', DurationSum: '0' };
  expect(rows).toEqual([
    // 2^(159/8) is 962,000 and 2^(160/8) is 1,048,576; 2^(167/8) is 1,925,000.
    { ...row, DurationBucket: 159, Requests: '2', Errors: '1', DurationSum: '2000001' },
    { ...row, DurationBucket: 167, DurationSum: '2000000' },
    { ...row, DurationBucket: -1, Time: '2025-11-22 12:01:00' },
    { ...row, SpanName: 'work', SpanKind: 'Internal', DurationBucket: 0, DurationSum: '1' },
  ]);
});

test('the service graph has an edge for each peer that client and producer spans name', async () => {
  const call = { name: 'call', kind: 3, durationNs: 10n };
  await store('caller', [
    { ...call, attributes: { 'server.address': 'checkout', 'server.port': { int: '8080' } } },
    { ...call, attributes: { 'server.address': 'checkout', 'server.port': { int: '8080' } }, failed: true },
    { ...call, attributes: { 'peer.service': 'stock', 'server.address': 'x' } },
    { ...call, attributes: { 'db.system.name': 'postgresql', 'db.namespace': 'orders' } },
    { ...call, attributes: { 'db.system': 'redis', 'server.address': 'cache' } },
    { ...call, kind: 4, attributes: { 'messaging.system': 'kafka', 'messaging.destination.name': 'mail' } },
    { ...call, attributes: { 'net.peer.name': 'old', 'net.peer.port': { int: '80' } } },
    { ...call, attributes: {} },
    { ...call, kind: 2, attributes: { 'server.address': 'own' } },
  ]);
  const rows = await selectRows(
    clickhouse,
    `SELECT PeerType, Peer, sum(Requests) AS Requests, sum(Errors) AS Errors, sum(DurationSum) AS DurationSum, max(DurationMax) AS DurationMax
     FROM otel_traces_edge_1m WHERE ServiceName = 'caller' AND Time = '${NOON}' GROUP BY ALL ORDER BY PeerType, Peer`,
  );
  const edge = { Requests: '1', Errors: '0', DurationSum: '10', DurationMax: '10' };
  expect(rows).toEqual([
    { ...edge, PeerType: 'address', Peer: '' },
    { ...edge, PeerType: 'address', Peer: 'checkout:8080', Requests: '2', Errors: '1', DurationSum: '20' },
    { ...edge, PeerType: 'address', Peer: 'old:80' },
    { ...edge, PeerType: 'database', Peer: 'postgresql/orders' },
    { ...edge, PeerType: 'database', Peer: 'redis/cache' },
    { ...edge, PeerType: 'messaging', Peer: 'kafka/mail' },
    { ...edge, PeerType: 'service', Peer: 'stock' },
  ]);
});

test('which service answers behind an address is learned from traces, once', async () => {
  const call = { name: 'call', kind: 3, attributes: { 'server.address': 'cart', 'server.port': { int: '80' } } };
  await store('front', [call]);
  const attributes = attributeList({ 'service.name': 'cart-service' });
  const answer = { ...span({ name: 'answer', kind: 2 }, 0), span_id: id(9, 8), parent_span_id: id(1, 8) };
  const spans = [answer];
  const body = encodeRequest('traces', { resource_spans: [{ resource: { attributes }, scope_spans: [{ spans }] }] });
  await stage.journal.append('traces', body, { items: 1, self: false });
  await stage.settle();
  const client = clickhouse.client();
  onTestFinished(() => client.close());
  for (let round = 0; round < 2; round += 1) await learnPeers(client, Number(NOON_NS / 1_000_000n) + 30_000);
  const rows = await selectRows(clickhouse, "SELECT * FROM otel_service_peers FINAL WHERE ServiceName = 'front'");
  expect(rows).toEqual([
    { ServiceName: 'front', PeerType: 'address', Peer: 'cart:80', PeerService: 'cart-service', LastSeen: NOON },
  ]);
});

test('services and their versions are known from their first span to their last', async () => {
  const call = { name: 'call', kind: 2 };
  await store('released', [call], { 'service.version': '1', 'deployment.environment.name': 'prod' });
  await store('released', [{ ...call, afterS: 100 }], { 'service.version': '2', 'deployment.environment': 'prod' });
  await store('released', [{ ...call, afterS: 200 }], {
    'service.version': '2',
    'deployment.environment.name': 'prod',
  });
  const rows = await selectRows(
    clickhouse,
    `SELECT ServiceVersion, Environment, Signal, min(FirstSeen) AS first, max(LastSeen) AS last
     FROM otel_services WHERE ServiceName = 'released' GROUP BY ALL ORDER BY ServiceVersion`,
  );
  const common = { Environment: 'prod', Signal: 'traces' };
  expect(rows).toEqual([
    { ...common, ServiceVersion: '1', first: NOON, last: NOON },
    { ...common, ServiceVersion: '2', first: '2025-11-22 12:01:40', last: '2025-11-22 12:03:20' },
  ]);
});

test('keys and values of spans, logs and metrics are known; of a key with countless values, some', async () => {
  const calls = Array.from({ length: 300 }, (_, index) => ({
    name: 'call',
    kind: 2,
    attributes: { 'known.user': `u${index}`, 'known.few': index % 2 === 0 ? 'a' : 'b' },
  }));
  await store('known', calls);
  const log = { time_unix_nano: String(NOON_NS), attributes: attributeList({ 'known.log': 'x'.repeat(300) }) };
  const logs = { resource_logs: [{ scope_logs: [{ log_records: [log] }] }] };
  await stage.journal.append('logs', encodeRequest('logs', logs), { items: 1, self: false });
  const point = { time_unix_nano: String(NOON_NS), as_double: 1, attributes: attributeList({ 'known.point': 'p' }) };
  const metric = { name: 'known.metric', unit: 's', description: 'How long.', gauge: { data_points: [point] } };
  const metrics = { resource_metrics: [{ scope_metrics: [{ metrics: [metric] }] }] };
  await stage.journal.append('metrics', encodeRequest('metrics', metrics), { items: 1, self: false });
  await stage.settle();
  const known = (where: string): Promise<readonly unknown[]> =>
    selectRows(
      clickhouse,
      `SELECT Source, Key, Value, sum(Seen) AS n FROM otel_known_values WHERE ${where} GROUP BY ALL ORDER BY ALL`,
    );
  expect(await known("Signal = 'traces' AND Key = 'known.few'")).toEqual([
    { Source: 'span', Key: 'known.few', Value: 'a', n: '150' },
    { Source: 'span', Key: 'known.few', Value: 'b', n: '150' },
  ]);
  expect(await known("Signal = 'traces' AND Key = 'known.user'")).toHaveLength(20);
  expect(await known("Signal = 'logs'")).toEqual([{ Source: 'log', Key: 'known.log', Value: 'x'.repeat(128), n: '1' }]);
  expect(await known("Signal = 'metrics' AND Name = 'known.metric'")).toEqual([
    { Source: 'metric', Key: 'description', Value: 'How long.', n: '1' },
    { Source: 'metric', Key: 'kind', Value: 'gauge', n: '1' },
    { Source: 'metric', Key: 'unit', Value: 's', n: '1' },
    { Source: 'point', Key: 'known.point', Value: 'p', n: '1' },
  ]);
});

test('log records are counted by service, severity and minute', async () => {
  const record = (severity_number: number, severity_text: string): object => ({
    time_unix_nano: String(NOON_NS),
    severity_number,
    severity_text,
  });
  const resource = { attributes: attributeList({ 'service.name': 'logged' }) };
  const log_records = [record(9, 'INFO'), record(17, 'ERROR'), record(9, 'INFO')];
  const body = encodeRequest('logs', { resource_logs: [{ resource, scope_logs: [{ log_records }] }] });
  await stage.journal.append('logs', body, { items: 3, self: false });
  await stage.settle();
  const rows = await selectRows(
    clickhouse,
    "SELECT Time, SeverityNumber, SeverityText, sum(Records) AS n FROM otel_logs_1m WHERE ServiceName = 'logged' GROUP BY ALL ORDER BY ALL",
  );
  expect(rows).toEqual([
    { Time: NOON, SeverityNumber: 9, SeverityText: 'INFO', n: '2' },
    { Time: NOON, SeverityNumber: 17, SeverityText: 'ERROR', n: '1' },
  ]);
});
