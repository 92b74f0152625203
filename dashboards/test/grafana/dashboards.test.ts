import { readdir, readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { DASHBOARDS_FOLDER, generateDashboards } from '../../grafana/dashboards.ts';
import { readDashboards, readQueries } from './read-dashboards.ts';

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
      const sources = [...text.matchAll(/"uid": "(\$\{[^"]*|[^"]*)"/g)].map(([, uid]) => uid);
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
      expect(rawSql, place).toMatch(
        /\$__timeFilter\(|otel_traces_trace_id_ts|tocsin_monitor_verdicts\(at = \$__toTime\)|Time >= toStartOfMinute\(\$__fromTime\) AND Time < \$__toTime|WHERE Time > today\(\) - \d+/,
      );
    }
  });
});
