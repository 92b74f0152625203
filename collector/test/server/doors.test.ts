import { hash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { Agent, request as httpsRequest } from 'node:https';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { Client, credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { silentLogger } from '@tocsin/service/log';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { KeyConfig } from '../../src/server/access/client-key.ts';
import { type Certificate, watchCertificate, type WatchedCertificate } from '../../src/server/certificate.ts';
import { SIGNALS } from '../../src/signal.ts';
import { field, span, traceRequest } from '../otlp/bytes.ts';
import { decodeMessage } from '../otlp/oracle.ts';
import { FIRST, SECOND } from './certificates.ts';
import { startIntake } from './intake.ts';

const PROTOBUF = 'application/x-protobuf';
const BODY = traceRequest(span());
const TRACES = '/opentelemetry.proto.collector.trace.v1.TraceService/Export';

const SHOP: KeyConfig = {
  name: 'shop',
  sha256: hash('sha256', 'shop-key'),
  signals: SIGNALS,
  requestsPerSecond: undefined,
  bytesPerSecond: undefined,
  dailyBytes: undefined,
};

async function post(url: string, headers: Record<string, string> = {}, body: Uint8Array = BODY) {
  const init = { method: 'POST', body: Buffer.from(body), headers: { 'content-type': PROTOBUF, ...headers } };
  const response = await fetch(`${url}/v1/traces`, init);
  const bytes = Buffer.from(await response.arrayBuffer());
  return { status: response.status, headers: response.headers, bytes };
}

/** grpc-js refuses to check a certificate for a bare IP address. */
const NAMED = { 'grpc.ssl_target_name_override': 'localhost', 'grpc.default_authority': 'localhost' };

interface GrpcAnswer {
  readonly code: number;
  readonly status?: Record<string, unknown>;
}

function call(url: string, headers: Record<string, string> = {}, body = BODY, root?: string): Promise<GrpcAnswer> {
  const channel = root === undefined ? credentials.createInsecure() : credentials.createSsl(Buffer.from(root));
  const client = new Client(new URL(url).host, channel, root === undefined ? {} : NAMED);
  onTestFinished(() => client.close());
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
  const asIs = (bytes: Buffer): Buffer => bytes;
  return new Promise((resolve) => {
    client.makeUnaryRequest(TRACES, asIs, asIs, body, metadata, (error: ServiceError | null) => {
      const [details] = error?.metadata.get('grpc-status-details-bin') ?? [];
      const decoded = Buffer.isBuffer(details) ? { status: decodeMessage('otlp.RpcStatus', details) } : {};
      resolve({ code: error?.code ?? status.OK, ...decoded });
    });
  });
}

/** Sends bytes as they are and gives what comes back until the other side closes. */
async function sendRaw(url: string, ...parts: string[]): Promise<string> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', () => undefined);
  for (const part of parts) socket.write(part);
  await once(socket, 'close');
  return Buffer.concat(chunks).toString();
}

describe('where a key is required', () => {
  test('over HTTP: 401 as a status in the encoding of the request, in with a key, counted by its name', async () => {
    const { http, journal, counts } = await startIntake({ authRequired: true, keys: [SHOP], internalKey: 'internal' });
    const refused = await post(http);
    expect(refused.status).toBe(401);
    expect(refused.headers.get('www-authenticate')).toBe('Bearer');
    expect(decodeMessage('otlp.RpcStatus', refused.bytes)).toMatchObject({ code: 16 });
    expect((await post(http, { authorization: 'Bearer shop-key' })).status).toBe(200);
    expect((await post(http, { 'x-api-key': 'shop-key' })).status).toBe(200);
    expect((await post(http, { authorization: 'Bearer internal', 'x-tocsin-self': 'checker' })).status).toBe(200);
    expect(journal.entries).toHaveLength(3);
    expect(counts).toEqual([
      'http traces refused unauthenticated',
      'http traces shop accepted 1',
      'http traces shop accepted 1',
      'http traces accepted 1',
    ]);
  });

  test('over gRPC: UNAUTHENTICATED, in with a key', async () => {
    const { grpc, counts } = await startIntake({ authRequired: true, keys: [SHOP] });
    expect(await call(grpc)).toMatchObject({ code: status.UNAUTHENTICATED, status: { code: 16 } });
    expect(await call(grpc, { authorization: 'Bearer shop-key' })).toMatchObject({ code: status.OK });
    expect(await call(grpc, { 'x-api-key': 'shop-key' })).toMatchObject({ code: status.OK });
    expect(counts).toEqual([
      'grpc traces refused unauthenticated',
      'grpc traces shop accepted 1',
      'grpc traces shop accepted 1',
    ]);
  });

  test('a key over its rate is 429 with Retry-After, RESOURCE_EXHAUSTED with RetryInfo', async () => {
    const keys = [{ ...SHOP, requestsPerSecond: 1 }];
    const { http, grpc, counts } = await startIntake({ authRequired: true, keys, now: () => 1e12 });
    const key = { 'x-api-key': 'shop-key' };
    expect((await post(http, key)).status).toBe(200);
    const refused = await post(http, key);
    expect(refused.status).toBe(429);
    expect(refused.headers.get('retry-after')).toBe('1');
    expect(await call(grpc, key)).toMatchObject({
      code: status.RESOURCE_EXHAUSTED,
      status: { details: [{ typeUrl: 'type.googleapis.com/google.rpc.RetryInfo' }] },
    });
    expect(counts.slice(1)).toEqual(['http traces shop refused rate_limited', 'grpc traces shop refused rate_limited']);
  });

  test('a key for other signals is 403 and PERMISSION_DENIED', async () => {
    const { http, grpc } = await startIntake({ authRequired: true, keys: [{ ...SHOP, signals: ['logs'] }] });
    const key = { 'x-api-key': 'shop-key' };
    const refused = await post(http, key);
    expect(refused.status).toBe(403);
    expect(decodeMessage('otlp.RpcStatus', refused.bytes)).toMatchObject({
      message: expect.stringContaining('signal'),
    });
    expect(await call(grpc, key)).toMatchObject({ code: status.PERMISSION_DENIED });
  });

  test('bytes are counted after decompression', async () => {
    const keys = [{ ...SHOP, dailyBytes: BODY.length + 1 }];
    const { http } = await startIntake({ authRequired: true, keys });
    const key = { 'x-api-key': 'shop-key' };
    const statuses = [await post(http, key), await post(http, key), await post(http, key)].map(
      (answer) => answer.status,
    );
    expect(statuses).toEqual([200, 200, 429]);
  });
});

describe('Expect: 100-continue', () => {
  test.each([
    ['a key is missing', 401, {}],
    ['the body is announced as too large', 413, { 'x-api-key': 'shop-key', 'content-length': '2000000' }],
    ['the media type is unknown', 415, { 'x-api-key': 'shop-key', 'content-type': 'text/plain' }],
  ])('when %s the answer is %i and the body is never asked for', async (_name, expected, headers) => {
    const { http } = await startIntake({ authRequired: true, keys: [SHOP] });
    const outgoing = request(`${http}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': PROTOBUF, 'content-length': '10', ...headers, expect: '100-continue' },
    });
    let asked = false;
    outgoing.on('continue', () => (asked = true)).on('error', () => undefined);
    outgoing.flushHeaders();
    const [response] = (await once(outgoing, 'response')) as [{ statusCode: number; headers: object; resume(): void }];
    response.resume();
    expect(response).toMatchObject({ statusCode: expected, headers: { connection: 'close' } });
    expect(asked).toBe(false);
    outgoing.destroy();
  });
});

describe('time and number of requests', () => {
  test('a body that does not arrive is 408 in the encoding of the request, and the connection is closed', async () => {
    const { http, counts, slots, budget } = await startIntake({ requestTimeoutMs: 100 });
    const head =
      'POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n';
    const answer = await sendRaw(http, head, '{');
    expect(answer).toMatch(/^HTTP\/1\.1 408 [^]*"code":4,"message":"the request took too long to arrive"/);
    expect(counts).toEqual(['http traces refused timeout']);
    expect([slots.used, budget.usedBytes]).toEqual([0, 0]);
  });

  test('a head that does not arrive is 408 soon after its time', async () => {
    const { http } = await startIntake({ requestTimeoutMs: 300 });
    // Node by itself looks every 30 s, which is longer than this test may take.
    expect(await sendRaw(http, 'POST /v1/traces HTTP/1.1\r\nHost: 127.0.0.1\r\n')).toMatch(
      /^HTTP\/1.1 408 Request Timeout\r\n[^]*"the request took too long to arrive"}$/,
    );
  });

  test('what is no HTTP is 400 with a status in JSON', async () => {
    const { http } = await startIntake();
    const answer = await sendRaw(http, 'HELLO\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\nContent-Type: application\/json\r\n[^]*"code":3/);
    const long = `POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nx: ${'x'.repeat(100_000)}\r\n\r\n`;
    expect(await sendRaw(http, long)).toMatch(/^HTTP\/1\.1 431 [^]*"code":3/);
  });

  test('requests beyond the limit are 429 and UNAVAILABLE with a time to come back, over both transports together', async () => {
    const { http, grpc, journal, counts, slots } = await startIntake({ maxConcurrentRequests: 1 });
    let open: () => void = () => undefined;
    journal.respond = () => new Promise((resolve) => (open = () => resolve({ status: 'stored' })));
    const first = post(http);
    await expect.poll(() => slots.used).toBe(1);
    const second = await post(http);
    expect([second.status, second.headers.get('retry-after')]).toEqual([429, '1']);
    expect(await call(grpc)).toMatchObject({ code: status.UNAVAILABLE, status: { details: [{}] } });
    open();
    expect((await first).status).toBe(200);
    expect(slots.used).toBe(0);
    expect(counts).toEqual(['http traces refused busy', 'grpc traces refused busy', 'http traces accepted 1']);
  });

  test('gRPC: a message over the limit is counted, and a slot is given back however a request ends', async () => {
    const { grpc, counts, slots } = await startIntake({ maxRequestBytes: 1_000 });
    const big = traceRequest(span(field(3, 'x'.repeat(2_000))));
    expect(await call(grpc, {}, big)).toMatchObject({ code: status.RESOURCE_EXHAUSTED });
    await expect.poll(() => counts).toEqual(['grpc traces refused too_large']);
    expect(await call(grpc)).toMatchObject({ code: status.OK });
    await expect.poll(() => slots.used).toBe(0);
  });

  test('gRPC: a message that does not arrive ends with DEADLINE_EXCEEDED', async () => {
    const { grpc, counts, slots } = await startIntake({ requestTimeoutMs: 100 });
    const client = new Client(new URL(grpc).host, credentials.createInsecure());
    onTestFinished(() => client.close());
    const asIs = (bytes: Buffer): Buffer => bytes;
    const stream = client.makeClientStreamRequest(TRACES, asIs, asIs, (error: ServiceError | null) =>
      ended.resolve(error?.code),
    );
    const ended = Promise.withResolvers<number | undefined>();
    expect(await ended.promise).toBe(status.DEADLINE_EXCEEDED);
    stream.cancel();
    expect(counts).toEqual(['grpc traces refused timeout']);
    await expect.poll(() => slots.used).toBe(0);
  });
});

describe('pages of other sites', () => {
  const origin = 'https://shop.example.com';

  test('of a configured origin: the browser is told beforehand, and the page may read the answer', async () => {
    const { http, journal } = await startIntake({ corsOrigins: [origin] });
    const asked = await fetch(`${http}/v1/traces`, { method: 'OPTIONS', headers: { origin } });
    expect(asked.status).toBe(204);
    expect(asked.headers.get('access-control-allow-origin')).toBe(origin);
    expect(asked.headers.get('access-control-allow-methods')).toBe('POST');
    expect(asked.headers.get('access-control-allow-headers')).toContain('content-type');
    const answer = await post(http, { origin });
    expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([200, origin]);
    expect(answer.headers.get('vary')).toBe('origin');
    expect(journal.entries).toHaveLength(1);
  });

  test('of another origin: refused and counted, asked beforehand or not', async () => {
    const { http, journal, counts } = await startIntake({ corsOrigins: [origin] });
    const headers = { origin: 'https://evil.example.com' };
    const asked = await fetch(`${http}/v1/traces`, { method: 'OPTIONS', headers });
    expect([asked.status, asked.headers.get('access-control-allow-origin')]).toEqual([403, null]);
    expect((await post(http, headers)).status).toBe(403);
    expect(journal.entries).toEqual([]);
    expect(counts).toEqual(['http traces refused foreign_origin', 'http traces refused foreign_origin']);
  });
});

describe('TLS', () => {
  const pem = ({ cert, key }: typeof FIRST): Certificate => ({ cert: Buffer.from(cert), key: Buffer.from(key) });

  /** A certificate that a test changes. */
  class ChangingCertificate implements WatchedCertificate {
    current = pem(FIRST);
    readonly #receivers: ((certificate: Certificate) => void)[] = [];
    onChange(apply: (certificate: Certificate) => void): void {
      this.#receivers.push(apply);
    }
    change(to: Certificate): void {
      this.current = to;
      for (const apply of this.#receivers) apply(to);
    }
    stop(): void {
      this.#receivers.length = 0;
    }
  }

  async function postTls(url: string, agent: Agent) {
    const outgoing = httpsRequest(`${url}/v1/traces`, { method: 'POST', agent, headers: { 'content-type': PROTOBUF } });
    outgoing.end(BODY);
    const [response] = (await once(outgoing, 'response')) as [
      { statusCode: number; socket: TLSSocket; resume(): void },
    ];
    const { localPort } = response.socket;
    response.resume();
    await once(response as unknown as NodeJS.EventEmitter, 'end');
    return { statusCode: response.statusCode, localPort };
  }

  test('a new certificate is used for new connections, over HTTP and gRPC; open connections go on', async () => {
    const certificate = new ChangingCertificate();
    const { http, grpc } = await startIntake({ certificate });
    expect([new URL(http).protocol, new URL(grpc).protocol]).toEqual(['https:', 'https:']);
    const old = new Agent({ ca: FIRST.cert, keepAlive: true, maxSockets: 1 });
    const fresh = new Agent({ ca: SECOND.cert });
    onTestFinished(() => (old.destroy(), fresh.destroy()));
    const before = await postTls(http, old);
    expect(before.statusCode).toBe(200);
    expect(await call(grpc, {}, BODY, FIRST.cert)).toMatchObject({ code: status.OK });
    certificate.change(pem(SECOND));
    expect(await postTls(http, fresh)).toMatchObject({ statusCode: 200 });
    expect(await postTls(http, old)).toEqual(before);
    expect(await call(grpc, {}, BODY, SECOND.cert)).toMatchObject({ code: status.OK });
    expect((await call(grpc, {}, BODY, FIRST.cert)).code).toBe(status.UNAVAILABLE);
  });

  test('the files are read at the start, and what cannot be used is an error with a code', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tocsin-tls-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const files = { certFile: join(folder, 'cert.pem'), keyFile: join(folder, 'key.pem') };
    await expect(watchCertificate(files, silentLogger())).rejects.toMatchObject({ code: 'bad_certificate' });
    await writeFile(files.certFile, FIRST.cert);
    await writeFile(files.keyFile, SECOND.key);
    await expect(watchCertificate(files, silentLogger())).rejects.toMatchObject({ code: 'bad_certificate' });
    await writeFile(files.keyFile, FIRST.key);
    const watched = await watchCertificate(files, silentLogger());
    onTestFinished(() => watched.stop());
    expect(watched.current.cert.toString()).toBe(FIRST.cert);
    const changed = new Promise<Certificate>((resolve) => watched.onChange(resolve));
    await writeFile(files.certFile, SECOND.cert);
    await writeFile(files.keyFile, SECOND.key);
    expect((await changed).cert.toString()).toBe(SECOND.cert);
  });
});

describe('what Fastify or Node would answer in their own words', () => {
  const head = (length: number, ...more: string[]): string =>
    [
      'POST /v1/logs HTTP/1.1',
      'Host: localhost',
      'Content-Type: application/json',
      `Content-Length: ${length}`,
      ...more,
    ]
      .map((line) => `${line}\r\n`)
      .join('') + '\r\n';

  test('an expectation that nobody knows is passed over', async () => {
    const { http } = await startIntake();
    const answer = await sendRaw(http, `${head(2, 'Expect: the-unexpected', 'Connection: close')}{}`);
    expect(answer).toMatch(/^HTTP\/1.1 200 OK[^]*\r\n\r\n\{\}$/);
  });

  test.each(['', 'application/x-protobuf,application/json'])(
    'the Content-Type %j is 415, and counted',
    async (type) => {
      const { http, counts } = await startIntake();
      const text = `POST /v1/traces HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: ${type}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`;
      expect(await sendRaw(http, text)).toMatch(/^HTTP\/1.1 415 [^]*the Content-Type must be application\/x-protobuf/);
      expect(counts).toEqual(['http traces refused bad_media_type']);
    },
  );

  test('a path that cannot be decoded is answered with a status in the encoding of the request', async () => {
    const { http } = await startIntake();
    const answer = await fetch(`${http}/v1/%zz`, { method: 'POST', headers: { 'content-type': PROTOBUF } });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([400, PROTOBUF]);
    expect(decodeMessage('otlp.RpcStatus', Buffer.from(await answer.arrayBuffer()))).toMatchObject({
      code: 3,
      message: expect.stringContaining('/v1/%zz'),
    });
  });

  test('a request on an open connection is taken also while the server stops', async () => {
    const { http, stopHttp } = await startIntake();
    const socket = connect(Number(new URL(http).port), '127.0.0.1');
    const chunks: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', () => undefined);
    socket.write(head(2, 'Expect: 100-continue'));
    await once(socket, 'data');
    const stopped = stopHttp();
    socket.write(`{}${head(2)}{}`);
    await once(socket, 'close');
    await stopped;
    expect(
      Buffer.concat(chunks)
        .toString()
        .match(/HTTP\/1.1 \d+/g),
    ).toEqual(['HTTP/1.1 100', 'HTTP/1.1 200', 'HTTP/1.1 200']);
  });
});
