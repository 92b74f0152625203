import { describe, expect, test } from 'vitest';
import type { MonitorView } from '../../src/overview/monitor-types.ts';
import { barOfDay, shareOfDays } from '../src/pages/home/days.ts';
import { groupMonitors } from '../src/pages/home/groups.ts';
import { sayOnce } from '../src/pages/home/say-once.ts';
import { summarize } from '../src/pages/home/summary.ts';
import { sparklinePath } from '../src/parts/sparkline.tsx';
import { safeUrl } from '../src/words/safe-url.ts';

const monitor = (state: MonitorView['state'], changes: Partial<MonitorView> = {}): MonitorView =>
  ({ name: state, state, mutedBy: '', group: '', ...changes }) as MonitorView;
const ok = <Value>(value: Value) => ({ status: 'ok', value }) as const;
const away = { status: 'unavailable', reason: 'unreachable', message: 'away' } as const;
const firing = ok([{ state: 'active' }, { state: 'suppressed' }] as never);
const quiet = ok([]);

describe('the first sentence', () => {
  test.each([
    [[monitor('up'), monitor('up')], quiet, 'up', 'All 2 monitors are up'],
    [[monitor('up')], quiet, 'up', 'The monitor is up'],
    [[], quiet, 'off', 'Nothing is firing; no monitor is configured'],
    [[monitor('up'), monitor('down')], firing, 'down', '1 of 2 monitors down, 1 alert firing'],
    [[monitor('up')], firing, 'down', '1 alert firing'],
    [[monitor('unknown'), monitor('degraded')], quiet, 'unknown', '1 of 2 monitors without a clear result'],
    [[monitor('never_probed')], quiet, 'unknown', '1 of 1 monitor without a clear result'],
    [[monitor('degraded')], quiet, 'degraded', '1 of 1 monitor degraded'],
    [[monitor('down', { mutedBy: 'maintenance' })], quiet, 'off', '1 of 1 monitor muted, none of the others down'],
    [[monitor('up')], away, 'unknown', 'Alerting does not answer; no monitor is down'],
  ] as const)('of %j and alerts %j is %s: %s', (monitors, alerts, tone, text) => {
    expect(summarize({ monitors: ok(monitors), alerts })).toEqual({ tone, text });
  });

  test('never calls well what cannot be seen', () => {
    expect(summarize({ monitors: away, alerts: quiet }).tone).toBe('unknown');
    expect(summarize({ monitors: away, alerts: firing })).toEqual({
      tone: 'down',
      text: 'The state of the monitors cannot be seen; 1 alert firing',
    });
  });
});

test('a day says what its runs found, and one without a run is no good day', () => {
  const dayMs = Date.UTC(2026, 10, 22);
  expect(barOfDay({ dayMs, passed: 0, failed: 0 })).toEqual({ tone: 'none', title: '2026-11-22: no run' });
  expect(barOfDay({ dayMs, passed: 10, failed: 0 }).tone).toBe('up');
  expect(barOfDay({ dayMs, passed: 95, failed: 5 })).toEqual({
    tone: 'degraded',
    title: '2026-11-22: 95 % up, 5 of 100 runs failed',
  });
  expect(barOfDay({ dayMs, passed: 94, failed: 6 }).tone).toBe('down');
  expect(shareOfDays([])).toBeUndefined();
  expect(
    shareOfDays([
      { dayMs, passed: 3, failed: 1 },
      { dayMs, passed: 0, failed: 0 },
    ]),
  ).toBe(0.75);
});

test('groups come in the order of their worst monitor', () => {
  const monitors = [monitor('down', { group: 'b' }), monitor('up', { group: 'a' }), monitor('up', { group: 'b' })];
  expect(groupMonitors(monitors).map(({ name, members }) => [name, members.length])).toEqual([
    ['b', 2],
    ['a', 1],
  ]);
});

test('a text that an earlier one holds is not said again', () => {
  expect(sayOnce(['shop is down: timeout', 'timeout', undefined, '', 'look at it'])).toEqual([
    'shop is down: timeout',
    'look at it',
  ]);
});

test('a sparkline goes from zero to its largest value, and has gaps', () => {
  expect(sparklinePath([0, 10, null, 5], 30, 12)).toBe('M0 11h0L10 1M30 6h0');
  expect(sparklinePath([], 30, 12)).toBe('');
  expect(sparklinePath([0, 0], 30, 12)).toBe('M0 11h0L30 11');
});

test('only links to the web are links', () => {
  expect(safeUrl('https://runbooks.test/a')).toBe('https://runbooks.test/a');
  for (const url of ['javascript:alert(1)', 'data:text/html,x', '//x', 'x', ''])
    expect(safeUrl(url), url).toBeUndefined();
});
