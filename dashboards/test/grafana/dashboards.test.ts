import { readdir, readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { DASHBOARDS_FOLDER, generateDashboards } from '../../grafana/dashboards.ts';
import { readEmittedMetrics } from '../seed/day/emitted-metrics.ts';
import { RUNTIME_METRICS } from '../seed/day/runtime-metrics-table.ts';
import { type PanelJson, readDashboards, readQueries } from './read-dashboards.ts';

/** What keeps a statement from reading all that there is: a time, or a table that is small by its nature. */
const BOUNDS = [
  /\$__timeFilter\(/,
  /Time >= toStartOfMinute\(\$__fromTime\) AND Time < \$__toTime/,
  /Time > today\(\) - \d+/,
  /Date >= toDate\(\$__fromTime\)\s+AND Date <= toDate\(\$__toTime\)/,
  /tocsin_monitor_verdicts\(at = \$__toTime\)/,
  /otel_traces_trace_id_ts/,
  /FROM otel_services\b/,
];

/** The dashboards that issue and README name, by file. */
const DASHBOARDS = {
  'alerts.json': 'Alerts and on-call',
  'fleet.json': 'Fleet overview',
  'logs.json': 'Logs',
  'monitor.json': 'Monitor',
  'runtime.json': 'Runtime',
  'self.json': 'Tocsin itself',
  'services.json': 'Service',
  'slos.json': 'SLOs and budgets',
  'trace.json': 'Trace',
  'traces.json': 'Traces',
  'uptime.json': 'Uptime overview',
};

describe('the checked-in dashboards', () => {
  test('are what the code generates: otherwise run `node dashboards/grafana/main.ts`', async () => {
    const generated = generateDashboards();
    expect((await readdir(DASHBOARDS_FOLDER)).toSorted()).toEqual([...generated.keys()]);
    for (const [name, text] of generated) {
      expect(await readFile(new URL(name, DASHBOARDS_FOLDER), 'utf8'), name).toBe(text);
    }
  });

  test('have panels with ids of their own, a title and a description', async () => {
    for (const [name, { panels }] of await readDashboards()) {
      expect(new Set(panels.map(({ id }) => id)).size, name).toBe(panels.length);
      expect(
        panels.map(({ title }) => title),
        name,
      ).not.toContain('');
      const described = panels.filter(({ type }) => type !== 'row');
      for (const { title, description } of described) expect(description, `${name}: ${title}`).toMatch(/\.$/);
    }
  });

  test('ask the data source that the reader chose, and nothing else', async () => {
    for (const text of generateDashboards().values()) {
      const sources = [...text.matchAll(/"uid": "([^"]*)"/g)].map(([, uid]) => uid);
      expect(new Set(sources.filter((uid) => !uid?.startsWith('tocsin-')))).toEqual(new Set(['${datasource}']));
    }
  });

  test('drop no condition in a repeated panel, where a variable is one value though all are chosen', async () => {
    for (const { panels } of (await readDashboards()).values()) {
      for (const { repeat, targets = [] } of panels) {
        if (repeat === undefined) continue;
        for (const { rawSql } of targets) expect(rawSql).not.toContain(`$${repeat})`);
      }
    }
  });

  test('use only variables that they have', async () => {
    const dashboards = await readDashboards();
    for (const { dashboard, place, rawSql } of await readQueries()) {
      const names = dashboards.get(dashboard)?.templating.list.map(({ name }) => name);
      for (const [, name] of rawSql.matchAll(/\$\{?(?!__)(\w+)/g))
        expect(names, `${dashboard}: ${place}`).toContain(name);
    }
  });

  test('bound every statement in time', async () => {
    for (const { place, rawSql } of await readQueries()) {
      expect(
        BOUNDS.some((bound) => bound.test(rawSql)),
        place,
      ).toBe(true);
    }
  });

  test('are those that are documented, each with marks of deployments and incidents', async () => {
    const dashboards = await readDashboards();
    expect(Object.fromEntries([...dashboards].map(([name, { title }]) => [name, title]))).toEqual(DASHBOARDS);
    const readme = await readFile(new URL('../../grafana/README.md', import.meta.url), 'utf8');
    for (const name of dashboards.keys()) expect(readme).toContain(`| \`${name.replace('.json', '')}\``);
    for (const [name, { annotations }] of dashboards)
      expect(
        annotations?.list?.map((mark) => mark.name),
        name,
      ).toEqual(['Deployments', 'Incidents']);
  });
});

/** What a panel can link from: its fields, or single columns. */
function linksOf({ fieldConfig }: PanelJson): { on: string; links: readonly { title: string; url: string }[] }[] {
  const columns = (fieldConfig?.overrides ?? []).flatMap(({ matcher, properties }) =>
    properties
      .filter(({ id }) => id === 'links')
      .map(({ value }) => ({
        on: `${matcher.id} ${String(matcher.options)}`,
        links: value as { title: string; url: string }[],
      })),
  );
  return [{ on: 'all', links: fieldConfig?.defaults?.links ?? [] }, ...columns];
}

describe('links', () => {
  /** Panels whose content is opened in place, and tables of names and times: what is no number. */
  const HAVE_NONE = ['row', 'traces', 'logs', 'alertGroups'];
  const TABLES_WITHOUT_NUMBERS = ['Versions', 'Processes', 'Timeline'];

  test('lead from every number to what explains it', async () => {
    for (const [name, { panels }] of await readDashboards())
      for (const panel of panels) {
        if (HAVE_NONE.includes(panel.type) || TABLES_WITHOUT_NUMBERS.includes(panel.title)) continue;
        const on = panel.type === 'table' ? 'byType number' : 'all';
        const found = linksOf(panel).find((one) => one.on === on)?.links ?? [];
        expect(found.length, `${name}: ${panel.title}`).toBeGreaterThan(0);
      }
  });

  test('lead to dashboards that there are, and fill variables that these have', async () => {
    const dashboards = [...(await readDashboards()).values()];
    let seen = 0;
    for (const { title, panels, templating } of dashboards)
      for (const panel of panels)
        for (const { url } of linksOf(panel).flatMap(({ links }) => links)) {
          const place = `${title}: ${panel.title}: ${url}`;
          const here = templating.list.map(({ name }) => name);
          for (const [, name] of url.matchAll(/\$\{(?!__)(\w+)/g)) expect(here, place).toContain(name);
          expect(url, place).toMatch(/^(?:\/d\/|\$\{console\}\/)/);
          if (!url.startsWith('/d/')) continue;
          seen++;
          const target = dashboards.find(({ uid }) => uid === /^\/d\/([\w-]+)\?/.exec(url)?.[1]);
          const there = target?.templating.list.map(({ name }) => name);
          const filled = [...url.matchAll(/[?&](?:var-(\w+)=|\$\{(\w+):queryparam\})/g)].map(([, a, b]) => a ?? b);
          expect(filled, place).toContain('datasource');
          for (const name of filled) expect(there, place).toContain(name);
        }
    expect(seen).toBeGreaterThan(100);
  });

  test('name columns that the statement has', async () => {
    for (const { panels } of (await readDashboards()).values())
      for (const panel of panels) {
        const sql = (panel.targets ?? []).map(({ rawSql }) => rawSql).join('\n');
        const urls = linksOf(panel).flatMap(({ links }) => links.map(({ url }) => url));
        for (const [, name] of urls.join(' ').matchAll(/\$\{__(?:data\.fields|field\.labels)\.(\w+)/g))
          expect(sql, `${panel.title}: ${name}`).toMatch(
            new RegExp(`(?:AS ${name}\\b|^\\s*${name},?$|, ${name}\\b)`, 'm'),
          );
      }
  });
});

describe('the metrics that they read', () => {
  const CONVENTIONS = Object.values(RUNTIME_METRICS).flat();
  /** Which tables the points of a kind are in; of some of Node.js's SDKs differ on the kind. */
  const tablesOf = (kind: string): RegExp => new RegExp(`FROM otel_metrics_${kind}\\b`);

  test('are metrics that Tocsin sends, or that the instrumentations of runtimes send, in the table of their kind', async () => {
    const emitted = await readEmittedMetrics();
    let read = 0;
    for (const { dashboard, place, rawSql } of await readQueries()) {
      const conditions = rawSql.matchAll(/MetricName (?:IN \(([^)]*)\)|= '([^']*)')/g);
      const names = [...conditions].flatMap(([, list, one]) =>
        [...(list ?? `'${one}'`).matchAll(/'([^']+)'/g)].map(([, name]) => name),
      );
      for (const name of names) {
        read++;
        const known = name?.startsWith('tocsin.') || dashboard === 'self.json' ? emitted : CONVENTIONS;
        const metric = known.find((one) => one.name === name);
        expect(metric, `${dashboard}: ${place}: ${name}`).toBeDefined();
        expect(rawSql, `${dashboard}: ${place}: ${name}`).toMatch(tablesOf(metric?.kind ?? ''));
      }
    }
    expect(read).toBeGreaterThan(90);
  });

  test('the sources of Tocsin are read rightly: names of every package, and kinds', async () => {
    const emitted = await readEmittedMetrics();
    const kinds = Object.fromEntries(emitted.map(({ name, kind }) => [name, kind]));
    expect(kinds).toMatchObject({
      'tocsin.collector.journal.size': 'gauge',
      'tocsin.collector.loaded.items': 'sum',
      'tocsin.collector.dead_letters.limit': 'gauge',
      'tocsin.checker.lateness': 'histogram',
      'tocsin.checker.blind': 'gauge',
      'tocsin.probe.runs': 'sum',
      'tocsin.alerting.slo.burn_rate': 'gauge',
      'tocsin.alerting.outbox.dropped': 'sum',
      'tocsin.clickhouse.lane.refused': 'sum',
      'tocsin.dashboards.query.duration': 'histogram',
      'process.memory.usage': 'sum',
    });
    expect(emitted.length).toBeGreaterThan(80);
  });
});
