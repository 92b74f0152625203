import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTestClickHouse, type TestClickHouse } from '@tocsin/deploy/testing';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { simpleSpans } from './otlp.ts';
import { selectRows } from './stage.ts';

const MAIN = join(import.meta.dirname, '../../src/main.ts');
let clickhouse: TestClickHouse;
let dataDir: string;

beforeAll(async () => {
  clickhouse = await startTestClickHouse();
  dataDir = await mkdtemp(join(tmpdir(), 'tocsin-collector-once-'));
});
afterAll(async () => {
  await clickhouse?.stop();
  await rm(dataDir, { recursive: true, force: true });
});

const pause = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms));

/** A segment's name, whatever its ending. */
const stemOf = (file: string): string => file.replace(/\.\w+$/, '');

interface Running {
  readonly process: ChildProcess;
  readonly url: string;
}

/** A collector in a process of its own, whose segments are short. */
async function startCollector(): Promise<Running> {
  const config = join(dataDir, 'tocsin.yaml');
  const journal = '{ segment_size: 64KiB, segment_age: 100ms, min_free_disk: 1MiB }';
  await writeFile(
    config,
    `collector:\n  http: 127.0.0.1:0\n  grpc: 127.0.0.1:0\n  journal: ${journal}\nclickhouse: { url: '${clickhouse.url}' }\n`,
  );
  const child = fork(MAIN, ['--config', config, '--data', dataDir], {
    execArgv: [],
    stdio: ['ignore', 'ignore', 2, 'ipc'],
  });
  const [ready] = (await once(child, 'message')) as [{ listening: Record<string, string> }];
  return { process: child, url: ready.listening['collector.http'] ?? '' };
}

async function kill({ process: child }: Running): Promise<void> {
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

/** What all senders share: where the collector is, and what they have sent. */
interface Traffic {
  url: string;
  isOver: boolean;
  readonly sent: Set<string>;
  /** Requests that were sent more than once. */
  repeats: number;
}

/** Sends one batch until it is answered 200, wherever the collector is by then. */
async function sendUntilTaken(traffic: Traffic, key: string, names: readonly string[]): Promise<void> {
  const body = Buffer.from(simpleSpans('once', names, `${Date.now()}000000`));
  const headers = { 'content-type': 'application/x-protobuf', 'idempotency-key': `"${key}"` };
  for (let attempt = 0; ; attempt += 1) {
    const status = await fetch(`${traffic.url}/v1/traces`, { method: 'POST', body, headers }).then(
      (response) => response.status,
      () => 0,
    );
    if (status === 200) {
      if (attempt > 0) traffic.repeats += 1;
      return;
    }
    await pause(10);
  }
}

/** A producer with so many requests under way, none of them 64 or more behind the newest. */
async function produce(traffic: Traffic, lanes: number): Promise<void> {
  const producer = randomUUID();
  const underWay = new Set<number>();
  let last = 0;
  const runLane = async (): Promise<void> => {
    while (!traffic.isOver) {
      if (last + 1 - Math.min(last, ...underWay) >= 64) {
        await pause(1);
        continue;
      }
      const sequence = (last += 1);
      underWay.add(sequence);
      const key = `${producer}/${sequence}`;
      const names = Array.from({ length: 5 }, (_, index) => `${key}/${index}`);
      for (const name of names) traffic.sent.add(name);
      await sendUntilTaken(traffic, key, names);
      underWay.delete(sequence);
    }
  };
  await Promise.all(Array.from({ length: lanes }, runLane));
}

test('a collector killed again and again while senders repeat until they are answered: every span is there, once', async () => {
  let collector = await startCollector();
  const traffic: Traffic = { url: collector.url, isOver: false, sent: new Set(), repeats: 0 };
  const producing = Promise.all([produce(traffic, 1), produce(traffic, 1), produce(traffic, 16)]);
  for (const lifeMs of [400, 700, 300, 900, 500]) {
    const before = traffic.sent.size;
    await pause(lifeMs);
    // On a busy machine for as long as it takes: something is to be there that could be lost.
    while (traffic.sent.size <= before + 100) await pause(10);
    await kill(collector);
    collector = await startCollector();
    traffic.url = collector.url;
  }
  onTestFinished(() => kill(collector));
  traffic.isOver = true;
  await producing;
  const folder = join(dataDir, 'collector/journal');
  // Its own telemetry goes on arriving: what counts is that no segment of the time before is left.
  const segments = async () => (await readdir(folder)).filter((file) => file.includes('-traces-')).map(stemOf);
  const left = new Set(await segments());
  await expect
    .poll(async () => (await segments()).filter((name) => left.has(name)), { timeout: 120_000, interval: 100 })
    .toEqual([]);
  const rows = await selectRows(
    clickhouse,
    "SELECT SpanName AS name, count() AS times FROM otel.otel_traces WHERE ServiceName = 'once' GROUP BY name",
  );
  const times = new Map(rows.map((row) => [String(row['name']), Number(row['times'])]));
  expect(traffic.sent.size).toBeGreaterThan(500);
  expect(traffic.repeats).toBeGreaterThan(5);
  expect([...times].filter(([, count]) => count !== 1)).toEqual([]);
  expect([...traffic.sent].filter((name) => !times.has(name))).toEqual([]);
  expect(await readdir(join(dataDir, 'collector')), 'nothing was refused').not.toContain('dead-letter');
}, 240_000);
