import { expect, test } from 'vitest';
import { toHrTime } from '../src/results/time.ts';

test('times of day become seconds and nanoseconds without loss of a fraction', () => {
  expect(toHrTime(1_700_000_000_123.5)).toEqual([1_700_000_000, 123_500_000]);
  expect(toHrTime(0.9999999)).toEqual([0, 1_000_000]);
  expect(toHrTime(999.9999999)).toEqual([1, 0]);
});
