import { describe, expect, test } from 'vitest';
import type { Monitor } from '@tocsin/service/config';
import type { Outcome } from '../src/verdict.ts';
import { Blindness } from '../src/state/blindness.ts';
import { advance, type Attempt, FRESH, type MonitorState } from '../src/state/monitor-state.ts';
import { MonitorStates, type MonitorStatesOptions } from '../src/state/monitor-states.ts';
import { down, unknown, up, unmet, type Verdict } from '../src/verdict.ts';
import { makeMonitor, type MonitorParts } from './monitors.ts';

const POLICY = { confirm: { failures: 3, withinMs: 30_000, retryAfterMs: 5_000 }, recoverSuccesses: 2 };

/** Attempts of a second each: at which second, with which outcome. @returns what is known after each */
function play(...attempts: (readonly [atS: number, outcome: Outcome])[]): (string | undefined)[] {
  let state: MonitorState = FRESH;
  return attempts.map(([atS, outcome]) => {
    const attempt: Attempt = { outcome, startMs: atS * 1_000, endMs: atS * 1_000 + 1_000, unixMs: atS * 1_000 };
    ({ state } = advance(state, attempt, POLICY));
    return state.isUnknown ? `${state.known}?` : state.known;
  });
}

describe('a state', () => {
  test('is down after so many failures in a row within the time, and not before', () => {
    expect(play([0, 'up'], [10, 'down'], [16, 'down'], [22, 'down'])).toEqual(['up', 'up', 'up', 'down']);
    expect(play([0, 'up'], [10, 'down'], [16, 'up'], [22, 'down'], [28, 'down'])).toEqual([
      'up',
      'up',
      'up',
      'up',
      'up',
    ]);
  });

  test('is not down by failures that are too far apart', () => {
    const apart = play([0, 'up'], [10, 'down'], [42, 'down'], [74, 'down']);
    expect(apart).toEqual(['up', 'up', 'up', 'up']);
    expect(play([0, 'up'], [10, 'down'], [40, 'down'], [41, 'down'])).toEqual(['up', 'up', 'up', 'down']);
  });

  test('is up again after so many good attempts in a row', () => {
    const row = play([0, 'down'], [5, 'down'], [10, 'down'], [20, 'up'], [30, 'down'], [40, 'up'], [50, 'degraded']);
    expect(row).toEqual([undefined, undefined, 'down', 'down', 'down', 'down', 'degraded']);
  });

  test('keeps what is known over attempts that know nothing; they neither count nor end a row', () => {
    const row = play(
      [0, 'up'],
      [5, 'down'],
      [10, 'unknown'],
      [15, 'down'],
      [20, 'unknown'],
      [25, 'down'],
      [30, 'unknown'],
    );
    expect(row).toEqual(['up', 'up', 'up?', 'up', 'up?', 'down', 'down?']);
  });

  test('asks for the next attempt only while a failure is not confirmed', () => {
    const attempt = { startMs: 0, endMs: 0, unixMs: 0 };
    const first = advance(FRESH, { ...attempt, outcome: 'down' }, POLICY);
    expect(first.retryAfterMs).toBe(5_000);
    const isDown = { ...FRESH, known: 'down' } as const;
    for (const outcome of ['down', 'up', 'unknown'] as const)
      expect(advance(isDown, { ...attempt, outcome }, POLICY).retryAfterMs).toBeUndefined();
    expect(advance(first.state, { ...attempt, outcome: 'unknown' }, POLICY).retryAfterMs).toBeUndefined();
  });

  test('of one failure is down at once where one is enough', () => {
    const policy = { ...POLICY, confirm: { ...POLICY.confirm, failures: 1 } };
    const attempt = { outcome: 'down', startMs: 0, endMs: 0, unixMs: 7 } as const;
    expect(advance(FRESH, attempt, policy).state).toMatchObject({ known: 'down', sinceUnixMs: 7 });
  });
});

/** The states of some monitors, fed with verdicts a second apart. */
function setUp(
  parts: Readonly<Record<string, MonitorParts['common']>>,
  kept: MonitorStatesOptions['kept'] = new Map(),
) {
  const soon: [string, number][] = [];
  const changed: string[][] = [];
  const states = new MonitorStates({
    kept,
    runSoon: (name, delayMs) => soon.push([name, delayMs]),
    onChange: (names) => changed.push([...names]),
  });
  const confirm = { failures: 2, withinMs: 30_000, retryAfterMs: 5_000 };
  const monitors: Monitor[] = Object.entries(parts).map(([name, common = {}]) =>
    makeMonitor('http://a.test/', { name, common: { confirm, ...common } }),
  );
  states.apply(monitors);
  let atMs = 0;
  const end = (monitor: string, verdict: Verdict) => {
    atMs += 1_000;
    const run = {
      monitor,
      kind: 'http',
      traceId: '',
      spanId: '',
      startUnixMs: atMs,
      durationMs: 0,
      latenessMs: 0,
    } as const;
    return states.record({ ...run, verdict, phases: [], attributes: {} }, atMs, atMs);
  };
  const point = (name: string) => states.points(atMs, [name])[0];
  return { states, soon, changed, end, point, monitors };
}

const DOWN = down('reset', 'x');
const UP = up('x');

describe('the states of monitors', () => {
  test('are told as they change, with the attempt and the state of each run', () => {
    const { end, changed, soon, point } = setUp({ shop: {} });
    expect(end('shop', UP)).toMatchObject({ attempt: 1, state: 'up' });
    expect(end('shop', DOWN)).toMatchObject({ attempt: 1, state: 'up' });
    expect(soon).toEqual([['shop', 5_000]]);
    expect(end('shop', DOWN)).toMatchObject({ attempt: 2, state: 'down' });
    expect(point('shop')).toEqual({ name: 'shop', kind: 'http', isUp: false, state: 'down' });
    end('shop', unmet('degraded', 'latency_exceeded', 'x'));
    expect(point('shop')).toMatchObject({ isUp: true, state: 'degraded' });
    expect(changed).toEqual([['shop'], ['shop'], ['shop']]);
  });

  test('survive a restart: what was down is down, and what is removed is forgotten', () => {
    const { states, end, monitors } = setUp({ shop: {}, pay: {} });
    for (const verdict of [DOWN, DOWN]) end('shop', verdict);
    end('pay', UP);
    const again = setUp({ shop: {}, pay: {} }, new Map(states.kept()));
    expect(again.states.points(0).map(({ name, state }) => [name, state])).toEqual([
      ['shop', 'down'],
      ['pay', 'up'],
    ]);
    expect(again.end('shop', DOWN)).toMatchObject({ attempt: 1, state: 'down' });
    expect(again.soon).toEqual([]);
    states.apply(monitors.slice(1));
    states.apply(monitors);
    expect(states.points(0).map(({ name }) => name)).toEqual(['pay']);
  });

  test('leave a failure to what explains it: that is looked at first, and the rest is muted', () => {
    const { end, soon, point } = setUp({ router: {}, shop: { dependsOn: ['router'] }, page: { dependsOn: ['shop'] } });
    for (const name of ['router', 'shop', 'page']) end(name, UP);
    end('shop', DOWN);
    expect(soon).toEqual([
      ['router', 0],
      ['shop', 5_000],
    ]);
    end('router', DOWN);
    expect(end('shop', DOWN)).toMatchObject({ state: 'down', suppressedBy: 'router' });
    end('page', DOWN);
    end('page', DOWN);
    expect(point('shop')).toMatchObject({ mutedBy: 'dependency', suppressedBy: 'router' });
    expect(point('page')).toMatchObject({ mutedBy: 'dependency', suppressedBy: 'router' });
    end('router', DOWN);
    expect(point('router')).toMatchObject({ state: 'down' });
    expect(point('router')).not.toHaveProperty('mutedBy');
  });

  test('wait for word of what may explain a failure, but not for ever', () => {
    const confirm = { failures: 1, withinMs: 30_000, retryAfterMs: 5_000 };
    const { end, point } = setUp({ router: {}, shop: { dependsOn: ['router'], confirm } });
    end('router', UP);
    end('shop', UP);
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      end('shop', DOWN);
      expect(point('shop')?.state).toBe('up');
    }
    end('shop', DOWN);
    expect(point('shop')).toMatchObject({ state: 'down' });
    expect(point('shop')).not.toHaveProperty('mutedBy');
  });

  test('look at what was explained at once when its cause is gone, and tell of it only if it still fails', () => {
    const { end, soon, point } = setUp({ router: {}, shop: { dependsOn: ['router'] } });
    end('router', UP);
    for (const name of ['router', 'router', 'shop', 'shop']) end(name, DOWN);
    expect(point('shop')?.suppressedBy).toBe('router');
    soon.length = 0;
    end('router', UP);
    expect(soon).toEqual([['shop', 0]]);
    expect(point('shop')?.mutedBy).toBe('dependency');
    end('shop', DOWN);
    expect(point('shop')).not.toHaveProperty('mutedBy');
    end('shop', UP);
    expect(point('shop')?.state).toBe('up');
  });

  test('in a window are marked and muted, by choice', () => {
    const always = { type: 'recurring', days: [], time: '00:00', until: undefined, durationMs: 86_400_000 } as const;
    const window = { name: 'w', timeZone: 'UTC', times: always, mutesAlerts: true, countsInAvailability: false };
    const loud = { ...window, mutesAlerts: false, countsInAvailability: true };
    const { end, point, states } = setUp({ quiet: { maintenance: [window] }, loud: { maintenance: [loud] } });
    const job = {
      monitor: 'quiet',
      kind: 'heartbeat',
      traceId: '',
      spanId: '',
      startUnixMs: 1_000,
      latenessMs: 0,
    } as const;
    const ofJob = { ...job, durationMs: 1_000, verdict: DOWN, phases: [], attributes: {} };
    expect(states.marksOf(ofJob)).toEqual({ attempt: 1, isInMaintenance: true, isExcluded: true });
    expect(point('quiet')).toBeUndefined();
    expect(end('quiet', DOWN)).toMatchObject({ isInMaintenance: true, isExcluded: true });
    expect(end('loud', DOWN)).toMatchObject({ isInMaintenance: true, isExcluded: false });
    for (const name of ['quiet', 'loud']) end(name, DOWN);
    expect(point('quiet')?.mutedBy).toBe('maintenance');
    expect(point('loud')).not.toHaveProperty('mutedBy');
  });
});

describe('a checker is blind', () => {
  const lost = unknown('network_unreachable', 'x');
  let nowMs = 0;
  const record = (blindness: Blindness, verdicts: Readonly<Record<string, Verdict>>) => {
    for (const [name, verdict] of Object.entries(verdicts)) {
      blindness.record(name, verdict, nowMs, nowMs + 10);
      nowMs += 1_000;
    }
    return blindness.isBlind;
  };

  test('while more than half of its monitors end in its own trouble', () => {
    const blindness = new Blindness();
    expect(record(blindness, { a: UP, b: lost, c: DOWN, d: lost })).toBe(false);
    expect(record(blindness, { a: lost })).toBe(true);
    expect(record(blindness, { a: UP })).toBe(false);
    blindness.forget('a');
    expect(blindness.isBlind).toBe(true);
  });

  test('not because a monitor is configured badly', () => {
    expect(record(new Blindness(), { a: unknown('invalid_request', 'x'), b: unknown('internal_error', 'x') })).toBe(
      false,
    );
  });

  test('as soon as its connectivity targets are gone, until anything answers', () => {
    const blindness = new Blindness();
    const cutOff = unknown('connectivity_lost', 'x');
    expect(record(blindness, { a: UP, b: UP, c: cutOff })).toBe(true);
    expect(record(blindness, { a: UP })).toBe(false);
  });
});
