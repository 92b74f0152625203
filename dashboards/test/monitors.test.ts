import { expect, test } from 'vitest';
import type { Monitor } from '@tocsin/service/config';
import { lookbackMs, viewMonitors } from '../src/overview/monitors.ts';
import type { MonitorRunsRow } from '../src/queries/monitor-runs.ts';
import { EVENING_MS, monitorEvery } from './fixtures.ts';

function runsOf(monitor: string, changes: Partial<MonitorRunsRow> = {}): MonitorRunsRow {
  return {
    monitor,
    last_at_ms: EVENING_MS - 5_000,
    state: '',
    outcome: 'up',
    reason: 'ok',
    message: 'Status 200 as expected.',
    status_code: '200',
    trace_id: 'a'.repeat(32),
    duration_ms: 12,
    recent: [],
    ...changes,
  };
}

const view = (monitors: Monitor[], runs: MonitorRunsRow[]) =>
  viewMonitors(monitors, { runs, phases: [], availability: [] }, EVENING_MS);

test('what is confirmed is the state, and the last run is told beside it', () => {
  const monitors = ['failing', 'recovering', 'blind', 'down'].map((name) => monitorEvery(name, 10_000));
  const failed = { outcome: 'down', reason: 'status_mismatch', message: 'Status 503.' };
  const states = view(monitors, [
    runsOf('failing', { state: 'up', ...failed }),
    runsOf('recovering', { state: 'down' }),
    runsOf('blind', { state: 'unknown', outcome: 'unknown', reason: 'network_unreachable', message: 'No route.' }),
    runsOf('down', { state: 'down', ...failed }),
  ]);
  expect(states.map(({ name, state, message }) => [name, state, message])).toEqual([
    ['down', 'down', 'Status 503.'],
    ['recovering', 'down', 'The last run passed; that it is up again is not confirmed.'],
    ['blind', 'unknown', 'No route.'],
    ['failing', 'up', 'The last run, not confirmed: Status 503.'],
  ]);
});

test('the outcome of the last run is the state while nothing is confirmed', () => {
  const monitors = ['passing', 'failing', 'unclear', 'new'].map((name) => monitorEvery(name, 10_000));
  const states = view(monitors, [
    runsOf('passing'),
    runsOf('failing', { outcome: 'down', reason: 'status_mismatch', message: 'Status 503.' }),
    runsOf('unclear', { outcome: 'unknown', reason: 'network_unreachable' }),
  ]);
  expect(states.map(({ name, state, message }) => [name, state, message])).toEqual([
    ['failing', 'down', 'Status 503.'],
    ['unclear', 'unknown', 'Status 200 as expected.'],
    ['new', 'never_probed', 'No result yet.'],
    ['passing', 'up', ''],
  ]);
});

test('when results stop coming the state is unknown, never the last one', () => {
  const [monitor] = view(
    [monitorEvery('shop', 10_000)],
    [runsOf('shop', { outcome: 'down', last_at_ms: EVENING_MS - 126_000 })],
  );
  expect(monitor).toMatchObject({ state: 'unknown', reason: 'no_recent_result' });
});

test('a long interval may be silent for three of its own', () => {
  const [monitor] = view([monitorEvery('shop', 600_000)], [runsOf('shop', { last_at_ms: EVENING_MS - 1_700_000 })]);
  expect(monitor?.state).toBe('up');
});

test('a monitor that is not configured any more is not shown', () => {
  expect(view([monitorEvery('shop', 10_000)], [runsOf('old'), runsOf('shop')])).toHaveLength(1);
});

test('availability leaves unknown runs out and is not guessed from none', () => {
  const monitors = [monitorEvery('a', 10_000), monitorEvery('b', 10_000)];
  const availability = [
    { monitor: 'a', passed: 3, failed: 1 },
    { monitor: 'b', passed: 0, failed: 0 },
  ];
  const shares = viewMonitors(monitors, { runs: [], phases: [], availability }, EVENING_MS);
  expect(shares.map(({ availability24h }) => availability24h)).toEqual([0.75, undefined]);
});

test('only phases of the newest run, stamped with its end, are shown, in their order', () => {
  const at_ms = EVENING_MS - 5_000 + 2_500;
  const phases = [
    { monitor: 'shop', phase: 'request', duration_ms: 8, at_ms },
    { monitor: 'shop', phase: 'resolve', duration_ms: 1, at_ms },
    { monitor: 'shop', phase: 'tls', duration_ms: 3, at_ms: at_ms - 10_000 },
  ];
  const [monitor] = viewMonitors(
    [monitorEvery('shop', 10_000)],
    { runs: [runsOf('shop', { duration_ms: 2_500 })], phases, availability: [] },
    EVENING_MS,
  );
  expect(monitor?.phases.map(({ phase }) => phase)).toEqual(['resolve', 'request']);
});

test('recent runs come oldest first', () => {
  const recent = [
    [-EVENING_MS, 'up', 1, ''],
    [-(EVENING_MS - 10_000), 'down', 2, ''],
  ] as const;
  const [monitor] = view([monitorEvery('shop', 10_000)], [runsOf('shop', { recent })]);
  expect(monitor?.recent.map(({ atMs, outcome }) => [atMs, outcome])).toEqual([
    [EVENING_MS - 10_000, 'down'],
    [EVENING_MS, 'up'],
  ]);
});

test('the look back covers three of the longest intervals within limits', () => {
  expect(lookbackMs([monitorEvery('a', 10_000)])).toBe(20 * 60_000);
  expect(lookbackMs([monitorEvery('a', 10_000), monitorEvery('b', 3_600_000)])).toBe(3 * 3_600_000);
  const schedule = { type: 'cron', expression: '0 3 * * *', timeZone: 'UTC' } as const;
  expect(lookbackMs([{ ...monitorEvery('a', 10_000), schedule }])).toBe(48 * 3_600_000);
});
