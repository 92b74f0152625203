import { expect, test } from 'vitest';
import type { Monitor } from '@tocsin/service/config';
import { lookbackMs, viewMonitors } from '../src/overview/monitors.ts';
import type { MonitorRunsRow } from '../src/queries/monitor-runs.ts';
import type { MonitorVerdictRow } from '../src/queries/monitor-verdicts.ts';
import { EVENING_MS, monitorEvery, runsOf, toldAt, verdictOf } from './fixtures.ts';

const view = (monitors: Monitor[], verdicts: MonitorVerdictRow[], runs: MonitorRunsRow[]) =>
  viewMonitors(monitors, { verdicts, runs, phases: [], availability: [] }, EVENING_MS);
const FAILED = { outcome: 'down', reason: 'status_mismatch', message: 'Status 503.' };

test('what is confirmed is the state, and the last run is told beside it', () => {
  const monitors = ['failing', 'recovering', 'blind', 'down'].map((name) => monitorEvery(name, 10_000));
  const verdicts = [
    verdictOf('failing', 'up'),
    verdictOf('recovering', 'down'),
    verdictOf('blind', 'unknown'),
    verdictOf('down', 'down'),
  ];
  const states = view(monitors, verdicts, [
    runsOf('failing', FAILED),
    runsOf('recovering'),
    runsOf('blind', { outcome: 'unknown', reason: 'network_unreachable', message: 'No route.' }),
    runsOf('down', FAILED),
  ]);
  expect(states.map(({ name, state, message }) => [name, state, message])).toEqual([
    ['down', 'down', 'Status 503.'],
    ['recovering', 'down', 'The last run passed; that it is up again is not confirmed.'],
    ['blind', 'unknown', 'No route.'],
    ['failing', 'up', 'The last run, not confirmed: Status 503.'],
  ]);
});

test('while nothing is confirmed nothing is said to be down', () => {
  const monitors = ['failing', 'unclear', 'new'].map((name) => monitorEvery(name, 10_000));
  const states = view(
    monitors,
    monitors.map(({ name }) => verdictOf(name, '')),
    [
      runsOf('failing', FAILED),
      runsOf('unclear', { outcome: 'unknown', reason: 'network_unreachable', message: 'No route.' }),
    ],
  );
  expect(states.map(({ name, state, message }) => [name, state, message])).toEqual([
    ['failing', 'unknown', 'The last run, not confirmed: Status 503.'],
    ['unclear', 'unknown', 'No route.'],
    ['new', 'never_probed', 'No result yet.'],
  ]);
});

test('of several locations each says what it knows, and who disagrees is named', () => {
  const verdict = verdictOf('shop', 'down', {
    down_at: ['oslo', 'riga'],
    up_at: ['york'],
    unknown_at: ['perth'],
    silent_at: ['lima'],
    locations: [toldAt('oslo', 'down'), toldAt('perth', 'unknown'), toldAt('riga', 'down'), toldAt('york', 'up')],
  });
  const runs = [
    runsOf('shop', { location: 'oslo', ...FAILED, last_at_ms: EVENING_MS - 9_000 }),
    runsOf('shop', { location: 'riga', ...FAILED, message: 'Refused.', last_at_ms: EVENING_MS - 7_000 }),
    runsOf('shop', { location: 'york' }),
    runsOf('shop', { location: 'lima', last_at_ms: EVENING_MS - 900_000 }),
  ];
  const [shop] = view([monitorEvery('shop', 10_000)], [verdict], runs);
  expect(shop).toMatchObject({
    state: 'down',
    // The newest run of those that are with the majority.
    message: 'Refused.',
    dissenters: ['york'],
    unknownAt: ['perth'],
    silentAt: ['lima'],
  });
  expect(shop?.locations.map(({ name, state, isSilent, message }) => [name, state, isSilent, message])).toEqual([
    ['lima', 'unknown', true, ''],
    ['oslo', 'down', false, 'Status 503.'],
    ['perth', 'unknown', false, ''],
    ['riga', 'down', false, 'Refused.'],
    ['york', 'up', false, ''],
  ]);
});

test('what mutes it comes along', () => {
  const muted = {
    muted_by: 'dependency',
    suppressed_by: 'gateway',
    locations: [toldAt('a', 'down', 'dependency', 'gateway')],
  };
  const [shop] = view([monitorEvery('shop', 10_000)], [verdictOf('shop', 'down', muted)], [runsOf('shop', FAILED)]);
  expect(shop).toMatchObject({ state: 'down', mutedBy: 'dependency', suppressedBy: 'gateway' });
  expect(shop?.locations[0]).toMatchObject({ name: 'a', mutedBy: 'dependency', suppressedBy: 'gateway' });
});

test('a result that is missing is said, whatever is held of it', () => {
  const late = { last_at_ms: EVENING_MS - 126_000 };
  const told = (state: string) => {
    const run = runsOf('shop', { ...FAILED, ...late });
    const [shop] = view([monitorEvery('shop', 10_000)], [verdictOf('shop', state)], [run]);
    return [shop?.state, shop?.message];
  };
  expect(told('unknown')).toEqual(['unknown', 'No recent result: is the checker running?']);
  expect(told('down')).toEqual(['down', 'No recent result: is the checker running? It was down when one last came.']);
  const [slow] = view(
    [monitorEvery('shop', 600_000)],
    [verdictOf('shop', 'up')],
    [runsOf('shop', { last_at_ms: EVENING_MS - 1_700_000 })],
  );
  expect(slow).toMatchObject({ state: 'up', message: '' });
});

test('a location that has not told for two minutes is silent', () => {
  const locations = [['riga', 'up', '', '', EVENING_MS - 121_000] as const];
  const [shop] = view([monitorEvery('shop', 10_000)], [verdictOf('shop', 'unknown', { locations })], [runsOf('shop')]);
  expect(shop?.locations[1]).toMatchObject({ name: 'riga', isSilent: true, state: 'unknown' });
});

test('a monitor that no checker lists is unknown, and says so', () => {
  const [shop] = view([monitorEvery('shop', 10_000)], [], [runsOf('shop')]);
  expect(shop).toMatchObject({ state: 'unknown', message: expect.stringContaining('No checker lists it') });
});

test('a monitor that is not configured any more is not shown', () => {
  expect(view([monitorEvery('shop', 10_000)], [], [runsOf('old'), runsOf('shop')])).toHaveLength(1);
});

test('availability leaves unknown runs out and is not guessed from none', () => {
  const monitors = [monitorEvery('a', 10_000), monitorEvery('b', 10_000)];
  const availability = [
    { monitor: 'a', passed: 3, failed: 1 },
    { monitor: 'b', passed: 0, failed: 0 },
  ];
  const shares = viewMonitors(monitors, { verdicts: [], runs: [], phases: [], availability }, EVENING_MS);
  expect(shares.map(({ availability24h }) => availability24h)).toEqual([0.75, undefined]);
});

test('only phases of the newest run, stamped with its end, are shown, in their order', () => {
  const at_ms = EVENING_MS - 5_000 + 2_500;
  const phases = [
    { monitor: 'shop', location: 'default', phase: 'request', duration_ms: 8, at_ms },
    { monitor: 'shop', location: 'default', phase: 'resolve', duration_ms: 1, at_ms },
    { monitor: 'shop', location: 'default', phase: 'tls', duration_ms: 3, at_ms: at_ms - 10_000 },
  ];
  const [monitor] = viewMonitors(
    [monitorEvery('shop', 10_000)],
    { verdicts: [], runs: [runsOf('shop', { duration_ms: 2_500 })], phases, availability: [] },
    EVENING_MS,
  );
  expect(monitor?.phases.map(({ phase }) => phase)).toEqual(['resolve', 'request']);
});

test('recent runs come oldest first, those of all locations in one row', () => {
  const recent = [
    [-EVENING_MS, 'up', 1, ''],
    [-(EVENING_MS - 10_000), 'down', 2, ''],
  ] as const;
  const elsewhere = runsOf('shop', { location: 'oslo', recent: [[-(EVENING_MS - 5_000), 'up', 3, '']] });
  const [monitor] = view([monitorEvery('shop', 10_000)], [], [runsOf('shop', { recent }), elsewhere]);
  expect(monitor?.recent.map(({ atMs, outcome }) => [atMs, outcome])).toEqual([
    [EVENING_MS - 10_000, 'down'],
    [EVENING_MS - 5_000, 'up'],
    [EVENING_MS, 'up'],
  ]);
});

test('the look back covers three of the longest intervals within limits', () => {
  expect(lookbackMs([monitorEvery('a', 10_000)])).toBe(20 * 60_000);
  expect(lookbackMs([monitorEvery('a', 10_000), monitorEvery('b', 3_600_000)])).toBe(3 * 3_600_000);
  const schedule = { type: 'cron', expression: '0 3 * * *', timeZone: 'UTC' } as const;
  expect(lookbackMs([{ ...monitorEvery('a', 10_000), schedule }])).toBe(48 * 3_600_000);
});
