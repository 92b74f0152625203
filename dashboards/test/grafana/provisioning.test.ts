import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { readDashboards } from './read-dashboards.ts';

const read = (path: string): Promise<string> => readFile(new URL(`../../grafana/${path}`, import.meta.url), 'utf8');

/** The settings of a part of a YAML file that has one a line, as `parent.name: value`. */
function settingsOf(yaml: string): ReadonlyMap<string, string> {
  const parents: { indent: number; name: string }[] = [];
  const settings = new Map<string, string>();
  for (const line of yaml.split('\n')) {
    const [, space = '', name, value = ''] = /^( *(?:- )?)([\w]+):(?: (.*))?$/.exec(line) ?? [];
    if (name === undefined) continue;
    while ((parents.at(-1)?.indent ?? -1) >= space.length) parents.pop();
    parents.push({ indent: space.length, name });
    settings.set(parents.map((parent) => parent.name).join('.'), value.replace(/^'(.*)'$/, '$1'));
  }
  return settings;
}

test('ClickHouse is asked over HTTP where Tocsin serves it, and OpenTelemetry is set up for logs and traces', async () => {
  const [, clickhouse = '', alertmanager = ''] = (await read('provisioning/datasources/tocsin.yaml')).split(/^ {2}- /m);
  expect(Object.fromEntries(settingsOf(`- ${clickhouse.replace(/^ {2}/gm, '')}`))).toMatchObject({
    name: 'Tocsin',
    uid: 'tocsin-clickhouse',
    type: 'grafana-clickhouse-datasource',
    'jsonData.host': '127.0.0.1',
    'jsonData.port': '8123',
    'jsonData.protocol': 'http',
    'jsonData.defaultDatabase': 'otel',
    'jsonData.logs.defaultTable': 'otel_logs',
    'jsonData.logs.otelEnabled': 'true',
    'jsonData.traces.defaultTable': 'otel_traces',
    'jsonData.traces.otelEnabled': 'true',
    'jsonData.traces.durationUnit': 'nanoseconds',
    'jsonData.traces.traceTimestampTableSuffix': '_trace_id_ts',
  });
  expect(Object.fromEntries(settingsOf(`- ${alertmanager.replace(/^ {2}/gm, '')}`))).toMatchObject({
    name: 'Tocsin alerts',
    uid: 'tocsin-alertmanager',
    type: 'alertmanager',
    url: 'http://127.0.0.1:9093',
    'jsonData.implementation': 'prometheus',
  });
});

test('dashboards come from their folder, into one of Grafana', async () => {
  const [, provider = ''] = (await read('provisioning/dashboards/tocsin.yaml')).split(/^ {2}- /m);
  expect(Object.fromEntries(settingsOf(`- ${provider.replace(/^ {2}/gm, '')}`))).toMatchObject({
    folder: 'Tocsin',
    folderUid: 'tocsin',
    type: 'file',
    'options.path': '${TOCSIN_GRAFANA}/dashboards',
  });
});

test('dashboards name the data sources that are provisioned', async () => {
  const dashboards = [...(await readDashboards()).values()];
  for (const { templating } of dashboards)
    expect(templating.list.find(({ name }) => name === 'datasource')?.current?.value).toBe('tocsin-clickhouse');
  const groups = dashboards.flatMap(({ panels }) => panels.filter(({ type }) => type === 'alertGroups'));
  expect(groups.map(({ options }) => options?.alertmanager)).toEqual(['Tocsin alerts']);
});
