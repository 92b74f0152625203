import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { startTestClickHouse, type TestClickHouse } from '../../src/testing/index.ts';
import { run, send } from '../clickhouse/support.ts';

const sockets: Socket[] = [];
let server: TestClickHouse | undefined;

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await server?.stop();
  server = undefined;
});

/** A client that reads the first bytes of its answer, if there are any, and then nothing more, without going away. */
async function stall(
  { address, authorization }: TestClickHouse,
  statement: string,
  expectsBytes: boolean,
): Promise<void> {
  const socket = connect(Number(new URL(address).port), '127.0.0.1');
  socket.on('error', () => undefined);
  sockets.push(socket);
  const length = Buffer.byteLength(statement) + (expectsBytes ? 0 : 10);
  socket.write(
    `POST / HTTP/1.1\r\nhost: localhost\r\nauthorization: ${authorization}\r\ncontent-length: ${length}\r\n\r\n${statement}`,
  );
  if (expectsBytes) await once(socket, 'data');
  socket.pause();
}

it('stops though a reader stalls in the middle of its result, another in its data, and a statement hides its mark', async () => {
  server = await startTestClickHouse();
  await stall(server, 'SELECT number, randomPrintableASCII(100) FROM numbers(100000000)', true);
  await stall(server, 'INSERT INTO t FORMAT TSV\n1', false);
  const hidden = send(server, {}, { method: 'POST', body: endless("cluster_for_parallel_replicas = 'x'") });
  const ended = hidden.catch(() => undefined);
  await expect.poll(() => running(), { timeout: 20_000 }).toBeGreaterThanOrEqual(2);
  expect(await server.stop()).toBe(0);
  await ended;
});

it('kills the statement of a client that has gone, whatever its log comment is', async () => {
  server = await startTestClickHouse();
  const leaving = new AbortController();
  const body = endless("log_comment = 'mine'");
  const left = fetch(server.address, {
    method: 'POST',
    headers: { Authorization: server.authorization },
    body,
    signal: leaving.signal,
  }).catch(() => undefined);
  await expect.poll(() => running(), { timeout: 20_000 }).toBe(1);
  leaving.abort();
  await left;
  await expect.poll(() => running(), { timeout: 20_000 }).toBe(0);
});

function endless(setting: string): string {
  return `SELECT count() FROM numbers(10000000000000) WHERE NOT ignore(sipHash64(number)) SETTINGS ${setting}`;
}

/** How many statements run, this one apart. */
async function running(): Promise<number> {
  if (!server) throw new Error('no server runs');
  return Number(await run(server, "SELECT count() FROM system.processes WHERE query LIKE '%numbers(1%000)%'")) - 1;
}
