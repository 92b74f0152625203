import { ClickHouseLogLevel, createClient } from '@clickhouse/client';
import { expect, onTestFinished, test } from 'vitest';
import { EndpointRing } from '../../src/clickhouse/endpoint-ring.ts';
import { type ClickHouseClient, createFailoverClient } from '../../src/clickhouse/failover-client.ts';
import { NoAnswerError } from '../../src/clickhouse/server-trouble.ts';
import { type FakeServer, startFakeServer } from './fake-server.ts';

interface Stage {
  readonly a: FakeServer;
  readonly b: FakeServer;
  readonly client: ClickHouseClient;
  /** Moves the clock on. */
  later(ms: number): void;
}

/** Two servers that say who they are, and a client that begins with the first. */
async function open(requestTimeoutMs = 5_000): Promise<Stage> {
  const [a, b] = [await startFakeServer('{"who":"a"}'), await startFakeServer('{"who":"b"}')];
  const servers = [a, b].map(({ url }) => ({
    name: url,
    client: createClient({ url, request_timeout: requestTimeoutMs, log: { level: ClickHouseLogLevel.OFF } }),
  }));
  let now = 1_000_000;
  const client = createFailoverClient({ servers, first: 0, now: () => now });
  onTestFinished(() => client.close());
  return { a, b, client, later: (ms) => void (now += ms) };
}

async function who(client: ClickHouseClient): Promise<string | undefined> {
  const result = await client.query({ query: 'SELECT who', format: 'JSONEachRow' });
  return (await result.json<{ who: string }>())[0]?.who;
}

test('stays with one server while it answers', async () => {
  const { a, b, client } = await open();
  expect([await who(client), await who(client)]).toEqual(['a', 'a']);
  expect([a.asked.length, b.asked.length]).toEqual([2, 0]);
});

test('a read goes to the next server when one is away, and stays there after that', async () => {
  const { a, client, later } = await open();
  a.behave('away');
  expect(await who(client)).toBe('b');
  a.behave('ok');
  later(60_000);
  expect([await who(client), a.asked.length]).toEqual(['b', 0]);
});

test('a read goes to the next server when one has lost Keeper, and not when the statement is wrong', async () => {
  const { a, b, client } = await open();
  a.behave({ code: 62, message: 'Syntax error' });
  await expect(who(client)).rejects.toMatchObject({ code: '62' });
  expect(b.asked).toEqual([]);
  a.behave({ code: 242, message: 'Table is in readonly mode' });
  expect(await who(client)).toBe('b');
});

test('a write is sent once; the next one goes elsewhere, with the same token when the caller repeats it', async () => {
  const { a, b, client } = await open();
  const insert = () =>
    client.insert({
      table: 't',
      values: [{ x: 1 }],
      format: 'JSONEachRow',
      clickhouse_settings: { insert_deduplication_token: 'segment-1' },
    });
  a.behave('away');
  await expect(insert()).rejects.toThrow('socket hang up');
  expect(b.asked).toEqual([]);
  await insert();
  expect(b.asked.map(({ settings }) => settings.get('insert_deduplication_token'))).toEqual(['segment-1']);
});

test('a statement whose time ran out is not asked of another server', async () => {
  const { a, b, client } = await open(100);
  a.behave('silent');
  await expect(who(client)).rejects.toThrow(/timeout/i);
  expect(b.asked).toEqual([]);
});

test('what the caller broke off says nothing about the server', async () => {
  const { a, b, client } = await open();
  a.behave('silent');
  const aborted = client.query({ query: 'SELECT 1', abort_signal: AbortSignal.timeout(50) });
  await expect(aborted).rejects.toThrow(/abort/);
  a.behave('ok');
  expect([await who(client), b.asked.length]).toEqual(['a', 0]);
});

test('a server that has not answered an insert in its time is left alone', async () => {
  const { a, client } = await open();
  a.behave('silent');
  const late = new AbortController();
  setTimeout(() => late.abort(new NoAnswerError('late')), 50);
  await expect(client.exec({ query: 'SELECT 1', abort_signal: late.signal })).rejects.toThrow(/abort/);
  a.behave('ok');
  expect([await who(client), a.asked.length]).toEqual(['b', 1]);
});

test('all away: the error of the last comes out, and the next request is tried all the same', async () => {
  const { a, b, client } = await open();
  a.behave('away');
  b.behave('away');
  await expect(who(client)).rejects.toThrow('socket hang up');
  expect((await client.ping()).success).toBe(false);
  b.behave('ok');
  expect((await client.ping()).success).toBe(true);
  expect(await who(client)).toBe('b');
});

test('a server that fails is left alone twice as long each time, up to 30 s', () => {
  const ring = new EndpointRing(3, 1);
  expect(ring.inOrder(0)).toEqual([1, 2, 0]);
  expect(ring.fail(1, 0)).toBe(1_000);
  // Another request that was under way fails with it: one failure.
  expect(ring.fail(1, 10)).toBe(1_000);
  expect(ring.inOrder(20)).toEqual([2, 0, 1]);
  expect(ring.inOrder(2_000)).toEqual([1, 2, 0]);
  expect([2_000, 10_000, 20_000, 40_000, 80_000].map((now) => ring.fail(1, now))).toEqual([
    2_000, 4_000, 8_000, 16_000, 30_000,
  ]);
  ring.succeed(2);
  expect(ring.inOrder(200_000)).toEqual([2, 0, 1]);
});
