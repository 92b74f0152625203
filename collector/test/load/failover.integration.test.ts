import { connect, createServer, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { createClickHouse } from '@tocsin/service/clickhouse';
import { silentLogger } from '@tocsin/service/log';
import { startTestClickHouse, type TestClickHouse } from '@tocsin/deploy/testing';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { createInserter } from '../../src/load/insert-segment.ts';
import { SentStatements } from '../../src/load/sent-statements.ts';
import { tracesStatement } from '../../src/load/statements/traces.ts';
import { createDatabase, migrate } from '../../src/schema/migrate.ts';
import { readMigrations } from '../../src/schema/migrations.ts';
import { simpleSpans } from './otlp.ts';
import { testConfig } from './test-config.ts';

let clickhouse: TestClickHouse;
beforeAll(async () => {
  clickhouse = await startTestClickHouse();
});
afterAll(async () => {
  await clickhouse?.stop();
});

interface Door {
  readonly url: string;
  /** How many connections came in. */
  connections(): number;
}

/**
 * A way to the server that stands for one replica of two. What comes in goes through; when `losesAnswers` is set, the answer does not come out: the
 * insert is done and nobody knows.
 */
async function openDoor(losesAnswers: () => boolean): Promise<Door> {
  const target = new URL(clickhouse.url);
  const open = new Set<Socket>();
  let count = 0;
  const server = createServer((near) => {
    count += 1;
    const far = connect(Number(target.port), target.hostname);
    for (const socket of [near, far]) {
      open.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => open.delete(socket));
    }
    near.pipe(far);
    far.on('data', (bytes) => {
      if (losesAnswers()) near.destroy();
      else near.write(bytes);
    });
    far.on('close', () => near.destroy());
    near.on('close', () => far.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    for (const socket of open) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return { url: `http://${target.username}:${target.password}@127.0.0.1:${port}`, connections: () => count };
}

test('an insert whose answer was lost goes to the other replica with its token, and nothing is there twice', async () => {
  const config = testConfig(clickhouse.url, 'twice');
  const anywhere = createClickHouse(
    { ...config, clickhouse: { ...config.clickhouse, database: 'default' } },
    { application: 'test', readonly: false },
  );
  await createDatabase(anywhere, 'twice');
  await anywhere.close();
  let isLosing = true;
  const [a, b] = [await openDoor(() => isLosing), await openDoor(() => isLosing)];
  const several = { ...config, clickhouse: { ...config.clickhouse, url: [a.url, b.url] } };
  const client = createClickHouse(several, { application: 'test', readonly: false });
  onTestFinished(() => client.close());
  const direct = createClickHouse(config, { application: 'test', readonly: false });
  onTestFinished(() => direct.close());
  await migrate(direct, await readMigrations(), silentLogger());

  const insert = createInserter(client, new SentStatements({ askClock: () => Promise.resolve(Date.now()) }));
  const body = simpleSpans('shop', ['a', 'b', 'c']);
  const attempt = {
    statement: tracesStatement,
    open: () => Readable.from([body], { objectMode: false }),
    token: 'segment-1:otel_traces',
    limitMs: 10_000,
    signal: new AbortController().signal,
  };
  const first = await insert(attempt);
  expect(first).toMatchObject({ status: 'retryable', reason: 'unreachable' });
  isLosing = false;
  const second = await insert(attempt);
  expect(second).toEqual({ status: 'ok' });
  expect([a.connections(), b.connections()]).toEqual([1, 1]);

  for (const table of ['otel_traces', 'otel_traces_trace_id_ts']) {
    const result = await direct.query({ query: `SELECT count() AS n FROM ${table}`, format: 'JSONEachRow' });
    expect(
      (await result.json<{ n: number | string }>()).map(({ n }) => Number(n)),
      table,
    ).toEqual([3]);
  }
});
