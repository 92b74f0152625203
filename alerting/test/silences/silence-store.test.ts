import { readFile } from 'node:fs/promises';
import { parseMatcher } from '@tocsin/service/config';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { compileMatchers } from '../../src/notify/matchers.ts';
import { SILENCE_ERROR_CODES, silenceState } from '../../src/silences/silence.ts';
import { createSilenceStore, type SilenceStore } from '../../src/silences/silence-store.ts';
import { type Database, openDatabase } from '../../src/store/database.ts';

let database: Database;
let store: SilenceStore;
beforeEach(() => {
  database = openDatabase(':memory:');
  store = createSilenceStore(database);
});
afterEach(() => database.close());

const request = (matchers: string[], change: { id?: string; startsAtMs?: number; endsAtMs?: number } = {}) => ({
  matchers: matchers.map((source) => parseMatcher(source)!),
  startsAtMs: 1_000,
  endsAtMs: 9_000,
  createdBy: 'ann',
  comment: 'a new disk',
  ...change,
});
const DOWN = { alertname: 'Down', instance: 'a' };

describe('a silence', () => {
  test('is pending, active and expired by the clock; its start belongs to it and its end does not', () => {
    const silence = store.save(request(['alertname=Down'], { startsAtMs: 2_000 }), 1_000);
    const at = (nowMs: number) => [silenceState(silence, nowMs), store.silencing(DOWN, nowMs).length];
    expect([1_999, 2_000, 8_999, 9_000].map(at)).toEqual([
      ['pending', 0],
      ['active', 1],
      ['active', 1],
      ['expired', 0],
    ]);
  });

  test('begins now where its start is in the past', () => {
    expect(store.save(request(['a=b']), 5_000)).toMatchObject({ startsAtMs: 5_000, updatedAtMs: 5_000 });
  });

  test('is found by its id, a UUID of version 4', () => {
    const silence = store.save(request(['a=b']), 1_000);
    expect(silence.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(store.find(silence.id)).toEqual(silence);
    expect(store.find('other')).toBeUndefined();
  });

  test('survives whoever kept it in memory', () => {
    const { id } = store.save(request(['alertname=Down']), 1_000);
    expect(createSilenceStore(database).silencing(DOWN, 2_000)).toEqual([id]);
  });

  test('that was saved in a transaction that failed silences nothing', () => {
    const fail = () =>
      database.transaction(() => {
        store.save(request(['alertname=Down']), 1_000);
        expect(store.silencing(DOWN, 2_000)).toHaveLength(1);
        throw new Error('the audit log is full');
      });
    expect(fail).toThrow('the audit log is full');
    expect(store.silencing(DOWN, 2_000)).toEqual([]);
    store.save(request(['alertname=Other']), 1_000);
    expect(store.silencing(DOWN, 2_000)).toEqual([]);
  });
});

describe('a change', () => {
  test('of the end or the comment keeps the silence', () => {
    const { id } = store.save(request(['a=b']), 1_000);
    const changed = store.save(request(['a=b'], { id, endsAtMs: 20_000 }), 3_000);
    expect(changed).toMatchObject({ id, startsAtMs: 1_000, endsAtMs: 20_000, updatedAtMs: 3_000 });
    expect(store.list()).toHaveLength(1);
  });

  test('of what an active one matches expires it and makes a new one', () => {
    const { id } = store.save(request(['alertname=Down']), 1_000);
    const changed = store.save(request(['alertname=Slow'], { id }), 3_000);
    expect(changed.id).not.toBe(id);
    expect(changed.startsAtMs).toBe(3_000);
    expect(silenceState(store.find(id)!, 3_000)).toBe('expired');
    expect(store.silencing(DOWN, 3_000)).toEqual([]);
    expect(store.silencing({ alertname: 'Slow' }, 3_000)).toEqual([changed.id]);
  });

  test('of the start of an active one makes a new one; a pending one may move', () => {
    const active = store.save(request(['a=b']), 1_000);
    expect(store.save(request(['a=b'], { id: active.id, startsAtMs: 5_000 }), 3_000).id).not.toBe(active.id);
    const pending = store.save(request(['a=c'], { startsAtMs: 5_000 }), 3_000);
    expect(store.save(request(['a=c'], { id: pending.id, startsAtMs: 6_000 }), 3_000).id).toBe(pending.id);
  });

  test('of an expired one makes a new one', () => {
    const { id, endsAtMs } = store.save(request(['a=b']), 1_000);
    const again = store.save(request(['a=b'], { id, startsAtMs: 10_000, endsAtMs: 20_000 }), 10_000);
    expect(again.id).not.toBe(id);
    expect(store.find(id)).toMatchObject({ endsAtMs });
  });
});

describe('expire', () => {
  test('ends an active one now, and a pending one before it begins', () => {
    const active = store.save(request(['alertname=Down']), 1_000);
    const pending = store.save(request(['alertname=Down'], { startsAtMs: 5_000 }), 1_000);
    store.expire(active.id, 2_000);
    store.expire(pending.id, 2_000);
    expect(store.list().map(({ startsAtMs, endsAtMs }) => [startsAtMs, endsAtMs])).toEqual(
      expect.arrayContaining([
        [1_000, 2_000],
        [2_000, 2_000],
      ]),
    );
    expect(store.silencing(DOWN, 6_000)).toEqual([]);
  });

  test('leaves an expired one as it was, and never deletes', () => {
    const { id } = store.save(request(['a=b']), 1_000);
    store.expire(id, 2_000);
    store.expire(id, 3_000);
    expect(store.find(id)).toMatchObject({ endsAtMs: 2_000, updatedAtMs: 2_000 });
  });

  test('of what is not there says so', () => {
    expect(() => store.expire('none', 1_000)).toThrow(
      expect.objectContaining({ code: 'TOCSIN_ALERTING_SILENCE_NOT_FOUND' }),
    );
    expect(() => store.save(request(['a=b'], { id: 'none' }), 1_000)).toThrow(
      /expected the id of a silence, found "none"/,
    );
  });
});

test('silences are forgotten 120 hours after their end', () => {
  const { id } = store.save(request(['alertname=Down']), 1_000);
  expect(store.forgetOld(9_000 + 120 * 3_600_000 - 1)).toBe(0);
  expect(store.forgetOld(9_000 + 120 * 3_600_000)).toBe(1);
  expect(store.find(id)).toBeUndefined();
});

describe('refused is', () => {
  test.each([
    ['no matcher', request([]), '1 to 100 matchers'],
    [
      'what matches everything',
      request(['a=~".*"', 'b=""']),
      'at least one matcher that does not match an empty value',
    ],
    ['an end at the start', request(['a=b'], { startsAtMs: 9_000 }), 'an end after the start'],
    ['an end in the past', request(['a=b'], { endsAtMs: 1_500 }), 'an end in the future'],
    [
      'a pattern that is none',
      { ...request(['a=b']), matchers: [{ name: 'a', op: '=~' as const, value: '(' }] },
      "regular expressions in RE2's syntax",
    ],
  ])('%s', (_, silence, expected) => {
    expect(() => store.save(silence, 2_000)).toThrow(`expected ${expected}`);
  });

  test('by a code that the README explains', async () => {
    const readme = await readFile(new URL('../../src/silences/README.md', import.meta.url), 'utf8');
    const explained = [...readme.matchAll(/^\| `(TOCSIN_\w+)`/gm)].map(([, code]) => code);
    expect(explained).toEqual([...SILENCE_ERROR_CODES]);
  });
});

describe('what silences an alert', () => {
  const silences = [
    'alertname=Down',
    'alertname=Slow',
    'alertname=~"Down|Slow"',
    'instance=~"a.*"',
    'instance!="b"',
    'team=""',
    'team!=""',
    'alertname!~"D.+"',
  ];
  const labels = [DOWN, { alertname: 'Slow', instance: 'b', team: 'x' }, { alertname: 'Other' }, { team: 'x' }, {}];
  const save = (matcher: string) => store.save(request([matcher, 'other!=excluded', 'alertname!~"|x"']), 1_000).id;

  test('is the same from the index, from memory and by every matcher on its own', () => {
    const saved: string[] = [];
    // With memory warm before, between and after the changes.
    const check = () => {
      for (const [at, set] of labels.entries()) {
        const expected = store
          .list()
          .filter((silence) => silenceState(silence, 2_000) === 'active' && compileMatchers(silence.matchers)(set))
          .map(({ id }) => id)
          .sort();
        expect(store.silencing(set, 2_000).toSorted()).toEqual(expected);
        expect(store.silencingAlert({ fingerprint: String(at), labels: set }, 2_000).toSorted()).toEqual(expected);
      }
    };
    check();
    for (const matcher of silences) {
      saved.push(save(matcher));
      check();
    }
    for (const id of saved) {
      store.expire(id, 1_500);
      check();
    }
  });

  test('that lacks a label is found by its empty value', () => {
    const { id } = store.save(request(['alertname=~"Down|"', 'instance=a']), 1_000);
    expect(store.silencing({ instance: 'a' }, 2_000)).toEqual([id]);
  });
});
