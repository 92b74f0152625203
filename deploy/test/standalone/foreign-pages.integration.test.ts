import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type IncomingMessage, request } from 'node:http';
import { connect, constants, type IncomingHttpHeaders } from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { endpointsOf, type Launched, launchIn } from './launched.ts';

const TOKEN = '0123456789abcdef0123456789abcdef';
const CONFIGURATION = `
collector: { http: 0, grpc: 0, cors: { origins: ['https://shop.example.com'] } }
clickhouse: { http: 0 }
checker: { http: 0, heartbeat: { listen: 0 } }
alerting: { http: 0 }
console: { http: 0 }
monitors: [{ name: backup, heartbeat: ${TOKEN}, period: 1h }]
`;
const STATEMENT = encodeURIComponent("SELECT 'it has run'");
/** Every HTTP server of Tocsin, with something that it does. A listener that is not here fails the test. */
const DOES: Readonly<Record<string, string>> = {
  'alerting.http': '/api/v2/alerts',
  'checker.heartbeat.listen': `/ping/${TOKEN}`,
  'checker.http': '/healthz',
  'clickhouse.http': `/?query=${STATEMENT}`,
  'collector.http': '/healthz',
  'console.http': '/api/v1/overview',
};
/** Where people come by links: to alerting from its messages. */
const HAS_PAGES = new Set(['console.http', 'alerting.http']);

type Headers = Readonly<Record<string, string>>;
const PICTURE = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' };
const FRAME = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' };
const LINK = { ...FRAME, 'sec-fetch-dest': 'document' };

/** What a page of another site can make a browser send. */
const FOREIGN: readonly (readonly [what: string, method: string, headers: Headers])[] = [
  ['a script with an answer to read', 'GET', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }],
  ['the same from an older browser', 'GET', { origin: 'https://evil.example' }],
  ['a form', 'POST', { origin: 'https://evil.example', 'content-type': 'text/plain' }],
  ['a form in a sandbox', 'POST', { origin: 'null', 'content-type': 'text/plain' }],
  ['a beacon with no origin', 'POST', { ...PICTURE, 'content-type': 'text/plain' }],
  ['another port of this machine', 'GET', { origin: 'http://127.0.0.1:3000', 'sec-fetch-site': 'same-site' }],
  ['a picture', 'GET', PICTURE],
  ['a picture of another port of this machine', 'GET', { ...PICTURE, 'sec-fetch-site': 'same-site' }],
  ['a script that is included', 'GET', { ...PICTURE, 'sec-fetch-dest': 'script' }],
  ['a frame', 'GET', FRAME],
  ['a form that fills the window', 'POST', { ...LINK, 'content-type': 'text/plain' }],
  ['a name that leads here (DNS rebinding)', 'GET', { host: 'evil.example', 'sec-fetch-site': 'same-origin' }],
  ['the same with its own origin', 'POST', { host: 'evil.example:80', origin: 'http://evil.example:80' }],
  ['a question beforehand', 'OPTIONS', { origin: 'https://evil.example', 'access-control-request-method': 'POST' }],
];

let folder: string;
let tocsin: Launched;
let endpoints: Readonly<Record<string, string>>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tocsin-pages-'));
  await writeFile(join(folder, 'tocsin.yaml'), CONFIGURATION);
  tocsin = launchIn(folder);
  endpoints = await endpointsOf(folder, tocsin);
});
afterAll(async () => {
  tocsin.child.kill('SIGINT');
  await tocsin.ended;
  await rm(folder, { recursive: true, force: true });
});

/** A request with these headers and no others. */
async function ask(name: string, method: string, headers: Headers): Promise<{ status: number; body: string }> {
  const outgoing = request(`${endpoints[name]}${DOES[name]}`, { method, headers, agent: false });
  outgoing.end(method === 'POST' ? "SELECT 'it has run'" : undefined);
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  return { status: response.statusCode ?? 0, body: await text(response) };
}

/** What each server answers, by its name. */
async function askAll(method: string, headers: (name: string) => Headers): Promise<Record<string, number>> {
  const answers = Object.keys(DOES).map(async (name) => {
    const { status, body } = await ask(name, method, headers(name));
    expect(status === 403 && body.includes('it has run')).toBe(false);
    return [name, status] as const;
  });
  return Object.fromEntries(await Promise.all(answers));
}

const everywhere = (status: number): Record<string, number> =>
  Object.fromEntries(Object.keys(DOES).map((name) => [name, status]));

describe('a page of another site', () => {
  it('knows of no other port: all that listen are in the table', () => {
    expect(Object.keys(endpoints).toSorted()).toEqual([...Object.keys(DOES), 'collector.grpc'].toSorted());
  });

  it.each(FOREIGN)('gets nothing done on any port: %s', async (_what, method, headers) => {
    expect(await askAll(method, () => headers)).toEqual(everywhere(403));
  });

  it('can lead people to the console and to what the links of messages do, and nowhere else', async () => {
    const expected = Object.keys(DOES).map((name) => [name, HAS_PAGES.has(name) ? 200 : 403]);
    expect(await askAll('GET', () => LINK)).toEqual(Object.fromEntries(expected));
  });

  it('of a configured origin sends to the collector alone', async () => {
    const origin = { origin: 'https://shop.example.com', 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'cors' };
    expect(await askAll('GET', () => origin)).toEqual({ ...everywhere(403), 'collector.http': 200 });
  });

  it('cannot speak to the gRPC port: no browser has HTTP/2 without TLS, and over TLS it may not send the type', async () => {
    const { port } = new URL(endpoints['collector.grpc'] ?? '');
    // Without TLS browsers speak HTTP/1.1 only: what comes back is none of it.
    const outgoing = request({ host: '127.0.0.1', port, path: '/', agent: false });
    outgoing.end();
    await expect(once(outgoing, 'response')).rejects.toThrow(/Parse Error|hang up|ECONNRESET/);
    // With a certificate of its own a page gets as far as HTTP/2; what follows does not depend on TLS.
    const session = connect(endpoints['collector.grpc'] ?? '');
    const path = '/opentelemetry.proto.collector.trace.v1.TraceService/Export';
    const over2 = async (method: string, headers: Headers): Promise<IncomingHttpHeaders & { ':status'?: number }> => {
      const stream = session.request({ ':method': method, ':path': path, origin: 'https://evil.example', ...headers });
      stream.end();
      const [answer] = (await once(stream, 'response')) as [IncomingHttpHeaders & { ':status'?: number }];
      stream.close();
      return answer;
    };
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'])
      expect((await over2('POST', { 'content-type': type }))[':status']).toBe(
        constants.HTTP_STATUS_UNSUPPORTED_MEDIA_TYPE,
      );
    const asked = await over2('OPTIONS', { 'access-control-request-headers': 'content-type' });
    expect(asked[':status']).not.toBe(204);
    expect(Object.keys(asked).filter((name) => name.startsWith('access-control-'))).toEqual([]);
    session.close();
  });
});

describe('everybody else is let in', () => {
  it.each<readonly [string, (url: URL) => Headers]>([
    ['a program', () => ({})],
    ['a program that says localhost', ({ port }) => ({ host: `localhost:${port}` })],
    ['somebody who typed the address', () => ({ 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate' })],
    ['a page of the server itself', () => ({ 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors' })],
  ])('%s', async (_who, headers) => {
    const of = (name: string): Headers => headers(new URL(endpoints[name] ?? ''));
    expect(await askAll('GET', of)).toEqual(everywhere(200));
    expect((await ask('clickhouse.http', 'GET', of('clickhouse.http'))).body).toBe('it has run\n');
  });

  it('a page of the server itself that says its origin', async () => {
    const origin = (name: string): Headers => ({ origin: new URL(endpoints[name] ?? '').origin });
    // Jobs call heartbeats, pages never do.
    expect(await askAll('GET', origin)).toEqual({ ...everywhere(200), 'checker.heartbeat.listen': 403 });
  });
});
