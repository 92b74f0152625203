import { readdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { describeLoader } from '../../src/app.ts';
import { createDeadLetters } from '../../src/load/dead-letter.ts';
import { readSegment, walkSegment } from '../journal/segment-bytes.ts';
import { span, traceRequest } from '../otlp/bytes.ts';
import { makeDataDir, startCollector } from './running-collector.ts';

/** The URL of a port on which nothing listens. */
async function deadUrl(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (typeof address !== 'object' || !address) throw new Error('no port');
  return `http://127.0.0.1:${address.port}`;
}

const BODY = traceRequest(span(), span());

async function post(http: string): Promise<number> {
  const headers = { 'content-type': 'application/x-protobuf' };
  return (await fetch(`${http}/v1/traces`, { method: 'POST', body: new Uint8Array(BODY), headers })).status;
}

test('dead letters show in /readyz as a note: the collector is ready all the same', async () => {
  const dataDir = await makeDataDir();
  const folder = join(dataDir, 'collector/dead-letter');
  const letter = {
    segment: 's',
    signal: 'traces',
    offset: 0,
    reason: 'refused',
    message: 'm',
    at: new Date(0),
  } as const;
  await createDeadLetters(folder, 1_000).keep(letter, Buffer.alloc(10));
  const { http } = await startCollector(dataDir, await deadUrl());
  const ready = async () => (await (await fetch(`${http}/readyz`)).json()) as { status: string; reasons: string[] };
  await expect
    .poll(async () => (await ready()).reasons.join())
    .toContain('1 request was set aside as dead letters (10 of');
  expect((await ready()).status).toBe('ready');
});

test('with ClickHouse away telemetry is taken in, is ready, and is on disk after the stop', async () => {
  const dataDir = await makeDataDir();
  const collector = await startCollector(dataDir, await deadUrl());
  expect(await post(collector.http)).toBe(200);
  expect((await fetch(`${collector.http}/readyz`)).status).toBe(200);
  await expect
    .poll(async () => ((await (await fetch(`${collector.http}/readyz`)).json()) as { reasons: string[] }).reasons[0])
    .toMatch(/^ClickHouse is away since /);

  const before = performance.now();
  await collector.stop();
  expect(performance.now() - before).toBeLessThan(6_000);

  const journal = join(dataDir, 'collector', 'journal');
  const [segment] = (await readdir(journal)).filter((name) => name.includes('-traces-'));
  const path = join(journal, segment!);
  const { length: sizeBytes } = await readFile(path);
  expect(walkSegment(await readSegment({ path, sizeBytes })).requests).toMatchObject([{ items: 2, self: false }]);
});

test('what an earlier collector left is kept, and its ports are free after the stop', async () => {
  const dataDir = await makeDataDir();
  const url = await deadUrl();
  for (let run = 1; run <= 2; run++) {
    const collector = await startCollector(dataDir, url);
    expect(await post(collector.http)).toBe(200);
    await collector.stop();
    await expect(fetch(`${collector.http}/healthz`)).rejects.toThrow('fetch failed');
    const segments = await readdir(join(dataDir, 'collector', 'journal'));
    expect(segments.filter((name) => name.includes('-traces-'))).toHaveLength(run);
  }
}, 20_000);

test('a second collector on the same data directory does not start', async () => {
  const dataDir = await makeDataDir();
  const url = await deadUrl();
  await startCollector(dataDir, url);
  await expect(startCollector(dataDir, url)).rejects.toMatchObject({ code: 'journal_locked' });
});

test('a note says since when ClickHouse is away and why', () => {
  const away = { phase: 'waiting', awaySinceMs: 1_700_000_000_000, lastError: 'connect ECONNREFUSED' } as const;
  expect(describeLoader(away)).toEqual([
    'ClickHouse is away since 2023-11-14T22:13:20.000Z: connect ECONNREFUSED; telemetry waits in the journal',
  ]);
  expect(describeLoader({ phase: 'loading', awaySinceMs: undefined, lastError: undefined })).toEqual([]);
});
