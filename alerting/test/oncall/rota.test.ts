import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createOverrides, type Overrides } from '../../src/oncall/overrides.ts';
import { createRota, type Rota } from '../../src/oncall/rota.ts';
import { type Database, openDatabase } from '../../src/store/database.ts';
import { readConfig } from '../notify/scenario.ts';

const ms = (text: string): number => Date.parse(text);
const NOW_MS = ms('2026-11-20T10:00Z');
const DAY_MS = 86_400_000;

let database: Database;
let overrides: Overrides;
let rota: Rota;
let ids = 0;
beforeEach(async () => {
  database = openDatabase(':memory:');
  ids = 0;
  overrides = createOverrides(database, () => `o${(ids += 1)}`);
  rota = createRota(overrides);
  const { oncall } = await readConfig(`
alerting: { receivers: [{ name: mail }] }
oncall:
  users: [{ name: ana, contact: [mail] }, { name: ben, contact: [mail] }]
  schedules:
    - { name: primary, timezone: Europe/Riga, layers: [{ users: [ana, ben], rotation: weekly, start: 2026-11-16 }] }
    - name: days
      timezone: Europe/Riga
      layers: [{ users: [ana], rotation: daily, start: 2026-11-16, restrictions: [{ days: [mon:fri], from: '08:00', to: '02:00' }] }]
`);
  overrides.apply(oncall);
  rota.apply(oncall);
});
afterEach(() => database.close());

const create = (user: string, start: string, end: string, schedule = 'primary') =>
  overrides.create({ schedule, user, startMs: ms(start), endMs: ms(end) }, 'ana', NOW_MS);
const shifts = (from: string, to: string): string[] | undefined =>
  rota
    .shifts('primary', ms(from), ms(to))
    ?.map(({ user, startMs }) => `${user} ${new Date(startMs).toISOString().slice(0, 16)}`);

describe('overrides', () => {
  test('put somebody else on call for a while, and can be taken back', () => {
    expect(create('ben', '2026-11-21T00:00Z', '2026-11-22T00:00Z')).toMatchObject({
      status: 'ok',
      result: { id: 'o1', createdBy: 'ana', createdAtMs: NOW_MS },
    });
    const parts = ['ana 2026-11-20T00:00', 'ben 2026-11-21T00:00', 'ana 2026-11-22T00:00'];
    expect(shifts('2026-11-20T00:00Z', '2026-11-22T12:00Z')).toEqual(parts);
    expect(overrides.delete('o1')).toMatchObject({ status: 'ok' });
    expect(shifts('2026-11-20T00:00Z', '2026-11-22T12:00Z')).toEqual(['ana 2026-11-20T00:00']);
  });

  test.each([
    ['unknown_schedule', { schedule: 'other' }],
    ['unknown_user', { user: 'carl' }],
    ['bad_time', { endMs: NOW_MS }],
    ['bad_time', { startMs: NOW_MS - DAY_MS, endMs: NOW_MS - 1 }],
    ['bad_time', { endMs: NOW_MS + 400 * DAY_MS }],
    ['bad_time', { startMs: Number.NaN }],
  ])('that make no sense are refused: %s %j', (reason, change) => {
    const wanted = { schedule: 'primary', user: 'ben', startMs: NOW_MS, endMs: NOW_MS + DAY_MS, ...change };
    expect(overrides.create(wanted, 'ana', NOW_MS)).toMatchObject({ status: 'refused', reason });
    expect(overrides.list(NOW_MS)).toEqual([]);
  });

  test('of somebody who has left do not count', () => {
    create('ben', '2026-11-20T00:00Z', '2026-11-22T00:00Z');
    overrides.apply({ users: [], schedules: [] });
    expect(overrides.of('primary', NOW_MS, NOW_MS + 1)).toEqual([]);
    expect(overrides.list(NOW_MS)).toHaveLength(1);
  });

  test('are forgotten 90 days after their end, and have a limit', () => {
    create('ben', '2026-11-20T00:00Z', '2026-11-22T00:00Z');
    expect(overrides.forgetOld(ms('2026-11-22T00:00Z') + 90 * DAY_MS - 1)).toBe(0);
    expect(overrides.forgetOld(ms('2026-11-22T00:00Z') + 90 * DAY_MS)).toBe(1);
    for (let made = 0; made < 1_000; made += 1) create('ben', '2026-11-20T00:00Z', '2026-11-22T00:00Z');
    expect(create('ben', '2026-11-20T00:00Z', '2026-11-22T00:00Z')).toMatchObject({ reason: 'limit_reached' });
  });

  test('that are not there cannot be taken back', () => {
    expect(overrides.delete('o9')).toMatchObject({ status: 'refused', reason: 'unknown_override' });
  });
});

describe('a swap', () => {
  test('gives each the other’s shift, of one that goes on what is left', () => {
    const swapped = overrides.swap(
      { schedule: 'primary', firstMs: NOW_MS, secondMs: ms('2026-11-25T00:00Z') },
      'ana',
      NOW_MS,
    );
    expect(swapped).toMatchObject({ status: 'ok' });
    expect(shifts('2026-11-20T00:00Z', '2026-12-02T00:00Z')).toEqual([
      'ana 2026-11-20T00:00',
      'ben 2026-11-20T10:00',
      'ana 2026-11-23T07:00',
      'ana 2026-11-30T07:00',
    ]);
  });

  test('of a shift with itself, with one of the same person, or with nobody’s is refused, and changes nothing', () => {
    const swap = (schedule: string, first: string, second: string) =>
      overrides.swap({ schedule, firstMs: ms(first), secondMs: ms(second) }, 'ana', NOW_MS);
    expect(swap('primary', '2026-11-21T00:00Z', '2026-11-22T00:00Z')).toMatchObject({ reason: 'no_shift' });
    expect(swap('primary', '2026-11-21T00:00Z', '2026-12-01T00:00Z')).toMatchObject({ reason: 'no_shift' });
    expect(swap('days', '2026-11-24T12:00Z', '2026-11-22T12:00Z')).toMatchObject({ reason: 'no_shift' });
    expect(swap('primary', '2026-11-16T12:00Z', '2026-11-10T12:00Z')).toMatchObject({ reason: 'no_shift' });
    expect(overrides.list(0)).toEqual([]);
  });
});

describe('the rota', () => {
  test('says who is on call, until when, and who is next', () => {
    const [primary, days] = rota.whoIsOnCall(NOW_MS);
    expect(primary).toMatchObject({
      schedule: 'primary',
      now: { user: 'ana', startMs: ms('2026-11-16T07:00Z'), endMs: ms('2026-11-23T07:00Z') },
      next: { user: 'ben', startMs: ms('2026-11-23T07:00Z'), endMs: ms('2026-11-30T07:00Z') },
    });
    expect(days).toMatchObject({ now: { user: 'ana', endMs: ms('2026-11-21T00:00Z') } });
    expect(days?.next).toMatchObject({ user: 'ana', startMs: ms('2026-11-23T06:00Z') });
    expect(rota.whoIsOnCall(ms('2026-11-22T12:00Z'))[1]).toMatchObject({ now: undefined, next: { user: 'ana' } });
  });

  test('has turns for who never hands over: they begin and end with the handovers, not with the time that is looked at', async () => {
    const { oncall } = await readConfig(`
alerting: { receivers: [{ name: mail }] }
oncall:
  users: [{ name: ana, contact: [mail] }, { name: ben, contact: [mail] }]
  schedules: [{ name: alone, layers: [{ users: [ana], rotation: weekly, start: 2026-01-05 }] }]
`);
    overrides.apply(oncall);
    rota.apply(oncall);
    const turn = { user: 'ana', startMs: ms('2026-11-16T09:00Z'), endMs: ms('2026-11-23T09:00Z') };
    const then = { user: 'ana', startMs: turn.endMs, endMs: ms('2026-11-30T09:00Z') };
    for (const laterMs of [0, 1, DAY_MS])
      expect(rota.whoIsOnCall(NOW_MS + laterMs)).toMatchObject([{ now: turn, next: then }]);
    // With somebody else in between it is their shift that is next, and her own is whole after it.
    create('ben', '2026-11-21T00:00Z', '2026-11-22T00:00Z', 'alone');
    const ben = { user: 'ben', startMs: ms('2026-11-21T00:00Z'), endMs: ms('2026-11-22T00:00Z') };
    expect(rota.whoIsOnCall(NOW_MS)).toMatchObject([{ now: { ...turn, endMs: ben.startMs }, next: ben }]);
    expect(rota.whoIsOnCall(ms('2026-11-21T12:00Z'))).toMatchObject([
      { now: ben, next: { user: 'ana', startMs: ben.endMs, endMs: turn.endMs } },
    ]);
  });

  test('says when nobody is, in words of the schedule’s zone, and in all', () => {
    const [primary, days] = rota.gaps(NOW_MS);
    expect(primary).toMatchObject({ gaps: [], described: [], totalMs: 0 });
    expect(days?.described).toEqual([
      'Saturday 2026-11-21 02:00 – Monday 2026-11-23 08:00',
      'Tuesday–Friday 02:00–08:00 (16 times from 2026-11-24)',
      'Saturday 2026-11-28 02:00 – Monday 2026-11-30 08:00',
      'Saturday 2026-12-05 02:00 – Monday 2026-12-07 08:00',
      'Saturday 2026-12-12 02:00 – Monday 2026-12-14 08:00',
    ]);
    expect(days?.totalMs).toBe((4 * 54 + 16 * 6) * 3_600_000);
    create('ben', '2026-11-21T00:00Z', '2026-11-23T06:00Z', 'days');
    expect(rota.gaps(NOW_MS)[1]?.gaps).toHaveLength(19);
  });

  test('exports calendars, whose events keep their ids from day to day', () => {
    const uids = (text: string | undefined): string[] =>
      [...(text ?? '').matchAll(/UID:(\S+)/g)].map(([, uid]) => uid!);
    const laterMs = ms('2027-06-02T10:00Z');
    const today = uids(rota.scheduleCalendar('primary', laterMs));
    const tomorrow = uids(rota.scheduleCalendar('primary', laterMs + DAY_MS));
    expect(today.length).toBeGreaterThan(20);
    expect(tomorrow.slice(0, 20)).toEqual(today.slice(0, 20));
    expect(rota.scheduleCalendar('other', NOW_MS)).toBeUndefined();
    const ben = rota.userCalendar('ben', NOW_MS) ?? '';
    expect(ben).toContain('SUMMARY:ben is on call (primary)');
    expect(ben).not.toContain('SUMMARY:ana');
    expect(rota.userCalendar('ana', NOW_MS)).toContain('SUMMARY:ana is on call (days)');
    expect(rota.userCalendar('carl', NOW_MS)).toBeUndefined();
  });
});
