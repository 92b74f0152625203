import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Layer, Override, Schedule } from '../../src/on-call/schedule.ts';
import { gapsOf, onCallAt, shiftsOf } from '../../src/on-call/timeline.ts';

const layer = (changes: Partial<Layer> = {}): Layer => ({
  users: ['ana', 'ben'],
  everyDays: 7,
  start: '2026-03-02',
  handover: '09:00',
  restrictions: [],
  ...changes,
});
const schedule = (timeZone: string, ...layers: Layer[]): Schedule => ({ name: 'primary', timeZone, layers });
const ms = (text: string): number => Date.parse(text);
const shown = (text: Schedule, from: string, to: string, overrides: readonly Override[] = []): string[] =>
  shiftsOf(text, overrides, ms(from), ms(to)).map(
    ({ user, startMs, endMs }) => `${user} ${iso(startMs)} ${iso(endMs)}`,
  );
const iso = (timeMs: number): string => new Date(timeMs).toISOString().replace(':00.000Z', 'Z');

describe.each(['UTC', 'America/New_York', 'Europe/Riga', 'Australia/Sydney'])('with TZ=%s', (processZone) => {
  const before = process.env['TZ'];
  beforeEach(() => {
    process.env['TZ'] = processZone;
  });
  afterEach(() => {
    if (before === undefined) delete process.env['TZ'];
    else process.env['TZ'] = before;
  });

  test('turns are handed over at the same time on the clock, before and after it changes', () => {
    const riga = schedule('Europe/Riga', layer());
    expect(shown(riga, '2026-03-20T00:00Z', '2026-04-10T00:00Z')).toEqual([
      'ana 2026-03-20T00:00Z 2026-03-23T07:00Z',
      'ben 2026-03-23T07:00Z 2026-03-30T06:00Z',
      'ana 2026-03-30T06:00Z 2026-04-06T06:00Z',
      'ben 2026-04-06T06:00Z 2026-04-10T00:00Z',
    ]);
    const york = schedule('America/New_York', layer({ everyDays: 1, start: '2026-10-30' }));
    expect(shown(york, '2026-10-31T00:00Z', '2026-11-03T00:00Z')).toEqual([
      'ana 2026-10-31T00:00Z 2026-10-31T13:00Z',
      'ben 2026-10-31T13:00Z 2026-11-01T14:00Z',
      'ana 2026-11-01T14:00Z 2026-11-02T14:00Z',
      'ben 2026-11-02T14:00Z 2026-11-03T00:00Z',
    ]);
  });

  test.each([
    // The clock goes from 02:00 to 03:00: a handover at 02:30 is at 03:30.
    ['America/New_York', '02:30', '2026-03-08', '2026-03-08T07:30Z'],
    // From 03:00 to 04:00.
    ['Europe/Riga', '03:30', '2026-03-29', '2026-03-29T01:30Z'],
    ['Australia/Sydney', '02:30', '2026-10-04', '2026-10-03T16:30Z'],
    // The clock shows it twice: the first counts.
    ['America/New_York', '01:30', '2026-11-01', '2026-11-01T05:30Z'],
    ['Europe/Riga', '03:30', '2026-10-25', '2026-10-25T00:30Z'],
    ['Australia/Sydney', '02:30', '2026-04-05', '2026-04-04T15:30Z'],
  ])('in %s a handover at %s on %s is at %s', (timeZone, handover, start, expected) => {
    const [first] = shown(
      schedule(timeZone, layer({ handover, start, everyDays: 1 })),
      '2026-01-01T00:00Z',
      '2026-12-31T00:00Z',
    );
    expect(first?.split(' ')[1]).toBe(expected);
  });
});

test('a turn of N days begins every N days, through months and years', () => {
  const every3 = schedule(
    'UTC',
    layer({ users: ['a', 'b', 'c'], everyDays: 3, start: '2027-12-30', handover: '00:00' }),
  );
  expect(shown(every3, '2027-12-01T00:00Z', '2028-01-12T00:00Z')).toEqual([
    'a 2027-12-30T00:00Z 2028-01-02T00:00Z',
    'b 2028-01-02T00:00Z 2028-01-05T00:00Z',
    'c 2028-01-05T00:00Z 2028-01-08T00:00Z',
    'a 2028-01-08T00:00Z 2028-01-11T00:00Z',
    'b 2028-01-11T00:00Z 2028-01-12T00:00Z',
  ]);
});

test('a layer of some hours covers the one below it, over midnight too, and an override covers both', () => {
  const night = { days: [5], from: '22:00', to: '06:00' };
  const both = schedule('UTC', layer({ users: ['ana'] }), layer({ users: ['zoe'], restrictions: [night] }));
  const override = { id: 'o1', user: 'ben', startMs: ms('2026-03-07T04:00Z'), endMs: ms('2026-03-07T08:00Z') };
  expect(shown(both, '2026-03-06T12:00Z', '2026-03-07T12:00Z', [override])).toEqual([
    'ana 2026-03-06T12:00Z 2026-03-06T22:00Z',
    'zoe 2026-03-06T22:00Z 2026-03-07T04:00Z',
    'ben 2026-03-07T04:00Z 2026-03-07T08:00Z',
    'ana 2026-03-07T08:00Z 2026-03-07T12:00Z',
  ]);
});

test('of two overrides the later made wins', () => {
  const span = { startMs: 0, endMs: 1_000 };
  const overrides = [
    { id: 'o1', user: 'ben', ...span },
    { id: 'o2', user: 'zoe', startMs: 500, endMs: 700 },
  ];
  expect(shiftsOf(schedule('UTC'), overrides, 0, 2_000).map(({ user, startMs }) => [user, startMs])).toEqual([
    ['ben', 0],
    ['zoe', 500],
    ['ben', 700],
  ]);
});

test('gaps are told: before the first handover, outside the hours', () => {
  const days = { days: [1, 2, 3, 4, 5], from: '08:00', to: '20:00' };
  const hours = schedule('UTC', layer({ start: '2026-03-02', handover: '08:00', restrictions: [days] }));
  const gaps = gapsOf(hours, [], ms('2026-03-02T00:00Z'), ms('2026-03-04T00:00Z'));
  expect(gaps.map(({ startMs, endMs }) => `${iso(startMs)} ${iso(endMs)}`)).toEqual([
    '2026-03-02T00:00Z 2026-03-02T08:00Z',
    '2026-03-02T20:00Z 2026-03-03T08:00Z',
    '2026-03-03T20:00Z 2026-03-04T00:00Z',
  ]);
  expect(gapsOf(schedule('UTC'), [], 0, 10)).toEqual([{ startMs: 0, endMs: 10 }]);
});

test('shifts are in order, do not overlap, and agree with who is on call at any moment', () => {
  let seed = 7;
  const random = (below: number): number => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return Math.floor((seed / 2 ** 32) * below);
  };
  const pick = <Item>(items: readonly Item[]): Item => items[random(items.length)] as Item;
  const time = (): string => `${String(random(24)).padStart(2, '0')}:${pick(['00', '15', '30'])}`;
  for (let round = 0; round < 150; round += 1) {
    const layers = Array.from({ length: random(4) }, () =>
      layer({
        users: ['a', 'b', 'c', 'd'].slice(0, 1 + random(4)),
        everyDays: pick([1, 2, 7, 10]),
        start: pick(['2026-03-01', '2026-03-20', '2026-10-20', '2025-01-01']),
        handover: time(),
        restrictions: Array.from({ length: random(3) }, () => ({
          days: [1, 2, 3, 4, 5, 6, 7].filter(() => random(2) === 0),
          from: time(),
          to: time(),
        })).filter(({ days }) => days.length > 0),
      }),
    );
    const fromMs = ms(pick(['2026-03-05T00:00Z', '2026-03-27T11:11Z', '2026-10-23T00:00Z', '2026-04-03T05:00Z']));
    const toMs = fromMs + (1 + random(12)) * 86_400_000;
    const overrides = Array.from({ length: random(4) }, (_, at) => {
      const startMs = fromMs + random(10) * 86_400_000 - 43_200_000;
      return { id: `o${at}`, user: `x${at}`, startMs, endMs: startMs + (1 + random(48)) * 3_600_000 };
    });
    const one = schedule(pick(['America/New_York', 'Europe/Riga', 'Australia/Sydney', 'UTC']), ...layers);
    const shifts = shiftsOf(one, overrides, fromMs, toMs);
    for (const [at, { startMs, endMs }] of shifts.entries()) {
      expect(startMs).toBeLessThan(endMs);
      expect(startMs).toBeGreaterThanOrEqual(shifts[at - 1]?.endMs ?? fromMs);
      expect(endMs).toBeLessThanOrEqual(toMs);
    }
    for (let look = 0; look < 40; look += 1) {
      const edge = pick([fromMs, ...shifts.flatMap(({ startMs, endMs }) => [startMs, endMs])]) + pick([-1, 0, 1]);
      const timeMs = Math.min(Math.max(pick([edge, fromMs + random(toMs - fromMs)]), fromMs), toMs - 1);
      const found = shifts.find(({ startMs, endMs }) => startMs <= timeMs && timeMs < endMs);
      const expected = onCallAt(one, overrides, timeMs);
      expect(found && { user: found.user, source: found.source }, JSON.stringify([one, iso(timeMs)])).toEqual(expected);
    }
  }
});

test('a part of the week without hours is the whole day, and one that ends at midnight goes up to it', () => {
  const parts = (from: string, to: string): string[] =>
    shown(
      schedule('Europe/Riga', layer({ users: ['ana'], handover: '00:00', restrictions: [{ days: [7], from, to }] })),
      '2026-03-27T00:00Z',
      '2026-04-01T00:00Z',
    );
  // 23 hours: the clock goes forward on this Sunday.
  expect(parts('00:00', '00:00')).toEqual(['ana 2026-03-28T22:00Z 2026-03-29T21:00Z']);
  expect(parts('22:00', '00:00')).toEqual(['ana 2026-03-29T19:00Z 2026-03-29T21:00Z']);
});
