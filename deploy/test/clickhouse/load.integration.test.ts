import { randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestClickHouse, type TestClickHouse } from '../../src/testing/index.ts';
import { encodeBatch, type Item, SCHEMA } from './protobuf.ts';
import { quietClient, run, send } from './support.ts';

let server: TestClickHouse;

beforeAll(async () => {
  server = await startTestClickHouse();
  const dedup = 'SETTINGS non_replicated_deduplication_window = 1000';
  await run(
    server,
    `CREATE TABLE items (service LowCardinality(String), id String, name String, at DateTime64(9), value Int64)
     ENGINE = MergeTree PARTITION BY toDate(at) ORDER BY (service, at) ${dedup}`,
  );
  await run(
    server,
    `CREATE TABLE sums (service String, value Int64) ENGINE = SummingMergeTree ORDER BY service ${dedup}`,
  );
  await run(
    server,
    'CREATE MATERIALIZED VIEW items_to_sums TO sums AS SELECT service, sum(value) AS value FROM items GROUP BY service',
  );
});

afterAll(() => server.stop());

const LOAD = `INSERT INTO items SELECT g.1 AS service, lower(hex(i.1)) AS id, i.2 AS name, fromUnixTimestamp64Nano(toInt64(i.3)) AS at, i.4 AS value
FROM (SELECT arrayJoin(groups) AS g, arrayJoin(g.2) AS i
      FROM input('groups Array(Tuple(service String, items Array(Tuple(id String, name String, at UInt64, value Int64))))'))
SETTINGS max_insert_threads = 1 FORMAT ProtobufSingle`;

function settings(token: string): Record<string, string> {
  return {
    format_schema_source: 'string',
    format_schema: SCHEMA,
    format_schema_message_name: 'Batch',
    insert_deduplication_token: token,
    deduplicate_blocks_in_dependent_materialized_views: '1',
  };
}

const DAY_NS = 86_400_000_000_000n;
const START_NS = 1_767_225_600_000_000_123n;

function items(count: number): Item[] {
  return Array.from({ length: count }, (_, index) => ({
    id: randomBytes(16),
    name: `item ${index} with; 'quotes'`,
    at: START_NS + BigInt(index % 3) * DAY_NS,
    value: index,
  }));
}

async function totals(service: string): Promise<string> {
  const base = await run(
    server,
    `SELECT count(), sum(value), uniqExact(id) FROM items WHERE service = '${service}' FORMAT TSV`,
  );
  const view = await run(server, `SELECT sum(value) FROM sums WHERE service = '${service}' FORMAT TSV`);
  return `${base.trim()}\t${view.trim()}`;
}

describe('the load path: protobuf through input()', () => {
  it('leaves nothing in the folder it was started in', async () => {
    const body = encodeBatch('tidy', items(1));
    expect(await send(server, { query: LOAD, ...settings('tidy-1') }, { method: 'POST', body })).toMatchObject({
      status: 200,
    });
    expect(await readdir(server.dataDir)).toEqual(['clickhouse']);
  });

  it('loads a message exactly, statement in the URL and data in the body', async () => {
    const id = Buffer.from('00ff27005c0a3b1a', 'hex');
    const body = encodeBatch('exact', [{ id, name: "it's;\n", at: START_NS, value: 7 }]);
    expect(await send(server, { query: LOAD, ...settings('exact-1') }, { method: 'POST', body })).toMatchObject({
      status: 200,
      text: '',
    });
    expect(
      await run(server, "SELECT id, name, at, value FROM items WHERE service = 'exact' FORMAT JSONCompactEachRow"),
    ).toBe('["00ff27005c0a3b1a", "it\'s;\\n", "2026-01-01 00:00:00.000000123", 7]\n');
  });

  it('inserts a token once, in the table and in its view, however often it comes', async () => {
    const body = encodeBatch('once', items(3_000));
    for (let attempt = 0; attempt < 3; attempt += 1) {
      expect((await send(server, { query: LOAD, ...settings('once-1') }, { method: 'POST', body })).status).toBe(200);
    }
    expect(await totals('once')).toBe('3000\t4498500\t3000\t4498500');
    expect((await send(server, { query: LOAD, ...settings('once-2') }, { method: 'POST', body })).status).toBe(200);
    expect(await totals('once')).toBe('6000\t8997000\t3000\t8997000');
  });

  it('takes 16 MB through @clickhouse/client as a stream', { timeout: 30_000 }, async () => {
    const part = encodeBatch('large', items(10_000));
    const parts = Array.from({ length: Math.ceil((16 * 2 ** 20) / part.length) }, () => part);
    const client = quietClient(server);
    try {
      const values = Readable.from(parts, { objectMode: false });
      const { stream } = await client.exec({ query: LOAD, values, clickhouse_settings: settings('large-1') });
      stream.destroy();
    } finally {
      await client.close();
    }
    expect(await totals('large')).toMatch(new RegExp(`^${parts.length * 10_000}\t`));
  });

  it('takes the statement at the head of the body, as curl sends it', async () => {
    const body = Buffer.concat([Buffer.from(`${LOAD}\n`), encodeBatch('head', items(10))]);
    expect((await send(server, settings('head-1'), { method: 'POST', body })).status).toBe(200);
    expect(await totals('head')).toBe('10\t45\t10\t45');
  });

  it('refuses data that is no such message and inserts nothing', async () => {
    const body = Buffer.concat([encodeBatch('broken', items(10)), Buffer.from([0x0a, 0xff, 0xff])]);
    const { status, text, headers } = await send(
      server,
      { query: LOAD, ...settings('broken-1') },
      { method: 'POST', body },
    );
    expect(status).toBeGreaterThanOrEqual(400);
    expect(text).toMatch(/^Code: \d+\. DB::Exception: /);
    expect(Number(headers.get('x-clickhouse-exception-code'))).toBeGreaterThan(0);
    expect(await totals('broken')).toBe('0\t0\t0\t0');
  });
});

describe('an insert whose client goes away', () => {
  it('inserts nothing of what had come', async () => {
    const gone = new AbortController();
    const rows = async function* (): AsyncGenerator<Buffer> {
      yield Buffer.from('cut\t1\n');
      await new Promise((resolve) => setTimeout(resolve, 200));
      gone.abort();
      yield Buffer.from('cut\t2\n');
    };
    const body = Readable.toWeb(Readable.from(rows())) as ReadableStream;
    const sending = send(server, { query: 'INSERT INTO sums FORMAT TSV' }, {
      method: 'POST',
      body,
      signal: gone.signal,
      duplex: 'half',
    } as RequestInit);
    await expect(sending).rejects.toMatchObject({ name: 'AbortError' });
    expect(await run(server, "SELECT count() FROM sums WHERE service = 'cut' FORMAT TSV")).toBe('0\n');
  });
});
