import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { ClickHouseLogLevel, createClient } from '@clickhouse/client';
import { expect, onTestFinished, test } from 'vitest';
import { createInserter, type Insert } from '../../src/load/insert-segment.ts';
import { SentStatements } from '../../src/load/sent-statements.ts';
import { tracesStatement } from '../../src/load/statements/traces.ts';

interface Seen {
  readonly segment: string | undefined;
  readonly body: string;
}

/** A ClickHouse that has some segments and takes whatever it gets. */
async function startServer(has: readonly string[]): Promise<{ url: string; seen: Seen[] }> {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    void buffer(request).then((body) => {
      const segment = request.headers['x-tocsin-segment'] as string | undefined;
      seen.push({ segment, body: body.toString() });
      const isMissing = segment !== undefined && !has.includes(segment);
      response.writeHead(isMissing ? 404 : 200, {
        'X-ClickHouse-Query-Id': 'q',
        ...(isMissing ? { 'X-ClickHouse-Exception-Code': '107' } : {}),
      });
      response.end(isMissing ? 'Code: 107. DB::Exception: There is no segment. (FILE_DOESNT_EXIST)' : '');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const address = server.address();
  return { url: `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`, seen };
}

async function makeInsert(name: string, sizeBytes: number): Promise<Insert> {
  const folder = await mkdtemp(join(tmpdir(), 'tocsin-handover-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, name);
  await writeFile(path, 'whole');
  return {
    statement: tracesStatement,
    open: () => Readable.from([Buffer.from('whole')]),
    file: { path, sizeBytes },
    token: 't',
    limitMs: 10_000,
    signal: new AbortController().signal,
  };
}

function insertInto(url: string, handsOver: boolean) {
  const client = createClient({ url, log: { level: ClickHouseLogLevel.OFF } });
  onTestFinished(() => client.close());
  const sent = new SentStatements({ askClock: () => Promise.resolve(Date.now()) });
  return createInserter(client, sent, handsOver);
}

test('a whole segment is named to the embedded ClickHouse, and no byte of it is sent', async () => {
  const { url, seen } = await startServer(['a.segment']);
  expect(await insertInto(url, true)(await makeInsert('a.segment', 5))).toEqual({ status: 'ok' });
  expect(seen).toEqual([{ segment: 'a.segment', body: '' }]);
});

test('a file with more in it than the data is sent: what a failed write has left is not loaded', async () => {
  const { url, seen } = await startServer(['a.segment']);
  expect(await insertInto(url, true)(await makeInsert('a.segment', 3))).toEqual({ status: 'ok' });
  expect(seen).toEqual([{ segment: undefined, body: 'whole' }]);
});

test('a part of a segment, which has no file of its own, is sent', async () => {
  const { url, seen } = await startServer(['a.segment']);
  const insert = await makeInsert('a.segment', 5);
  expect(await insertInto(url, true)({ ...insert, file: undefined })).toEqual({ status: 'ok' });
  expect(seen).toEqual([{ segment: undefined, body: 'whole' }]);
});

test('where the embedded ClickHouse does not find it, it is sent within the same attempt', async () => {
  const { url, seen } = await startServer([]);
  expect(await insertInto(url, true)(await makeInsert('a.segment', 5))).toEqual({ status: 'ok' });
  expect(seen).toEqual([
    { segment: 'a.segment', body: '' },
    { segment: undefined, body: 'whole' },
  ]);
});

test('to any other ClickHouse everything is sent', async () => {
  const { url, seen } = await startServer(['a.segment']);
  expect(await insertInto(url, false)(await makeInsert('a.segment', 5))).toEqual({ status: 'ok' });
  expect(seen).toEqual([{ segment: undefined, body: 'whole' }]);
});
