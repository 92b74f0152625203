import { cp, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '@tocsin/service/log';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../src/clock.ts';
import { backOffMs } from '../src/results/back-off.ts';
import { createOtlpExporter, type OtlpExporterOptions } from '../src/results/otlp-exporter.ts';
import { readRetryAfter } from '../src/results/otlp-post.ts';
import { createProbeResource } from '../src/results/scope.ts';
import { acceptAll, type CollectorStandIn, serveCollector } from './collector-stand-in.ts';
import { makeRun, START_MS } from './probe-runs.ts';

async function makeExporter(collector: { readonly url: string }, parts: Partial<OtlpExporterOptions> = {}) {
  const dropped: string[] = [];
  const failures: string[] = [];
  const exporter = await createOtlpExporter({
    endpoint: collector.url,
    resource: createProbeResource('berlin'),
    clock: systemClock,
    log: silentLogger(),
    folder,
    maxBytes: 64 * 2 ** 20,
    onDropped: (stream, count, reason) => dropped.push(`${stream} ${count} ${reason}`),
    onFailure: (stream, reason) => failures.push(`${stream} ${reason}`),
    ...parts,
  });
  return { exporter, dropped, failures };
}

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tocsin-results-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** Bytes that wait as spans. */
async function readFolder(): Promise<number> {
  const files = await readdir(join(folder, 'traces'));
  const sizes = await Promise.all(files.map(async (file) => (await stat(join(folder, 'traces', file))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

function pathsOf(collector: CollectorStandIn): string[] {
  return collector.requests.map(({ path }) => path);
}

describe('what goes out', () => {
  test('a run is a root span with its verdict and a child for each phase, on its own time', async () => {
    await using collector = await serveCollector();
    const { exporter } = await makeExporter(collector);
    exporter.recordRun(makeRun({ verdict: { outcome: 'down', reason: 'timeout', message: 'expected, found' } }));
    await exporter.stop();
    const [root, connect, , second] = collector.spans;
    expect(root).toMatchObject({
      traceId: '0af7651916cd43dd8448eb211c80319c',
      spanId: 'b7ad6b7169203331',
      parentSpanId: '',
      name: 'probe shop',
      kind: 3,
      scope: 'tocsin.checker',
      status: { code: 2, message: 'expected, found' },
      resource: { 'service.name': 'tocsin-checker', 'tocsin.location': 'berlin' },
      attributes: {
        'tocsin.monitor.name': 'shop',
        'tocsin.monitor.kind': 'http',
        'tocsin.probe.outcome': 'down',
        'tocsin.probe.reason': 'timeout',
        'tocsin.probe.message': 'expected, found',
        'url.full': 'http://a.test/',
        'server.port': 80,
      },
    });
    expect([root?.startMs, root?.endMs]).toEqual([START_MS, START_MS + 12.5]);
    expect(connect).toMatchObject({
      parentSpanId: 'b7ad6b7169203331',
      name: 'connect',
      kind: 1,
      attributes: { a: 'b' },
    });
    expect([connect?.startMs, connect?.endMs]).toEqual([START_MS + 0.5, START_MS + 2.5]);
    expect(second?.attributes).toEqual({ 'tocsin.probe.hop': 1 });
    expect(collector.spans).toHaveLength(4);
    expect(collector.requests[0]?.headers['content-type']).toBe('application/x-protobuf');
  });

  test('the stops of a run are spans between the root and their phases, and evidence is on the root', async () => {
    await using collector = await serveCollector();
    const { exporter } = await makeExporter(collector);
    const hops = [
      {
        name: 'GET 302',
        startOffsetMs: 0,
        durationMs: 6.5,
        failed: false,
        attributes: { 'url.full': 'http://a.test/' },
      },
      {
        name: 'GET 500',
        startOffsetMs: 6.5,
        durationMs: 6,
        failed: true,
        attributes: { 'url.full': 'http://b.test/' },
      },
    ];
    const verdict = { outcome: 'down', reason: 'status_mismatch', message: 'expected 2xx, found 500' } as const;
    exporter.recordRun(makeRun({ hops, verdict, evidence: { body: 'oops', 'header.server': 'x' } }));
    await exporter.stop();
    const [root, first, second, connect, , request] = collector.spans;
    expect(root?.attributes).toMatchObject({
      'tocsin.probe.evidence.body': 'oops',
      'tocsin.probe.evidence.header.server': 'x',
    });
    expect([first, second].map((hop) => [hop?.name, hop?.parentSpanId, hop?.status['code'] ?? 0])).toEqual([
      ['GET 302', 'b7ad6b7169203331', 0],
      ['GET 500', 'b7ad6b7169203331', 2],
    ]);
    expect(second).toMatchObject({ attributes: { 'url.full': 'http://b.test/' }, startMs: START_MS + 6.5 });
    expect([connect?.parentSpanId, request?.parentSpanId]).toEqual([first?.spanId, second?.spanId]);
  });

  test('a degraded run counts as up, and its span is no error', async () => {
    await using collector = await serveCollector();
    const { exporter } = await makeExporter(collector);
    exporter.recordRun(makeRun({ verdict: { outcome: 'degraded', reason: 'latency_exceeded', message: 'slow' } }));
    await exporter.stop();
    expect(collector.spans[0]?.status['code'] ?? 0).toBe(0);
    expect(collector.points.find(({ name }) => name === 'tocsin.probe.up')?.value).toBe(1);
    expect(collector.points.find(({ name }) => name === 'tocsin.probe.runs')?.attributes).toMatchObject({
      'tocsin.probe.outcome': 'degraded',
      'tocsin.probe.reason': 'latency_exceeded',
    });
  });

  test('a run is data points stamped with its end', async () => {
    await using collector = await serveCollector();
    const { exporter } = await makeExporter(collector);
    exporter.recordRun(makeRun({ tlsNotAfterUnixS: 2_000_000_000 }));
    await exporter.stop();
    const told = collector.points.map(({ name, unit, type, value, attributes }) => {
      const { 'tocsin.monitor.name': monitor, 'tocsin.monitor.kind': kind, ...further } = attributes;
      expect([monitor, kind]).toEqual(['shop', 'http']);
      return [name, unit, type, value, ...Object.values(further)];
    });
    expect(told).toEqual([
      ['tocsin.probe.up', '1', 'gauge', 1],
      ['tocsin.probe.runs', '{run}', 'sum', 1, 'up', 'ok'],
      ['tocsin.probe.duration', 's', 'gauge', 0.0125, 'total'],
      ['tocsin.probe.duration', 's', 'gauge', 0.002, 'connect'],
      ['tocsin.probe.duration', 's', 'gauge', 0.009, 'request'],
      ['tocsin.probe.lateness', 's', 'gauge', 0.003],
      ['tocsin.probe.tls.not_after', 's', 'gauge', 2_000_000_000],
    ]);
    for (const { timeMs } of collector.points) expect(timeMs).toBe(START_MS + 12.5);
    const runs = collector.points.find(({ name }) => name === 'tocsin.probe.runs');
    expect(runs).toMatchObject({ temporality: 1, monotonic: true, startMs: START_MS });
  });

  test("a kind's own numbers are gauges with their units", async () => {
    await using collector = await serveCollector();
    const { exporter } = await makeExporter(collector);
    const gauges = { 'tocsin.probe.icmp.loss': 0.25, 'tocsin.probe.domain.not_after': 2_000_000_000 };
    exporter.recordRun(makeRun({ gauges }));
    await exporter.stop();
    const found = collector.points.filter(({ name }) => name in gauges);
    expect(found.map(({ name, unit, value }) => [name, unit, value])).toEqual([
      ['tocsin.probe.domain.not_after', 's', 2_000_000_000],
      ['tocsin.probe.icmp.loss', '1', 0.25],
    ]);
  });

  test('an unknown run has no up point and no error on its span; a failed one is 0', async () => {
    await using collector = await serveCollector();
    const { exporter } = await makeExporter(collector);
    const verdict = { outcome: 'unknown', reason: 'dns_unavailable', message: 'x' } as const;
    exporter.recordRun(makeRun({ verdict, monitor: 'a' }));
    exporter.recordRun(makeRun({ verdict: { outcome: 'down', reason: 'reset', message: 'x' }, monitor: 'b' }));
    await exporter.stop();
    const ups = collector.points.filter(({ name }) => name === 'tocsin.probe.up');
    expect(ups.map(({ attributes, value }) => [attributes['tocsin.monitor.name'], value])).toEqual([['b', 0]]);
    const root = collector.spans.find(({ name }) => name === 'probe a');
    expect(root?.status['code'] ?? 0).toBe(0);
  });

  test('the list of monitors is one point each, all with one time', async () => {
    await using collector = await serveCollector();
    const { exporter } = await makeExporter(collector);
    const monitors = ['a', 'b'].map((name) => ({
      name,
      kind: 'http' as const,
      target: `http://${name}/`,
      intervalS: 10,
    }));
    const states = [{ name: 'a', kind: 'http', isUp: false, state: 'unknown', mutedBy: 'maintenance' } as const];
    exporter.recordMonitors({ telling: { unixMs: START_MS, orderMs: START_MS + 5 }, monitors, states, isBlind: true });
    await exporter.stop();
    const told = collector.points.map(({ name, value, timeMs, attributes }) => [name, value, timeMs, attributes]);
    expect(new Set(collector.points.map(({ startMs }) => startMs)), 'their order').toEqual(new Set([START_MS + 5]));
    expect(told).toEqual([
      ['tocsin.checker.blind', 1, START_MS, {}],
      ...['a', 'b'].map((name) => [
        'tocsin.monitor.interval',
        10,
        START_MS,
        { 'tocsin.monitor.name': name, 'tocsin.monitor.kind': 'http', 'tocsin.monitor.target': `http://${name}/` },
      ]),
      [
        'tocsin.monitor.up',
        0,
        START_MS,
        {
          'tocsin.monitor.name': 'a',
          'tocsin.monitor.kind': 'http',
          'tocsin.monitor.state': 'unknown',
          'tocsin.monitor.muted_by': 'maintenance',
        },
      ],
    ]);
  });

  test('results that come close together share a request, and come by themselves within half a second', async () => {
    await using collector = await serveCollector();
    const { exporter } = await makeExporter(collector);
    for (let index = 0; index < 20; index += 1) exporter.recordRun(makeRun({ monitor: `m${index}` }));
    const startMs = performance.now();
    await expect.poll(() => collector.spans.length, { interval: 5 }).toBe(80);
    await expect.poll(() => collector.points.length, { interval: 5 }).toBe(120);
    expect((collector.requests[0]?.atMs ?? Infinity) - startMs).toBeLessThan(2_000);
    expect(pathsOf(collector).toSorted()).toEqual(['/v1/metrics', '/v1/traces']);
    // Points that would count in a minute or later are not wanted; a trace is worth having whatever its time.
    for (const { path, headers } of collector.requests)
      expect(headers['x-tocsin-accept-future'], path).toBe(path === '/v1/metrics' ? '60' : undefined);
    await exporter.stop();
  });
});

describe('a collector in trouble', () => {
  test('503 is tried again after Retry-After, in order, with the results own time, once', async () => {
    await using collector = await serveCollector();
    let refusals = 2;
    collector.answer = (path, response, accept) => {
      if (refusals === 0) return acceptAll(path, response, accept);
      refusals -= 1;
      response.writeHead(503, { 'retry-after': '1' }).end('busy');
      return undefined;
    };
    const { exporter, dropped, failures } = await makeExporter(collector);
    exporter.recordRun(makeRun({ monitor: 'first' }));
    await expect.poll(() => failures.length, {}).toBe(2);
    expect(exporter.failingSinceMs()).toBeDefined();
    exporter.recordRun(makeRun({ monitor: 'second' }));
    await expect.poll(() => collector.spans.length, { timeout: 5_000 }).toBe(8);
    const roots = collector.spans.filter(({ parentSpanId }) => parentSpanId === '');
    expect(roots.map(({ name, startMs }) => [name, startMs])).toEqual([
      ['probe first', START_MS],
      ['probe second', START_MS],
    ]);
    const [first, , third] = collector.requests;
    expect((third?.atMs ?? 0) - (first?.atMs ?? 0)).toBeGreaterThanOrEqual(950);
    await expect.poll(() => exporter.failingSinceMs()).toBeUndefined();
    expect(dropped).toEqual([]);
    await exporter.stop();
  });

  test('a collector that is not there yet gets everything when it comes', async () => {
    const { port } = await findFreePort();
    const { exporter, dropped, failures } = await makeExporter({ url: `http://127.0.0.1:${port}` });
    exporter.recordRun(makeRun());
    await expect.poll(() => failures).toContain('traces network');
    await using collector = await serveCollector(port);
    await expect.poll(() => collector.spans.length, { timeout: 5_000 }).toBe(4);
    await expect.poll(() => collector.points.length, { timeout: 5_000 }).toBe(6);
    expect(dropped).toEqual([]);
    await exporter.stop();
  });

  test('what it refuses for good is dropped and counted, and the next results go through', async () => {
    await using collector = await serveCollector();
    collector.answer = (_path, response) => response.writeHead(400).end('bad');
    const { exporter, dropped } = await makeExporter(collector);
    exporter.recordRun(makeRun());
    await expect.poll(() => dropped.toSorted()).toEqual(['metrics 1 refused', 'traces 1 refused']);
    collector.answer = acceptAll;
    exporter.recordRun(makeRun());
    await exporter.stop();
    expect(collector.spans).toHaveLength(4);
  });

  test('what it takes only in part is counted', async () => {
    await using collector = await serveCollector();
    // ExportTraceServiceResponse { partial_success { rejected_spans: 2, error_message: "no" } }
    const partial = Buffer.from([0x0a, 0x06, 0x08, 0x02, 0x12, 0x02, 0x6e, 0x6f]);
    collector.answer = (_path, response, accept) => {
      accept();
      response.setHeader('content-type', 'application/x-protobuf').end(partial);
    };
    const { exporter, dropped } = await makeExporter(collector);
    exporter.recordRun(makeRun());
    await exporter.stop();
    expect(dropped.toSorted()).toEqual(['metrics 2 rejected', 'traces 2 rejected']);
  });

  test('a process that is killed while it is away loses nothing, and what it left arrives in order, once', async () => {
    const { port } = await findFreePort();
    const away = { url: `http://127.0.0.1:${port}` };
    const first = await makeExporter(away);
    for (let index = 0; index < 40; index += 1) first.exporter.recordRun(makeRun({ monitor: `m${index}` }));
    await expect.poll(() => readFolder()).toBeGreaterThan(10_000);
    // Nothing of it is stopped: to the next one it looks as if it had been killed.
    const copy = join(folder, 'next');
    await cp(join(folder, 'traces'), join(copy, 'traces'), { recursive: true });
    await cp(join(folder, 'metrics'), join(copy, 'metrics'), { recursive: true });
    await using collector = await serveCollector();
    const second = await makeExporter(collector, { folder: copy });
    second.exporter.recordRun(makeRun({ monitor: 'm40', startUnixMs: START_MS + 60_000 }));
    await expect.poll(() => collector.spans.length).toBe(41 * 4);
    await second.exporter.stop();
    const roots = collector.spans.filter(({ parentSpanId }) => parentSpanId === '');
    expect(roots.map(({ name }) => name)).toEqual(Array.from({ length: 41 }, (_, index) => `probe m${index}`));
    expect(roots[7]?.startMs).toBe(START_MS);
    const third = await makeExporter(collector, { folder: copy });
    await third.exporter.stop();
    expect(collector.spans).toHaveLength(41 * 4);
    expect([first.dropped, second.dropped, third.dropped]).toEqual([[], [], []]);
    await first.exporter.stop();
  });

  test('a newer list of monitors replaces one that waits', async () => {
    await using collector = await serveCollector();
    collector.answer = (_path, response) => response.writeHead(503).end();
    const { exporter } = await makeExporter(collector);
    const monitors = [{ name: 'a', kind: 'http' as const, target: 'x', intervalS: 1 }];
    for (let index = 0; index < 5; index += 1) {
      exporter.recordMonitors({
        telling: { unixMs: START_MS + index, orderMs: START_MS + index },
        monitors,
        states: [],
        isBlind: false,
      });
    }
    collector.answer = acceptAll;
    await exporter.stop();
    expect(collector.points.map(({ timeMs }) => timeMs).at(-1)).toBe(START_MS + 4);
    expect(collector.points.length).toBeLessThanOrEqual(4);
  });

  test('stop gives up on a collector that hangs, keeps what it leaves for the next process, and may be called twice', async () => {
    await using collector = await serveCollector();
    collector.answer = () => {};
    const { exporter, dropped } = await makeExporter(collector);
    exporter.recordRun(makeRun());
    const startMs = performance.now();
    await Promise.all([exporter.stop(), exporter.stop()]);
    await exporter.stop();
    expect(performance.now() - startMs).toBeLessThan(10_000);
    exporter.recordRun(makeRun());
    expect(dropped.toSorted()).toEqual(['metrics 1 shutdown', 'traces 1 shutdown']);
    collector.answer = acceptAll;
    const { exporter: next } = await makeExporter(collector);
    await expect.poll(() => collector.spans.length).toBe(4);
    await next.stop();
    expect(collector.points).toHaveLength(6);
  });
});

/** A port that is free. */
async function findFreePort(): Promise<{ readonly port: number }> {
  await using server = await serveCollector();
  return { port: server.port };
}

test('the wait between tries grows to a limit and varies a little', () => {
  expect([1, 2, 3, 20].map((failures) => backOffMs(failures, 0))).toEqual([500, 750, 1_125, 5_000]);
  expect(backOffMs(20, 0.999)).toBeGreaterThan(3_999);
});

test('Retry-After is read in both its forms', () => {
  const nowMs = Date.parse('2026-11-22T12:00:00Z');
  expect(readRetryAfter('7', nowMs)).toBe(7_000);
  expect(readRetryAfter('Sun, 22 Nov 2026 12:00:10 GMT', nowMs)).toBe(10_000);
  expect(readRetryAfter('Sun, 22 Nov 2026 11:00:00 GMT', nowMs)).toBe(0);
  expect(readRetryAfter('86400', nowMs)).toBe(60_000);
  expect(readRetryAfter('soon', nowMs)).toBeUndefined();
});
