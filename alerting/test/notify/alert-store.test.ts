import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Alert } from '../../src/alert.ts';
import { type AlertStore, createAlertStore, mergeAlert } from '../../src/notify/alert-store.ts';
import { type Database, openDatabase } from '../../src/store/database.ts';

const alert = (change: Partial<Alert> = {}): Alert => ({
  fingerprint: '00000000000000aa',
  labels: { alertname: 'Down' },
  annotations: { summary: 'old' },
  value: 1,
  startsAtMs: 100,
  endsAtMs: undefined,
  updatedAtMs: 100,
  generatorUrl: '',
  ...change,
});

describe('mergeAlert', () => {
  test('keeps the earliest start and the last annotations', () => {
    const merged = mergeAlert(
      alert(),
      alert({ startsAtMs: 150, updatedAtMs: 150, annotations: { summary: 'new' } }),
      150,
    );
    expect(merged).toEqual(alert({ updatedAtMs: 150, annotations: { summary: 'new' } }));
  });

  test('keeps the latest end', () => {
    expect(mergeAlert(alert({ endsAtMs: 200 }), alert({ endsAtMs: 180 }), 220).endsAtMs).toBe(200);
    expect(mergeAlert(alert({ endsAtMs: 200 }), alert({ endsAtMs: 220 }), 220).endsAtMs).toBe(220);
    expect(mergeAlert(alert({ endsAtMs: 200 }), alert({ startsAtMs: 150 }), 220).endsAtMs).toBeUndefined();
  });

  test('ends what is said to be over though it was to last longer, and no sooner than it was to end while it lasts', () => {
    expect(mergeAlert(alert({ endsAtMs: 900 }), alert({ endsAtMs: 200, updatedAtMs: 200 }), 200).endsAtMs).toBe(200);
    expect(mergeAlert(alert({ endsAtMs: 900 }), alert({ endsAtMs: 300, updatedAtMs: 200 }), 200).endsAtMs).toBe(900);
  });

  test('takes a start after the old end for a new occurrence', () => {
    const again = alert({ startsAtMs: 201, updatedAtMs: 201 });
    expect(mergeAlert(alert({ endsAtMs: 200 }), again, 201)).toEqual(again);
  });

  test('keeps the last value of an alert that resolves without one', () => {
    expect(mergeAlert(alert({ value: 7 }), alert({ value: undefined, endsAtMs: 200 }), 200).value).toBe(7);
  });
});

describe('putAlerts', () => {
  let database: Database;
  let admitted: string[];
  let store: AlertStore;
  beforeEach(() => {
    database = openDatabase(':memory:');
    admitted = [];
    store = createAlertStore(database, ({ startsAtMs }, nowMs) => void admitted.push(`${startsAtMs} at ${nowMs}`));
  });
  afterEach(() => database.close());

  test('keeps an alert as it was said', () => {
    store.putAlerts([alert()], 100);
    expect(store.listAlerts(100)).toEqual([alert()]);
    expect(store.countFiring(100)).toBe(1);
  });

  test('lets an alert join its groups when it begins to fire, and not again while it does', () => {
    store.putAlerts([alert()], 100);
    store.putAlerts([alert({ updatedAtMs: 110 })], 110);
    expect(admitted).toEqual(['100 at 100']);
    store.putAlerts([alert({ endsAtMs: 120 })], 120);
    store.putAlerts([alert({ startsAtMs: 130 })], 130);
    expect(admitted).toEqual(['100 at 100', '130 at 130']);
  });

  test('takes no notice of the end of something it never heard of', () => {
    store.putAlerts([alert({ endsAtMs: 100 })], 100);
    expect(database.prepare('SELECT count(*) AS n FROM alerts').get()).toEqual({ n: 0 });
    expect(admitted).toEqual([]);
  });

  test('is undone with the transaction it is part of', () => {
    const evaluation = () =>
      database.transaction(() => {
        store.putAlerts([alert()], 100);
        throw new Error('the state of the rules could not be stored');
      });
    expect(evaluation).toThrow('could not be stored');
    expect(store.listAlerts(100)).toEqual([]);
  });
});
