import { Readable } from 'node:stream';
import type { ClickHouseClient, QueryParams } from '@clickhouse/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestClickHouse, type TestClickHouse } from '../../src/testing/index.ts';
import { quietClient } from './support.ts';

let server: TestClickHouse;
let client: ClickHouseClient;

beforeAll(async () => {
  server = await startTestClickHouse();
  client = quietClient(server);
  await client.command({
    query:
      'CREATE TABLE events (id UInt64, name String, at DateTime64(9), tags Array(String)) ENGINE = MergeTree ORDER BY id',
  });
});

afterAll(async () => {
  await client.close();
  await server.stop();
});

async function rows<T>(query: string, options: Omit<QueryParams, 'query' | 'format'> = {}): Promise<T[]> {
  const result = await client.query({ query, format: 'JSONEachRow', ...options });
  return result.json<T>();
}

describe('@clickhouse/client', () => {
  it('pings, with and without a statement', async () => {
    expect(await client.ping()).toEqual({ success: true });
    expect(await client.ping({ select: true })).toEqual({ success: true });
  });

  it('inserts objects and reads them in JSON, JSONEachRow and TabSeparated', async () => {
    await client.insert({
      table: 'events',
      format: 'JSONEachRow',
      values: [
        { id: '18446744073709551615', name: "it's\t\\ \n ünï", at: '2026-01-02 03:04:05.123456789', tags: ['a', "b'"] },
        { id: '1', name: '', at: '2026-01-02 03:04:05.000000000', tags: [] },
      ],
    });
    const query = 'SELECT id, name, at, tags FROM events ORDER BY id';
    const json = await (await client.query({ query, format: 'JSON' })).json<{ name: string }>();
    expect(json.rows).toBe(2);
    expect(json.data[1]?.name).toBe("it's\t\\ \n ünï");
    expect(await (await client.query({ query, format: 'TabSeparated' })).text()).toBe(
      "1\t\t2026-01-02 03:04:05.000000000\t[]\n18446744073709551615\tit\\'s\\t\\\\ \\n ünï\t2026-01-02 03:04:05.123456789\t['a','b\\'']\n",
    );
  });

  it('binds parameters of every kind, and keeps them out of the next request', async () => {
    const params = {
      text: "a'b\\c\n\t{x:String} -- ;",
      list: ["x'y", '', '\\'],
      numbers: [1, 2],
      at: '2026-01-02 03:04:05.123456789',
      none: null,
      pair: { key: 'value' },
    };
    const query =
      'SELECT {text:String} AS text, {list:Array(String)} AS list, {numbers:Array(UInt8)} AS numbers, {at:DateTime64(9)} AS at, ' +
      '{none:Nullable(String)} AS none, {pair:Map(String, String)} AS pair';
    expect(await rows(query, { query_params: params })).toEqual([params]);
    await expect(rows('SELECT {text:String}')).rejects.toMatchObject({ code: '456', type: 'UNKNOWN_QUERY_PARAMETER' });
  });

  it('takes settings for one request only', async () => {
    const query = "SELECT getSetting('max_block_size') AS size";
    const [usual] = await rows<{ size: number }>(query);
    expect(await rows(query, { clickhouse_settings: { max_block_size: '77' } })).toEqual([{ size: 77 }]);
    expect(await rows(query)).toEqual([usual]);
  });

  it('forgets SET and USE after their request, as ClickHouse does without a session', async () => {
    await client.command({ query: 'SET max_block_size = 99' });
    await client.command({ query: 'USE system' });
    expect(await rows("SELECT getSetting('max_block_size') = 99 AS left, currentDatabase() AS database")).toEqual([
      { left: 0, database: 'otel' },
    ]);
  });

  it('inserts a stream, CSV and columns in another order', async () => {
    await client.command({
      query: "CREATE TABLE streamed (a UInt32, b String DEFAULT 'none') ENGINE = MergeTree ORDER BY a",
    });
    await client.insert({
      table: 'streamed',
      format: 'JSONEachRow',
      values: Readable.from(
        Array.from({ length: 10_000 }, (_, a) => ({ a, b: `row ${a}` })),
        { objectMode: true },
      ),
    });
    await client.insert({
      table: 'streamed',
      format: 'CSV',
      columns: ['b', 'a'],
      values: Readable.from(['"x",20000\n', '"y",20001\n'], { objectMode: false }),
    });
    await client.insert({ table: 'streamed', format: 'JSONEachRow', columns: ['a'], values: [{ a: 30_000 }] });
    expect(
      await rows("SELECT count() AS n, argMax(b, a) AS last, countIf(b IN ('x', 'y')) AS csv FROM streamed"),
    ).toEqual([{ n: 10_003, last: 'none', csv: 2 }]);
  });

  it('answers an insert with what was written', async () => {
    await client.command({ query: 'CREATE TABLE counted (a UInt32) ENGINE = MergeTree ORDER BY a' });
    const { summary } = await client.insert({ table: 'counted', format: 'JSONEachRow', values: [{ a: 1 }, { a: 2 }] });
    expect(summary?.written_rows).toBe('2');
  });

  it('inserts no rows without complaint', async () => {
    await client.insert({ table: 'events', format: 'JSONEachRow', values: Readable.from([]) });
    expect(await rows('SELECT count() AS n FROM events')).toEqual([{ n: 2 }]);
  });

  it.each([
    ['SELECT * FROM missing', '60', 'UNKNOWN_TABLE'],
    ['SELECT missing', '47', 'UNKNOWN_IDENTIFIER'],
    ['SELECT FROM WHERE', '62', 'SYNTAX_ERROR'],
    ["SELECT throwIf(1, 'told so')", '395', 'FUNCTION_THROW_IF_VALUE_IS_NON_ZERO'],
    ['SELECT sleepEachRow(1) FROM numbers(3) SETTINGS max_execution_time = 0.3', '159', 'TIMEOUT_EXCEEDED'],
  ])('%j fails with its code', async (query, code, type) => {
    await expect(rows(query)).rejects.toMatchObject({ code, type });
  });

  it('tells where a syntax error is in the statement itself', async () => {
    await expect(client.command({ query: 'SELECT 1 +' })).rejects.toThrow(/position 11/);
  });

  it('refuses an unknown setting', async () => {
    await expect(rows('SELECT 1', { clickhouse_settings: { no_such_setting: '1' } })).rejects.toMatchObject({
      code: '115',
    });
    expect(await rows('SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it('streams a long result row by row and ends it with the error that came in the middle', async () => {
    const result = await client.query({
      query: 'SELECT number, throwIf(number = 900000) FROM numbers(1000000) SETTINGS max_block_size = 10000',
      format: 'JSONEachRow',
    });
    let seen = 0;
    const reading = (async () => {
      for await (const chunk of result.stream()) seen += chunk.length;
    })();
    await expect(reading).rejects.toMatchObject({ code: '395' });
    expect(seen).toBeGreaterThan(10_000);
  });

  it('speaks gzip both ways', async () => {
    const zipped = quietClient(server, { compression: { request: true, response: true } });
    try {
      await zipped.command({ query: 'CREATE TABLE zipped (a UInt32) ENGINE = MergeTree ORDER BY a' });
      await zipped.insert({ table: 'zipped', format: 'JSONEachRow', values: [{ a: 7 }] });
      expect(await (await zipped.query({ query: 'SELECT a FROM zipped', format: 'CSV' })).text()).toBe('7\n');
      const long = await zipped.query({ query: 'SELECT number FROM numbers(300000)', format: 'TabSeparated' });
      expect((await long.text()).length).toBe(1_988_890);
    } finally {
      await zipped.close();
    }
  });

  it('kills the statement of a client that gives up', async () => {
    const gone = new AbortController();
    const query = 'SELECT count() FROM numbers(100000000000) WHERE cityHash64(number) = 1';
    const asking = client.query({ query, format: 'CSV', abort_signal: gone.signal });
    await expect.poll(() => running('numbers(100000000000)')).toBe(1);
    gone.abort();
    await expect(asking).rejects.toThrow(/abort/i);
    await expect.poll(() => running('numbers(100000000000)'), { timeout: 5_000 }).toBe(0);
  });
});

async function running(part: string): Promise<number | undefined> {
  const query =
    "SELECT count() AS n FROM system.processes WHERE position(query, {part:String}) > 0 AND position(query, 'system.processes') = 0";
  const [row] = await rows<{ n: number }>(query, { query_params: { part } });
  return row?.n;
}
