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
  server = await startTestClickHouse();
  await run(server, 'CREATE TABLE otel.t (a Int32) ENGINE = MergeTree ORDER BY a');
});
afterAll(async () => {
  await server.stop();
  socket.close();
  await rm(folder, { recursive: true });
});

/** What `curl` would send without a password: it reads. */
async function ask(
  statement: string,
  parameters: Readonly<Record<string, string>> = {},
): Promise<{ code: number; text: string }> {
  const search = new URLSearchParams(parameters);
  const response = await fetch(`${server.address}/?${search.toString()}`, { method: 'POST', body: statement });
  return { code: Number(response.headers.get('x-clickhouse-exception-code') ?? 0), text: await response.text() };
}

describe('a reader', () => {
  it('is refused every hostile statement, and nothing comes of any', async () => {
    const statements = hostileStatements({ file: join(folder, 'secret'), folder, host });
    expect(statements.length).toBeGreaterThanOrEqual(150);
    const wrong: string[] = [];
    const queue = statements.values();
    const worker = async (): Promise<void> => {
      for (const [statement, codes] of queue) {
        const { code, text } = await ask(statement);
        if (!codes.includes(code) || text.includes(SECRET)) wrong.push(`${statement}\n  ${code} ${text.slice(0, 200)}`);
      }
    };
    await Promise.all([worker(), worker(), worker(), worker()]);
    expect(wrong).toEqual([]);
    expect(connections).toBe(0);
    expect(await readdir(folder)).toEqual(['secret']);
    expect(await run(server, 'SELECT count() FROM otel.t')).toBe('0\n');
  });

  it('may run what only looks like them', async () => {
    const wrong: string[] = [];
    for (const statement of HARMLESS) {
      const { code, text } = await ask(statement);
      if (code !== 0) wrong.push(`${statement}\n  ${text.slice(0, 300)}`);
    }
    expect(wrong).toEqual([]);
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

  it('is not let in with a wrong password, nor under a wrong name', async () => {
    const codeOf = async (headers: Record<string, string>, query = '') =>
      (await fetch(`${server.address}/?query=SELECT+1${query}`, { headers })).headers.get(
        'x-clickhouse-exception-code',
      );
    expect(await codeOf({})).toBeNull();
    expect(await codeOf({ 'X-ClickHouse-User': 'grafana' })).toBeNull();
    expect(await codeOf({ 'X-ClickHouse-User': 'nobody' })).toBe('516');
    expect(await codeOf({ 'X-ClickHouse-User': 'tocsin_collector', 'X-ClickHouse-Key': 'x' })).toBe('516');
    expect(await codeOf({ Authorization: `Basic ${Buffer.from('tocsin_collector:').toString('base64')}` })).toBe('516');
    expect(await codeOf({}, '&user=tocsin_reader&password=x')).toBe('516');
    expect(await codeOf({ Authorization: server.authorization })).toBeNull();
    expect(await codeOf({ Authorization: server.authorization, 'X-ClickHouse-User': 'default' })).toBe('516');
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
