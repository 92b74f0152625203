import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { ClickHouseLogLevel, createClient } from '@clickhouse/client';
import { onTestFinished } from 'vitest';
import { type OtlpRecord, readRecords } from '../../src/otlp/records.ts';
import { scanRequest } from '../../src/otlp/scan.ts';
import { walkSegment } from '../journal/segment-bytes.ts';

/** What happens to an INSERT of so many bytes: an error by code, or it is done after a time. */
export interface Behaviour {
  readonly takesMs?: number;
  /** Fails before it has written anything. */
  readonly failsWith?: number;
  /** Writes, and then fails with this. */
  readonly failsAfterwardsWith?: number;
  /** Cannot be killed. */
  readonly isStubborn?: boolean;
  /** Has arrived, but begins, and can be seen, only after the next question about rows has been answered. */
  readonly isHeld?: boolean;
  /** Answers 200 with this text. */
  readonly says?: string;
  /** Answers as if it were something else than ClickHouse. */
  readonly isForeign?: boolean;
}

/** A ClickHouse of one table that holds the names of spans, deduplicates by token, and does what a test wants of it. */
export interface FakeClickHouse {
  readonly client: ReturnType<typeof createClient>;
  /** Every row that was ever written. */
  readonly rows: readonly string[];
  /** The tokens of all attempts. */
  readonly tokens: readonly string[];
  behave(next: (names: readonly string[], token: string) => Behaviour): void;
}

/** Starts it on a free port; it stops with the test. */
export async function startFakeClickHouse(): Promise<FakeClickHouse> {
  const rows: string[] = [];
  const used = new Set<string>();
  /** Service and time of every row. */
  const times = new Set<string>();
  const tokens: string[] = [];
  const running = new Map<string, { readonly end: () => void; readonly isStubborn: boolean }>();
  let decide: (names: readonly string[], token: string) => Behaviour = () => ({});

  const held: (() => void)[] = [];

  const insert = async (body: Buffer, url: URL, response: ServerResponse): Promise<void> => {
    const token = url.searchParams.get('insert_deduplication_token') ?? '';
    const names = namesIn(body);
    if (token !== '') tokens.push(token);
    const behaviour = decide(names, token);
    if (behaviour.isHeld) await new Promise<void>((resolve) => held.push(resolve));
    if (Date.now() > Number(url.searchParams.get('param_begin_by') ?? Infinity)) return fail(response, 395);
    const { takesMs = 0, failsWith, failsAfterwardsWith, isStubborn = false, says = '', isForeign = false } = behaviour;
    const isKilled = await new Promise<boolean>((resolve) => {
      const timer = setTimeout(() => resolve(false), takesMs);
      const end = (): void => {
        clearTimeout(timer);
        resolve(true);
      };
      running.set(token, { end, isStubborn });
    });
    running.delete(token);
    if (isKilled) return fail(response, 394);
    if (failsWith !== undefined) return fail(response, failsWith);
    if (names.length > 0 && !used.has(token)) {
      used.add(token);
      rows.push(...names);
      for (const time of timesIn(body)) times.add(time);
    }
    if (failsAfterwardsWith !== undefined) return fail(response, failsAfterwardsWith);
    response.writeHead(200, isForeign ? {} : { 'X-ClickHouse-Query-Id': 'q', 'X-ClickHouse-Summary': '{}' });
    response.end(says);
  };

  const ask = (url: URL, text: string, response: ServerResponse): void => {
    const token = url.searchParams.get('param_token') ?? '';
    let found = 0;
    if (text.includes('KILL QUERY')) {
      const statement = running.get(token);
      if (statement && !statement.isStubborn) statement.end();
    } else if (text.includes('system.processes')) found = running.has(token) ? 1 : 0;
    else if (text.includes('FROM otel.')) {
      found = times.has(`${url.searchParams.get('param_s0')} ${url.searchParams.get('param_t0')}`) ? 1 : 0;
      for (const begin of held.splice(0)) begin();
    }
    response.writeHead(200, { 'X-ClickHouse-Query-Id': 'q' });
    response.end(`${JSON.stringify({ found: String(found), now: String(Date.now()) })}\n`);
  };

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const body = await buffer(request);
    const query = url.searchParams.get('query');
    if (query?.startsWith('INSERT')) await insert(body, url, response);
    else ask(url, query ?? body.toString(), response);
  };
  const server = createServer((request, response) => void answer(request, response).catch(() => response.destroy()));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const client = createClient({ url: `http://127.0.0.1:${port}`, log: { level: ClickHouseLogLevel.OFF } });
  onTestFinished(async () => {
    await client.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return {
    client,
    rows,
    tokens,
    behave(next) {
      decide = next;
    },
  };
}

function fail(response: ServerResponse, code: number): void {
  response.writeHead(500, { 'X-ClickHouse-Exception-Code': String(code), 'X-ClickHouse-Query-Id': 'q' });
  response.end(`Code: ${code}. DB::Exception: as the test wants it. (TEST) (version 26.7)`);
}

function namesIn(body: Buffer): readonly string[] {
  return requestsIn(body).flatMap((request) =>
    request.length === 0 ? ['poison'] : request.map(({ service, name }) => `${service} ${name}`),
  );
}

function timesIn(body: Buffer): readonly string[] {
  return requestsIn(body).flatMap((request) => request.map(({ service, timeNs }) => `${service} ${timeNs}`));
}

/** The records of each request; none of one that is no OTLP. */
function requestsIn(body: Buffer): readonly (readonly OtlpRecord[])[] {
  const requests = walkSegment(body).requests.filter(({ bodyBytes }) => bodyBytes > 0);
  return requests.map(({ bodyOffset, bodyBytes }) => {
    const request = body.subarray(bodyOffset, bodyOffset + bodyBytes);
    return scanRequest('traces', request).status === 'ok' ? [...readRecords('traces', request)] : [];
  });
}
