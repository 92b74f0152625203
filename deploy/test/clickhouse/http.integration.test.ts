import { gunzipSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestClickHouse, type TestClickHouse } from '../../src/testing/index.ts';
import { run, send } from './support.ts';

let server: TestClickHouse;

beforeAll(async () => {
  server = await startTestClickHouse();
  await run(server, 'CREATE TABLE t (a UInt32, b String) ENGINE = MergeTree ORDER BY a');
});

afterAll(() => server.stop());

const GET = { method: 'GET' } as const;

describe('asking', () => {
  it('answers /ping, /replicas_status, / and says so of other paths', async () => {
    const get = async (path: string) => {
      const response = await fetch(`${server.address}${path}`);
      return [response.status, await response.text()];
    };
    expect(await get('/ping')).toEqual([200, 'Ok.\n']);
    expect(await get('/replicas_status')).toEqual([200, 'Ok.\n']);
    expect(await get('/')).toEqual([200, 'Ok.\n']);
    expect((await get('/nothing'))[0]).toBe(404);
    expect(await get('/readyz')).toEqual([200, '{"status":"ready","reasons":[]}']);
  });

  it('takes the query from the URL, from the body, or half from each', async () => {
    expect((await send(server, { query: 'SELECT 1' }, GET)).text).toBe('1\n');
    expect((await send(server, {}, { method: 'POST', body: 'SELECT 2' })).text).toBe('2\n');
    expect((await send(server, { query: 'SELECT 1' }, { method: 'POST', body: '+ 2' })).text).toBe('3\n');
  });

  it('tells format, time zone, server, query id and summary in headers', async () => {
    const { headers } = await send(server, { query: 'SELECT 1 AS x FORMAT JSON', query_id: 'mine' }, GET);
    expect(Object.fromEntries(headers)).toMatchObject({
      'content-type': 'application/json; charset=UTF-8',
      'x-clickhouse-format': 'JSON',
      'x-clickhouse-timezone': 'UTC',
      'x-clickhouse-query-id': 'mine',
      'x-clickhouse-summary': expect.stringContaining('"result_rows":"1"'),
    });
    expect(headers.get('x-clickhouse-server-display-name')).not.toBeNull();
  });

  it('prefers FORMAT in the text to default_format and default_format to TabSeparated', async () => {
    expect((await send(server, { query: 'SELECT 1 AS x', default_format: 'CSVWithNames' }, GET)).text).toBe('"x"\n1\n');
    expect((await send(server, { query: 'SELECT 1 AS x FORMAT CSV', default_format: 'JSON' }, GET)).text).toBe('1\n');
  });

  it('decodes parameters as ClickHouse does: escaped text', async () => {
    const { text } = await send(
      server,
      { query: 'SELECT {p:String} AS p FORMAT JSONEachRow', param_p: "a\\tb'\\\\" },
      GET,
    );
    expect(JSON.parse(text)).toEqual({ p: "a\tb'\\" });
  });

  it('uses the database of the URL or of a header', async () => {
    expect((await send(server, { query: 'SELECT currentDatabase()', database: 'system' }, GET)).text).toBe('system\n');
    const headers = { 'X-ClickHouse-Database': 'system' };
    expect((await send(server, { query: 'SELECT currentDatabase()' }, { headers })).text).toBe('system\n');
    expect((await send(server, { query: 'SELECT currentDatabase()', database: 'default' }, GET)).text).toBe('otel\n');
    expect(await send(server, { query: 'SELECT 1', database: 'nowhere' }, GET)).toMatchObject({ status: 404 });
  });

  const numbers = 'SELECT number, toString(number) AS text FROM numbers(70000) ORDER BY number';

  it.each(['Native', 'RowBinary', 'CSVWithNames', 'TSVWithNamesAndTypes', 'Markdown', 'Values', 'Null'])(
    'a %s result is the same through the pipe as whole',
    async (format) => {
      const piped = await send(server, { query: `${numbers} FORMAT ${format}` }, GET);
      const whole = await send(server, { query: `${numbers} FORMAT ${format}`, wait_end_of_query: '1' }, GET);
      expect(piped.status).toBe(200);
      expect(piped.text === whole.text).toBe(true);
    },
  );

  it.each(['JSON', 'JSONCompact'])('a %s result is one document', async (format) => {
    const { text } = await send(server, { query: `${numbers} FORMAT ${format}` }, GET);
    const { rows, data } = JSON.parse(text) as { rows: number; data: unknown[] };
    expect([rows, data.length]).toEqual([70_000, 70_000]);
  });

  it('a Parquet result is one file', async () => {
    const { text } = await send(server, { query: `${numbers} FORMAT Parquet` }, GET);
    expect([text.slice(0, 4), text.slice(-4), text.split('PAR1').length]).toEqual(['PAR1', 'PAR1', 3]);
  });

  it('reads and writes compressed', async () => {
    const answer = await fetch(
      `${server.address}/?enable_http_compression=1&query=SELECT+number+FROM+numbers(100000)`,
      {
        headers: { 'Accept-Encoding': 'identity' },
      },
    );
    expect(answer.headers.get('content-encoding')).toBeNull();
    const length = (await answer.text()).length;
    for (const encoding of ['gzip', 'deflate', 'br', 'zstd']) {
      const zipped = await fetch(
        `${server.address}/?enable_http_compression=1&query=SELECT+number+FROM+numbers(100000)`,
        {
          headers: { 'Accept-Encoding': encoding },
        },
      );
      expect(zipped.headers.get('content-encoding')).toBe(encoding);
      expect((await zipped.text()).length).toBe(length);
    }
    const body = gzipSync('INSERT INTO t FORMAT CSV\n500,"zip"\n');
    expect(await send(server, {}, { method: 'POST', body, headers: { 'Content-Encoding': 'gzip' } })).toMatchObject({
      status: 200,
    });
    const zstd = { method: 'POST', body: zstdCompressSync('501,"zstd"\n'), headers: { 'Content-Encoding': 'zstd' } };
    expect(await send(server, { query: 'INSERT INTO t FORMAT CSV' }, zstd)).toMatchObject({ status: 200 });
    expect(await run(server, 'SELECT b FROM t WHERE a >= 500 ORDER BY a FORMAT TSV')).toBe('zip\nzstd\n');
    expect(gunzipSync(body).length).toBeGreaterThan(0);
  });
});

describe('inserting', () => {
  it('takes RowBinary and Native, bytes as they are', async () => {
    const row = Buffer.from([7, 0, 0, 0, 3, 0x27, 0xff, 0x0a]);
    expect(
      (await send(server, { query: 'INSERT INTO t FORMAT RowBinary' }, { method: 'POST', body: row })).status,
    ).toBe(200);
    const native = await fetch(
      `${server.address}/?${new URLSearchParams({ query: "SELECT toUInt32(8) AS a, unhex('27FF0A') AS b FORMAT Native" }).toString()}`,
    );
    const body = await native.arrayBuffer();
    expect((await send(server, { query: 'INSERT INTO t FORMAT Native' }, { method: 'POST', body })).status).toBe(200);
    expect(await run(server, 'SELECT a, hex(b) FROM t WHERE a IN (7, 8) ORDER BY a FORMAT TSV')).toBe(
      '7\t27FF0A\n8\t27FF0A\n',
    );
  });

  it('takes VALUES, statement and data in one body, and counts what was written', async () => {
    await run(server, "INSERT INTO t VALUES (20, 'a;b'), (21, {s:String})", { param_s: 'bound' });
    const { headers } = await send(
      server,
      {},
      { method: 'POST', body: 'INSERT INTO t (b, a) FORMAT TSV\nx\t22\ny\t23\n' },
    );
    expect(headers.get('x-clickhouse-summary')).toContain('"written_rows":"2"');
    expect(await run(server, 'SELECT b FROM t WHERE a BETWEEN 20 AND 23 ORDER BY a FORMAT TSV')).toBe(
      'a;b\nbound\nx\ny\n',
    );
  });

  it('spools VALUES that are longer than a statement may be', async () => {
    const values = Array.from({ length: 60_000 }, (_, index) => `(${1_000_000 + index}, 'value ${index}')`).join(',');
    await run(server, `INSERT INTO t VALUES ${values}`);
    expect(await run(server, 'SELECT count() FROM t WHERE a >= 1000000 FORMAT TSV')).toBe('60000\n');
  });

  it('says which row is wrong', async () => {
    const answer = await send(
      server,
      { query: 'INSERT INTO t FORMAT JSONEachRow' },
      { method: 'POST', body: '{"a":1,"b":"x"}\n{"a":"no"}\n' },
    );
    expect(answer.status).toBe(400);
    expect(answer.text).not.toContain('spool');
    expect(answer.text).toMatch(/^Code: \d+\. DB::Exception: .*\(version 26\.\d+\.\d+\.\d+\)\n$/s);
  });
});

describe('refusing', () => {
  it.each([
    ['SELECT * FROM missing', 404, 60],
    ['SELECT missing()', 404, 46],
    ['SELEC', 400, 62],
    ['SELECT 1; SELECT 2', 400, 62],
    ["SELECT toDate('x')", 400, 38],
    ['SELECT throwIf(1)', 500, 395],
    ["SELECT file('/etc/passwd')", 403, 497],
    ["SELECT * FROM `file`('/etc/passwd', 'LineAsString')", 403, 497],
    ["SELECT * FROM url('http://127.0.0.1:1/', 'CSV', 'a String')", 403, 497],
    ["EXPLAIN SELECT * FROM executable('id', 'CSV', 'a String')", 403, 497],
    ["CREATE TABLE f (a String) ENGINE = File(CSV, '/tmp/x')", 403, 497],
    [
      "CREATE DICTIONARY d (a UInt64) PRIMARY KEY a SOURCE(FILE(PATH '/etc/passwd' FORMAT 'CSV')) LAYOUT(FLAT()) LIFETIME(1)",
      403,
      497,
    ],
    ["INSERT INTO t SELECT 1, file('/etc/passwd')", 403, 497],
    ["INSERT INTO t FROM INFILE '/etc/passwd' FORMAT LineAsString", 500, 358],
    ["SELECT 1 INTO OUTFILE '/tmp/tocsin-outfile'", 500, 358],
    ['SYSTEM SHUTDOWN', 403, 497],
    ["INSERT INTO t VALUES (1, file('/etc/hostname'))", 403, 497],
    ["INSERT INTO t VALUES (1, `file`('/etc/hostname'))", 403, 497],
    ["INSERT INTO t FORMAT Values (1, file('/etc/hostname'))", 500, 344],
    ['SELECT * FROM default.`/etc/hostname`', 403, 497],
    ["CREATE DATABASE files ENGINE = Filesystem('/etc')", 403, 497],
  ])('%s', async (query, status, code) => {
    const answer = await send(server, {}, { method: 'POST', body: query });
    expect(answer).toMatchObject({ status });
    expect(answer.headers.get('x-clickhouse-exception-code')).toBe(String(code));
    expect(answer.text).toMatch(new RegExp(`^Code: ${code}\\. DB::Exception: `));
  });

  it('judges a name that comes as a parameter anew each time', async () => {
    const query = 'SELECT count() FROM {database:Identifier}.{table:Identifier}';
    const ask = (database: string, table: string) =>
      send(server, { query, param_database: database, param_table: table }, GET);
    expect(await ask('system', 'one')).toMatchObject({ status: 200, text: '1\n' });
    expect(await ask('default', '/etc/hostname')).toMatchObject({ status: 403 });
  });

  it('takes plain values, however they are written', async () => {
    await run(server, "INSERT INTO t VALUES (900, upper('x')), (901, 'file(1)')");
    await run(server, "INSERT INTO t FORMAT Values (902, 'y')");
    expect(await run(server, 'SELECT b FROM t WHERE a BETWEEN 900 AND 902 ORDER BY a FORMAT TSV')).toBe(
      'X\nfile(1)\ny\n',
    );
  });

  it('lets GET and readonly=1 read only', async () => {
    expect(
      (await send(server, { query: 'CREATE TABLE no (a UInt8) ENGINE = Memory' }, GET)).headers.get(
        'x-clickhouse-exception-code',
      ),
    ).toBe('164');
    for (const query of [
      'DROP TABLE t',
      'INSERT INTO t VALUES (1, 1)',
      'SELECT 1 SETTINGS max_threads = 1',
      'SELECT 1 SETTINGS readonly = 0',
    ]) {
      const answer = await send(server, { readonly: '1' }, { method: 'POST', body: query });
      expect(answer.headers.get('x-clickhouse-exception-code')).toBe('164');
    }
    const spooled = await send(
      server,
      { readonly: '1', query: 'INSERT INTO t FORMAT CSV' },
      { method: 'POST', body: '1,1\n' },
    );
    expect(spooled.headers.get('x-clickhouse-exception-code')).toBe('164');
    const reads = await send(
      server,
      { readonly: '1', max_threads: '1', param_n: '5' },
      { method: 'POST', body: "SELECT {n:UInt8}, getSetting('max_threads')" },
    );
    expect(reads.text).toBe('5\t1\n');
    const others = await send(
      server,
      { readonly: '1', max_threads: '2' },
      { method: 'POST', body: "SELECT getSetting('max_threads')" },
    );
    expect(others.text).toBe('2\n');
  });

  it('does not serve pages of other sites', async () => {
    const foreign = await send(server, { query: 'SELECT 1' }, { headers: { Origin: 'http://elsewhere.example' } });
    expect(foreign.status).toBe(403);
  });

  it('says what it does not offer', async () => {
    expect(await send(server, { query: 'SELECT 1', dialect: 'prql' }, GET)).toMatchObject({ status: 501 });
  });
});
