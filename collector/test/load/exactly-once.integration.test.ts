import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createClickHouse } from '@tocsin/service/clickhouse';
import { silentLogger } from '@tocsin/service/log';
import { startTestClickHouse, type TestClickHouse } from '@tocsin/deploy/testing';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { createDatabaseDoor } from '../../src/load/database-door.ts';
import { createInserter, type InsertData } from '../../src/load/insert-segment.ts';
import { loadSegment } from '../../src/load/load-segment.ts';
import { SentStatements } from '../../src/load/sent-statements.ts';
import { createUpkeep } from '../../src/schema/upkeep.ts';
import { segmentLoad } from './segment-load.ts';
import { anyValue, encodeRequest, simpleSpans } from './otlp.ts';
import { openStage, selectRows, type Stage } from './stage.ts';

let clickhouse: TestClickHouse;

beforeAll(async () => {
  clickhouse = await startTestClickHouse();
});

afterAll(async () => {
  await clickhouse?.stop();
});

async function openTestStage(options?: { start: boolean }): Promise<Stage> {
  const stage = await openStage(clickhouse.url, options);
  onTestFinished(() => stage.close());
  return stage;
}

async function names(service: string): Promise<readonly unknown[]> {
  const query = `SELECT SpanName FROM otel_traces WHERE ServiceName = '${service}' ORDER BY SpanName`;
  return (await selectRows(clickhouse, query)).map((row) => row['SpanName']);
}

/** How many spans of the service the rollup counts. */
async function counted(service: string): Promise<number> {
  const query = `SELECT sum(Requests) AS spans FROM otel_traces_service_1m WHERE ServiceName = '${service}'`;
  return Number((await selectRows(clickhouse, query))[0]?.['spans']);
}

/** A sealed segment with the spans of three days, so that it becomes three parts. */
async function sealThreeDays(stage: Stage, service: string): Promise<void> {
  const days = ['1763839440123456789', '1763925840123456789', '1764012240123456789'];
  for (const [index, startNs] of days.entries()) {
    const body = simpleSpans(service, [`${service}-${index}`], startNs);
    await stage.journal.append('traces', body, { items: 1, self: false });
  }
  await stage.journal.sealAll();
}

test('a segment that is loaded again inserts nothing twice, neither spans nor what the view makes of them', async () => {
  const stage = await openTestStage({ start: false });
  await sealThreeDays(stage, 'again');
  const [segment] = stage.journal.sealed();
  const door = createDatabaseDoor(stage.config, silentLogger());
  onTestFinished(() => door.close());
  await door.prepare();
  const load = (insert: InsertData) => segmentLoad(stage.directory, segment!.name, { insert });
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const outcome = await loadSegment(segment!, await load(door.insert));
    expect(outcome.status).toBe('loaded');
  }
  expect(await names('again')).toEqual(['again-0', 'again-1', 'again-2']);
  const query =
    "SELECT count() AS rows FROM otel_traces_trace_id_ts WHERE TraceId LIKE concat(lower(hex('again-')), '%')";
  expect(await selectRows(clickhouse, query)).toEqual([{ rows: '3' }]);
  expect(await counted('again')).toBe(3);
  // The proof that it is the token: under another one the same segment goes in once more.
  const insert: InsertData = (attempt) => door.insert({ ...attempt, token: `${attempt.token}:other` });
  await loadSegment(segment!, await load(insert));
  expect(await names('again')).toHaveLength(6);
});

test('what is appended while ClickHouse is away and killed in the middle is there once when it is back', async () => {
  const stage = await openTestStage();
  const service = 'killed';
  const expected: string[] = [];
  const append = async (): Promise<void> => {
    const name = `${service}-${String(expected.length).padStart(3, '0')}`;
    const result = await stage.journal.append('traces', simpleSpans(service, [name]), { items: 1, self: false });
    expect(result.status).toBe('stored');
    expected.push(name);
    await stage.journal.sealAll();
  };
  await expect.poll(() => stage.loader.state().phase, { timeout: 10_000 }).toBe('loading');
  for (let count = 0; count < 10; count += 1) await append();
  await clickhouse.kill();
  for (let count = 0; count < 10; count += 1) await append();
  await expect.poll(() => stage.loader.state().phase, { timeout: 10_000 }).toBe('waiting');
  await clickhouse.restart();
  for (let count = 0; count < 5; count += 1) await append();
  await stage.settle();
  expect(stage.loader.state()).toMatchObject({ phase: 'loading', awaySinceMs: undefined, lastError: undefined });
  expect(await names(service)).toEqual(expected);
  const query =
    "SELECT count() AS rows FROM otel_traces_trace_id_ts WHERE TraceId LIKE concat(lower(hex('killed-')), '%')";
  expect(await selectRows(clickhouse, query)).toEqual([{ rows: '25' }]);
  expect(await counted(service)).toBe(25);
});

test('an answer that is lost after ClickHouse has stored the data does no harm', async () => {
  const stage = await openTestStage({ start: false });
  await sealThreeDays(stage, 'lost');
  const door = createDatabaseDoor(stage.config, silentLogger());
  onTestFinished(() => door.close());
  await door.prepare();
  let answersLost = 0;
  const insert: InsertData = async (attempt) => {
    const outcome = await door.insert(attempt);
    if (answersLost > 0) return outcome;
    answersLost += 1;
    return { status: 'retryable', reason: 'unreachable', message: 'socket hang up' };
  };
  const load = await segmentLoad(stage.directory, stage.journal.sealed()[0]!.name, { insert });
  expect(await loadSegment(stage.journal.sealed()[0]!, load)).toMatchObject({ status: 'retryable', items: 3 });
  expect(await loadSegment(stage.journal.sealed()[0]!, load)).toMatchObject({ status: 'loaded', deadLetters: 0 });
  expect(await names('lost')).toEqual(['lost-0', 'lost-1', 'lost-2']);
});

test('an insert that is broken off in the middle is ended in ClickHouse, and goes in as halves', async () => {
  const stage = await openTestStage({ start: false });
  // Before the data, as in the collector: what is older may have been sent by another process.
  const door = createDatabaseDoor(stage.config, silentLogger());
  onTestFinished(() => door.close());
  await door.prepare();
  const expected: string[] = [];
  for (let index = 0; index < 6; index += 1) {
    const name = `slow-${index}`;
    expected.push(name);
    const startNs = String(1_763_839_440_000_000_000n + BigInt(index));
    await stage.journal.append('traces', simpleSpans('slow', [name], startNs), { items: 1, self: false });
  }
  await stage.journal.sealAll();
  const [segment] = stage.journal.sealed();
  let attempts = 0;
  // Too short for the first: ClickHouse needs longer to understand the statement.
  const insert: InsertData = (attempt) => door.insert({ ...attempt, limitMs: attempts++ === 0 ? 15 : 10_000 });
  const splits: string[] = [];
  const parts = { insert, attempts: door.attempts, onSplit: (reason: string) => void splits.push(reason) };
  const outcome = await loadSegment(segment!, await segmentLoad(stage.directory, segment!.name, parts));
  expect([outcome.status, splits, attempts]).toEqual(['loaded', ['timeout'], 3]);
  expect(await names('slow')).toEqual(expected);
});

test('a statement that begins after its time is refused whole by ClickHouse, and tried again', async () => {
  const stage = await openTestStage({ start: false });
  await stage.journal.append('traces', simpleSpans('late', ['late-0']), { items: 1, self: false });
  await stage.journal.sealAll();
  const [segment] = stage.journal.sealed();
  const door = createDatabaseDoor(stage.config, silentLogger());
  onTestFinished(() => door.close());
  await door.prepare();
  // The clock of ClickHouse is ten minutes ahead of what it was taken for.
  let clockMs = Date.now() - 600_000;
  const sent = new SentStatements({ askClock: () => Promise.resolve(clockMs) });
  const client = createClickHouse(stage.config, { application: 'test', readonly: false });
  onTestFinished(() => client.close());
  const load = await segmentLoad(stage.directory, segment!.name, { insert: createInserter(client, sent) });
  expect(await loadSegment(segment!, load)).toMatchObject({ status: 'retryable', reason: 'overloaded' });
  expect(await names('late')).toEqual([]);
  clockMs = Date.now();
  expect(await loadSegment(segment!, load)).toMatchObject({ status: 'loaded', deadLetters: 0 });
  expect(await names('late')).toEqual(['late-0']);
});

test('a poisonous request goes to the dead letters with its reason, and all others are loaded', async () => {
  const stage = await openTestStage();
  const poison = Buffer.from('this is no protobuf');
  const expected: string[] = [];
  for (let index = 0; index < 13; index += 1) {
    if (index === 4 || index === 11) await stage.journal.append('traces', poison, { items: 7, self: false });
    const name = `poisoned-${String(index).padStart(2, '0')}`;
    expected.push(name);
    await stage.journal.append('traces', simpleSpans('poisoned', [name]), { items: 1, self: false });
  }
  await stage.settle();
  expect(await names('poisoned')).toEqual(expected);
  const directory = join(stage.directory, 'dead-letter');
  const files = (await readdir(directory)).toSorted();
  expect(files).toHaveLength(4);
  expect(await readFile(join(directory, files[0]!))).toEqual(poison);
  expect(JSON.parse(await readFile(join(directory, files[1]!), 'utf8'))).toMatchObject({
    signal: 'traces',
    reason: 'refused',
    table: 'otel_traces',
    items: 7,
    bytes: poison.byteLength,
  });
});

test('a request with times of thousands of days is set aside, and all others are loaded', async () => {
  const stage = await openTestStage();
  const span = { trace_id: Buffer.alloc(16, 7), span_id: Buffer.alloc(8, 7), name: 'wild' };
  const spans = Array.from({ length: 1_001 }, (_, day) => ({ ...span, start_time_unix_nano: `${day}86400000000000` }));
  const wild = encodeRequest('traces', { resource_spans: [{ scope_spans: [{ spans }] }] });
  await stage.journal.append('traces', simpleSpans('calm', ['calm-0']), { items: 1, self: false });
  await stage.journal.append('traces', wild, { items: 1_001, self: false });
  await stage.journal.append('traces', simpleSpans('calm', ['calm-1']), { items: 1, self: false });
  await stage.settle();
  expect(await names('calm')).toEqual(['calm-0', 'calm-1']);
  const letters = await readdir(join(stage.directory, 'dead-letter'));
  expect(letters).toHaveLength(2);
});

test('a request that only one table of metrics refuses is loaded into the others', async () => {
  const stage = await openTestStage();
  const gauge = { name: 'poisoned.gauge', gauge: { data_points: [{ as_int: '1' }] } };
  const sum = { name: 'poisoned.sum', sum: { data_points: [{ attributes: [{ key: 'k', value: anyValue('v') }] }] } };
  const body = Buffer.from(
    encodeRequest('metrics', { resource_metrics: [{ scope_metrics: [{ metrics: [gauge, sum] }] }] }),
  );
  // The wire type of the attribute's value becomes one that protobuf does not have.
  const key = body.lastIndexOf(Buffer.from([0x0a, 0x01, 0x6b, 0x12]));
  body[key + 3] = 0x17;
  await stage.journal.append('metrics', body, { items: 2, self: false });
  await stage.settle();
  const query = "SELECT MetricName FROM otel_metrics_gauge WHERE MetricName = 'poisoned.gauge'";
  expect(await selectRows(clickhouse, query)).toHaveLength(1);
  const letters = await readdir(join(stage.directory, 'dead-letter'));
  expect(letters.filter((file) => file.includes('otel_metrics_sum'))).toHaveLength(2);
  expect(letters).toHaveLength(2);
});

test('stopping loads what is left', async () => {
  const stage = await openTestStage();
  await stage.journal.append('traces', simpleSpans('stopping', ['stopping-0']), { items: 1, self: false });
  await stage.loader.stop();
  expect(stage.journal.stats().segments).toBe(0);
  expect(await names('stopping')).toEqual(['stopping-0']);
});

test('a new configuration changes the retention while loading goes on', async () => {
  const stage = await openTestStage();
  const { collector } = stage.config;
  const upkeep = createUpkeep({ config: stage.config, log: silentLogger() });
  onTestFinished(() => upkeep.stop());
  upkeep.start();
  await expect.poll(() => stage.loader.state().phase, { timeout: 10_000 }).toBe('loading');
  upkeep.reload({
    ...stage.config,
    collector: { ...collector, retention: { ...collector.retention, logsMs: 3_600_000 } },
  });
  const query = "SELECT engine_full FROM system.tables WHERE database = 'otel' AND name = 'otel_logs'";
  await expect
    .poll(async () => JSON.stringify(await selectRows(clickhouse, query)), { timeout: 5_000 })
    .toContain('toDateTime(Timestamp) + toIntervalSecond(3600)');
});
