import { startTestClickHouse, type TestClickHouse } from '@tocsin/deploy/testing';
import { createClickHouse } from '@tocsin/service/clickhouse';
import type { Slo } from '@tocsin/service/config';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Expression } from '../../src/rules/expression.ts';
import { compileRule, toCandidate } from '../../src/rules/rule.ts';
import { createSqlExpression } from '../../src/rules/sql-expression.ts';
import { sloGroups } from '../../src/slo/slo-rules.ts';
import { createSloReader } from '../../src/slo/slo-status.ts';
import { configFor, createSchema, World } from '../rules/shipped/world.ts';

const NOW_MS = Date.parse('2026-11-22T12:34:56.789Z');
const [MIN, HOUR, DAY] = [60, 3_600, 86_400];
let clickhouse: TestClickHouse;
let expression: Expression;
beforeAll(async () => {
  clickhouse = await startTestClickHouse();
  await createSchema(clickhouse);
  expression = createSqlExpression(
    createClickHouse(await configFor(clickhouse), { application: 'alerting', readonly: true }),
  );
});
afterAll(async () => {
  await expression?.stop();
  await clickhouse?.stop();
});

const slo = (more: Partial<Slo> = {}): Slo => ({
  name: "shop's",
  target: 99.9,
  windowMs: 30 * DAY * 1_000,
  source: { type: 'spans', services: ['shop'], operations: undefined, kinds: ['Server'] },
  latencyMs: undefined,
  labels: {},
  annotations: {},
  ...more,
});
const monitors = (...names: string[]): Slo => slo({ source: { type: 'monitors', names } });
const world = () => new World(NOW_MS);

/** Writes a world in the place of the one before, with which services there are. */
async function fill(there: World): Promise<void> {
  await clickhouse.client().command({ query: 'TRUNCATE TABLE otel_services' });
  await there.write(clickhouse);
}

/** What burns, as `page 20x over 1h and 20x over 5m`. */
async function burns(of: Slo, there?: World): Promise<string[]> {
  if (there) await fill(there);
  const found: string[] = [];
  for (const { rules } of sloGroups([of]))
    for (const { sql, labels } of rules) {
      const result = await expression.evaluate(sql, NOW_MS, 1);
      if (result.status === 'failed') throw new Error(result.message);
      for (const { annotations, labels: row, value } of result.samples) {
        expect(row).toEqual({ slo: of.name });
        expect(annotations['burn']).toContain(`${Math.round(value * 10) / 10}x over`);
        found.push(`${labels['severity']} ${annotations['burn']}`);
      }
    }
  return found;
}

/** Traffic of 400 days ago shows that every window is covered, and counts in none. */
const covered = () =>
  world()
    .requests('shop', { fromS: -33 * DAY, toS: -32 * DAY, count: 10 })
    .requests('shop', { fromS: -4 * DAY, toS: -4 * DAY + HOUR, count: 10 });

describe('the error budget of spans', () => {
  test('burns fast when both of a pair of windows do', async () => {
    const there = covered().requests('shop', { fromS: -50 * MIN, toS: 0, count: 1_000, failed: 0 });
    expect(await burns(slo(), there)).toEqual([]);
    there.requests('shop', { fromS: -4 * MIN, toS: 0, count: 20, failed: 20 });
    // 20 of 1020 are 19.6 times 0.1 %; of the last five minutes, from their first whole one on, about a seventh.
    expect(await burns(slo(), there)).toEqual([
      'page 19.6x over 1h and 143.9x over 5m',
      'ticket 19.6x over 1d and 19.6x over 2h',
    ]);
  });

  test('is told with the labels of the SLO and what burns', async () => {
    const there = covered().requests('shop', { fromS: -50 * MIN, toS: 0, count: 100, failed: 100 });
    await fill(there);
    const [group] = sloGroups([
      slo({ labels: { team: '{{ $labels.slo }} team' }, annotations: { runbook_url: 'http://wiki/' } }),
    ]);
    const rule = group?.rules[0];
    if (!rule) throw new Error('there is a rule');
    const result = await expression.evaluate(rule.sql, NOW_MS, 10);
    const samples = result.status === 'ok' ? result.samples : [];
    const alerts = samples.map((one) => toCandidate(compileRule(rule, group), one, NOW_MS, 'http://console'));
    expect(alerts).toMatchObject([
      {
        labels: { alertname: 'ErrorBudgetBurn', slo: "shop's", severity: 'page', team: "shop's team" },
        annotations: {
          summary: "shop's: the error budget burns 1000x over 1h and 1000x over 5m",
          description: 'It goes 1000.0 times faster than 99.9% over 30d allows.',
          runbook_url: 'http://wiki/',
        },
      },
    ]);
  });

  test('does not page for what is over, nor for what has just begun', async () => {
    const over = covered()
      .requests('shop', { fromS: -55 * MIN, toS: -40 * MIN, count: 1_000, failed: 100 })
      .requests('shop', { fromS: -29 * MIN, toS: 0, count: 1_000 });
    expect((await burns(slo(), over)).filter((line) => line.startsWith('page'))).toEqual([]);
    const begun = covered()
      .requests('shop', { fromS: -6 * HOUR, toS: -10 * MIN, count: 10_000 })
      .requests('shop', { fromS: -2 * MIN, toS: 0, count: 100, failed: 5 });
    expect(await burns(slo(), begun)).toEqual([]);
  });

  test('pages by the longer pair where the shorter one does not burn enough', async () => {
    const there = covered().requests('shop', { fromS: -6 * HOUR + MIN, toS: 0, count: 10_000, failed: 0 });
    there.requests('shop', { fromS: -25 * MIN, toS: 0, count: 100, failed: 100 });
    expect((await burns(slo(), there))[0]).toMatch(/^page .*x over (?:6h|1h)/);
    const slow = covered();
    for (let at = -6 * HOUR + MIN; at < 0; at += 10 * MIN)
      slow.requests('shop', { fromS: at, toS: at + 10 * MIN, count: 500, failed: 4 });
    expect(await burns(slo(), slow)).toEqual([
      'page 8x over 6h and 7.7x over 30m',
      'ticket 8x over 1d and 7.9x over 2h',
    ]);
  });

  test('makes a ticket of what goes on for days', async () => {
    const there = covered();
    for (let at = -3 * DAY; at < 0; at += 2 * HOUR)
      there.requests('shop', { fromS: at, toS: at + 2 * HOUR, count: 1_000, failed: 2 });
    expect(await burns(slo(), there)).toEqual([
      expect.stringMatching(/^ticket 2(?:\.0)?x over 3d and 2(?:\.\d)?x over 6h$/),
    ]);
  });

  test('is not judged over a window that has no data before it', async () => {
    const young = world().requests('shop', { fromS: -30 * MIN, toS: 0, count: 1_000, failed: 500 });
    expect(await burns(slo(), young)).toEqual([]);
    const older = world().requests('shop', { fromS: -61 * MIN, toS: 0, count: 1_000, failed: 1_000 });
    expect(await burns(slo(), older)).toEqual(['page 1000x over 1h and 1000x over 5m']);
  });

  test('does not burn without traffic', async () => {
    expect(await burns(slo(), covered())).toEqual([]);
    expect(await burns(slo(), world())).toEqual([]);
  });

  test('is of the services, kinds and operations that are named', async () => {
    const bad = { fromS: -50 * MIN, toS: 0, count: 100, failed: 100 };
    const there = covered()
      .requests("o'brien", { ...bad, fromS: -90 * MIN })
      .requests('shop', { ...bad, kind: 'Client' })
      .requests('shop-2', bad);
    expect(await burns(slo(), there)).toEqual([]);
    const source = (more: object) =>
      slo({ source: { type: 'spans', services: ['shop'], operations: undefined, kinds: ['Server'], ...more } });
    expect(await burns(source({ kinds: ['Client', 'Server'] }))).toHaveLength(2);
    expect(await burns(source({ services: ['sh*'] }))).toHaveLength(2);
    expect(await burns(source({ services: ["o'br*"] }))).toHaveLength(1);
    expect(await burns(source({ services: ["o'brien"], operations: ['GET /'] }))).toHaveLength(1);
    expect(await burns(source({ services: ["o'brien"], operations: ['GET %'] }))).toEqual([]);
    expect(await burns(source({ services: ["o'brien"], operations: ['G*/', 'POST'] }))).toHaveLength(1);
  });

  test('counts what is slow where there is a limit', async () => {
    const there = covered()
      .requests('shop', { fromS: -50 * MIN, toS: 0, count: 900, durationMs: 200 })
      .requests('shop', { fromS: -50 * MIN, toS: 0, count: 100, durationMs: 400 });
    expect(await burns(slo(), there)).toEqual([]);
    expect((await burns(slo({ latencyMs: 300 })))[0]).toMatch(/^page 100x over 1h/);
    expect(await burns(slo({ latencyMs: 500 }))).toEqual([]);
  });
});

describe('the error budget of monitors', () => {
  test('is of all runs that know something', async () => {
    const there = world()
      .probes('shop', -5 * DAY, -4 * DAY, HOUR, 'up')
      .probes('shop', -50 * MIN, -10, 10, 'up')
      .probes('another', -50 * MIN, -10, 10, 'down')
      .probes('shop', -50 * MIN, -10, 10, 'unknown');
    expect(await burns(monitors('shop'), there)).toEqual([]);
    there.probes('shop', -4 * MIN, -10, 20, 'down');
    expect(await burns(monitors('shop'), there)).toEqual([
      expect.stringMatching(/^page [34]\d(?:\.\d)?x over 1h and [23]\d\d(?:\.\d)?x over 5m$/),
      expect.stringMatching(/^ticket /),
    ]);
    expect(await burns(monitors('another'))).toEqual([]);
    expect((await burns(monitors('shop', 'an*')))[0]).toMatch(/^page 5\d\d/);
  });
});

describe('the latency of monitors', () => {
  test('is that of each run, over short windows and long ones', async () => {
    const there = world().probes('other', -5 * DAY, -5 * DAY + HOUR, HOUR, 'up');
    await fill(there);
    const runs = (fromS: number, everyS: number, durationMs: number): Promise<unknown> =>
      clickhouse.client().command({
        query: `INSERT INTO otel_metrics_sum (ServiceName, MetricName, Attributes, StartTimeUnix, TimeUnix, Value)
          SELECT 'tocsin-checker', 'tocsin.probe.runs', map('tocsin.monitor.name', 'shop', 'tocsin.probe.outcome', 'up'), at - toIntervalMillisecond(${durationMs}),
            toDateTime64(${NOW_MS / 1_000 + fromS} + ${everyS} * number, 9) AS at, 1
          FROM numbers(${Math.floor(-fromS / everyS)})`,
      });
    await runs(-4 * DAY, 60, 200);
    const fast = { ...monitors('shop'), latencyMs: 300 };
    expect(await burns(fast)).toEqual([]);
    await runs(-6 * HOUR, 600, 400);
    expect(await burns(monitors('shop'))).toEqual([]);
    expect(await burns(fast)).toEqual([
      'page 83.7x over 6h and 64.5x over 30m',
      'ticket 23.8x over 1d and 84.6x over 2h',
    ]);
  });
});

describe('the status of an SLO', () => {
  test('says what is left of the budget and how fast it goes', async () => {
    const there = covered()
      .requests('shop', { fromS: -20 * DAY, toS: -19 * DAY, count: 9_980, failed: 5 })
      .requests('shop', { fromS: -50 * MIN, toS: 0, count: 10, failed: 0 });
    await fill(there);
    const [status] = await createSloReader(expression).sloStatus([slo()], NOW_MS);
    expect(status).toMatchObject({ name: "shop's", target: 99.9, good: 9_995, total: 10_000, isCovered: true });
    expect(status?.budgetRemaining).toBeCloseTo(0.5, 6);
    expect(status?.burnRates?.map(({ windowMs }) => windowMs / 1_000)).toEqual([
      5 * MIN,
      30 * MIN,
      HOUR,
      2 * HOUR,
      6 * HOUR,
      6 * HOUR,
      DAY,
      3 * DAY,
    ]);
    expect(status?.burnRates?.map(({ rate }) => rate)).toEqual(Array(8).fill(0));
  });

  test('is whole without traffic, and not covered', async () => {
    await fill(world());
    const [spans, runs] = await createSloReader(expression).sloStatus([slo(), monitors('shop')], NOW_MS);
    for (const status of [spans, runs])
      expect(status).toMatchObject({ good: 0, total: 0, budgetRemaining: 1, isCovered: false });
  });

  test('is not counted again within a minute', async () => {
    let asked = 0;
    const counting = {
      evaluate: (...what: Parameters<Expression['evaluate']>) => ((asked += 1), expression.evaluate(...what)),
    };
    const reader = createSloReader(counting);
    const one = slo();
    await Promise.all([reader.sloStatus([one], NOW_MS), reader.sloStatus([one], NOW_MS + 1_000)]);
    expect(asked).toBe(1);
    await reader.sloStatus([one], NOW_MS + 61_000);
    expect(asked).toBe(2);
  });

  test('says why it cannot be counted, asks only once where ClickHouse is away, and again soon', async () => {
    const failed = { status: 'failed', reason: 'unreachable', message: 'connect ECONNREFUSED' } as const;
    let asked = 0;
    const reader = createSloReader({ evaluate: () => ((asked += 1), Promise.resolve(failed)) });
    const all = [slo(), slo({ name: 'other' })];
    for (const status of await reader.sloStatus(all, NOW_MS)) {
      expect(status).toMatchObject({ error: 'unreachable: connect ECONNREFUSED' });
      expect(status.good).toBeUndefined();
    }
    expect(asked).toBe(1);
    await reader.sloStatus(all, NOW_MS + 6_000);
    expect(asked).toBe(2);
  });
});
