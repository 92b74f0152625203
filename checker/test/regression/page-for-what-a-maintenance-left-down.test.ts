import type { Monitor } from '@tocsin/service/config';
import { expect, test } from 'vitest';
import { type KeptState } from '../../src/state/state-file.ts';
import { MonitorStates } from '../../src/state/monitor-states.ts';
import { down, unknown, up, type Verdict } from '../../src/verdict.ts';
import { makeMonitor } from '../monitors.ts';

/*
 * A monitor that runs once an hour was found down at 02:30, in a maintenance until 03:00, and its target was back at 02:45. From 03:00 until the run at
 * 03:30 it was told as down and not muted: a page for something that was up.
 */
const AT_MS = Date.UTC(2026, 10, 22, 2, 0);
const MINUTE_MS = 60_000;
const times = { type: 'once', start: '2026-11-22T02:00', end: '2026-11-22T03:00', durationMs: undefined } as const;
const window = { name: 'w', timeZone: 'UTC', times, mutesAlerts: true, countsInAvailability: false };

function setUp(kept: ReadonlyMap<string, KeptState> = new Map()) {
  const soon: string[] = [];
  const changed: string[][] = [];
  const states = new MonitorStates({
    kept,
    runSoon: (name) => soon.push(name),
    onChange: (names) => changed.push([...names]),
  });
  const confirm = { failures: 1, withinMs: 30_000, retryAfterMs: 5_000 };
  const monitor: Monitor = makeMonitor('http://a.test/', { name: 'shop', common: { confirm, maintenance: [window] } });
  states.apply([monitor]);
  const end = (minute: number, verdict: Verdict): void => {
    const startUnixMs = AT_MS + minute * MINUTE_MS;
    const run = { monitor: 'shop', kind: 'http', traceId: '', spanId: '', durationMs: 0, latenessMs: 0 } as const;
    states.record({ ...run, startUnixMs, verdict, phases: [], attributes: {} }, startUnixMs, startUnixMs);
  };
  const mutedBy = (minute: number) => states.points(AT_MS + minute * MINUTE_MS)[0]?.mutedBy;
  const ask = (minute: number) => states.askAfterMaintenance(AT_MS + minute * MINUTE_MS);
  return { states, soon, changed, end, mutedBy, ask };
}

const DOWN = down('reset', 'x');

test('what a maintenance left down stays muted until a run after it finds it down, which is asked for once', () => {
  const { soon, changed, end, mutedBy, ask } = setUp();
  end(30, DOWN);
  ask(31);
  expect(soon).toEqual([]);
  expect(mutedBy(61)).toBe('maintenance');
  ask(61);
  ask(62);
  expect(soon).toEqual(['shop']);
  end(62, unknown('network_unreachable', 'x'));
  expect(mutedBy(63), 'an attempt that knows nothing says nothing').toBe('maintenance');
  ask(63);
  expect(soon).toEqual(['shop', 'shop']);
  changed.length = 0;
  end(64, DOWN);
  expect(mutedBy(64)).toBeUndefined();
  expect(changed, 'told at once').toEqual([['shop']]);
});

test('what is up again after it was never told of', () => {
  const { end, mutedBy, states } = setUp();
  end(30, DOWN);
  end(62, up('x'));
  expect(mutedBy(62)).toBeUndefined();
  expect(states.points(AT_MS)[0]?.isUp).toBe(true);
});

test('what was down before the maintenance, and not looked at in it, is told again after it', () => {
  const { end, mutedBy } = setUp();
  end(-5, DOWN);
  expect(mutedBy(-5)).toBeUndefined();
  expect(mutedBy(30)).toBe('maintenance');
  expect(mutedBy(61)).toBeUndefined();
});

test('a restart in between forgets none of it', () => {
  const first = setUp();
  first.end(30, DOWN);
  const again = setUp(new Map(first.states.kept()));
  expect(again.mutedBy(61)).toBe('maintenance');
  again.ask(61);
  expect(again.soon).toEqual(['shop']);
});
