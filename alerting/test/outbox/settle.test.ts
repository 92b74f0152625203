import { expect, test } from 'vitest';
import { settle } from '../../src/outbox/settle.ts';

const retryable = { status: 'retryable', reason: 'rate_limited', detail: 'HTTP 429' } as const;
const attempted = (attempts: number) => ({ attempts, createdAtMs: 0, tellsEnd: false });

test('the patience that a channel asks for is written down with the message, so that it outlives a restart; an hour at most', () => {
  expect(settle({ ...retryable, afterMs: 600_000 }, attempted(1), 5_000)).toMatchObject({ nextAttemptAtMs: 605_000 });
  expect(settle({ ...retryable, afterMs: 86_400_000 }, attempted(1), 0)).toMatchObject({ nextAttemptAtMs: 3_600_000 });
  expect(settle({ ...retryable, afterMs: 0 }, attempted(3), 0)).toMatchObject({ nextAttemptAtMs: 4_000 });
});
