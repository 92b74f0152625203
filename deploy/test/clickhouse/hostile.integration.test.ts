import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  COMBINATORS,
  ALLOWED_FUNCTIONS,
  REFUSED_FUNCTIONS,
  HIGHER_ORDER_FUNCTIONS,
} from '../../src/clickhouse/sql/functions-table.ts';
import { READER_SETTINGS, REFUSED_SETTINGS } from '../../src/clickhouse/sql/settings-table.ts';
import * as sources from '../../src/clickhouse/sql/sources-table.ts';
import { startTestClickHouse, type TestClickHouse } from '../../src/testing/index.ts';
import { HARMLESS, hostileStatements } from './hostile-statements-table.ts';
import { hostileWrites, WRITES } from './hostile-writes-table.ts';
import { disguise, pick, seededRandom, splice } from './spliced-statements.ts';
import { run } from './support.ts';

const SECRET = 'the-canary-has-been-read';
let server: TestClickHouse;
let folder: string;
let socket: Server;
let connections = 0;
let host: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tocsin-canary-'));
  await writeFile(join(folder, 'secret'), SECRET);
  socket = createServer((peer) => {
    connections += 1;
    peer.destroy();
  });
  await new Promise<void>((resolve) => socket.listen(0, '127.0.0.1', resolve));
  host = `127.0.0.1:${(socket.address() as { port: number }).port}`;
  process.env['TOCSIN_CANARY'] = SECRET;
  server = await startTestClickHouse();
  delete process.env['TOCSIN_CANARY'];
  await run(server, 'CREATE TABLE otel.t (a Int32) ENGINE = MergeTree ORDER BY a');
});
afterAll(async () => {
  await server.stop();
  socket.close();
  await rm(folder, { recursive: true });
});

/** What `curl` would send without a password, who reads, or as the collector. */
async function ask(
  statement: string,
  parameters: Readonly<Record<string, string>> = {},
  headers: Readonly<Record<string, string>> = {},
): Promise<{ code: number; text: string }> {
  const search = new URLSearchParams(parameters);
  const response = await fetch(`${server.address}/?${search.toString()}`, { method: 'POST', body: statement, headers });
  return { code: Number(response.headers.get('x-clickhouse-exception-code') ?? 0), text: await response.text() };
}

/** Sends all, four at once. @returns those that were answered otherwise than expected, with the answer */
async function wrongAnswers(
  statements: Iterable<readonly [statement: string, isRight: (code: number) => boolean]>,
  headers: Readonly<Record<string, string>> = {},
): Promise<string[]> {
  const wrong: string[] = [];
  const queue = [...statements].values();
  const worker = async (): Promise<void> => {
    for (const [statement, isRight] of queue) {
      const { code, text } = await ask(statement, {}, headers);
      if (!isRight(code) || text.includes(SECRET)) wrong.push(`${statement}\n  ${code} ${text.slice(0, 300)}`);
    }
  };
  await Promise.all([worker(), worker(), worker(), worker()]);
  return wrong;
}

/** No canary has been touched. */
async function expectNothingHappened(): Promise<void> {
  expect(connections).toBe(0);
  expect(await readdir(folder)).toEqual(['secret']);
  expect(await run(server, 'SELECT count() FROM otel.t')).toBe('0\n');
}

describe('a reader', () => {
  it('is refused every hostile statement, and nothing comes of any', async () => {
    const statements = hostileStatements({ file: join(folder, 'secret'), folder, host });
    expect(statements.length).toBeGreaterThanOrEqual(150);
    const expected = statements.map(
      ([statement, codes]) => [statement, (code: number) => codes.includes(code)] as const,
    );
    expect(await wrongAnswers(expected)).toEqual([]);
    await expectNothingHappened();
  });

  it('may run what only looks like them', async () => {
    expect(await wrongAnswers(HARMLESS.map((statement) => [statement, (code) => code === 0]))).toEqual([]);
  });

  it('is refused forbidden calls at any place of what it may run', async () => {
    const random = seededRandom(20_261);
    const path = join(folder, 'secret');
    const forbidden = (): string => {
      const call = `${disguise(pick(['file', 'FILE', 'File'], random), random)}('${path}')`;
      const source = `${disguise(pick(['file', 'url', 'executable', 'remote'], random), random)}('${path}', 'LineAsString')`;
      return pick([`length(${call})`, `(SELECT count() FROM ${source})`, `(SELECT toUInt8(length(${call})))`], random);
    };
    const hostile = Array.from({ length: 150 }, () => splice(forbidden(), random));
    expect(await wrongAnswers(hostile.map((statement) => [statement, (code) => code !== 0]))).toEqual([]);
    await expectNothingHappened();
    // The places are such that something harmless runs there: what was refused was the call.
    const harmless = Array.from({ length: 60 }, () => splice(`length(${disguise('lower', random)}('abc'))`, random));
    const refused = await wrongAnswers(harmless.map((statement) => [statement, (code) => code === 0]));
    expect(refused.filter((entry) => !/\n {2}(62|36|43|53|452|497) /.test(entry))).toEqual([]);
    expect(refused.length).toBeLessThan(harmless.length / 3);
  });

  it('finds no way out by settings and parameters in the URL', async () => {
    expect((await ask('SELECT 1', { readonly: '0', max_execution_time: '0' })).code).toBe(452);
    expect((await ask('SELECT 1', { format_schema: join(folder, 'secret') })).code).toBe(452);
    expect((await ask('SELECT 1', { database: 'system' })).code).toBe(497);
    expect((await ask('SELECT * FROM {t:Identifier}', { param_t: 'system.processes' })).code).not.toBe(0);
    expect((await ask('SELECT arrayMap({f:Identifier}, [1])', { param_f: 'file' })).code).toBe(497);
  });

  it('has its time and memory, and no more', async () => {
    expect(
      (
        await ask('SELECT count() FROM numbers(100000000000) WHERE NOT ignore(sipHash64(number))', {
          max_execution_time: '1',
        })
      ).code,
    ).toBe(159);
    expect((await ask('SELECT groupArray(number) FROM numbers(10000000)', { max_memory_usage: '20000000' })).code).toBe(
      241,
    );
  });

  it('may ask for a shorter result than its profile allows, and gets no longer one', async () => {
    const rows = 'SELECT number FROM numbers(1000)';
    expect((await ask(rows, { max_result_rows: '5' })).code).toBe(396);
    expect((await ask(rows, { max_result_bytes: '100' })).code).toBe(396);
    expect((await ask(rows, { max_result_rows: '1000', max_result_bytes: '1000000' })).code).toBe(0);
    expect((await ask("SELECT getSetting('max_threads')", { max_threads: '1' })).text).toBe('1\n');
  });

  it('is not let in with a wrong password, nor under a wrong name', async () => {
    const codeOf = async (headers: Record<string, string>, query = '') =>
      (await fetch(`${server.address}/?query=SELECT+1${query}`, { headers })).headers.get(
        'x-clickhouse-exception-code',
      );
    expect(await codeOf({})).toBeNull();
    expect(await codeOf({ 'X-ClickHouse-User': 'grafana' })).toBeNull();
    expect(await codeOf({ 'X-ClickHouse-User': 'grafana', 'X-ClickHouse-Key': 'x' })).toBe('516');
    expect(await codeOf({ Authorization: `Basic ${Buffer.from('grafana:x').toString('base64')}` })).toBe('516');
    expect(await codeOf({}, '&user=grafana&password=x')).toBe('516');
    expect(await codeOf({}, '&password=x')).toBe('516');
    expect(await codeOf({ 'X-ClickHouse-User': 'nobody' })).toBe('516');
    expect(await codeOf({ 'X-ClickHouse-User': 'tocsin_collector', 'X-ClickHouse-Key': 'x' })).toBe('516');
    expect(await codeOf({ Authorization: `Basic ${Buffer.from('tocsin_collector:').toString('base64')}` })).toBe('516');
    expect(await codeOf({}, '&user=tocsin_reader&password=x')).toBe('516');
    expect(await codeOf({ Authorization: server.authorization })).toBeNull();
    expect(await codeOf({ Authorization: server.authorization, 'X-ClickHouse-User': 'default' })).toBe('516');
  });
});

describe('the collector', () => {
  it('reaches nothing outside the database either, and changes nothing of the engine', async () => {
    const canaries = { file: join(folder, 'secret'), folder, host };
    const reading = hostileStatements(canaries)
      .map(([statement]) => statement)
      .filter((statement) => statement.includes(folder) || statement.includes(host));
    const statements = [...reading, ...hostileWrites(canaries)];
    expect(statements.length).toBeGreaterThanOrEqual(250);
    const headers = { Authorization: server.authorization };
    const wrong = await wrongAnswers(
      statements.map((statement) => [statement, (code) => code !== 0]),
      headers,
    );
    expect(wrong).toEqual([]);
    await expectNothingHappened();
    const tables = "SELECT name FROM system.tables WHERE database IN ('otel', 'default') AND name != 't'";
    expect(await run(server, tables)).toBe('');
    expect(await run(server, "SELECT name FROM system.functions WHERE origin = 'SQLUserDefined'")).toBe('');
  });

  it('may do its work', async () => {
    for (const statement of WRITES) await run(server, statement);
    expect(await run(server, 'SELECT count() FROM otel.t')).toBe('0\n');
    await run(server, 'TRUNCATE TABLE otel.t');
  });
});

describe('the reviewed lists', () => {
  const both = (one: ReadonlySet<string>, other: ReadonlySet<string>): string[] => [...one, ...other].sort();
  it.each([
    ['functions', 'SELECT DISTINCT name FROM system.functions', both(ALLOWED_FUNCTIONS, REFUSED_FUNCTIONS)],
    [
      'functions that take a lambda',
      'SELECT name FROM system.functions WHERE higher_order',
      [...HIGHER_ORDER_FUNCTIONS].sort(),
    ],
    ['combinators', 'SELECT name FROM system.aggregate_function_combinators', [...COMBINATORS].sort()],
    ['settings', 'SELECT name FROM system.settings', both(READER_SETTINGS, REFUSED_SETTINGS)],
    [
      'table functions',
      'SELECT name FROM system.table_functions',
      both(sources.ALLOWED_TABLE_FUNCTIONS, sources.REFUSED_TABLE_FUNCTIONS),
    ],
    ['table engines', 'SELECT name FROM system.table_engines', both(sources.ALLOWED_ENGINES, sources.REFUSED_ENGINES)],
    [
      'database engines',
      'SELECT name FROM system.database_engines',
      both(sources.ALLOWED_DATABASE_ENGINES, sources.REFUSED_DATABASE_ENGINES),
    ],
    [
      'formats',
      'SELECT name FROM system.formats WHERE is_input',
      both(sources.READER_INPUT_FORMATS, sources.REFUSED_INPUT_FORMATS),
    ],
    [
      'system tables',
      "SELECT name FROM system.tables WHERE database = 'system'",
      both(sources.READER_SYSTEM_TABLES, sources.REFUSED_SYSTEM_TABLES),
    ],
  ])('have all %s of the engine: a new one has to be read about first', async (_what, query, reviewed) => {
    const names = (await run(server, `${query} FORMAT TSVRaw`)).trimEnd().split('\n');
    expect(reviewed).toEqual(names.sort());
  });
});
