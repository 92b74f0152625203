import { describe, expect, test } from 'vitest';
import { decideNotify, type NotificationRecord } from '../../src/notify/stages/dedup.ts';

const set = (text: string) => new Set(text);
const record = (firing: string, resolved = '', failed = false, believed = firing): NotificationRecord => ({
  notifiedAtMs: 0,
  firing: set(firing),
  resolved: set(resolved),
  believed: set(believed),
  failed,
});
const decide = (
  previous: NotificationRecord | undefined,
  firing: string,
  resolved = '',
  { nowMs = 60_000, sendResolved = true, mutedFiring = '', mutedResolved = '' } = {},
) => {
  const look = {
    firing: set(firing),
    resolved: set(resolved),
    mutedFiring: set(mutedFiring),
    mutedResolved: set(mutedResolved),
  };
  const decision = decideNotify(previous, look, nowMs, { repeatIntervalMs: 3_600_000, sendResolved });
  const kept = decision.action === 'clear' ? `, ${[...decision.told].join('') || 'nothing'} stays` : '';
  return `${decision.action}: ${decision.reason}${kept}`;
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
    expect(decide(record('ab'), 'a', 'b', { sendResolved: false })).toBe('clear: resolved_not_wanted, a stays');
    expect(decide(record('a', 'b'), 'a', 'b')).toBe('none: unchanged');
  });

  test('speaks when all resolved, and clears the record where that is not wanted', () => {
    expect(decide(record('a'), '', 'a')).toBe('send: all_resolved');
    expect(decide(record('a'), '')).toBe('send: all_resolved');
    expect(decide(record('a'), '', 'a', { sendResolved: false })).toBe('clear: resolved_not_wanted, nothing stays');
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

  test('says nothing while all are muted, and does not forget what it told', () => {
    expect(decide(undefined, '', '', { mutedFiring: 'a' })).toBe('none: all_muted');
    expect(decide(record('a'), '', '', { mutedFiring: 'a' })).toBe('none: all_muted');
    expect(decide(record('a'), '', '', { mutedFiring: 'a', nowMs: 9_999_999 })).toBe('none: all_muted');
    expect(decide(record('ab'), 'b', '', { mutedFiring: 'a' })).toBe('none: unchanged');
    expect(decide(record('ab'), 'b', '', { mutedFiring: 'a', sendResolved: false })).toBe('none: unchanged');
    expect(decide(record('ab'), '', 'b', { mutedFiring: 'a', sendResolved: false })).toBe(
      'clear: resolved_not_wanted, a stays',
    );
  });

  test('tells what is not muted any more and was not told before', () => {
    expect(decide(record('b'), 'ab')).toBe('send: new_firing');
    expect(decide(record('ab'), 'ab')).toBe('none: unchanged');
  });

  test('forgets what resolved while it was muted, without a word', () => {
    expect(decide(undefined, '', '', { mutedResolved: 'a' })).toBe('none: all_muted');
    expect(decide(record('a'), '', '', { mutedResolved: 'a' })).toBe('clear: resolved_while_muted, nothing stays');
    expect(decide(record('ab'), 'b', '', { mutedResolved: 'a' })).toBe('clear: resolved_while_muted, b stays');
    expect(decide(record('ab'), '', 'b', { mutedResolved: 'a' })).toBe('send: all_resolved');
    expect(decide(record('a'), 'b', '', { mutedResolved: 'a' })).toBe('send: first_notification');
  });

  test('owes the end of what was told before it was muted, though the last message left it out', () => {
    expect(decide(record('', '', false, 'a'), '', 'a')).toBe('send: all_resolved');
    expect(decide(record('b', '', false, 'ab'), '', 'a', { mutedFiring: 'b' })).toBe('send: all_resolved');
    expect(decide(record('b', '', false, 'ab'), 'b', 'a')).toBe('send: some_resolved');
  });

  test('does not speak of the end of what was never told while what was told is muted', () => {
    expect(decide(record('a'), '', 'b', { mutedFiring: 'a' })).toBe('none: all_muted');
  });
});
