import { describe, expect, test } from 'vitest';
import { firstDayMs, viewDays } from '../../src/home/days.ts';
import { readOnCall } from '../../src/home/on-call.ts';
import { stepsOf, viewServiceLines } from '../../src/home/service-lines.ts';
import { findUnwatched } from '../../src/home/unwatched.ts';
import { configFrom, EVENING_MS, monitorEvery } from '../fixtures.ts';

const DAY_MS = 86_400_000;
const TODAY_MS = Date.UTC(2026, 10, 22);

test('a monitor has ninety days with today as the last, and those without a run are empty', () => {
  const yesterday = [TODAY_MS - DAY_MS, 95, 5] as const;
  const { shop = [] } = viewDays([{ monitor: 'shop', days: [yesterday, [TODAY_MS, 10, 0]] }], EVENING_MS);
  expect(shop).toHaveLength(90);
  expect(shop[0]).toEqual({ dayMs: firstDayMs(EVENING_MS), passed: 0, failed: 0 });
  expect(shop.slice(-2)).toEqual([
    { dayMs: TODAY_MS - DAY_MS, passed: 95, failed: 5 },
    { dayMs: TODAY_MS, passed: 10, failed: 0 },
  ]);
});

describe('the lines of services', () => {
  test('are in whole steps of whole minutes, without the one that runs', () => {
    const hour = stepsOf(EVENING_MS - 3_600_000 + 5_000, EVENING_MS + 5_000);
    expect(hour).toEqual({ fromMs: EVENING_MS - 3_600_000, toMs: EVENING_MS, stepMs: 60_000 });
    expect(stepsOf(EVENING_MS - 30 * DAY_MS, EVENING_MS).stepMs).toBe(DAY_MS / 2);
    const short = stepsOf(EVENING_MS, EVENING_MS + 10_000);
    expect(short.toMs - short.fromMs).toBe(60_000);
  });

  test('have a gap where nobody asked', () => {
    const steps = stepsOf(EVENING_MS - 180_000, EVENING_MS);
    const row = { service: '', steps: [[EVENING_MS - 120_000, 4, 1, 12] as const] };
    expect(viewServiceLines([row], steps).lines).toEqual([
      { service: '(no service.name)', requests: [0, 4, 0], errorShares: [null, 0.25, null], p99sMs: [null, 12, null] },
    ]);
  });
});

describe('a service is not watched', () => {
  const seen = ['shop', 'stock', "o'brien", 'mail', 'ledger'];
  const watching = async (rules: string) => {
    const groups = [{ rules: [{ sql: rules, labels: {} }] }] as never;
    return { ...(await configFrom('')), ruleGroups: groups };
  };

  test('where no probe goes through it, no monitor has its name, and no rule or objective names it', async () => {
    const config = await configFrom(
      'slos: [{ name: s, target: 99.9%, spans: { service: "led*" } }, { name: t, target: 99%, monitors: Mail }]\nmonitors: [{ name: Mail, http: "http://x.test" }]',
    );
    expect(findUnwatched(seen, ['stock'], config)).toEqual(['shop', "o'brien"]);
  });

  test('and a rule names it by its text or its label', async () => {
    const sql = `SELECT 1 AS value FROM otel_traces WHERE ServiceName = 'shop'`;
    expect(findUnwatched(seen, [], await watching(sql))).not.toContain('shop');
    expect(findUnwatched(seen, [], await watching(sql))).toContain('stock');
    const labelled = { ...(await watching(sql)), ruleGroups: [{ rules: [{ sql: '', labels: { service: 'mail' } }] }] };
    expect(findUnwatched(seen, [], labelled as never)).not.toContain('mail');
  });

  test('unless a rule of the user looks at all of them', async () => {
    const all = 'SELECT ServiceName AS service, count() AS value FROM otel_traces GROUP BY service';
    expect(findUnwatched(seen, [], await watching(all))).toEqual([]);
    const some = `${all} HAVING ServiceName IN ('a')`;
    expect(findUnwatched(seen, [], await watching(some))).toEqual(seen);
  });

  test('and a monitor of another name does not count', async () => {
    const config = { ...(await configFrom('')), monitors: [monitorEvery('other', 30_000)] };
    expect(findUnwatched(['shop'], [], config)).toEqual(['shop']);
  });
});

test('who is on call is read from what alerting says, and anything else is no answer', () => {
  const shift = (user: string, start: string, end: string) => ({ user, start, end, override: null });
  const schedules = [
    {
      schedule: 'primary',
      now: shift('ana', '2026-11-22T08:00:00Z', '2026-11-23T08:00:00Z'),
      next: shift('ben', '2026-11-23T08:00:00Z', '2026-11-24T08:00:00Z'),
    },
    { schedule: 'empty', now: null, next: null },
  ];
  expect(readOnCall({ schedules })).toEqual([
    {
      schedule: 'primary',
      now: { user: 'ana', untilMs: Date.UTC(2026, 10, 23, 8) },
      next: { user: 'ben', fromMs: Date.UTC(2026, 10, 23, 8) },
    },
    { schedule: 'empty', now: undefined, next: undefined },
  ]);
  for (const value of [undefined, [], {}, { schedules: [1] }]) expect(readOnCall(value)).toBeUndefined();
});
