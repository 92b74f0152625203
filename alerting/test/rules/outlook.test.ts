import { describe, expect, test } from 'vitest';
import { createOutlook, decideAway } from '../../src/rules/outlook.ts';

describe('ClickHouse is away', () => {
  test.each([
    [0, 50, false],
    [3, 50, false],
    [5, 50, false],
    [6, 50, true],
    [500, 1_000, true],
    [1, 1, true],
    [1, 3, false],
    [2, 3, true],
    [3, 9, false],
    [4, 9, true],
    [0, 0, false],
  ])('when %d of the last %d questions had no answer: %s', (lost, asked, away) =>
    expect(decideAway({ lost, asked }, false)).toBe(away),
  );

  test.each([
    [4, 50, true],
    [3, 50, false],
    [2, 6, false],
    [3, 6, true],
    [1, 3, false],
    [1, 1, true],
  ])('still, when %d of the last %d have none: %s', (lost, asked, away) =>
    expect(decideAway({ lost, asked }, true)).toBe(away),
  );
});

test('no more evaluations are looked back at than there are groups, and 50 at most', () => {
  const outlook = createOutlook();
  const evaluate = (isAnswered: boolean): void => {
    const tell = outlook.begin();
    for (let at = 0; at < 5; at += 1) tell(isAnswered);
  };
  for (let at = 0; at < 100; at += 1) evaluate(false);
  expect(outlook.isAway(false, 1_000)).toBe(true);
  for (let at = 0; at < 3; at += 1) evaluate(true);
  expect(outlook.isAway(true, 3)).toBe(false);
  expect(outlook.isAway(true, 1_000)).toBe(true);
  for (let at = 0; at < 50; at += 1) evaluate(true);
  expect(outlook.isAway(true, 1_000)).toBe(false);
});
