import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { startTestClickHouse, type TestClickHouse } from '../../src/testing/index.ts';
import { serveOk, serveWire, type ServiceProcess, startService, type Wire } from './process-pair.ts';

const MONITORS = 10;
/** A result is on the checker's disk long before this after its target was asked. */
const SETTLED_MS = 2_000;

let clickhouse: TestClickHouse;
beforeAll(async () => {
  clickhouse = await startTestClickHouse();
});
afterAll(() => clickhouse?.stop());

/** A run as its target saw it. */
interface Seen {
  readonly traceId: string;
  readonly atMs: number;
}

/** Collector, checker and the wire between them, on the same data through all restarts. */
interface Stage {
  readonly seen: Seen[];
  readonly wire: Wire;
  collector: ServiceProcess;
  checker: ServiceProcess;
  startCollector(): Promise<ServiceProcess>;
  startChecker(): Promise<ServiceProcess>;
}

async function openStage(): Promise<Stage & AsyncDisposable> {
  const folder = await mkdtemp(join(tmpdir(), 'tocsin-once-'));
  onTestFinished(() => rm(folder, { recursive: true, maxRetries: 3 }));
  const seen: Seen[] = [];
  const target = await serveOk((request) => {
    const traceId = String(request.headers['traceparent']).split('-')[1] ?? '';
    seen.push({ traceId, atMs: Date.now() });
  });
  const wire = await serveWire();
  const monitors = Array.from({ length: MONITORS }, (_, index) =>
    JSON.stringify({ name: `m${index}`, http: `http://127.0.0.1:${target.port}/`, interval: '1s' }),
  );
  const file = join(folder, 'tocsin.yaml');
  // One lane, so that what came first is loaded first.
  const journal = '{ segment_age: 200ms, load_lanes: 1 }';
  await writeFile(
    file,
    `collector: { http: ${wire.port}, grpc: 127.0.0.1:0, journal: ${journal} }\nchecker: { http: 0 }\n` +
      `clickhouse: { url: '${clickhouse.url}' }\nmonitors: [${monitors.join(', ')}]\n`,
  );
  const startCollector = async (): Promise<ServiceProcess> => {
    const addresses = ['collector.http=127.0.0.1:0'];
    const collector = await startService('collector', { file, dataDir: folder, addresses });
    wire.targetPort = Number(new URL(collector.listening['collector.http'] ?? '').port);
    return collector;
  };
  const startChecker = (): Promise<ServiceProcess> => startService('checker', { file, dataDir: folder });
  const collector = await startCollector();
  await stopMerges();
  const stage = { seen, wire, startCollector, startChecker, collector, checker: await startChecker() };
  return Object.assign(stage, {
    async [Symbol.asyncDispose]() {
      await stage.checker.end('SIGKILL');
      await stage.collector.end('SIGKILL');
      await wire[Symbol.asyncDispose]();
      await target[Symbol.asyncDispose]();
    },
  });
}

async function query<T>(text: string): Promise<T[]> {
  const result = await clickhouse.client().query({ query: text, format: 'JSONEachRow' });
  return result.json<T>();
}

/** Each INSERT stays a part of its own: its number says when it came. */
async function stopMerges(): Promise<void> {
  await expect
    .poll(() => query("SELECT 1 FROM system.tables WHERE database = 'otel' AND name = 'otel_traces'"))
    .toHaveLength(1);
  await clickhouse.client().command({ query: 'SYSTEM STOP MERGES otel.otel_traces' });
}

interface Stored {
  readonly traceId: string;
  readonly monitor: string;
  readonly times: number;
  readonly startMs: number;
  readonly block: number;
}

function readStored(): Promise<Stored[]> {
  return query<Stored>(
    `SELECT TraceId AS traceId, SpanAttributes['tocsin.monitor.name'] AS monitor, toUInt32(count()) AS times,
       toFloat64(toUnixTimestamp64Milli(min(Timestamp))) AS startMs, max(toInt32(splitByChar('_', _part)[-2])) AS block
     FROM otel.otel_traces WHERE ServiceName = 'tocsin-checker' AND ParentSpanId = '' AND SpanName LIKE 'probe %' GROUP BY ALL`,
  );
}

/** Every run that had the time to be written down is stored once, and of each monitor earlier ones came earlier. */
async function expectOnce({ seen }: Stage, cuts: readonly number[]): Promise<void> {
  const isSettled = ({ atMs }: Seen): boolean => cuts.every((cut) => atMs < cut - SETTLED_MS || atMs > cut);
  const due = seen.filter(isSettled).map(({ traceId }) => traceId);
  expect(due.length).toBeGreaterThan(MONITORS * 5);
  const missing = async (): Promise<string[]> => {
    const stored = new Set((await readStored()).map(({ traceId }) => traceId));
    return due.filter((traceId) => !stored.has(traceId));
  };
  await expect.poll(missing, { timeout: 60_000 }).toEqual([]);
  const stored = (await readStored()).filter(({ traceId }) => seen.some((run) => run.traceId === traceId));
  expect(stored.filter(({ times }) => times !== 1)).toEqual([]);
  for (const monitor of new Set(stored.map((run) => run.monitor))) {
    const runs = stored.filter((run) => run.monitor === monitor).toSorted((a, b) => a.startMs - b.startMs);
    const blocks = runs.map(({ block }) => block);
    expect(blocks, monitor).toEqual(blocks.toSorted((a, b) => a - b));
  }
  const points = await query<{ readonly times: string }>(
    `SELECT Attributes['tocsin.monitor.name'], TimeUnix, count() AS times FROM otel.otel_metrics_sum
     WHERE MetricName = 'tocsin.probe.runs' GROUP BY ALL HAVING times != 1`,
  );
  expect(points).toEqual([]);
}

test('the collector hangs past the time-out, the checker is killed meanwhile: every run is stored once, in order', async () => {
  await using stage = await openStage();
  await expect.poll(async () => (await readStored()).length).toBeGreaterThan(MONITORS);
  stage.collector.child.kill('SIGSTOP');
  // Longer than the checker waits for an answer (10 s): it has sent the batch again when it is killed.
  await sleep(13_000);
  await stage.checker.end('SIGKILL');
  const killedMs = Date.now();
  stage.checker = await stage.startChecker();
  await sleep(3_000);
  stage.collector.child.kill('SIGCONT');
  await sleep(3_000);
  await stage.checker.end('SIGTERM');
  await expectOnce(stage, [killedMs, Date.now()]);
}, 180_000);

test('the collector is killed between the write and the answer, again and again, and once the checker too: the same', async () => {
  await using stage = await openStage();
  await expect.poll(() => stage.seen.length).toBeGreaterThan(MONITORS);
  const cuts: number[] = [];
  for (const round of [0, 1, 2]) {
    const { promise: answered, resolve } = Promise.withResolvers<void>();
    stage.wire.onAnswer = () => {
      stage.collector.child.kill('SIGKILL');
      resolve();
    };
    await answered;
    await stage.collector.end('SIGKILL');
    if (round === 1) {
      await stage.checker.end('SIGKILL');
      cuts.push(Date.now());
      stage.checker = await stage.startChecker();
    }
    stage.wire.onAnswer = undefined;
    stage.collector = await stage.startCollector();
    await sleep(2_000);
  }
  await stage.checker.end('SIGTERM');
  await expectOnce(stage, [...cuts, Date.now()]);
}, 180_000);
