import { startTestClickHouse, type TestClickHouse } from '@tocsin/deploy/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { servicesSeen } from '../../src/queries/services-seen.ts';
import { createTables } from '../seed/schema.ts';
import { expandMacros } from './expand-macros.ts';
import { readQueries } from './read-dashboards.ts';

/*
 * What panels and the console read from the rollups equals what the spans themselves say: counts exactly, percentiles within the
 * 4.4 % of a bucket.
 */
const MINUTE_MS = 60_000;
const NOW_MS = Date.now();
const END_MS = Math.floor(NOW_MS / MINUTE_MS) * MINUTE_MS - MINUTE_MS;
const BUCKET = 2 ** (1 / 16);
const ASKED = "SpanKind IN ('Server', 'Consumer') AND NOT startsWith(ServiceName, 'tocsin-')";
type Row = Record<string, unknown>;

const queries = await readQueries();
let clickhouse: TestClickHouse;

/** 20,000 spans of 70 minutes up to `END_MS`, of durations from nothing to minutes. */
beforeAll(async () => {
  clickhouse = await startTestClickHouse();
  const client = clickhouse.client();
  await createTables(client);
  await client.command({
    query: `INSERT INTO otel_traces (Timestamp, TraceId, SpanId, SpanName, SpanKind, ServiceName, Duration, StatusCode)
      SELECT fromUnixTimestamp64Milli(toInt64(${END_MS} - 4200000 + number * 210)), hex(number), '1', concat('op ', toString(number % 7)),
        ['Server', 'Client', 'Consumer', 'Internal'][1 + cityHash64(number) % 4],
        ['shop', 'stock', 'pay', 'tocsin-checker'][1 + cityHash64(number, 1) % 4],
        if(number % 50 = 0, 0, toUInt64(exp(log(1e5) + (cityHash64(number, 2) % 1000) / 1000 * log(1e6)))),
        if(cityHash64(number, 3) % 30 = 0, 'Error', 'Unset')
      FROM numbers(20000)`,
  });
});
afterAll(() => clickhouse.stop());

async function select(query: string, parameters: Row = {}): Promise<Row[]> {
  const result = await clickhouse.client().query({
    query,
    query_params: parameters,
    format: 'JSONEachRow',
    clickhouse_settings: { output_format_json_quote_64bit_integers: 0 },
  });
  return result.json<Row>();
}

function panel(place: string, type: string, fromMs: number, toMs: number, intervalMs = 15_000): Promise<Row[]> {
  const query = queries.find(
    (one) => one.dashboard === 'services.json' && one.place === place && one.panelType === type,
  );
  if (!query) throw new Error(`no panel ${place}`);
  const variables = { service: '$__all', operation: '$__all' } as const;
  return select(expandMacros(query.rawSql, { fromMs, toMs, intervalMs, variables }));
}

/** The same rows; columns of percentiles within a bucket. */
function expectAlike(found: readonly Row[], expected: readonly Row[], percentiles: readonly string[] = []): void {
  const rest = (row: Row): Row =>
    Object.fromEntries(Object.entries(row).filter(([name]) => !percentiles.includes(name)));
  expect(expected.length).toBeGreaterThan(0);
  expect(found.map(rest)).toEqual(expected.map(rest));
  for (const [index, row] of found.entries())
    for (const name of percentiles) {
      const [is, shall] = [Number(row[name]), Number(expected[index]?.[name])];
      expect(Math.max(is, 1e-9) / Math.max(shall, 1e-9), `row ${index}, ${name}`).toBeGreaterThan(0.999 / BUCKET);
      expect(Math.max(is, 1e-9) / Math.max(shall, 1e-9), `row ${index}, ${name}`).toBeLessThan(1.001 * BUCKET);
    }
}

const seconds = (ms: number): string => `toDateTime(${ms / 1_000})`;
/** The span's whole minutes of a time range that begins and ends somewhere within a minute. */
const whole = (fromMs: number, toMs: number): string => {
  const [first, last] = [Math.floor(fromMs / MINUTE_MS) * MINUTE_MS, Math.ceil(toMs / MINUTE_MS) * MINUTE_MS];
  return `Timestamp >= ${seconds(first)} AND Timestamp < ${seconds(last)} AND ${ASKED}`;
};
/** Of the definitions of a percentile that ClickHouse has, the one that the rollup's goes by. */
const exact = (level: number): string => `quantileExactWeighted(${level})(Duration, 1) / 1e9`;

for (const [name, fromMs, toMs] of [
  ['an hour', END_MS - 60 * MINUTE_MS, END_MS],
  ['a range that begins and ends within a minute', END_MS - 37 * MINUTE_MS - 17_000, END_MS - 20_000],
  ['less than two minutes', END_MS - 100_000, END_MS - 5_000],
] as const) {
  const range = whole(fromMs, toMs);
  const rangeS = (Math.ceil(toMs / MINUTE_MS) - Math.floor(fromMs / MINUTE_MS)) * 60;

  test(`${name}: the series of each service, minute by minute`, async () => {
    const group = `FROM otel_traces WHERE ${range} GROUP BY time, service ORDER BY time, service`;
    const columns = 'toStartOfMinute(Timestamp) AS time, ServiceName AS service';
    expectAlike(
      await panel('Rate', 'timeseries', fromMs, toMs),
      await select(`SELECT ${columns}, count() / 60 AS rate ${group}`),
    );
    expectAlike(
      await panel('Errors', 'timeseries', fromMs, toMs),
      await select(`SELECT ${columns}, countIf(StatusCode = 'Error') / count() AS errors ${group}`),
    );
    expectAlike(
      await panel('p95 by service', 'timeseries', fromMs, toMs),
      await select(`SELECT ${columns}, ${exact(0.95)} AS p95 ${group}`),
      ['p95'],
    );
    const three = `${exact(0.5)} AS p50, ${exact(0.95)} AS p95, ${exact(0.99)} AS p99`;
    expectAlike(
      await panel('Duration', 'timeseries', fromMs, toMs),
      await select(
        `SELECT toStartOfMinute(Timestamp) AS time, ${three} FROM otel_traces WHERE ${range} GROUP BY time ORDER BY time`,
      ),
      ['p50', 'p95', 'p99'],
    );
  });

  test(`${name}: the numbers and the table`, async () => {
    const [numbers] =
      await select(`SELECT count() / ${rangeS} AS rate, countIf(StatusCode = 'Error') / count() AS errors,
      ${exact(0.95)} AS p95, uniqExact(ServiceName) AS services FROM otel_traces WHERE ${range}`);
    const found = await Promise.all(
      ['Requests', 'Errors', 'p95', 'Services'].map((place) => panel(place, 'stat', fromMs, toMs)),
    );
    expectAlike([Object.assign({}, ...found.map(([row]) => row)) as Row], [numbers ?? {}], ['p95']);
    const byName = (rows: Row[]): Row[] =>
      rows.toSorted((a, b) => (`${a['service']} ${a['operation']}` < `${b['service']} ${b['operation']}` ? -1 : 1));
    expectAlike(
      byName(await panel('Operations', 'table', fromMs, toMs)),
      byName(
        await select(`SELECT ServiceName AS service, SpanName AS operation, count() AS requests, requests / ${rangeS} AS rate,
          countIf(StatusCode = 'Error') / requests AS errors, ${exact(0.5)} AS p50, ${exact(0.95)} AS p95, ${exact(0.99)} AS p99
          FROM otel_traces WHERE ${range} GROUP BY service, operation`),
      ),
      ['p50', 'p95', 'p99'],
    );
  });

  test(`${name}: the last errors are those of the spans`, async () => {
    const rows = await panel('Recent errors', 'table', fromMs, toMs);
    const expected = await select(`SELECT TraceId AS trace FROM otel_traces
      WHERE Timestamp >= ${seconds(fromMs)} AND Timestamp <= ${seconds(toMs)} AND StatusCode = 'Error' AND NOT startsWith(ServiceName, 'tocsin-')
      ORDER BY Timestamp DESC LIMIT 100`);
    expectAlike(
      rows.map(({ trace }) => ({ trace })),
      expected,
    );
  });
}

test('a longer interval is one of whole minutes, the first and the last counted over what they have', async () => {
  const [fromMs, toMs] = [END_MS - 31 * MINUTE_MS, END_MS - 30_000];
  const rows = await panel('Rate', 'timeseries', fromMs, toMs, 5 * MINUTE_MS);
  const counts = await select(`SELECT toStartOfFiveMinutes(Timestamp) AS time, ServiceName AS service,
    count() / (uniqExact(toStartOfMinute(Timestamp)) * 60) AS rate FROM otel_traces WHERE ${whole(fromMs, toMs)}
    GROUP BY time, service ORDER BY time, service`);
  expectAlike(rows, counts);
});

test('the console: what each service sent, asked and failed, and its 99th percentile', async () => {
  const [sinceMs, rateSinceMs] = [END_MS - 60 * MINUTE_MS, END_MS - 5 * MINUTE_MS];
  const rows = await select(servicesSeen.sql, { since_ms: sinceMs, rate_since_ms: rateSinceMs, now_ms: NOW_MS });
  const counted = `SpanKind IN ('Server', 'Consumer') AND Timestamp >= ${seconds(rateSinceMs)}`;
  const expected =
    await select(`SELECT ServiceName AS service, intDiv(toUnixTimestamp64Milli(max(Timestamp)), 1000) * 1000 AS last_seen_ms,
    countIf(${counted}) AS requests, countIf(${counted} AND StatusCode = 'Error') AS errors,
    quantileExactWeightedIf(0.99)(Duration, 1, ${counted}) / 1e6 AS p99_ms, count() AS spans, 0 AS logs, 0 AS points
    FROM otel_traces WHERE Timestamp >= ${seconds(sinceMs)} AND NOT startsWith(ServiceName, 'tocsin-')
    GROUP BY service ORDER BY errors > 0 DESC, service`);
  expectAlike(rows, expected, ['p99_ms']);
});

test('the minute that is not over is no dip, once it is shown', async () => {
  const fromMs = Date.now() - 5 * MINUTE_MS;
  await clickhouse.client().command({
    query: `INSERT INTO otel_traces (Timestamp, TraceId, SpanId, SpanName, SpanKind, ServiceName, Duration)
      SELECT fromUnixTimestamp64Milli(toInt64(${fromMs} + number * 500)), hex(number), '1', 'op', 'Server', 'steady', 1000
      FROM numbers(600)`,
  });
  const insertedMs = Date.now();
  const rows = await panel('Rate', 'timeseries', fromMs, insertedMs, 1_000);
  const lateS = (Date.now() - fromMs) / 1_000 - 300 + 1;
  const rates = rows.filter(({ service }) => service === 'steady').map(({ rate }) => Number(rate));
  expect(rates.length).toBeGreaterThanOrEqual(5);
  // The first minute has spans from its middle on.
  for (const rate of rates.slice(1)) expect(rate).toBeGreaterThan(2 * (1 - lateS / 15) - 0.1);
  for (const rate of rates) expect(rate).toBeLessThan(2.2);
});
