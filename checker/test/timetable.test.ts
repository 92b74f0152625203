import { describe, expect, test } from 'vitest';
import { delayToPhaseMs, spreadFraction } from '../src/schedule/spread.ts';
import { Timetable } from '../src/schedule/timetable.ts';

describe('the timetable', () => {
  test('gives runs in the order in which they are due, each once, and plans the next', () => {
    const table = new Timetable();
    table.set('slow', 100, 30);
    table.set('fast', 10, 5);
    table.set('other', 50, 20);
    expect(table.nextDueMs()).toBe(5);
    expect(table.takeDue(4)).toEqual([]);
    expect(table.takeDue(5)).toEqual([{ name: 'fast', dueMs: 5, missed: 0 }]);
    expect(table.takeDue(20).map(({ name }) => name)).toEqual(['fast', 'other']);
    expect(table.nextDueMs()).toBe(25);
  });

  test('never drifts, however late it is asked', () => {
    const table = new Timetable();
    table.set('a', 10, 3);
    const dues = [3.9, 14, 23, 39.5, 43].flatMap((nowMs) => table.takeDue(nowMs).map(({ dueMs }) => dueMs));
    expect(dues).toEqual([3, 13, 23, 33, 43]);
  });

  test('after a long silence each monitor runs once and the runs left out are counted', () => {
    const table = new Timetable();
    table.set('a', 10, 3);
    expect(table.takeDue(1_000)).toEqual([{ name: 'a', dueMs: 993, missed: 99 }]);
    expect(table.nextDueMs()).toBe(1_003);
  });

  test('gives nothing when time goes back', () => {
    const table = new Timetable();
    table.set('a', 10, 100);
    expect(table.takeDue(100)).toHaveLength(1);
    expect(table.takeDue(50)).toEqual([]);
    expect(table.nextDueMs()).toBe(110);
  });

  test('forgets what is removed and follows what is set anew', () => {
    const table = new Timetable();
    table.set('a', 10, 5);
    table.set('b', 10, 6);
    table.remove('a');
    table.set('b', 100, 50);
    expect(table.takeDue(49)).toEqual([]);
    expect(table.takeDue(50)).toEqual([{ name: 'b', dueMs: 50, missed: 0 }]);
    table.remove('b');
    expect(table.nextDueMs()).toBeUndefined();
  });

  test('keeps ten thousand in order', () => {
    const table = new Timetable();
    for (let index = 0; index < 10_000; index += 1) {
      table.set(`m${index}`, 60_000, spreadFraction(`m${index}`) * 60_000);
    }
    const dues = table.takeDue(60_000).map(({ dueMs }) => dueMs);
    expect(dues).toHaveLength(10_000);
    expect(dues).toEqual(dues.toSorted((a, b) => a - b));
    expect(table.takeDue(120_000)).toHaveLength(10_000);
  });
});

describe('the phase', () => {
  test('depends on the name alone and lies within one interval', () => {
    const wallMs = Date.parse('2026-11-22T12:34:56.789Z');
    for (let index = 0; index < 1_000; index += 1) {
      const delayMs = delayToPhaseMs(`m${index}`, 10_000, wallMs);
      expect(delayMs).toBeGreaterThanOrEqual(0);
      expect(delayMs).toBeLessThan(10_000);
    }
  });

  test('is the same after a restart at any other time', () => {
    const first = 1_000_000 + delayToPhaseMs('shop', 60_000, 1_000_000);
    const later = 98_765_432 + delayToPhaseMs('shop', 60_000, 98_765_432);
    expect((later - first) % 60_000).toBeCloseTo(0, 3);
  });

  test('spreads many monitors evenly', () => {
    const tenths = Array.from({ length: 10 }, () => 0);
    for (let index = 0; index < 10_000; index += 1) {
      const tenth = Math.floor(spreadFraction(`https://example.com/${index}`) * 10);
      tenths[tenth] = (tenths[tenth] ?? 0) + 1;
    }
    expect(Math.min(...tenths)).toBeGreaterThan(900);
    expect(Math.max(...tenths)).toBeLessThan(1_100);
  });
});
