import { expect, test } from 'vitest';
import { readClockOffset } from '../src/results/otlp-post.ts';

const DATE = 'Sun, 22 Nov 2026 12:00:00 GMT';
const AT_MS = Date.parse(DATE);

test.each([
  ['nothing where the second of the answer is within the request', -200, 900, 0],
  ['nothing within the second that the header leaves open', 999, 1_300, 0],
  ['how far it is ahead', 8_000, 8_100, 7_000],
  ['how far it is behind', -9_000, -8_000, -8_000],
])('the Date of an answer says of this clock %s', (_, sentMs, receivedMs, offsetMs) => {
  expect(readClockOffset(DATE, AT_MS + sentMs, AT_MS + receivedMs)).toBe(offsetMs);
});

test('an answer without a Date, or with one that is none, says nothing', () => {
  expect(readClockOffset(undefined, 0, 0)).toBeUndefined();
  expect(readClockOffset('yesterday', 0, 0)).toBeUndefined();
});
