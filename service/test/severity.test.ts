import { expect, it } from 'vitest';
import { positiveDuration } from '../src/config/schema/scalars.ts';
import { graded } from '../src/config/schema/severity.ts';

it('reads a limit alone as one whose breach is down, and the long form as it says', () => {
  const latency = graded('max', positiveDuration).optional();
  expect(latency.parse(undefined)).toBeUndefined();
  expect(latency.parse('800ms')).toEqual({ max: 800, severity: 'down' });
  expect(latency.parse({ max: '1s', severity: 'degraded' })).toEqual({ max: 1_000, severity: 'degraded' });
  for (const wrong of [{ max: '1s', severity: 'slow' }, { severity: 'degraded' }, { max: '1s', min: '2s' }, 'soon'])
    expect(latency.safeParse(wrong).success).toBe(false);
});
