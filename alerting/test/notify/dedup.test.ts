import { describe, expect, test } from 'vitest';
import { decideNotify, type NotificationRecord } from '../../src/notify/dedup.ts';

const set = (text: string) => new Set(text);
const record = (firing: string, resolved = '', failed = false): NotificationRecord => ({
  notifiedAtMs: 0,
  firing: set(firing),
  resolved: set(resolved),
  failed,
});
const decide = (
  previous: NotificationRecord | undefined,
  firing: string,
  resolved = '',
  { nowMs = 60_000, sendResolved = true } = {},
) => {
  const { action, reason } = decideNotify(previous, set(firing), set(resolved), nowMs, {
    repeatIntervalMs: 3_600_000,
    sendResolved,
  });
  return `${action}: ${reason}`;
};

describe('decideNotify', () => {
  test('speaks when the group was never notified and something fires', () => {
    expect(decide(undefined, 'a')).toBe('send: first_notification');
  });

  test('is silent about what resolved before anybody heard of it', () => {
    expect(decide(undefined, '', 'a')).toBe('none: nothing_firing');
    expect(decide(record(''), '', 'a')).toBe('none: nothing_firing');
  });

  test('speaks when a new member fires', () => {
    expect(decide(record('a'), 'ab')).toBe('send: new_firing');
    expect(decide(record('a'), 'b')).toBe('send: new_firing');
  });

  test('is silent while nothing changes', () => {
    expect(decide(record('ab'), 'ab')).toBe('none: unchanged');
  });

  test('speaks of members that resolved, where that is wanted', () => {
    expect(decide(record('ab'), 'a', 'b')).toBe('send: some_resolved');
    expect(decide(record('ab'), 'a', 'b', { sendResolved: false })).toBe('clear: resolved_not_wanted');
    expect(decide(record('a', 'b'), 'a', 'b')).toBe('none: unchanged');
  });

  test('speaks when all resolved, and clears the record where that is not wanted', () => {
    expect(decide(record('a'), '', 'a')).toBe('send: all_resolved');
    expect(decide(record('a'), '')).toBe('send: all_resolved');
    expect(decide(record('a'), '', 'a', { sendResolved: false })).toBe('clear: resolved_not_wanted');
  });

  test('begins anew after the record was cleared', () => {
    expect(decide(record('', 'a'), 'a')).toBe('send: first_notification');
  });

  test('repeats once the repeat interval is over', () => {
    expect(decide(record('a'), 'a', '', { nowMs: 3_599_999 })).toBe('none: unchanged');
    expect(decide(record('a'), 'a', '', { nowMs: 3_600_000 })).toBe('send: repeat_interval');
    expect(decide(record('ab'), 'a', 'b', { nowMs: 3_600_000, sendResolved: false })).toBe('send: repeat_interval');
  });

  test('speaks again where the channel refused the last message', () => {
    expect(decide(record('a', '', true), 'a')).toBe('send: previous_failed');
    expect(decide(record('a', '', true), '', 'a')).toBe('send: all_resolved');
  });
});
