import { describe, expect, test } from 'vitest';
import { createOutlook, decideAway } from '../../src/rules/outlook.ts';

const answers = (lost: number, of: number): boolean[] => Array.from({ length: of }, (_, at) => at >= lost);

describe('ClickHouse is away', () => {
  test.each([
    [0, 50, false],
    [3, 50, false],
    [5, 50, false],
    [6, 50, true],
    [25, 50, true],
    [1, 1, true],
    [1, 3, false],
    [2, 3, true],
    [3, 9, false],
    [4, 9, true],
  ])('when %d of the last %d questions had no answer: %s', (lost, of, away) =>
    expect(decideAway(answers(lost, of), false)).toBe(away),
  );

  test.each([
    [5, 50, true],
    [4, 50, false],
    [1, 6, true],
    [0, 6, false],
    [0, 0, false],
  ])('still, when %d of the last %d have none: %s', (lost, of, away) =>
    expect(decideAway(answers(lost, of), true)).toBe(away),
  );
});

test('no more questions are looked back at than there are rules, and 50 at most', () => {
  const outlook = createOutlook();
  outlook.record(answers(100, 100));
  expect(outlook.isAway(false, 1_000)).toBe(true);
  outlook.record([true, true, true]);
  expect(outlook.isAway(true, 3)).toBe(false);
  expect(outlook.isAway(true, 1_000)).toBe(true);
  outlook.record(answers(0, 50));
  expect(outlook.isAway(true, 1_000)).toBe(false);
});
