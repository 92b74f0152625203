import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '@tocsin/service/log';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../src/clock.ts';
import { createOtlpExporter, type OtlpExporter } from '../src/results/otlp-exporter.ts';
import { createProbeResource } from '../src/results/scope.ts';
import { acceptAll, serveCollector } from './collector-stand-in.ts';
import { makeRun, START_MS } from './probe-runs.ts';

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tocsin-results-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

function makeExporter(endpoint: string, folder: string): Promise<OtlpExporter> {
  const resource = createProbeResource('berlin');
  return createOtlpExporter({
    endpoint,
    resource,
    clock: systemClock,
    log: silentLogger(),
    folder,
    maxBytes: 64 * 2 ** 20,
  });
}

test('what is sent again, by the same or another process, is the same request with the same key', async () => {
  await using collector = await serveCollector();
  const folder = await temporaryFolder();
  const bodies: Buffer[] = [];
  let isAway = true;
  collector.answer = (path, response, accept, body) => {
    if (path === '/v1/traces') bodies.push(body);
    if (isAway) response.destroy();
    else acceptAll(path, response, accept);
  };
  const first = await makeExporter(collector.url, folder);
  first.recordRun(makeRun({ monitor: 'first' }));
  await expect.poll(() => bodies.length).toBe(1);
  first.recordRun(makeRun({ monitor: 'second' }));
  await expect.poll(() => bodies.length, { timeout: 5_000 }).toBe(2);
  const copy = await temporaryFolder();
  await cp(folder, copy, { recursive: true });
  await first.stop();
  bodies.splice(2);
  isAway = false;
  const before = collector.requests.length;
  const second = await makeExporter(collector.url, copy);
  await expect.poll(() => collector.spans.length, { timeout: 5_000 }).toBe(8);
  await second.stop();
  expect(bodies.slice(0, 3).map((body) => body.equals(bodies[0] ?? Buffer.alloc(0)))).toEqual([true, true, true]);
  const traces = collector.requests.filter(({ path }) => path === '/v1/traces');
  const keys = traces.map(({ headers }) => String(headers['idempotency-key']));
  expect(keys[0]).toMatch(/^"[0-9a-f-]{36}\/1"$/);
  expect(keys[1]).toBe(keys[0]);
  const later = collector.requests.slice(before).filter(({ path }) => path === '/v1/traces');
  expect(later.map(({ headers }) => headers['idempotency-key'])).toEqual([keys[0], keys[0]?.replace('/1"', '/2"')]);
});

test('every list of monitors has a key of its own', async () => {
  await using collector = await serveCollector();
  const folder = await temporaryFolder();
  const exporter = await makeExporter(collector.url, folder);
  for (const unixMs of [START_MS, START_MS + 1]) {
    exporter.recordMonitors({ telling: { unixMs, orderMs: unixMs }, monitors: [], states: [], isBlind: false });
    await expect.poll(() => collector.points.some(({ timeMs }) => timeMs === unixMs)).toBe(true);
  }
  await exporter.stop();
  const keys = collector.requests.map(({ headers }) => headers['idempotency-key']);
  expect(keys).toEqual([expect.stringMatching(/\/1"$/), String(keys[0]).replace('/1"', '/2"')]);
});
