import type { ClickHouseClient } from '@tocsin/service/clickhouse';
import { expect, test } from 'vitest';
import { createAttempts } from '../../src/load/attempts.ts';
import { BEGIN_LIMIT_MS, SentStatements } from '../../src/load/sent-statements.ts';

/** A server that answers the questions about an insert, and notes them. */
class AskedServer {
  readonly statements: string[] = [];
  /** What it says: statements that run under the token, its clock, rows that are there. */
  running = 0;
  nowMs: number;
  rows = 0;
  isAway = false;

  constructor(nowMs: number) {
    this.nowMs = nowMs;
  }

  get client(): ClickHouseClient {
    const run = (query: string): void => {
      this.statements.push(query);
      if (this.isAway) throw new Error('connect ECONNREFUSED');
    };
    const query = async (parameters: { readonly query: string }): Promise<unknown> => {
      await Promise.resolve();
      run(parameters.query);
      const found = parameters.query.includes('processes') ? this.running : this.rows;
      return { json: () => Promise.resolve([{ found: String(found), now: String(this.nowMs) }]) };
    };
    const command = async (parameters: { readonly query: string }): Promise<void> => {
      await Promise.resolve();
      run(parameters.query);
      this.running = 0;
    };
    return { query, command } as unknown as ClickHouseClient;
  }
}

const NOW_MS = 1_763_839_440_000;
const NEW_SEGMENT = `${NOW_MS}-000001-traces-9f8e7d6c:otel_traces`;
const OLD_SEGMENT = `${NOW_MS - 1}-000001-traces-9f8e7d6c:otel_traces`;
const SAMPLES = [{ service: 'shop', timeNs: 1n }];

function open(servers: readonly AskedServer[], clusterName?: string) {
  const sent = new SentStatements({ askClock: () => Promise.resolve(NOW_MS), now: () => NOW_MS });
  const cluster = clusterName === undefined ? undefined : { name: clusterName, database: 'otel' };
  const clients = servers.map(({ client }) => client);
  return { sent, attempts: createAttempts({ servers: clients, database: 'otel', cluster, sent }) };
}

test('of several servers each is asked, and told to end what it runs', async () => {
  const [a, b] = [new AskedServer(NOW_MS), new AskedServer(NOW_MS)];
  b.running = 1;
  const { attempts } = open([a, b]);
  expect(await attempts.end(NEW_SEGMENT)).toBe(true);
  const kills = [a, b].map(({ statements }) => statements.filter((text) => text.startsWith('KILL QUERY')).length);
  expect(kills).toEqual([0, 1]);
  expect(await attempts.isAbsent('otel_traces', SAMPLES)).toBe(true);
  b.rows = 1;
  expect(await attempts.isAbsent('otel_traces', SAMPLES)).toBe(false);
});

test('where one of several servers does not answer, nothing is known', async () => {
  const [a, b] = [new AskedServer(NOW_MS), new AskedServer(NOW_MS)];
  b.isAway = true;
  const { attempts } = open([a, b]);
  expect(await attempts.end(NEW_SEGMENT)).toBe(false);
  expect(await attempts.isAbsent('otel_traces', SAMPLES)).toBe(false);
});

test('an attempt without an answer is over only when no server lets it begin any more', async () => {
  const [a, b] = [new AskedServer(NOW_MS), new AskedServer(NOW_MS)];
  const { sent, attempts } = open([a, b]);
  const beginByMs = await sent.beginBy(30_000);
  expect(beginByMs).toBe(NOW_MS + 30_000);
  sent.noteUnanswered(NEW_SEGMENT, beginByMs);
  a.nowMs = beginByMs + 1;
  expect(await attempts.end(NEW_SEGMENT)).toBe(false);
  b.nowMs = beginByMs + 1;
  expect(await attempts.end(NEW_SEGMENT)).toBe(true);
});

test('a segment that an earlier process may have sent is open until that has run out too', async () => {
  const server = new AskedServer(NOW_MS);
  const { sent, attempts } = open([server]);
  expect(await sent.beginBy(600_000)).toBe(NOW_MS + BEGIN_LIMIT_MS);
  expect(await attempts.end(NEW_SEGMENT)).toBe(true);
  expect(await attempts.end(OLD_SEGMENT)).toBe(false);
  server.nowMs += BEGIN_LIMIT_MS + 1;
  expect(await attempts.end(OLD_SEGMENT)).toBe(true);
});

test('over a cluster every replica of every shard is asked', async () => {
  const [a, b] = [new AskedServer(NOW_MS), new AskedServer(NOW_MS)];
  const { attempts } = open([a, b], 'main');
  expect(await attempts.end(NEW_SEGMENT)).toBe(true);
  expect(await attempts.isAbsent('otel_metrics_sum', SAMPLES)).toBe(true);
  const look =
    "SELECT toString(count()) AS found, toString(toUnixTimestamp64Milli(now64(3))) AS now FROM clusterAllReplicas('main', system.processes) " +
    "WHERE Settings['insert_deduplication_token'] = {token:String} AND query NOT ILIKE 'KILL %'";
  const rows =
    "SELECT toString(count()) AS found FROM clusterAllReplicas('main', otel.otel_metrics_sum_local) " +
    'WHERE (ServiceName = {s0:String} AND TimeUnix = fromUnixTimestamp64Nano({t0:Int64}))';
  expect(a.statements).toEqual([look, rows]);
  expect(b.statements).toEqual([look]);
});

test('the clock of ClickHouse is asked for at first, now and then, and when a statement came too late', async () => {
  let nowMs = NOW_MS;
  let asked = 0;
  const askClock = (): Promise<number> => Promise.resolve(NOW_MS + 1_000 * (asked += 1));
  const sent = new SentStatements({ askClock, now: () => nowMs });
  expect(await sent.beginBy(5_000)).toBe(NOW_MS + 6_000);
  nowMs += 100;
  expect(await sent.beginBy(5_000)).toBe(NOW_MS + 6_100);
  sent.forgetClock();
  expect(await sent.beginBy(5_000)).toBe(NOW_MS + 7_000);
  nowMs += 301_000;
  await sent.beginBy(5_000);
  expect(asked).toBe(3);
});
