import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startTestClickHouse, type TestClickHouse } from '@tocsin/deploy/testing';
import { createClickHouse } from '@tocsin/service/clickhouse';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Expression } from '../../src/rules/expression.ts';
import { createSqlExpression } from '../../src/rules/sql-expression.ts';
import { configFor, createSchema } from './shipped/world.ts';

const NOW_MS = Date.parse('2026-03-29T01:30:00.123Z');
let clickhouse: TestClickHouse;
let expression: Expression;

const connect = async (url: string): Promise<Expression> => {
  const config = await configFor(clickhouse);
  const elsewhere = { ...config, clickhouse: { ...config.clickhouse, url } };
  return createSqlExpression(createClickHouse(elsewhere, { application: 'alerting', readonly: true }));
};

beforeAll(async () => {
  clickhouse = await startTestClickHouse();
  await createSchema(clickhouse);
  expression = await connect(clickhouse.url);
});
afterAll(async () => {
  await expression?.stop();
  await clickhouse?.stop();
});

const evaluate = (sql: string, nowMs = NOW_MS, limit = 10_000) => expression.evaluate(sql, nowMs, limit);

describe('a rule in SQL', () => {
  test('is told the evaluation time to the millisecond, at any moment', async () => {
    const sql = `SELECT toUnixTimestamp64Milli({now:DateTime64(9)}) AS value, toString({now:DateTime64(9)}) AS time`;
    for (const nowMs of [NOW_MS, 1, 999_999_999_999, 4_102_444_800_000])
      expect(await evaluate(sql, nowMs)).toMatchObject({ samples: [{ value: nowMs }] });
    expect(await evaluate(sql)).toMatchObject({ samples: [{ labels: { time: '2026-03-29 01:30:00.123000000' } }] });
  });

  test('may end with a semicolon or a comment', async () => {
    for (const tail of [';', ' -- the end', '\n'])
      expect(await evaluate(`SELECT 1 AS value${tail}`), tail).toMatchObject({ status: 'ok' });
  });

  test('gives NaN and infinity as they are and leaves NULL out', async () => {
    const result = await evaluate(`SELECT 'a' AS l, nan AS value UNION ALL SELECT 'b', inf UNION ALL SELECT 'c', NULL`);
    const values = result.status === 'ok' ? result.samples.map(({ value }) => value) : [];
    expect(values.toSorted()).toEqual([Infinity, Number.NaN]);
  });

  test('may look at more rows than it answers with', async () => {
    const sql = 'SELECT count() AS value FROM (SELECT number FROM numbers(50000) GROUP BY number)';
    expect(await evaluate(sql)).toMatchObject({ samples: [{ value: 50_000 }] });
  });

  test('cannot write', async () => {
    expect(await evaluate('TRUNCATE TABLE otel_traces')).toMatchObject({ status: 'failed', reason: 'query_error' });
  });

  test('waits for tables that are being made, and no longer for those that never will be', async () => {
    const asked = [
      'SELECT 1 AS value FROM nope',
      'SELECT 1 AS value FROM nope(at = now64(9))',
      'SELECT nope AS value FROM otel_traces',
    ];
    const client = clickhouse.client();
    const reasons = async (): Promise<unknown[]> => {
      // Of its own: what one has learned it believes for two seconds.
      const fresh = await connect(clickhouse.url);
      const results = await Promise.all(asked.map((sql) => fresh.evaluate(sql, NOW_MS, 10_000)));
      await fresh.stop();
      return results.map((result) => (result.status === 'failed' ? result.reason : 'ok'));
    };
    expect(await reasons(), 'no migration at all').toEqual(Array(3).fill('schema_missing'));
    await client.command({
      query: 'CREATE TABLE tocsin_migrations (Version UInt32, AppliedAt DateTime64(3)) ENGINE = Memory',
    });
    expect(await reasons(), 'none yet').toEqual(Array(3).fill('schema_missing'));
    await client.command({
      query: 'INSERT INTO tocsin_migrations SELECT 1, now64(3) - 3600 UNION ALL SELECT 2, now64(3)',
    });
    expect(await reasons(), 'one right now').toEqual(Array(3).fill('schema_missing'));
    await client.command({ query: 'TRUNCATE TABLE tocsin_migrations' });
    await client.command({ query: 'INSERT INTO tocsin_migrations SELECT 2, now64(3) - 61' });
    expect(await reasons(), 'the last a minute ago').toEqual(Array(3).fill('query_error'));
  });

  test('waits for a database that is not there yet', async () => {
    const config = await configFor(clickhouse);
    const client = createClickHouse(
      { ...config, clickhouse: { ...config.clickhouse, database: 'not_yet' } },
      { application: 'alerting', readonly: true },
    );
    const early = createSqlExpression(client);
    expect(await early.evaluate('SELECT 1 AS value', NOW_MS, 10)).toMatchObject({ reason: 'schema_missing' });
    await early.stop();
  });

  test('with a mistake fails in the words of ClickHouse', async () => {
    expect(await evaluate('SELECT nope AS value FROM otel_traces')).toMatchObject({
      reason: 'query_error',
      message: expect.stringMatching(/nope.*UNKNOWN_IDENTIFIER/s),
    });
    expect(await evaluate('SELEKT 1')).toMatchObject({
      reason: 'query_error',
      message: expect.stringMatching(/SYNTAX/),
    });
    expect(await evaluate('SELECT 1 AS value FROM no_such_table')).toMatchObject({ reason: 'query_error' });
  });

  test('with an answer that is too large fails before it is read, a subquery may be as large as it likes', async () => {
    const rows = "SELECT repeat('x', 10000) || toString(number) AS host, 1 AS value FROM numbers(9000)";
    expect(await evaluate(rows)).toEqual({
      status: 'failed',
      reason: 'too_many_rows',
      message: 'the result has more than 32 MiB',
    });
    expect(await evaluate(`SELECT count() AS value FROM (SELECT host FROM (${rows}) GROUP BY host)`)).toMatchObject({
      samples: [{ value: 9_000 }],
    });
  });

  test('with more rows than the limit fails', async () => {
    const sql = 'SELECT toString(number) AS label, 1 AS value FROM numbers(2001)';
    expect(await evaluate(sql, NOW_MS, 2_001)).toMatchObject({ status: 'ok' });
    expect(await evaluate(sql, NOW_MS, 2_000)).toEqual({
      status: 'failed',
      reason: 'too_many_rows',
      message: 'the result has more than 2000 rows',
    });
  });
});

describe('ClickHouse is unreachable', () => {
  const servers: Server[] = [];
  const serve = async (listener: RequestListener = () => undefined): Promise<string> => {
    const server = createServer(listener);
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };
  afterAll(() => servers.forEach((server) => server.close()));

  const ask = async (url: string) => {
    const there = await connect(url);
    const result = await there.evaluate('SELECT 1 AS value', NOW_MS, 10);
    await there.stop();
    return result;
  };

  test('where nothing listens', async () => {
    const url = await serve();
    await new Promise((resolve) => servers.pop()?.close(resolve));
    expect(await ask(url)).toMatchObject({ reason: 'unreachable', message: expect.stringContaining('ECONNREFUSED') });
  });

  test('where the connection is cut', async () => {
    expect(await ask(await serve((request) => request.socket.destroy()))).toMatchObject({ reason: 'unreachable' });
  });

  test('where something else answers, as a proxy', async () => {
    const url = await serve((_, response) => response.writeHead(502).end('<html>Bad Gateway</html>'));
    expect(await ask(url)).toMatchObject({ reason: 'unreachable' });
  });

  test('where it does not let us in', async () => {
    const text = 'Code: 516. DB::Exception: default: Authentication failed. (AUTHENTICATION_FAILED) (version 26.7)';
    expect(await ask(await serve((_, response) => response.writeHead(403).end(text)))).toMatchObject({
      reason: 'unreachable',
    });
  });

  test('after it was killed, and is not once it is back', async () => {
    await clickhouse.kill();
    expect(await evaluate('SELECT 1 AS value')).toMatchObject({ reason: 'unreachable' });
    await clickhouse.restart();
    expect(await evaluate('SELECT 1 AS value')).toMatchObject({ status: 'ok' });
  });
});
