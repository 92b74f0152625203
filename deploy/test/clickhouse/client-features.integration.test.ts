import { createReadStream } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import {
  type ClickHouseClient,
  type DataFormat,
  isProgressRow,
  isRow,
  SettingsMap,
  SupportedJSONFormats,
  SupportedRawFormats,
  TupleParam,
} from '@clickhouse/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestClickHouse, type TestClickHouse } from '../../src/testing/index.ts';
import { quietClient } from './support.ts';

// The public features of `@clickhouse/client`, each against this server; what most need every day is in client.integration.test.ts.

let server: TestClickHouse;
let client: ClickHouseClient;
let folder: string;

beforeAll(async () => {
  server = await startTestClickHouse();
  client = quietClient(server);
  folder = await mkdtemp(join(tmpdir(), 'tocsin-client-'));
});

afterAll(async () => {
  await client.close();
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

const TWO = "SELECT number AS n, concat('s', toString(number)) AS s FROM numbers(2)";

async function makeTable(name: string): Promise<string> {
  await client.command({ query: `CREATE OR REPLACE TABLE ${name} (n UInt32, s String) ENGINE = MergeTree ORDER BY n` });
  return name;
}

async function contents(table: string): Promise<unknown> {
  const result = await client.query({ query: `SELECT n, s FROM ${table} ORDER BY n`, format: 'JSONCompactEachRow' });
  return result.json();
}

const TABLE = [
  [0, 's0'],
  [1, 's1'],
];

describe('query', () => {
  it.each(SupportedJSONFormats.filter((format) => format !== 'JSONEachRowWithProgress'))(
    'reads %s',
    async (format: DataFormat) => {
      const result = await client.query({ query: TWO, format });
      const text = JSON.stringify(await result.json());
      expect(text).toContain('s1');
      expect(text).toMatch(/\b1\b/);
    },
  );

  it.each(SupportedRawFormats.filter((format) => format !== 'Parquet'))('reads %s', async (format: DataFormat) => {
    const settings = { format_custom_field_delimiter: '|' } as const;
    const result = await client.query({ query: TWO, format, clickhouse_settings: settings });
    expect(await result.text()).toContain('s1');
  });

  it('streams Parquet as it is', async () => {
    const { stream } = await client.exec({ query: `${TWO} FORMAT Parquet` });
    const bytes = Buffer.concat(await Array.fromAsync(stream as AsyncIterable<Buffer>));
    expect([bytes.subarray(0, 4).toString(), bytes.subarray(-4).toString()]).toEqual(['PAR1', 'PAR1']);
  });

  it('streams rows with progress between them', async () => {
    const query = 'SELECT number AS n, sleepEachRow(0.02) AS z FROM numbers(30)';
    const result = await client.query({
      query,
      format: 'JSONEachRowWithProgress',
      clickhouse_settings: { max_block_size: '5', interactive_delay: '100000' },
    });
    const rows = (await Array.fromAsync(result.stream<{ n: number }>())).flat().map((row) => row.json());
    expect(rows.filter((row) => isRow(row)).length).toBe(30);
    expect(rows.some((row) => isProgressRow(row))).toBe(true);
  });

  it('can be left in the middle: the place is free for others', async () => {
    for (let count = 0; count < 12; count += 1) {
      const result = await client.query({ query: 'SELECT number FROM numbers(100000000)', format: 'JSONEachRow' });
      for await (const rows of result.stream()) if (rows.length > 0) break;
      result.close();
    }
    const running =
      "SELECT count() AS n FROM system.processes WHERE query LIKE '%numbers(100000000)%' AND query NOT LIKE '%processes%'";
    await expect
      .poll(async () => (await client.query({ query: running, format: 'JSONEachRow' })).json(), { timeout: 5_000 })
      .toEqual([{ n: 0 }]);
  });

  it('binds parameters of every type', async () => {
    const at = new Date('2026-01-02T03:04:05.678Z');
    const cases: readonly (readonly [type: string, value: unknown, text: string])[] = [
      ['Bool', true, 'true'],
      ['Int64', '-9223372036854775808', '-9223372036854775808'],
      ['UInt256', 2n ** 255n, String(2n ** 255n)],
      ['Float64', -1.5, '-1.5'],
      ['Decimal(10, 3)', 1.25, '1.25'],
      ['String', '\t\n\\\'"ünï', '\t\n\\\'"ünï'],
      ['FixedString(3)', 'abc', 'abc'],
      ['Date', '2026-01-02', '2026-01-02'],
      ['DateTime', new Date('2026-01-02T03:04:05Z'), '2026-01-02 03:04:05'],
      ["DateTime64(3, 'UTC')", at, '2026-01-02 03:04:05.678'],
      ['UUID', '6ba7b810-9dad-11d1-80b4-00c04fd430c8', '6ba7b810-9dad-11d1-80b4-00c04fd430c8'],
      ['IPv6', '2001:db8::1', '2001:db8::1'],
      ["Enum('a' = 1, 'b' = 2)", 'b', 'b'],
      ['Nullable(String)', null, 'ᴺᵁᴸᴸ'],
      ['Array(Array(String))', [["x'y"], []], "[['x\\'y'],[]]"],
      ['Array(Nullable(Int8))', [1, null], '[1,NULL]'],
      ['Map(String, UInt8)', { a: 1 }, "{'a':1}"],
      ['Map(UInt8, String)', new Map([[1, 'x']]), "{1:'x'}"],
      ['Tuple(UInt8, String)', new TupleParam([7, 'q']), "(7,'q')"],
    ];
    for (const [type, value, text] of cases) {
      const query = `SELECT ifNull(toString({p:${type}}), 'ᴺᵁᴸᴸ') AS p`;
      const result = await client.query({ query, query_params: { p: value }, format: 'JSONEachRow' });
      expect([type, await result.json()]).toEqual([type, [{ p: text }]]);
    }
    const query = 'SELECT name FROM {d:Identifier}.{t:Identifier} LIMIT 1';
    const named = await client.query({ query, query_params: { d: 'system', t: 'functions' }, format: 'JSONEachRow' });
    expect(await named.json()).toHaveLength(1);
  });

  it('takes settings, an id and headers, and refuses a setting that the guard does not let through', async () => {
    const result = await client.query({
      query: "SELECT getSetting('max_threads') AS t",
      clickhouse_settings: { max_threads: 3 },
      query_id: 'the-client-chose-it',
      format: 'JSONEachRow',
    });
    expect(result.query_id).toBe('the-client-chose-it');
    expect(result.response_headers['x-clickhouse-query-id']).toBe('the-client-chose-it');
    expect(await result.json()).toEqual([{ t: 3 }]);
    const filters = SettingsMap.from({ 'system.one': 'dummy = 0' });
    const refused = client.query({ query: 'SELECT 1', clickhouse_settings: { additional_table_filters: filters } });
    await expect(refused).rejects.toThrow(/additional_table_filters/);
  });
});

describe('insert', () => {
  it.each([
    [
      'JSONEachRow',
      [
        { n: 0, s: 's0' },
        { n: 1, s: 's1' },
      ],
    ],
    ['JSONCompactEachRow', TABLE],
    ['JSONCompactEachRowWithNames', [['n', 's'], ...TABLE]],
    ['JSONCompactEachRowWithNamesAndTypes', [['n', 's'], ['UInt32', 'String'], ...TABLE]],
    [
      'JSONStringsEachRow',
      [
        { n: '0', s: 's0' },
        { n: '1', s: 's1' },
      ],
    ],
  ] as [DataFormat, unknown[]][])('takes an array and a stream of %s', async (format, values) => {
    const table = await makeTable('rows_in');
    await client.insert({ table, format, values });
    expect(await contents(table)).toEqual(TABLE);
    await makeTable('rows_in');
    await client.insert({ table, format, values: Readable.from(values) });
    expect(await contents(table)).toEqual(TABLE);
  });

  it('takes one document', async () => {
    const table = await makeTable('document_in');
    const meta = [
      { name: 'n', type: 'UInt32' },
      { name: 's', type: 'String' },
    ];
    await client.insert({ table, format: 'JSON', values: { meta, data: [{ n: 0, s: 's0' }] } });
    await client.insert({ table, format: 'JSONObjectEachRow', values: { first: { n: 1, s: 's1' } } });
    expect(await contents(table)).toEqual(TABLE);
  });

  it.each([
    ['CSV', '0,s0\n1,s1\n'],
    ['CSVWithNames', '"s","n"\n"s0",0\n"s1",1\n'],
    ['TabSeparated', '0\ts0\n1\ts1\n'],
    ['CustomSeparated', '0^s0\n1^s1\n'],
  ] as const)('takes a file of %s', async (format, text) => {
    const table = await makeTable('file_in');
    const path = join(folder, format);
    await writeFile(path, text);
    const settings = { format_custom_field_delimiter: '^', format_custom_escaping_rule: 'CSV' } as const;
    await client.insert({ table, format, values: createReadStream(path), clickhouse_settings: settings });
    expect(await contents(table)).toEqual(TABLE);
  });

  it('takes Parquet, and columns but one', async () => {
    const table = await makeTable('parquet_in');
    const { stream } = await client.exec({ query: `${TWO} FORMAT Parquet` });
    await client.insert({ table, format: 'Parquet', values: stream });
    expect(await contents(table)).toEqual(TABLE);
    await client.insert({ table, format: 'JSONEachRow', columns: { except: ['s'] }, values: [{ n: 2 }] });
    expect(await contents(table)).toEqual([...TABLE, [2, '']]);
  });

  it('reports what is wrong in the middle of a stream', async () => {
    const table = await makeTable('wrong_in');
    const values = Readable.from([{ n: 1 }, { n: 'no number' }]);
    await expect(client.insert({ table, format: 'JSONEachRow', values })).rejects.toMatchObject({
      code: expect.any(String),
    });
    expect(await contents(table)).toEqual([]);
  });
});

describe('command and exec', () => {
  it('run DDL, and INSERT … SELECT while its progress keeps the connection alive', async () => {
    const table = await makeTable('long_in');
    await client.command({
      query: `INSERT INTO ${table} SELECT number, toString(sleepEachRow(0.1)) FROM numbers(5) SETTINGS max_block_size = 1`,
      clickhouse_settings: { send_progress_in_http_headers: 1, http_headers_progress_interval_ms: '100' },
    });
    expect(await contents(table)).toHaveLength(5);
    const failing = client.command({
      query: `INSERT INTO ${table} SELECT number, toString(throwIf(number = 4, 'told so') + sleepEachRow(0.1)) FROM numbers(5) SETTINGS max_block_size = 1`,
      clickhouse_settings: { send_progress_in_http_headers: 1, http_headers_progress_interval_ms: '100' },
    });
    await expect(failing).rejects.toMatchObject({ code: '395' });
  });

  it('send data with a statement of their own', async () => {
    const table = await makeTable('exec_in');
    const query = `INSERT INTO ${table} SELECT a * 10, b FROM input('a UInt32, b String') FORMAT CSV`;
    const { stream, summary } = await client.exec({
      query,
      values: Readable.from(['1,x\n', '2,y\n'], { objectMode: false }),
    });
    stream.destroy();
    expect(Number(summary?.elapsed_ns)).toBeGreaterThan(0);
    expect(await contents(table)).toEqual([
      [10, 'x'],
      [20, 'y'],
    ]);
  });
});

describe('a client with a session', () => {
  it('keeps its temporary tables; two requests at once are refused', async () => {
    const own = quietClient(server, { session_id: 'of-the-client' });
    try {
      await own.command({ query: 'CREATE TEMPORARY TABLE mine (n UInt32)' });
      await own.insert({ table: 'mine', format: 'JSONEachRow', values: [{ n: 1 }, { n: 2 }] });
      const sum = await own.query({ query: 'SELECT sum(n) AS s FROM mine', format: 'JSONEachRow' });
      expect(await sum.json()).toEqual([{ s: 3 }]);
      const both = await Promise.allSettled([
        own.command({ query: 'SELECT sleep(0.5)' }),
        own.command({ query: 'SELECT sleep(0.5)' }),
      ]);
      expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
      expect(both.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: '373' } });
    } finally {
      await own.close();
    }
  });
});
