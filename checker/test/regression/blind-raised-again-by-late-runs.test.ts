import { expect, test } from 'vitest';
import { Blindness } from '../../src/state/blindness.ts';
import { unknown, type Verdict } from '../../src/verdict.ts';

const UP: Verdict = { outcome: 'up', reason: 'ok', message: '' };
const LOST = unknown('connectivity_lost', 'none of the connectivity targets answers');

test('runs that end after the way out was lost or found again, but began before, change nothing', () => {
  const blindness = new Blindness();
  const said = (name: string, verdict: Verdict, startMs: number, endMs: number): boolean => {
    blindness.record(name, verdict, startMs, endMs);
    return blindness.isBlind;
  };
  for (const name of ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i']) expect(said(name, UP, 0, 10)).toBe(false);
  expect(said('a', LOST, 1_000, 1_800)).toBe(true);
  // Answered just before the way out was lost.
  expect(said('b', UP, 1_100, 1_900)).toBe(true);
  expect(said('c', LOST, 2_000, 2_800)).toBe(true);
  expect(said('b', UP, 4_000, 4_010)).toBe(false);
  // Had to wait for its time limit, and the answer about the connectivity targets was a second old.
  expect(said('d', LOST, 3_500, 4_300)).toBe(false);
  expect(said('d', LOST, 5_000, 5_800)).toBe(true);
});
