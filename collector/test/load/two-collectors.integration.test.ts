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

beforeAll(async () => {
  clickhouse = await startTestClickHouse();
});
afterAll(async () => clickhouse?.stop());

interface Running {
  readonly child: ChildProcess;
  readonly url: string;
  readonly dataDir: string;
}

/** A collector in a process of its own, with a journal of its own. */
async function startCollector(dataDir: string): Promise<Running> {
  const config = join(dataDir, 'tocsin.yaml');
  await writeFile(
    config,
    'collector:\n  http: 127.0.0.1:0\n  grpc: 127.0.0.1:0\n  journal: { segment_size: 64KiB, segment_age: 100ms, min_free_disk: 1MiB }\n' +
      `clickhouse: { url: '${clickhouse.url}' }\n`,
  );
  const child = fork(MAIN, ['--config', config, '--data', dataDir], {
    execArgv: [],
    stdio: ['ignore', 'ignore', 2, 'ipc'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [ready] = (await once(child, 'message')) as [{ listening: Record<string, string> }];
  return { child, url: ready.listening['collector.http'] ?? '', dataDir };
}

async function makeDataDir(): Promise<string> {
  const dataDir = await mkdtemp(join(tmpdir(), 'tocsin-two-collectors-'));
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
  return dataDir;
}

/** As a load balancer does: each request to the next collector, and to the other one where that one is away. */
async function send(lane: string, urls: () => readonly string[], acknowledged: Set<string>, signal: AbortSignal) {
  for (let count = 0; !signal.aborted; count += 1) {
    const names = Array.from({ length: 5 }, (_, index) => `${lane}-${count}-${index}`);
    const body = Buffer.from(simpleSpans('shared', names, `${Date.now()}000000`));
    for (let at = 0; at < 2; at += 1) {
      const url = urls()[(count + at) % 2] ?? '';
      const headers = { 'Content-Type': 'application/x-protobuf' };
      const status = await fetch(`${url}/v1/traces`, { method: 'POST', body, headers }).then(
        (response) => response.status,
        () => 0,
      );
      if (status !== 200) continue;
      for (const name of names) acknowledged.add(name);
      break;
    }
    await pause(2);
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms));
const waiting = async ({ dataDir }: Running): Promise<number> =>
  (await readdir(join(dataDir, 'collector/journal'))).filter((name) => name.includes('-traces-')).length;

test('two collectors start together on one empty ClickHouse, share the load, and one that is killed loses nothing: the other goes on', async () => {
  const dirs = [await makeDataDir(), await makeDataDir()];
  // Both make the tables at once.
  const running = await Promise.all(dirs.map(startCollector));
  const urls = (): string[] => running.map(({ url }) => url);
  const acknowledged = new Set<string>();
  const over = new AbortController();
  const senders = ['a', 'b'].map((lane) => send(lane, urls, acknowledged, over.signal));
  await pause(1_500);
  const [victim] = running;
  if (!victim) throw new Error('no collector');
  victim.child.kill('SIGKILL');
  await once(victim.child, 'exit');
  const before = acknowledged.size;
  await expect.poll(() => acknowledged.size).toBeGreaterThan(before + 50);
  running[0] = await startCollector(victim.dataDir);
  await pause(500);
  over.abort();
  await Promise.all(senders);

  await expect
    .poll(async () => (await Promise.all(running.map(waiting))).every((count) => count === 0), { timeout: 30_000 })
    .toBe(true);
  const rows = await selectRows(
    clickhouse,
    `SELECT SpanName AS name, count() AS times FROM otel.otel_traces WHERE ServiceName = 'shared' GROUP BY name`,
  );
  const stored = new Map(rows.map(({ name, times }) => [String(name), Number(times)]));
  expect(before).toBeGreaterThan(100);
  expect([...acknowledged].filter((name) => !stored.has(name))).toEqual([]);
  // A request whose answer the kill cut off was sent to the other one as well; no other span may be there twice.
  const twice = [...stored].filter(([, times]) => times > 1);
  expect(twice.length).toBeLessThanOrEqual(2 * 5);
  expect(twice.every(([, times]) => times === 2)).toBe(true);
  for (const one of running) {
    const ended = once(one.child, 'exit');
    one.child.kill('SIGTERM');
    expect((await ended)[0]).toBe(0);
  }
}, 90_000);
