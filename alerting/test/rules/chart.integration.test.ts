import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createClickHouse } from '@tocsin/service/clickhouse';
import type { Alert, LabelSet } from '../../src/alert.ts';
import { createRuleSeries } from '../../src/rules/chart/rule-series.ts';
import { createSqlSeries } from '../../src/rules/chart/sql-series.ts';
import type { Series } from '../../src/rules/chart/series.ts';
import { compileRule, type Rule } from '../../src/rules/rule.ts';
import { createSqlExpression } from '../../src/rules/sql-expression.ts';
import { group } from './scenario.ts';
import { NOW_MS, Stage } from './shipped/stage.ts';
import { configFor } from './shipped/world.ts';

let stage: Stage;
let read: (
  rule: Rule,
  labels: LabelSet,
  startsAtMs?: number,
  askingMs?: number,
) => Promise<Series | 'no_chart' | undefined>;
let stop: () => Promise<void>;

const MINUTE_MS = 60_000;

const alertOf = (labels: LabelSet, startsAtMs: number): Alert => ({
  fingerprint: 'f',
  labels,
  annotations: {},
  value: 1,
  startsAtMs,
  endsAtMs: undefined,
  updatedAtMs: NOW_MS,
  generatorUrl: '',
});

beforeAll(async () => {
  stage = await Stage.start();
  const client = createClickHouse(await configFor(stage.clickhouse), { application: 'alerting', readonly: true });
  const expression = createSqlExpression(client);
  const series = createSqlSeries(client, 10);
  read = (rule, labels, startsAtMs = NOW_MS - 1_000, askingMs = 60_000) =>
    createRuleSeries({ expression, series, ruleOf: () => ({ rule, queryOffsetMs: 0 }), askingMs }).seriesOf(
      alertOf({ alertname: rule.identity.name, ...labels }, startsAtMs),
      NOW_MS,
    );
  stop = () => expression.stop();
  const at = (minutesAgo: number): string =>
    new Date(NOW_MS - minutesAgo * MINUTE_MS).toISOString().slice(0, 19).replace('T', ' ');
  const client2 = stage.clickhouse.client();
  const gauges = Array.from({ length: 60 }, (_, minutesAgo) => {
    const base = {
      ServiceName: 'tocsin-checker',
      ResourceAttributes: { 'tocsin.location': 'here' },
      TimeUnix: at(minutesAgo),
    };
    const monitor = { 'tocsin.monitor.name': 'shop' };
    return [
      {
        ...base,
        MetricName: 'tocsin.probe.duration',
        Attributes: { ...monitor, 'tocsin.probe.phase': 'total' },
        Value: minutesAgo < 6 ? 5 : 0.2,
      },
      {
        ...base,
        MetricName: 'tocsin.probe.duration',
        Attributes: { ...monitor, 'tocsin.probe.phase': 'tls' },
        Value: 99,
      },
      { ...base, MetricName: 'tocsin.probe.up', Attributes: monitor, Value: minutesAgo < 6 ? 0 : 1 },
    ];
  }).flat();
  const young = Array.from({ length: 19 }, (_, probe) => ({
    ServiceName: 'tocsin-checker',
    ResourceAttributes: { 'tocsin.location': 'here' },
    TimeUnix: at(probe / 12),
    MetricName: 'tocsin.probe.duration',
    Attributes: { 'tocsin.monitor.name': 'young', 'tocsin.probe.phase': 'total' },
    Value: 0.3,
  }));
  await client2.insert({ table: 'otel_metrics_gauge', format: 'JSONEachRow', values: [...gauges, ...young] });
  const spans = Array.from({ length: 600 }, (_, at10) => ({
    Timestamp: new Date(NOW_MS - at10 * 6_000).toISOString().slice(0, 19).replace('T', ' '),
    TraceId: 'a',
    SpanKind: 'Server',
    ServiceName: at10 % 2 === 0 ? 'shop' : 'till',
    SpanName: 'GET /',
    Duration: 2_000_000_000,
    StatusCode: at10 % 4 === 0 ? 'Error' : 'Ok',
  }));
  await client2.insert({ table: 'otel_traces', format: 'JSONEachRow', values: spans });
});
afterAll(async () => {
  await stop();
  await stage.stop();
});

const shipped = (name: string): Rule => {
  const found = stage.groups.flatMap((each) =>
    each.rules.filter(({ alert }) => alert === name).map((rule) => compileRule(rule, each)),
  )[0];
  if (!found) throw new Error(`no rule ${name}`);
  return found;
};
const own = (sql: string, labels: LabelSet = {}): Rule => {
  const made = group({ rules: [{ alert: 'Own', sql, labels }] });
  return compileRule(made.rules[0]!, made);
};
const known = (series: Series | 'no_chart' | undefined) =>
  typeof series === 'object' ? series.points.filter(({ value }) => Number.isFinite(value)) : [];

describe('the chart of a shipped rule', () => {
  test('MonitorDown shows the response time of that monitor, and where it was down', async () => {
    const series = await read(shipped('MonitorDown'), { monitor: 'shop' });
    expect(series).toMatchObject({ unit: 'seconds' });
    const points = known(series);
    expect(points.length).toBeGreaterThan(25);
    expect(points[0]).toMatchObject({ value: 0.2, isBad: false });
    expect(points.at(-1)).toMatchObject({ value: 5, isBad: true });
    expect(points.at(-1)!.timeMs).toBeGreaterThan(NOW_MS - 3 * MINUTE_MS);
    expect(points.filter(({ isBad }) => isBad).length).toBeLessThan(6);
    expect(known(await read(shipped('MonitorDown'), { monitor: 'other' }))).toEqual([]);
  });

  test('a monitor that is new is drawn closely: of the last minutes, where an hour has too little to see', async () => {
    const points = known(await read(shipped('MonitorDown'), { monitor: 'young' }));
    expect(points.length).toBeGreaterThanOrEqual(5);
    expect(points.every(({ value }) => value === 0.3)).toBe(true);
  });

  test.each([
    ['HighErrorRate', 0.5],
    ['HighLatency', 2],
    ['ServiceSilent', 5],
  ])('%s shows what it is about', async (name, expected) => {
    const points = known(await read(shipped(name), { service: 'shop' }));
    expect(points.length).toBeGreaterThan(25);
    for (const { value } of points.slice(2, -2)) expect(value / expected).toBeCloseTo(1, 0);
  });

  test('a flag has none', async () => {
    expect(await read(shipped('CheckerBlind'), { location: 'here' })).toBe('no_chart');
  });

  test('a service that has fallen silent is drawn to its end, at nothing', async () => {
    const points = known(await read(shipped('ServiceSilent'), { service: 'nobody' }));
    expect(points.every(({ value }) => value === 0)).toBe(true);
    expect(points.at(-1)!.timeMs).toBeGreaterThan(NOW_MS - 3 * MINUTE_MS);
  });
});

const SHARE = `SELECT ServiceName AS service, countIf(StatusCode = 'Error') / count() AS value FROM otel_traces
  WHERE Timestamp > {now:DateTime64(9)} - INTERVAL 5 MINUTE AND Timestamp <= {now:DateTime64(9)} GROUP BY service`;

describe('the chart of a rule without one', () => {
  test('is the rule asked at past times, also when it would not have fired', async () => {
    const series = await read(own(`${SHARE} HAVING value > 0.9 -- most`, { team: 'web' }), {
      service: 'shop',
      team: 'web',
    });
    expect(series).toMatchObject({ threshold: 0.9 });
    expect(known(series).length).toBeGreaterThan(25);
    for (const { value } of known(series).slice(2)) expect(value).toBeCloseTo(0.5, 1);
  });

  test('is of the alert that is meant, not of its neighbours', async () => {
    for (const { value } of known(await read(own(SHARE), { service: 'till' }))) expect(value).toBe(0);
  });

  test('covers all the time that the alert lasts, with as many points', async () => {
    const series = await read(own('SELECT 1 AS value'), {}, NOW_MS - 4 * 3_600_000);
    const points = known(series);
    expect(points.length).toBeLessThanOrEqual(31);
    expect(points[0]!.timeMs).toBe(NOW_MS - 6 * 3_600_000);
  });

  test('is what there was time for, from one end to the other', async () => {
    const points = known(await read(own('SELECT 1 AS value'), {}, undefined, 1));
    expect(points.length).toBeLessThan(31);
    expect(points[0]!.timeMs).toBe(NOW_MS - 3_600_000);
    expect(points.at(-1)!.timeMs).toBe(NOW_MS);
  });

  test('is asked with its filter where it cannot be without', async () => {
    const sql = `SELECT number AS value, toString(number) AS n FROM numbers(5000) GROUP BY number HAVING value = 7`;
    expect(known(await read(own(sql), { n: '7' })).map(({ value }) => value)).toContain(7);
  });

  test('is an error where the rule cannot be asked', async () => {
    await expect(read(own('SELECT nothing AS value'), {})).rejects.toThrow('Unknown expression identifier');
  });
});
