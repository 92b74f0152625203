import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '@tocsin/service/log';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { TellingOrder } from '../src/results/telling-order.ts';

const NOON_MS = Date.parse('2026-11-25T12:00:00Z');
const MINUTE_MS = 60_000;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tocsin-told-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** The order as a process that starts now has it. */
const startAt = (nowMs: number): TellingOrder =>
  new TellingOrder({ path: join(folder, 'told.json'), log: silentLogger() }, nowMs);

test('the order is the time, and a later one where two are told in one millisecond', () => {
  const order = startAt(NOON_MS);
  expect(order.next(NOON_MS)).toEqual({ unixMs: NOON_MS, orderMs: NOON_MS });
  expect(order.next(NOON_MS)).toEqual({ unixMs: NOON_MS, orderMs: NOON_MS + 1 });
  expect(order.next(NOON_MS + 30)).toEqual({ unixMs: NOON_MS + 30, orderMs: NOON_MS + 30 });
});

test('it goes on where it was while the clock, which was set back, shows less', () => {
  const order = startAt(NOON_MS);
  order.next(NOON_MS);
  expect(order.next(NOON_MS - 10 * MINUTE_MS)).toEqual({ unixMs: NOON_MS - 10 * MINUTE_MS, orderMs: NOON_MS + 1 });
  expect(order.next(NOON_MS - 9 * MINUTE_MS).orderMs).toBe(NOON_MS + 2);
  expect(order.next(NOON_MS + MINUTE_MS).orderMs).toBe(NOON_MS + MINUTE_MS);
});

test('a process that starts after the clock was set back goes on above all that the one before it has told', () => {
  startAt(NOON_MS).next(NOON_MS);
  startAt(NOON_MS + 20_000).next(NOON_MS + 20_000);
  const later = startAt(NOON_MS - 10 * MINUTE_MS).next(NOON_MS - 10 * MINUTE_MS);
  expect(later.orderMs).toBeGreaterThan(NOON_MS + 20_000);
});

test('nor is it below what was told since the file was written, where the clock was set back by less than that', () => {
  const before = startAt(NOON_MS);
  before.next(NOON_MS);
  before.next(NOON_MS + 50_000);
  expect(startAt(NOON_MS + 10_000).next(NOON_MS + 10_000).orderMs).toBeGreaterThan(NOON_MS + 50_000);
});

test('restarts do not push the order ahead of the clock', () => {
  for (let at = 0; at < 100; at++) {
    const nowMs = NOON_MS + at * 5_000;
    expect(startAt(nowMs).next(nowMs)).toEqual({ unixMs: nowMs, orderMs: nowMs });
  }
});

test('a file that cannot be read begins with the clock, and is written anew', () => {
  writeFileSync(join(folder, 'told.json'), '{"untilUnixMs":"tomorrow"');
  expect(startAt(NOON_MS).next(NOON_MS).orderMs).toBe(NOON_MS);
  expect(JSON.parse(readFileSync(join(folder, 'told.json'), 'utf8'))).toEqual({ untilUnixMs: NOON_MS + 1_000 });
});

test('where nothing can be written the order still rises', () => {
  const order = new TellingOrder({ path: join(folder, 'gone', 'told.json'), log: silentLogger() }, NOON_MS);
  expect(order.next(NOON_MS).orderMs).toBe(NOON_MS);
  expect(order.next(NOON_MS - MINUTE_MS).orderMs).toBe(NOON_MS + 1);
});
