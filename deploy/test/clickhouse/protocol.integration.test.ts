import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestClickHouse, type TestClickHouse } from '../../src/testing/index.ts';
import { encodeNativeBlock } from '../../src/clickhouse/http/native-compression.ts';
import { nativeBody, run, send } from './support.ts';

let server: TestClickHouse;

beforeAll(async () => {
  server = await startTestClickHouse();
  await run(server, 'CREATE TABLE t (a UInt32, b String) ENGINE = MergeTree ORDER BY a');
});

afterAll(() => server.stop());

const GET = { method: 'GET' } as const;
const LONG = 'SELECT count() FROM numbers(100000000000) WHERE cityHash64(number) = 1';

/** The code of the error, or 0. */
async function codeOf(parameters: Readonly<Record<string, string>>, init?: RequestInit): Promise<number> {
  const { headers } = await send(server, parameters, init);
  return Number(headers.get('x-clickhouse-exception-code') ?? 0);
}

describe('a session', () => {
  const ask = (session: string, statement: string, more: Readonly<Record<string, string>> = {}) =>
    run(server, statement, { session_id: session, ...more });

  it('keeps temporary tables, whatever fills them, to itself', async () => {
    await ask('tables', 'CREATE TEMPORARY TABLE kept (a UInt8)');
    await ask('tables', 'INSERT INTO kept VALUES (1), (2)');
    await ask('tables', 'INSERT INTO kept FORMAT CSV\n5\n');
    await ask('tables', 'INSERT INTO kept SELECT 10');
    expect(await ask('tables', 'SELECT sum(a) FROM kept')).toBe('18\n');
    expect(await codeOf({ session_id: 'others', query: 'SELECT * FROM kept' }, GET)).toBe(60);
    expect(await codeOf({ query: 'SELECT * FROM kept' }, GET)).toBe(60);
  });

  it('keeps what SET and USE have changed, and nothing of what one request has in its URL', async () => {
    const size = "SELECT getSetting('max_block_size')";
    const usual = await ask('settings', size);
    expect(await ask('settings', size, { max_block_size: '88' })).toBe('88\n');
    expect(await ask('settings', size)).toBe(usual);
    await ask('settings', 'SET max_block_size = 77');
    expect(await ask('settings', size, { max_block_size: '88' })).toBe('88\n');
    expect(await ask('settings', size)).toBe('77\n');
    await ask('settings', 'USE system');
    const database = 'SELECT currentDatabase()';
    expect(await ask('settings', database)).toBe('system\n');
    expect(await ask('settings', database, { database: 'otel' })).toBe('otel\n');
    expect(await ask('settings', database)).toBe('system\n');
    expect(await ask('settings', 'SELECT {p:UInt8}', { param_p: '3' })).toBe('3\n');
    expect(await codeOf({ session_id: 'settings', query: 'SELECT {p:UInt8}' }, GET)).toBe(456);
    await ask('settings', 'SET param_p = 4');
    expect(await ask('settings', 'SELECT {p:UInt8}')).toBe('4\n');
  });

  it('goes on after an error', async () => {
    await ask('errors', 'SET max_block_size = 66');
    expect(await codeOf({ session_id: 'errors', query: 'SELECT missing' }, GET)).toBe(47);
    expect(
      await codeOf({ session_id: 'errors', no_such_setting: '1', max_block_size: '1', query: 'SELECT 1' }, GET),
    ).toBe(115);
    expect(await ask('errors', "SELECT getSetting('max_block_size')")).toBe('66\n');
  });

  it('does not write for a GET', async () => {
    await ask('methods', 'CREATE TEMPORARY TABLE kept (a UInt8)');
    const session = { session_id: 'methods' };
    expect(await codeOf({ ...session, query: 'DROP TABLE kept' }, GET)).toBe(164);
    expect(await codeOf({ ...session, query: 'INSERT INTO kept VALUES (1)' }, GET)).toBe(164);
    expect(await send(server, { ...session, query: 'SELECT count() FROM kept' }, GET)).toMatchObject({ text: '0\n' });
    await ask('methods', 'INSERT INTO kept VALUES (1)');
    expect(await ask('methods', 'SELECT count() FROM kept')).toBe('1\n');
  });

  it('serves one request at a time', async () => {
    const slow = ask('busy', 'SELECT sleep(1)');
    await delay(200);
    expect(await codeOf({ session_id: 'busy', query: 'SELECT 1' }, GET)).toBe(373);
    expect(await slow).toBe('0\n');
    expect(await ask('busy', 'SELECT 1')).toBe('1\n');
  });

  it('is free for the next request as soon as a request is answered', async () => {
    const one = { session_id: 'quick', max_block_size: '1000', query: 'SELECT 1' };
    for (let count = 0; count < 30; count += 1) expect(await send(server, one, GET)).toMatchObject({ status: 200 });
  });

  it('ends when it was idle too long, or when it is told to', async () => {
    const exists = (session: string) => codeOf({ session_id: session, session_check: '1', query: 'SELECT 1' }, GET);
    expect(await exists('brief')).toBe(372);
    await ask('brief', 'SELECT 1', { session_timeout: '1' });
    await ask('closed', 'SELECT 1');
    expect(await exists('closed')).toBe(0);
    await ask('closed', 'SELECT 1', { close_session: '1' });
    expect(await exists('closed')).toBe(372);
    await delay(1_300);
    expect(await exists('brief')).toBe(372);
    expect(await codeOf({ session_id: 'x', session_timeout: '3601', query: 'SELECT 1' }, GET)).toBe(374);
    expect(await codeOf({ session_id: 'x', session_timeout: 'long', query: 'SELECT 1' }, GET)).toBe(374);
  });
});

describe('a form', () => {
  const form = (
    fields: Readonly<Record<string, string>>,
    files: Readonly<Record<string, string>> = {},
  ): RequestInit => {
    const body = new FormData();
    for (const [name, value] of Object.entries(fields)) body.set(name, value);
    for (const [name, data] of Object.entries(files)) body.set(name, new Blob([data]), 'file');
    return { method: 'POST', body };
  };

  it('brings the query, its parameters and settings', async () => {
    const fields = { query: "SELECT {x:String}, getSetting('max_threads')", param_x: 'a\\tb', max_threads: '3' };
    expect((await send(server, {}, form(fields))).text).toBe('a\\tb\t3\n');
  });

  it('brings tables, for this query alone', async () => {
    const query = 'SELECT count(), sum(n), max(s) FROM one WHERE n IN two';
    const files = { one: '1\tx\n2\ty\n3\tz\n', two: '1\n2\n' };
    const shape = { one_structure: 'n UInt8, s String', two_types: 'UInt8', two_format: 'CSV' };
    expect((await send(server, shape, form({ query }, files))).text).toBe('2\t3\ty\n');
    expect((await send(server, { query, ...shape }, form({}, files))).text).toBe('2\t3\ty\n');
    expect((await send(server, { ...shape, readonly: '1' }, form({ query }, files))).text).toBe('2\t3\ty\n');
    expect(await codeOf({ query: 'SELECT * FROM one' }, GET)).toBe(60);
    const session = { ...shape, session_id: 'form' };
    expect((await send(server, session, form({ query }, files))).text).toBe('2\t3\ty\n');
    expect((await send(server, session, form({ query }, files))).text).toBe('2\t3\ty\n');
  });

  it('is refused where a table is not what it should be', async () => {
    const query = 'SELECT * FROM one';
    const refused = (shape: Readonly<Record<string, string>>) => codeOf(shape, form({ query }, { one: '1\n' }));
    expect(await refused({})).toBe(36);
    expect(await refused({ one_structure: 'a UInt8', one_format: 'x y' })).toBe(36);
    expect(await refused({ one_structure: 'a UInt8', one_format: 'NoSuchFormat' })).toBe(73);
    expect(await refused({ one_structure: "a UInt8, b String DEFAULT file('/etc/passwd')" })).toBe(497);
    expect(await refused({ one_structure: 'a UInt8); DROP TABLE t; --' })).toBe(62);
    expect(await refused({ one_structure: 'a Date' })).toBe(38);
    expect(await codeOf({}, { method: 'POST', body: 'x', headers: { 'Content-Type': 'multipart/form-data' } })).toBe(
      36,
    );
    expect(await run(server, 'EXISTS TABLE t')).toBe('1\n');
  });
});

describe("ClickHouse's own blocks", () => {
  it.each(['LZ4', 'ZSTD', 'NONE'])('carry a short answer, a long one and an error: %s', async (method) => {
    const ask = async (query: string) => {
      const parameters = new URLSearchParams({ query, compress: '1', network_compression_method: method });
      return nativeBody(await fetch(`${server.address}/?${parameters.toString()}`));
    };
    expect(await ask('SELECT 1')).toBe('1\n');
    expect((await ask('SELECT number FROM numbers(300000)')).length).toBe(1_988_890);
    expect(await ask('SELECT missing')).toMatch(/^Code: 47\. DB::Exception/);
  });

  it('are read from a body, within a Content-Encoding too', async () => {
    const blocks = [
      await encodeNativeBlock(Buffer.from('700,x\n70'), 'LZ4'),
      await encodeNativeBlock(Buffer.from('1,y\n'), 'ZSTD'),
    ];
    const query = 'INSERT INTO t FORMAT CSV';
    expect(await codeOf({ query, decompress: '1' }, { method: 'POST', body: Buffer.concat(blocks) })).toBe(0);
    const statement = await encodeNativeBlock(Buffer.from("INSERT INTO t VALUES (702, 'z')"), 'LZ4');
    expect(await codeOf({ decompress: '1' }, { method: 'POST', body: statement })).toBe(0);
    expect(await run(server, 'SELECT a, b FROM t WHERE a >= 700 ORDER BY a')).toBe('700\tx\n701\ty\n702\tz\n');
  });

  it('that are none are refused, and so is a body that its Content-Encoding does not fit; nothing is inserted', async () => {
    const before = await run(server, 'SELECT count() FROM t');
    const insert = { query: 'INSERT INTO t FORMAT CSV' };
    const body = '1,x\n'.repeat(100);
    expect(await codeOf({ ...insert, decompress: '1' }, { method: 'POST', body })).toBe(131);
    const headers = { 'Content-Encoding': 'gzip' };
    expect(await codeOf(insert, { method: 'POST', body, headers })).toBe(271);
    expect(await codeOf(insert, { method: 'POST', body, headers: { 'Content-Encoding': 'lzma' } })).toBe(48);
    expect(await run(server, 'SELECT count() FROM t')).toBe(before);
  });
});

describe('the query id', () => {
  it('of a running query is taken', async () => {
    const slow = run(server, 'SELECT sleep(1)', { query_id: 'taken' });
    await delay(200);
    expect(await codeOf({ query_id: 'taken', query: 'SELECT 1' }, GET)).toBe(216);
    await slow;
    expect(await codeOf({ query_id: 'taken', query: 'SELECT 1' }, GET)).toBe(0);
  });

  it('names the query to kill', async () => {
    const running = codeOf({ query_id: "it's", query: LONG }, GET);
    await delay(300);
    expect(await run(server, "KILL QUERY WHERE query_id = 'unknown' SYNC")).toBe('');
    expect(await run(server, "KILL QUERY WHERE query_id = 'it\\'s' SYNC")).toMatch(/^finished\t/);
    expect(await running).toBe(394);
  });
});

describe('progress', () => {
  const slow = 'SELECT sleepEachRow(0.1) AS s FROM numbers(5) SETTINGS max_block_size = 1 FORMAT JSONEachRow';
  const wanted = { send_progress_in_http_headers: '1', http_headers_progress_interval_ms: '100' };

  it('is told in headers while the statement runs, and the connection goes on', async () => {
    const { status, text, headers } = await send(server, { ...wanted, query: slow }, GET);
    expect([status, text]).toEqual([200, '{"s":0}\n'.repeat(5)]);
    const told = JSON.parse(`[${headers.get('x-clickhouse-progress') ?? ''}]`) as { read_rows: string }[];
    expect(told.length).toBeGreaterThanOrEqual(2);
    expect(Number(told.at(-1)?.read_rows)).toBeGreaterThan(1);
    expect(headers.get('content-type')).toBe('application/x-ndjson; charset=UTF-8');
    expect((await send(server, { ...wanted, query: 'SELECT 1' }, GET)).text).toBe('1\n');
  });

  it('told, an error still says its code', async () => {
    const failing = slow.replace(' AS s', ', throwIf(number = 4)');
    const { text, headers } = await send(server, { ...wanted, query: failing }, GET);
    expect(headers.get('x-clickhouse-progress')).not.toBeNull();
    expect(headers.get('x-clickhouse-exception-code')).toBe('395');
    expect(text).toMatch(/^Code: 395/);
  });
});

describe('waiting for the end of the query', () => {
  const long = 'SELECT number, throwIf(number = {bad:UInt64}) FROM numbers(400000)';

  it('answers a long result whole, with its length', async () => {
    const { text, headers } = await send(server, { query: long, wait_end_of_query: '1', param_bad: '1000000' }, GET);
    expect(headers.get('content-length')).toBe(String(text.length));
    expect(headers.get('x-clickhouse-summary')).toContain('"result_rows":"400000"');
    expect(text.length).toBeGreaterThan(2 ** 20);
  });

  it('answers an error that comes late with its status', async () => {
    const { status, text } = await send(server, { query: long, wait_end_of_query: '1', param_bad: '390000' }, GET);
    expect(status).toBe(500);
    expect(text).toMatch(/^Code: 395/);
  });
});

describe('methods', () => {
  it.each([
    ['HEAD', '/', 200],
    ['HEAD', '/ping', 200],
    ['HEAD', '/?query=SELECT+1', 404],
    ['OPTIONS', '/', 204],
    ['PUT', '/', 404],
    ['DELETE', '/?query=SELECT+1', 404],
    ['GET', '/?query=', 200],
    ['GET', '/play', 404],
  ])('%s %s is %d', async (method, path, status) => {
    expect((await fetch(`${server.address}${path}`, { method })).status).toBe(status);
  });
});
