import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestClickHouse, type TestClickHouse } from '../../src/testing/index.ts';
import { run } from './support.ts';

// What clickhouse-go 2.50.0 sends over HTTP, as Grafana's ClickHouse data source configures it.
const HELLO = 'SELECT displayName(), version(), revision(), timezone()';
const URL_PARAMETERS = {
  client_protocol_version: '54460',
  database: 'otel',
  default_format: 'Native',
  max_execution_time: '60',
};
const HEADERS = {
  Authorization: `Basic ${Buffer.from('default:').toString('base64')}`,
  'Accept-Encoding': 'gzip',
  'User-Agent': 'clickhouse-go/2.50.0 (lv:go/1.26.8; os:linux)',
};

let server: TestClickHouse;

beforeAll(async () => {
  server = await startTestClickHouse();
});

afterAll(() => server.stop());

async function sendLikeGo(statement: string, parameters: Readonly<Record<string, string>> = {}) {
  const search = new URLSearchParams({ ...URL_PARAMETERS, ...parameters });
  const response = await fetch(`${server.address}/?${search.toString()}`, {
    method: 'POST',
    headers: HEADERS,
    body: statement,
  });
  return {
    status: response.status,
    headers: response.headers,
    bytes: Buffer.from(await response.arrayBuffer()),
  };
}

/** A Native string shorter than 128 bytes. */
function nativeString(text: string): Buffer {
  return Buffer.concat([Buffer.from([Buffer.byteLength(text)]), Buffer.from(text)]);
}

describe('the hello of clickhouse-go', () => {
  it('is answered with one block at revision 54460 that reports revision 0', async () => {
    const [displayName = '', version = ''] = (await run(server, 'SELECT displayName(), version()')).trim().split('\t');
    const { status, headers, bytes } = await sendLikeGo(HELLO);
    const column = (name: string, type: string, data: Buffer) =>
      Buffer.concat([nativeString(name), nativeString(type), Buffer.from([0]), data]);
    const expected = Buffer.concat([
      // Block info: 1, no overflows, 2, bucket -1, end. Then four columns, one row.
      Buffer.from('01 00 02 ff ff ff ff 00 04 01'.replaceAll(' ', ''), 'hex'),
      column('displayName()', 'String', nativeString(displayName)),
      column('version()', 'String', nativeString(version)),
      column('revision()', 'UInt32', Buffer.alloc(4)),
      column('timezone()', 'String', nativeString('UTC')),
    ]);
    expect(status).toBe(200);
    expect(bytes.toString('hex')).toBe(expected.toString('hex'));
    expect(Object.fromEntries(headers)).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-length': String(expected.length),
      'x-clickhouse-format': 'Native',
      'x-clickhouse-timezone': 'UTC',
      'x-clickhouse-server-display-name': displayName,
      'x-clickhouse-query-id': expect.stringMatching(/./),
    });
  });

  it('is the same statement with other blanks around it, and compressed when the client wants that', async () => {
    const plain = await sendLikeGo(HELLO);
    expect((await sendLikeGo(`  ${HELLO.replaceAll(', ', ',\n ')}\n;`)).bytes).toEqual(plain.bytes);
    const packed = await sendLikeGo(HELLO, { enable_http_compression: '1' });
    expect(packed.headers.get('content-encoding')).toBe('gzip');
    expect(packed.bytes).toEqual(plain.bytes);
  });

  it('is an ordinary statement where the client speaks an older revision: plain Native, which begins with the counts', async () => {
    const { status, bytes } = await sendLikeGo(HELLO, { client_protocol_version: '54405' });
    expect(status).toBe(200);
    expect(bytes.subarray(0, 2)).toEqual(Buffer.from([4, 1]));
  });

  it('is an ordinary statement where the client wants another format', async () => {
    const { status, bytes } = await sendLikeGo(HELLO, { default_format: 'TabSeparated' });
    expect(status).toBe(200);
    expect(bytes.toString().split('\t')).toHaveLength(4);
  });
});

describe('the statements after it', () => {
  it('the ping: a column of the name 1, in plain Native', async () => {
    const { bytes } = await sendLikeGo('SELECT 1');
    expect(bytes).toEqual(
      Buffer.concat([Buffer.from([1, 1]), nativeString('1'), nativeString('UInt8'), Buffer.from([1])]),
    );
  });

  it('have their settings, parameters and database, and the bytes of FORMAT Native without the revision', async () => {
    const statement = `SELECT {name:String} AS name, getSetting('max_execution_time') AS limit, currentDatabase() AS db,
      toDateTime64('2026-01-02 03:04:05.123456789', 9) AS t, toLowCardinality('a') AS lc, map('k', 'v') AS m,
      ['x']::Array(Nullable(String)) AS a`;
    const like = await sendLikeGo(statement, { param_name: 'it' });
    const search = new URLSearchParams({ database: 'otel', max_execution_time: '60', param_name: 'it' });
    const plain = await fetch(`${server.address}/?${search.toString()}`, {
      method: 'POST',
      body: `${statement} FORMAT Native`,
    });
    expect(like.status).toBe(200);
    expect(like.headers.get('content-type')).toBe('application/octet-stream');
    expect(like.bytes.subarray(0, 2)).toEqual(Buffer.from([7, 1]));
    expect(like.bytes).toEqual(Buffer.from(await plain.arrayBuffer()));
  });

  it('an empty result is an empty body with its length', async () => {
    const { status, headers, bytes } = await sendLikeGo('SELECT 1 AS a WHERE 0');
    expect([status, headers.get('content-length'), bytes.length]).toEqual([200, '0', 0]);
  });

  it('an error is text with its code', async () => {
    const { status, headers, bytes } = await sendLikeGo('SELECT * FROM nowhere');
    expect(status).toBe(404);
    expect(headers.get('x-clickhouse-exception-code')).toBe('60');
    expect(bytes.toString()).toMatch(/^Code: 60\. DB::Exception: /);
  });

  it('refuses a revision that is no number', async () => {
    const { status, bytes } = await sendLikeGo('SELECT 1', { client_protocol_version: 'new' });
    expect([status, bytes.toString()]).toEqual([400, expect.stringContaining('client_protocol_version')]);
  });
});
