import { expect, test } from 'vitest';
import { addSequence, judgeSequence, type SequenceWindow } from '../../src/journal/sequence-window.ts';

/** The window after these numbers have been stored in this order. */
function windowOf(...sequences: readonly number[]): SequenceWindow | undefined {
  let window: SequenceWindow | undefined;
  for (const sequence of sequences) window = addSequence(window, sequence);
  return window;
}

test('of a producer that is not known everything is new', () => {
  expect(judgeSequence(undefined, 1)).toBe('new');
});

test('numbers that rise with gaps: the gaps are new, what was stored is not', () => {
  const window = windowOf(3, 4, 9);
  const states = [2, 3, 4, 5, 8, 9, 10].map((sequence) => judgeSequence(window, sequence));
  expect(states).toEqual(['new', 'stored', 'stored', 'new', 'new', 'stored', 'new']);
});

test('64 numbers are known one by one, and those before them have passed', () => {
  const window = windowOf(1, 64);
  expect([1, 2, 64].map((sequence) => judgeSequence(window, sequence))).toEqual(['stored', 'new', 'stored']);
  const moved = addSequence(window, 65);
  expect([1, 2, 64].map((sequence) => judgeSequence(moved, sequence))).toEqual(['passed', 'new', 'stored']);
  expect(addSequence(moved, 1)).toEqual(moved);
  expect(windowOf(1, 1_000_000)).toEqual({ last: 1_000_000, stored: 1n });
});

test('whatever the order, within the window each number is known for what it is', () => {
  let seed = 7;
  const random = (below: number): number => (seed = (seed * 16_807) % 2_147_483_647) % below;
  for (let round = 0; round < 200; round += 1) {
    const stored = new Set<number>();
    let window: SequenceWindow | undefined;
    for (let count = 0; count < 30; count += 1) {
      const sequence = 1 + random(64);
      expect(judgeSequence(window, sequence)).toBe(stored.has(sequence) ? 'stored' : 'new');
      window = addSequence(window, sequence);
      stored.add(sequence);
    }
  }
});
