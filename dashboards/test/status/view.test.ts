import { describe, expect, test } from 'vitest';
import { summarize } from '../../src/status/pages/words.ts';
import { viewStatus } from '../../src/status/view.ts';
import { EVENING_MS } from '../fixtures.ts';
import { STATUS_YAML } from './status-under-test.ts';
import { daysRow, factsOf, post, verdictRow } from './status-facts.ts';

const HOUR_MS = 3_600_000;
const view = async (changes: Parameters<typeof factsOf>[0], nowMs = EVENING_MS) =>
  viewStatus(await factsOf(changes), nowMs);
const stateOf = ({ groups }: Awaited<ReturnType<typeof view>>, name: string) =>
  groups.flatMap(({ monitors }) => monitors).find((one) => one.name === name)?.state;

describe('the state of a monitor', () => {
  test.each([
    ['up', '', 'up'],
    ['down', '', 'down'],
    ['degraded', '', 'degraded'],
    ['unknown', '', 'unknown'],
    ['down', 'maintenance', 'maintenance'],
    ['up', 'maintenance', 'maintenance'],
    // For readers it is down, whatever explains it.
    ['down', 'dependency', 'down'],
  ])('%s, muted by "%s", is %s', async (state, mutedBy, shown) => {
    expect(stateOf(await view({ rows: [verdictRow('shop', state, mutedBy)] }), 'Web shop')).toBe(shown);
  });

  test.each([
    ['up', 'down', 'down'],
    ['up', 'none', 'up'],
    ['down', 'degraded', 'down'],
    ['unknown', 'degraded', 'degraded'],
    ['down', 'maintenance', 'maintenance'],
  ] as const)('measured %s and told %s it is %s', async (measured, impact, shown) => {
    const told = impact === 'maintenance' ? { kind: 'maintenance' as const, endsAtMs: EVENING_MS + HOUR_MS } : {};
    const shownView = await view({ rows: [verdictRow('pay', measured)], posts: [post({ impact, ...told })] });
    expect(stateOf(shownView, 'Card payments')).toBe(shown);
  });

  test('what is over or has not begun changes nothing', async () => {
    const over = post({ impact: 'down', status: 'resolved', endedAtMs: EVENING_MS - 1 });
    const later = post({
      kind: 'maintenance',
      impact: 'maintenance',
      startsAtMs: EVENING_MS + 1,
      endsAtMs: EVENING_MS + 2,
    });
    expect(stateOf(await view({ rows: [verdictRow('pay', 'up')], posts: [over, later] }), 'Card payments')).toBe('up');
  });
});

test('a day is red below 98 %, yellow below 99.9 % or when slow, grey where nothing is known', async () => {
  const rows = [
    daysRow(
      'shop',
      [0, 1_000, 0, 0, 0],
      [1, 9_989, 0, 11, 0],
      [2, 979, 0, 21, 0],
      [3, 950, 50, 0, 0],
      [4, 0, 0, 0, 9],
      [95, 0, 0, 5, 0],
    ),
  ];
  const [shop] = (await view({ rows })).groups.flatMap(({ monitors }) => monitors);
  expect(shop?.days).toHaveLength(90);
  expect(shop?.days.slice(-6).map(({ state }) => state)).toEqual([
    'unknown',
    'maintenance',
    'degraded',
    'down',
    'degraded',
    'up',
  ]);
  expect(new Date(shop?.days.at(-1)?.atMs ?? 0).toISOString()).toBe('2026-11-22T00:00:00.000Z');
});

describe('maintenance', () => {
  const planned = (changes: Parameters<typeof post>[0] = {}) =>
    post({
      kind: 'maintenance',
      impact: 'maintenance',
      status: 'scheduled',
      startsAtMs: EVENING_MS,
      endsAtMs: EVENING_MS + HOUR_MS,
      ...changes,
    });

  test.each([
    [-1, 'upcoming', 'scheduled'],
    [0, 'open', 'in_progress'],
    [HOUR_MS, 'past', 'completed'],
  ] as const)('at %d ms after its begin is %s, %s', async (afterMs, place, status) => {
    const shown = await view({ posts: [planned()] }, EVENING_MS + afterMs);
    expect(shown[place].filter(({ title }) => title === 'Payments fail')).toMatchObject([{ status }]);
  });

  test('that is cancelled is over', async () => {
    const shown = await view({ posts: [planned({ status: 'cancelled', endedAtMs: EVENING_MS - 5 })] }, EVENING_MS + 1);
    expect(shown.past).toMatchObject([{ status: 'cancelled' }]);
  });

  test('of the configuration is announced days ahead by its public name, for monitors on the page', async () => {
    const yaml = `${STATUS_YAML}  maintenance_ahead: 3d\n`;
    const at = async (nowMs: number) => viewStatus(await factsOf({}, yaml), nowMs);
    // The window is on Sundays.
    const sunday = Date.UTC(2026, 10, 29, 2);
    const early = await at(sunday - 3 * 86_400_000 - 1);
    expect(early.upcoming).toEqual([]);
    const near = await at(sunday - 3 * 86_400_000);
    expect(near.upcoming).toMatchObject([
      {
        title: 'Work on the payment database',
        affected: ['Card payments'],
        startsAtMs: sunday,
        endsAtMs: sunday + 2 * HOUR_MS,
        updates: [{ text: 'Payments may take longer.' }],
      },
    ]);
    const during = await at(sunday + HOUR_MS);
    expect(during.open).toMatchObject([{ title: 'Work on the payment database', status: 'in_progress' }]);
    expect(during.open[0]?.id).toBe(near.upcoming[0]?.id);
    expect(JSON.stringify(near)).not.toMatch(/db07|secret|ledger/);
  });
});

describe('the page in a sentence', () => {
  const sentence = async (states: readonly string[], dataAtMs: number | undefined = EVENING_MS) => {
    const rows = ['shop', 'pay', 'partner', 'new'].map((name, index) => verdictRow(name, states[index] ?? 'up'));
    return summarize(await view({ rows, dataAtMs }));
  };

  test('says what is worst, and of how many', async () => {
    expect(await sentence([])).toEqual({ state: 'up', text: 'All systems are operational' });
    expect(await sentence(['down', 'degraded'])).toEqual({ state: 'down', text: 'Web shop is down' });
    expect(await sentence(['down', 'down'])).toEqual({ state: 'down', text: '2 of 4 systems are down' });
    expect(await sentence(['unknown', 'degraded'])).toEqual({ state: 'degraded', text: 'Card payments is degraded' });
  });

  test('calls nothing well that is not known', async () => {
    expect(await sentence(['unknown', 'unknown'])).toMatchObject({ state: 'unknown' });
    expect(await sentence([], EVENING_MS - 299_000)).toMatchObject({ state: 'up' });
    expect(await sentence([], EVENING_MS - 301_000)).toEqual({
      state: 'unknown',
      text: 'The current state cannot be read; the last one: All systems are operational',
    });
  });
});
