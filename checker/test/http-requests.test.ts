import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RequestBody } from '@tocsin/service/config';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeMonitor, makeNetwork, probe } from './monitors.ts';
import { findClosedPort, serveHttp } from './servers.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tocsin-body-'));
  await writeFile(join(folder, 'a.txt'), 'of a file');
});
afterAll(() => rm(folder, { recursive: true }));

describe('a body', () => {
  const send = async (body: RequestBody) => {
    let seen = { type: '', text: '' };
    await using server = await serveHttp(async (request, response) => {
      const text = Buffer.concat(await request.toArray()).toString();
      seen = { type: request.headers['content-type'] ?? '', text };
      response.end();
    });
    const run = await probe(makeMonitor(server.url, { method: 'POST', body }));
    return { ...seen, verdict: run.verdict };
  };

  test('of a file, a form and GraphQL arrives as what it is', async () => {
    expect(await send({ type: 'file', file: join(folder, 'a.txt') })).toMatchObject({ text: 'of a file', type: '' });
    expect(await send({ type: 'form', fields: { a: '1&2', b: 'ü' } })).toMatchObject({
      text: 'a=1%262&b=%C3%BC',
      type: 'application/x-www-form-urlencoded',
    });
    const graphql = await send({ type: 'graphql', query: '{ x }', variables: '{"id":1}', operationName: 'X' });
    expect(graphql.type).toBe('application/json');
    expect(JSON.parse(graphql.text)).toEqual({ query: '{ x }', operationName: 'X', variables: { id: 1 } });
  });

  test('of several parts is multipart/form-data that a parser reads', async () => {
    const parts = [
      { name: 'na"me', value: 'text', file: undefined, contentType: undefined },
      { name: 'up', value: undefined, file: join(folder, 'a.txt'), contentType: 'text/plain' },
    ];
    const { type, text } = await send({ type: 'multipart', parts });
    const form = await new Response(text, { headers: { 'content-type': type } }).formData();
    expect(form.get('na"me')).toBe('text');
    const file = form.get('up');
    expect(file).toMatchObject({ name: 'a.txt', type: 'text/plain' });
    expect(await (file as File).text()).toBe('of a file');
  });

  test('of a file that is not there is our own trouble', async () => {
    const { verdict } = await send({ type: 'file', file: join(folder, 'gone') });
    expect(verdict).toMatchObject({ outcome: 'unknown', reason: 'invalid_request' });
  });
});

describe('credentials', () => {
  test('basic and bearer are sent, and never told', async () => {
    await using server = await serveHttp((request, response) => {
      response.writeHead(500).end(request.headers.authorization);
    });
    const basic = { type: 'basic', username: 'ann', password: 'p4ssw0rd' } as const;
    const runs = [
      await probe(makeMonitor(server.url, { auth: basic })),
      await probe(makeMonitor(server.url, { auth: { type: 'bearer', token: 'tok-99' } })),
    ];
    expect(runs[0]?.verdict.message).toBe('expected status 2xx, found 500 with "[hidden]"');
    expect(runs[1]?.verdict.message).toBe('expected status 2xx, found 500 with "[hidden]"');
    expect(JSON.stringify(runs)).not.toMatch(/p4ssw0rd|tok-99/);
    expect(runs[0]?.evidence?.['body']).toBe('[hidden]');
  });

  const oauth2 = (tokenUrl: string) =>
    ({
      type: 'oauth2',
      tokenUrl,
      clientId: 'tocsin',
      clientSecret: 'cl13nt',
      scopes: ['read', 'list'],
      audience: undefined,
      credentialsIn: 'header',
    }) as const;

  test('an access token is fetched once, kept, and fetched anew when the target takes it no longer', async () => {
    const asked: string[] = [];
    let good = 'token-1';
    await using issuer = await serveHttp(async (request, response) => {
      const form = Buffer.concat(await request.toArray()).toString();
      asked.push(`${request.headers.authorization} ${form}`);
      response.end(JSON.stringify({ access_token: `token-${asked.length}`, expires_in: 3_600, token_type: 'bearer' }));
    });
    await using server = await serveHttp((request, response) => {
      response.writeHead(request.headers.authorization === `Bearer ${good}` ? 200 : 401).end();
    });
    const network = makeNetwork();
    const monitor = makeMonitor(server.url, { auth: oauth2(issuer.url) });
    expect((await probe(monitor, network)).verdict.outcome).toBe('up');
    expect((await probe(monitor, network)).verdict.outcome).toBe('up');
    expect(asked).toHaveLength(1);
    const basic = Buffer.from('tocsin:cl13nt').toString('base64');
    expect(asked[0]).toBe(`Basic ${basic} grant_type=client_credentials&scope=read+list`);
    good = 'token-2';
    const again = await probe(monitor, network);
    expect([again.verdict.outcome, asked.length]).toEqual(['up', 2]);
    expect(JSON.stringify(again)).not.toMatch(/token-|cl13nt/);
  });

  test('no access token is a reason of its own and says nothing about the target', async () => {
    await using refusing = await serveHttp((_request, response) => {
      response.writeHead(401).end('{"error":"invalid_client"}');
    });
    await using silent = await serveHttp(() => {});
    const urls = [refusing.url, silent.url, `http://127.0.0.1:${await findClosedPort()}/`];
    for (const url of urls) {
      const { verdict } = await probe(makeMonitor('http://shop.test/', { auth: oauth2(url), timeoutMs: 300 }));
      expect(verdict).toMatchObject({ outcome: 'unknown', reason: 'token_failed' });
    }
    const network = makeNetwork({ isDenied: (address) => address === '127.0.0.1' });
    const denied = await probe(makeMonitor('http://shop.test/', { auth: oauth2(refusing.url) }), network);
    expect(denied.verdict.reason).toBe('address_denied');
  });
});

describe('over redirects', () => {
  test('cookies are kept for the run, and for the hosts and paths they are for', async () => {
    const seen: (string | undefined)[] = [];
    await using server = await serveHttp((request, response) => {
      seen.push(request.headers.cookie);
      if (request.url === '/') {
        response.setHeader('set-cookie', ['sid=abcd1234; Path=/', 'other=x; Path=/else', 'gone=1; Max-Age=0']);
        response.writeHead(302, { location: '/in' }).end();
      } else response.writeHead(500).end(request.headers.cookie);
    });
    const first = await probe(makeMonitor(server.url, { headers: { cookie: 'mine=1' } }));
    await probe(makeMonitor(server.url));
    expect(seen).toEqual(['mine=1', 'mine=1; sid=abcd1234', undefined, 'sid=abcd1234']);
    expect(JSON.stringify(first)).not.toContain('abcd1234');
  });

  test('each stop is told with its status and where it leads', async () => {
    await using server = await serveHttp((request, response) => {
      if (request.url === '/') response.writeHead(301, { location: '/b?token=abcdef' }).end();
      else response.end('ok');
    });
    const run = await probe(makeMonitor(server.url));
    expect(run.hops?.map(({ name }) => name)).toEqual(['GET 301', 'GET 200']);
    expect(run.hops?.[0]?.attributes).toMatchObject({
      'http.response.status_code': 301,
      'http.response.header.location': `${server.url}/b?token=REDACTED`,
    });
    expect(JSON.stringify(run)).not.toContain('abcdef');
  });

  test('they can be forbidden, limited, and followed by a POST, which becomes a GET after 303', async () => {
    const seen: string[] = [];
    await using server = await serveHttp(async (request, response) => {
      seen.push(`${request.method} ${Buffer.concat(await request.toArray()).toString()}`.trim());
      const code = { '/303': 303, '/307': 307 }[request.url ?? ''];
      if (code === undefined) response.end();
      else response.writeHead(code, { location: '/' }).end();
    });
    const forbidden = await probe(makeMonitor(`${server.url}/307`, { redirects: 'forbid' }));
    expect(forbidden.verdict).toMatchObject({ outcome: 'down', reason: 'redirect_forbidden' });
    expect(forbidden.verdict.message).toBe(
      `expected no redirect of 127.0.0.1:${server.port}, found a 307 to ${server.url}/`,
    );
    expect((await probe(makeMonitor(`${server.url}/307`, { maxRedirects: 0 }))).verdict.reason).toBe('redirect_limit');
    seen.length = 0;
    const follow = { method: 'POST', body: 'b', redirects: 'follow' } as const;
    await probe(makeMonitor(`${server.url}/303`, follow));
    await probe(makeMonitor(`${server.url}/307`, follow));
    expect(seen).toEqual(['POST b', 'GET', 'POST b', 'POST b']);
  });
});

test('a cookie that the jar refuses is a secret all the same', async () => {
  await using server = await serveHttp((_request, response) => {
    response.setHeader('set-cookie', ['taken=abcd1234', 'refused=zyxw9876; Domain=other.example']).end();
  });
  const expected = { subject: 'header', name: 'set-cookie', tests: [{ operator: 'contains', value: 'nothing', negated: false }], severity: 'down' } as const; // prettier-ignore
  const { verdict } = await probe(makeMonitor(server.url, { expect: [expected] }));
  expect(verdict.message).toContain('taken=[hidden], refused=[hidden]; Domain=other.example');
});
