import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Found, NOW_MS, Stage } from './stage.ts';
import { World } from './world.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.start();
});
afterAll(() => stage?.stop());

const evaluate: Stage['evaluate'] = (...what) => stage.evaluate(...what);
const world = () => new World(NOW_MS);
const services = (found: readonly Found[]) => found.map(({ labels }) => labels['service']).sort();

describe('HighErrorRate', () => {
  test('fires above 5 % of at least 20 requests to a server in 5 minutes', async () => {
    const span = { fromS: -300, toS: 0 };
    const there = world()
      .requests('bad', { ...span, count: 100, failed: 6 })
      .requests('good', { ...span, count: 100, failed: 5 })
      .requests('rare', { ...span, count: 19, failed: 19 })
      .requests('client', { ...span, count: 100, failed: 100, kind: 'Client' })
      .requests('tocsin-collector', { ...span, count: 100, failed: 100 })
      .requests('before', { fromS: -660, toS: -361, count: 100, failed: 100 });
    const found = await evaluate('HighErrorRate', there);
    expect(services(found)).toEqual(['bad']);
    expect(found[0]).toMatchObject({
      value: 0.06,
      labels: { alertname: 'HighErrorRate', service: 'bad', severity: 'page' },
      annotations: { requests: '100', summary: 'bad: 6% of requests fail' },
    });
    expect(found[0]?.annotations['trace_id']).toMatch(/^[0-9a-f]{32}$/);
  });

  test('names the newest request that failed', async () => {
    const there = world()
      .requests('bad', { fromS: -200, toS: -100, count: 20, failed: 20 })
      .requests('bad', { fromS: -90, toS: 0, count: 20 });
    const [found] = await evaluate('HighErrorRate', there);
    expect(found).toMatchObject({
      value: 0.5,
      annotations: { requests: '40', trace_id: (20).toString(16).padStart(32, '0') },
    });
  });

  test('names what was deployed within the hour before: the newest, and what was said rather than what was seen', async () => {
    const failing = (service: string, there = world()): World =>
      there.requests(service, { fromS: -300, toS: 0, count: 20, failed: 20 });
    const there = failing('told', failing('seen', failing('both', failing('old'))))
      .deployed('told', -900, '2.1.0', 'production')
      .deployed('told', -1_800, '2.0.0', 'production')
      .deployed('told', 60, '2.2.0')
      .deployed('other', -60, '9.9.9')
      .versionSeen('seen', -600, '1.4.0', 'production')
      .versionSeen('seen', -90_000, '1.3.0', 'production')
      .versionSeen('both', -600, '3.0.0', 'production')
      .deployed('both', -600, '3.0.0', 'staging')
      .deployed('old', -3_700, '1.0.0')
      .versionSeen('old', -3_700, '1.0.0');
    const found = await evaluate('HighErrorRate', there);
    const told = Object.fromEntries(
      found.map(({ labels, annotations }) => [labels['service'], annotations['deployment']]),
    );
    expect(told).toEqual({
      told: '2.1.0 in production at 12:19 UTC',
      seen: '1.4.0 in production at 12:24 UTC',
      both: '3.0.0 in staging at 12:24 UTC',
      old: undefined,
    });
    const description = found.find(({ labels }) => labels['service'] === 'told')?.annotations['description'];
    expect(description).toContain('ended in an error. Deployed shortly before: 2.1.0 in production at 12:19 UTC.');
  });

  test('fires at every moment of a minute for a service with just enough requests', async () => {
    for (const secondMs of [0, 1_000, 30_000, 59_999]) {
      const there = new World(Math.floor(NOW_MS / 60_000) * 60_000 + secondMs);
      there.requests('bad', { fromS: -300, toS: 0, count: 20, failed: 2 });
      expect(services(await evaluate('HighErrorRate', there)), `${secondMs} ms`).toEqual(['bad']);
    }
  });
});

describe('HighLatency', () => {
  test('fires when the 95th percentile of at least 50 requests is above a second', async () => {
    const span = { fromS: -300, toS: 0 };
    const there = world()
      .requests('slow', { ...span, count: 90 })
      .requests('slow', { ...span, count: 10, durationMs: 1_500 })
      .requests('fine', { ...span, count: 97 })
      .requests('fine', { ...span, count: 3, durationMs: 5_000 })
      .requests('rare', { ...span, count: 49, durationMs: 5_000 })
      .requests('wrapped', { ...span, count: 60 })
      .requests('wrapped', { ...span, count: 60, durationMs: 1e12 });
    const found = await evaluate('HighLatency', there);
    expect(services(found)).toEqual(['slow']);
    // The percentile of the rollup is within 4.4 %.
    expect(Math.abs((found[0]?.value ?? 0) / 1.5 - 1)).toBeLessThan(0.0443);
    expect(found[0]?.annotations).toMatchObject({ requests: '100', trace_id: expect.stringMatching(/^[0-9a-f]{32}$/) });
  });

  test('fires from the first to the last second of a minute, for minutes are what is counted', async () => {
    for (const secondMs of [0, 1_000, 30_000, 59_999]) {
      const there = new World(Math.floor(NOW_MS / 60_000) * 60_000 + secondMs);
      there.requests('slow', { fromS: -300, toS: 0, count: 50, durationMs: 1_500 });
      there.requests('fast', { fromS: -300, toS: 0, count: 50, durationMs: 900 });
      there.requests('past', { fromS: -900, toS: -361, count: 500, durationMs: 1_500 });
      expect(services(await evaluate('HighLatency', there)), `${secondMs} ms`).toEqual(['slow']);
    }
  });
});

describe('ServiceSilent', () => {
  const steady = (there: World, service: string, untilS: number) =>
    there.requests(service, { fromS: untilS - 3_600, toS: untilS, count: 120 });

  test('fires for a service that spoke steadily and has been silent for five minutes', async () => {
    const there = world().alertingLives(-2 * 3_600, 0);
    steady(there, 'shop', -310);
    steady(there, 'pay', 0);
    there.requests('rare', { fromS: -4_000, toS: -310, count: 30 });
    there.requests('worker', { fromS: -4_000, toS: -310, count: 200, kind: 'Consumer' });
    steady(there, 'tocsin-console', -310);
    const found = await evaluate('ServiceSilent', there);
    expect(services(found)).toEqual(['shop']);
    expect(found[0]?.annotations['summary']).toBe('shop has gone silent');
  });

  test('counts the silence from the last request, to the second', async () => {
    const at = (untilS: number) =>
      world()
        .alertingLives(-2 * 3_600, 0)
        .requests('shop', { fromS: untilS - 3_600, toS: untilS, count: 3_600 });
    const [found] = await evaluate('ServiceSilent', at(-301));
    expect(found).toMatchObject({ value: 301, annotations: { last_request: '2026-11-22T12:29:55Z' } });
    expect(await evaluate('ServiceSilent', at(-299))).toEqual([]);
  });

  test('stays firing for a day and is then forgotten', async () => {
    const there = (untilS: number) =>
      steady(world().alertingLives(untilS - 600, untilS + 600), 'shop', untilS).alertingLives(-60, 0);
    expect(services(await evaluate('ServiceSilent', there(-23 * 3_600)))).toEqual(['shop']);
    expect(await evaluate('ServiceSilent', there(-25 * 3_600))).toEqual([]);
  });

  test('does not fire for a silence that began while Tocsin was away, nor while nothing arrives', async () => {
    expect(
      await evaluate(
        'ServiceSilent',
        steady(world().alertingLives(-9_000, -7_200).alertingLives(-600, 0), 'shop', -7_200),
      ),
    ).toEqual([]);
    expect(await evaluate('ServiceSilent', steady(world().alertingLives(-9_000, -310), 'shop', -610))).toEqual([]);
  });

  test('does not fire when it speaks again', async () => {
    const there = steady(world().alertingLives(-7_200, 0), 'shop', -310).requests('shop', {
      fromS: -20,
      toS: -10,
      count: 1,
    });
    expect(await evaluate('ServiceSilent', there)).toEqual([]);
  });
});
