import { expect, test } from 'vitest';
import { createOutbox } from '../../src/outbox/outbox.ts';
import { openDatabase } from '../../src/store/database.ts';
import { sampleNotification } from '../channels/sample.ts';

const START_MS = 1_800_000_000_000;
const MINUTE_MS = 60_000;

test('a notification is overdue when nothing tries it, and when it is tried in vain for long', () => {
  const database = openDatabase(':memory:');
  const outbox = createOutbox(database);
  const notification = sampleNotification({});
  outbox.enqueue({ receiver: 'team', kind: 'slack', index: 0 }, notification, START_MS);
  const countAt = (minutes: number): number => outbox.countOverdue(START_MS + minutes * MINUTE_MS);
  expect([countAt(0), countAt(1)]).toEqual([0, 1]);
  const retryAt = (minutes: number): void =>
    outbox.settle(
      notification.id,
      {
        status: 'pending',
        nextAttemptAtMs: START_MS + minutes * MINUTE_MS,
        reason: 'timeout',
        isRefused: false,
        detail: 'no answer',
      },
      START_MS,
    );
  retryAt(9);
  expect([countAt(8), countAt(10)]).toEqual([0, 1]);
  retryAt(60);
  expect([countAt(9), countAt(11)]).toEqual([0, 1]);
  outbox.settle(notification.id, { status: 'delivered' }, START_MS);
  expect(countAt(100)).toBe(0);
  database.close();
});
