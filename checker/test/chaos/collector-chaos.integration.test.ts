import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { loadConfig } from '@tocsin/service/config';
import { silentLogger } from '@tocsin/service/log';
import { expect, onTestFinished, test } from 'vitest';
import { createChecker } from '../../src/app.ts';
import { serveCollector } from '../collector-stand-in.ts';
import { serveHttp } from '../servers.ts';
import { outageMs, tell } from './outage.ts';

const MONITORS = 20;
const OUTAGE_MS = outageMs(4);

test(
  'while the collector is away no result is lost: each arrives once, in order, with its own time',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tocsin-chaos-'));
    onTestFinished(() => rm(folder, { recursive: true, maxRetries: 3 }));
    const seen: string[] = [];
    await using target = await serveHttp((request, response) => {
      seen.push(String(request.headers['traceparent']).split('-')[1] ?? '');
      response.end('ok');
    });
    const before = await serveCollector();
    const { port } = before;
    const monitors = Array.from({ length: MONITORS }, (_, index) =>
      JSON.stringify({ name: `m${index}`, http: target.url, interval: '1s' }),
    );
    const file = join(folder, 'tocsin.yaml');
    await writeFile(file, `collector: { http: ${port} }\nchecker: { http: 0 }\nmonitors: [${monitors.join(', ')}]\n`);
    const config = await loadConfig({ file, env: {}, workingDir: folder });
    const checker = await createChecker({ config, dataDir: folder, log: silentLogger(), onReload: () => {} });
    await expect.poll(() => before.spans.length).toBeGreaterThan(0);

    await before[Symbol.asyncDispose]();
    const awayFromMs = Date.now();
    await sleep(OUTAGE_MS);
    const whileAway = seen.length;
    await using after = await serveCollector(port);
    const backMs = Date.now();
    await expect.poll(() => after.spans.length).toBeGreaterThan(whileAway / 2);
    await sleep(1_500);
    await checker.stop();

    const roots = (spans: typeof after.spans) => spans.filter(({ parentSpanId }) => parentSpanId === '');
    const told = [...roots(before.spans), ...roots(after.spans)].map(({ traceId }) => traceId);
    expect(told.toSorted()).toEqual([...new Set(told)].toSorted());
    // A run that was cut off by the end has no result; all others have one.
    const missing = seen.filter((traceId) => !told.includes(traceId));
    expect(missing.length).toBeLessThanOrEqual(seen.slice(-MONITORS).filter((id) => missing.includes(id)).length);
    const late = roots(after.spans).filter(({ startMs }) => startMs > awayFromMs && startMs < backMs - 500);
    expect(late.length).toBeGreaterThan((MONITORS * OUTAGE_MS) / 2_000);

    const points = [...before.points, ...after.points].filter(({ name }) => name === 'tocsin.probe.runs');
    expect(points).toHaveLength(told.length);
    for (const name of new Set(points.map(({ attributes }) => attributes['tocsin.monitor.name']))) {
      const times = points
        .filter(({ attributes }) => attributes['tocsin.monitor.name'] === name)
        .map(({ timeMs }) => timeMs);
      expect(times, String(name)).toEqual(times.toSorted((a, b) => a - b));
    }
    const lost = missing.length - seen.slice(-MONITORS).filter((id) => missing.includes(id)).length;
    tell(
      `collector away for ${OUTAGE_MS / 1_000} s: ${seen.length} runs, ${late.length} told late, ${lost} lost, ${told.length - new Set(told).size} twice`,
    );
  },
  OUTAGE_MS + 60_000,
);
