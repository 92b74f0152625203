import { fileURLToPath } from 'node:url';
import { startTestClickHouse, type TestClickHouse } from '@tocsin/deploy/testing';
import { loadRuleGroups } from '@tocsin/service/config';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Overview } from '../src/overview/overview-types.ts';
import type { MonitorView } from '../src/overview/monitor-types.ts';
import { startAlertingStandIn, startConsole } from './console/console-under-test.ts';
import { expandMacros } from './grafana/expand-macros.ts';
import { readQueries } from './grafana/read-dashboards.ts';
import { hexId, pointRow, spanRow } from './seed/rows.ts';
import { createTables } from './seed/schema.ts';

/* What is down, and who says so, is the same for the rule that pages, the console, its JSON and Grafana: each is asked about the same hour. */
const MINUTE_MS = 60_000;
const SHIPPED = fileURLToPath(new URL('../../alerting/rules/shipped.yaml', import.meta.url));

/** What a location says: the state, then what it knew last where it knows nothing, or what mutes it. Several: one after the other, evenly over 40 minutes. */
type Says = string | readonly string[];

interface Scenario {
  readonly what: string;
  readonly says: Readonly<Record<string, Says>>;
  readonly state: MonitorView['state'];
  readonly mutedBy?: string;
  readonly dissenters?: readonly string[];
  readonly silentAt?: readonly string[];
}

const SCENARIOS: readonly Scenario[] = [
  { what: 'one up', says: { a: 'up' }, state: 'up' },
  { what: 'one down', says: { a: 'down' }, state: 'down' },
  { what: 'one degraded', says: { a: 'degraded' }, state: 'degraded' },
  { what: 'one unknown that was up', says: { a: 'unknown up' }, state: 'unknown' },
  { what: 'one unknown that was down', says: { a: ['down', 'unknown down'] }, state: 'down' },
  { what: 'one that has not confirmed anything', says: { a: '' }, state: 'unknown' },
  { what: 'two down', says: { a: 'down', b: 'down' }, state: 'down' },
  { what: 'two divided from the beginning', says: { a: 'down', b: 'up' }, state: 'degraded', dissenters: ['a'] },
  { what: 'two divided that were down', says: { a: 'down', b: ['down', 'up'] }, state: 'down', dissenters: ['b'] },
  { what: 'two divided that were up', says: { a: ['up', 'down'], b: 'up' }, state: 'degraded', dissenters: ['a'] },
  { what: 'two, one unknown', says: { a: 'down', b: 'unknown up' }, state: 'down' },
  { what: 'three, two down', says: { a: 'down', b: 'down', c: 'up' }, state: 'down', dissenters: ['c'] },
  { what: 'three, one down', says: { a: 'down', b: 'up', c: 'up' }, state: 'up', dissenters: ['a'] },
  { what: 'three, two degraded', says: { a: 'degraded', b: 'up', c: 'degraded' }, state: 'degraded' },
  {
    what: 'three, one down and one degraded',
    says: { a: 'down', b: 'up', c: 'degraded' },
    state: 'degraded',
    dissenters: ['a'],
  },
  {
    what: 'three that know nothing and were up',
    says: { a: 'unknown up', b: 'unknown up', c: 'unknown up' },
    state: 'unknown',
  },
  {
    what: 'three that know nothing, two of which knew it to be down',
    says: { a: ['down', 'unknown down'], b: ['down', 'unknown down'], c: 'unknown up' },
    state: 'down',
  },
  {
    what: 'five, three down',
    says: { a: 'down', b: 'down', c: 'down', d: 'up', e: 'up' },
    state: 'down',
    dissenters: ['d', 'e'],
  },
  {
    what: 'five, two down of four that know',
    says: { a: 'down', b: 'down', c: 'unknown up', d: 'up', e: 'up' },
    state: 'degraded',
    dissenters: ['a', 'b'],
  },
  { what: 'down beside one that is silent', says: { a: 'down', silent: 'up' }, state: 'down', silentAt: ['silent'] },
  { what: 'up beside one that is silent', says: { a: 'up', silent: 'down' }, state: 'up', silentAt: ['silent'] },
  {
    what: 'in maintenance',
    says: { a: 'down maintenance', b: 'down maintenance' },
    state: 'down',
    mutedBy: 'maintenance',
  },
  {
    what: 'in maintenance at one of two',
    says: { a: 'down maintenance', b: 'down' },
    state: 'down',
    mutedBy: 'maintenance',
  },
  { what: 'up in maintenance', says: { a: 'up maintenance' }, state: 'up', mutedBy: 'maintenance' },
  { what: 'explained', says: { a: 'down gateway', b: 'down gateway' }, state: 'down', mutedBy: 'dependency' },
  { what: 'explained at one, up at the other', says: { a: 'down gateway', b: 'up' }, state: 'up' },
  { what: 'explained at one, down at the other', says: { a: 'down gateway', b: 'down' }, state: 'down' },
];
const LOCATIONS = ['a', 'b', 'c', 'd', 'e', 'silent'];
const nameOf = (index: number): string => `m-${String(index).padStart(2, '0')}`;

let clickhouse: TestClickHouse;
let nowMs: number;
let views: ReadonlyMap<string, MonitorView>;
let summary: Overview;

beforeAll(async () => {
  clickhouse = await startTestClickHouse();
  const client = clickhouse.client();
  await createTables(client);
  nowMs = Date.now();
  const { gauges, spans } = seedScenarios(nowMs);
  await client.insert({ table: 'otel_metrics_gauge', values: gauges, format: 'JSONEachRow' });
  await client.insert({ table: 'otel_traces', values: spans, format: 'JSONEachRow' });
  const alerting = await startAlertingStandIn();
  const monitors = SCENARIOS.map(
    (_one, index) => `  - { name: ${nameOf(index)}, http: 'http://x.test/', interval: 30s }`,
  );
  const console = await startConsole(clickhouse.url, alerting.port, `monitors:\n${monitors.join('\n')}`);
  summary = (await (await fetch(`${console.url}/api/v1/overview`)).json()) as Overview;
  if (summary.monitors.status !== 'ok') throw new Error(summary.monitors.message);
  views = new Map(summary.monitors.value.map((view) => [view.name, view]));
  await console.stop();
  await alerting.stop();
});
afterAll(() => clickhouse?.stop());

function seedScenarios(endMs: number) {
  const gauges: Record<string, unknown>[] = [];
  const spans: Record<string, unknown>[] = [];
  for (const [offset, location] of LOCATIONS.entries()) {
    const resource = { 'service.name': 'tocsin-checker', 'tocsin.location': location };
    const put = (metric: string, atMs: number, value: number, attributes: Record<string, string>): void =>
      void gauges.push({ ...pointRow(metric, atMs, value, attributes), ResourceAttributes: resource });
    const lastMs = location === 'silent' ? endMs - 10 * MINUTE_MS : endMs;
    for (let atMs = endMs - 40 * MINUTE_MS + offset * 500; atMs <= lastMs; atMs += 30_000) {
      put('tocsin.checker.blind', atMs, 0, {});
      for (const [index, { says }] of SCENARIOS.entries()) {
        const said = says[location];
        if (said === undefined) continue;
        const monitor = { 'tocsin.monitor.name': nameOf(index), 'tocsin.monitor.kind': 'http' };
        put('tocsin.monitor.interval', atMs, 30, { ...monitor, 'tocsin.monitor.target': 'http://x.test/' });
        const turns = typeof said === 'string' ? [said] : said;
        const turn = Math.min(
          turns.length - 1,
          Math.floor(((atMs - endMs + 40 * MINUTE_MS) / (40 * MINUTE_MS)) * turns.length),
        );
        const [state = '', more = ''] = (turns[turn] ?? '').split(' ');
        const isDown = state === 'down' || (state === 'unknown' && more === 'down');
        if (state !== '')
          put('tocsin.monitor.up', atMs, isDown ? 0 : 1, {
            ...monitor,
            'tocsin.monitor.state': state,
            ...marksOf(state, more),
          });
        const number = spans.length + 1;
        const message = `${state} at ${location}`;
        const judged = {
          'tocsin.probe.outcome': state === '' ? 'unknown' : state,
          'tocsin.probe.reason': state,
          'tocsin.probe.message': message,
        };
        spans.push(
          spanRow({
            service: 'tocsin-checker',
            name: `probe ${nameOf(index)}`,
            traceId: hexId(number, 32),
            spanId: hexId(number, 16),
            atMs: atMs - 100,
            durationMs: 20,
            attributes: { ...monitor, ...judged, 'tocsin.monitor.state': state },
            resource,
          }),
        );
      }
    }
  }
  return { gauges, spans };
}

function marksOf(state: string, more: string): Record<string, string> {
  if (state === 'unknown' || more === '') return {};
  if (more === 'maintenance') return { 'tocsin.monitor.muted_by': 'maintenance' };
  return { 'tocsin.monitor.muted_by': 'dependency', 'tocsin.monitor.suppressed_by': more };
}

async function select(query: string, parameters: Record<string, unknown> = {}): Promise<Record<string, unknown>[]> {
  const result = await clickhouse.client().query({ query, query_params: parameters, format: 'JSONEachRow' });
  return result.json<Record<string, unknown>>();
}

async function panel(place: string, panelType: string): Promise<Record<string, unknown>[]> {
  const query = (await readQueries()).find(
    (one) => one.dashboard === 'uptime.json' && one.place === place && one.panelType === panelType,
  );
  if (!query) throw new Error(`no panel ${place}`);
  // Grafana asks by whole seconds.
  const context = {
    fromMs: nowMs - 60 * MINUTE_MS,
    toMs: nowMs + 1_000,
    intervalMs: 30_000,
    variables: { monitor: '$__all' } as const,
  };
  return select(expandMacros(query.rawSql, context));
}

const isPaged = ({ state, mutedBy = '' }: Pick<Scenario, 'state' | 'mutedBy'>): boolean =>
  state === 'down' && mutedBy === '';

describe('the console', () => {
  test.each(SCENARIOS.map((scenario, index) => ({ ...scenario, name: nameOf(index) })))(
    'says of $what: $state',
    ({ name, state, mutedBy = '', dissenters = [], silentAt = [], says }) => {
      const view = views.get(name);
      expect(view).toMatchObject({ state, mutedBy, dissenters });
      expect(silentAt.every((location) => view?.silentAt.includes(location))).toBe(true);
      for (const [location, said] of Object.entries(says)) {
        const [own] = (typeof said === 'string' ? said : (said.at(-1) ?? '')).split(' ');
        const expected = location === 'silent' || own === '' ? 'unknown' : own;
        const found = view?.locations.find((one) => one.name === location);
        expect(found, location).toMatchObject({ state: expected, isSilent: location === 'silent' });
        const newestMs = location === 'silent' ? nowMs - 11 * MINUTE_MS : nowMs - MINUTE_MS;
        expect(found?.last?.atMs, location).toBeGreaterThan(newestMs);
      }
      // The reason is told by one that is with the majority.
      expect(dissenters.map((location) => `${state} at ${location}`)).not.toContain(view?.message);
    },
  );
});

test('the rule that pages fires for those that are down and not muted, and names the same dissenters', async () => {
  const rule = (await loadRuleGroups(SHIPPED))
    .flatMap(({ rules }) => rules)
    .find(({ alert }) => alert === 'MonitorDown');
  const rows = await select(rule?.sql.trim() ?? '', { now: (nowMs / 1_000).toFixed(3) });
  const told = rows.map((row) => [row['monitor'], row['annotation_dissenters']]).sort();
  const expected = SCENARIOS.flatMap((scenario, index) =>
    isPaged(scenario) ? [[nameOf(index), (scenario.dissenters ?? []).join(', ')]] : [],
  );
  expect(told).toEqual(expected);
  // And so does the console, without the scenarios between them.
  expect(
    [...views.values()]
      .filter(isPaged)
      .map(({ name }) => name)
      .sort(),
  ).toEqual(rows.map((row) => row['monitor']).sort());
});

test('Grafana: the table, the number, the locations', async () => {
  const rows = await panel('Monitors', 'table');
  expect(rows.map(({ monitor, state, muted_by }) => [monitor, state, muted_by]).sort()).toEqual(
    [...views.values()].map(({ name, state, mutedBy }) => [name, state, mutedBy]).sort(),
  );
  const who = SCENARIOS.findIndex(({ what }) => what === 'down beside one that is silent');
  expect(rows.find(({ monitor }) => monitor === nameOf(who))).toMatchObject({
    locations: 'down at a · silent: silent',
    reason: 'down',
    message: 'down at a',
  });
  expect(await panel('Down', 'stat')).toEqual([{ failing: SCENARIOS.filter(isPaged).length }]);
  expect(await panel('Watched', 'stat')).toEqual([{ monitors: SCENARIOS.length }]);
  const told = (await panel('Locations', 'table')).map(
    ({ monitor, location, state }) => `${String(monitor)} ${String(location)} ${String(state)}`,
  );
  const expected = [...views.values()].flatMap(({ name, locations, silentAt }) =>
    locations.map((one) => `${name} ${one.name} ${silentAt.includes(one.name) ? 'silent' : one.state}`),
  );
  expect(told.toSorted()).toEqual(expected.toSorted());
});

test('Grafana: a stretch of time is down by the majority, and divided on an even split', async () => {
  const at = (what: string): string => nameOf(SCENARIOS.findIndex((one) => one.what === what));
  const rows = await panel('States', 'state-timeline');
  const seen = (monitor: string) => new Set(rows.filter((row) => row['monitor'] === monitor).map(({ up }) => up));
  expect(seen(at('three, one down'))).toEqual(new Set([1]));
  expect(seen(at('three, two down'))).toEqual(new Set([0]));
  expect(seen(at('two divided from the beginning'))).toEqual(new Set([0.5]));
  expect(seen(at('explained at one, up at the other'))).toEqual(new Set([1]));
  expect(seen(at('two divided that were down'))).toEqual(new Set([0, 0.5]));
  expect(seen(at('one unknown that was up'))).toEqual(new Set());
});
