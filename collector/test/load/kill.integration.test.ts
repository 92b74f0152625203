import { type ChildProcess, fork } from 'node:child_process';
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
  dataDir = await mkdtemp(join(tmpdir(), 'tocsin-collector-kill-'));
});
afterAll(async () => {
  await clickhouse?.stop();
  await rm(dataDir, { recursive: true, force: true });
});

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
    `collector:\n  http: 127.0.0.1:0\n  grpc: 127.0.0.1:0\n  journal: ${journal}\n  load: { timeout: 1s }\n` +
      `clickhouse: { url: '${clickhouse.url}' }\n`,
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

/** Sends requests of spans with names of their own until told to stop. What was answered 200 is acknowledged. */
async function send(lane: string, url: string, acknowledged: Set<string>, signal: AbortSignal): Promise<void> {
  for (let count = 0; !signal.aborted; count += 1) {
    const names = Array.from({ length: 5 }, (_, index) => `${lane}-${count}-${index}`);
    const body = Buffer.from(simpleSpans('kill', names, `${Date.now()}000000`));
    const headers = { 'Content-Type': 'application/x-protobuf' };
    const status = await fetch(`${url}/v1/traces`, { method: 'POST', body, headers }).then(
      (response) => response.status,
      () => 0,
    );
    if (status === 200) for (const name of names) acknowledged.add(name);
    else await new Promise((resolve) => void setTimeout(resolve, 10));
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms));

test('collector and ClickHouse killed under load, again and again: every acknowledged span is there once, in table and view', async () => {
  const acknowledged = new Set<string>();
  for (const [round, lifeMs] of [600, 1_100, 1_700].entries()) {
    const collector = await startCollector();
    const over = new AbortController();
    const senders = ['a', 'b', 'c'].map((lane) => send(`${round}${lane}`, collector.url, acknowledged, over.signal));
    await pause(lifeMs);
    if (round === 1) await clickhouse.kill();
    await kill(collector);
    over.abort();
    await Promise.all(senders);
    if (round === 1) await clickhouse.restart();
  }
  const last = await startCollector();
  onTestFinished(() => kill(last));
  const folder = join(dataDir, 'collector/journal');
  // Its own telemetry goes on arriving: what counts is that no segment of the time before is left.
  const left = new Set((await readdir(folder)).filter((file) => file.endsWith('.segment')));
  await expect
    .poll(async () => (await readdir(folder)).filter((file) => left.has(file)), { timeout: 30_000, interval: 100 })
    .toEqual([]);
  const rows = await selectRows(
    clickhouse,
    "SELECT SpanName AS name, count() AS times FROM otel.otel_traces WHERE ServiceName = 'kill' GROUP BY name",
  );
  const times = new Map(rows.map((row) => [String(row['name']), Number(row['times'])]));
  expect(acknowledged.size).toBeGreaterThan(100);
  expect([...acknowledged].filter((name) => !times.has(name))).toEqual([]);
  expect([...times].filter(([, count]) => count !== 1)).toEqual([]);
  const query = `SELECT count() AS rows, uniqExact(TraceId) AS traces FROM otel.otel_traces_trace_id_ts
    WHERE TraceId IN (SELECT TraceId FROM otel.otel_traces WHERE ServiceName = 'kill')`;
  const [view] = await selectRows(clickhouse, query);
  expect(view).toEqual({ rows: String(times.size), traces: String(times.size) });
  expect(await readdir(join(dataDir, 'collector')), 'nothing was refused').not.toContain('dead-letter');
});
