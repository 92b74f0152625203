import { afterEach, describe, expect, test } from 'vitest';
import type { Channel, DeliveryResult } from '../../src/channels/channel.ts';
import { listChannels } from '../../src/channels/registry.ts';
import {
  type Behaviour,
  hangs,
  hangsWithinTheAnswer,
  type HostileReceiver,
  pours,
  resets,
  says,
  startHostileReceiver,
} from './hostile-receiver.ts';
import { HTTP_KIND_LIST, type HttpKind } from './http-kinds.ts';
import { readReceiver } from './receiver.ts';
import { CONSOLE_URL, sampleAlert, sampleNotification } from './sample.ts';

const SECRET = 'XXXXverysecret0123456789';
const NEVER = new AbortController().signal;
const CA_FILE = new URL('./fixtures/localhost.crt', import.meta.url).pathname;

let channels: Channel[] = [];
let receivers: HostileReceiver[] = [];
afterEach(async () => {
  await Promise.all(channels.map((channel) => channel.close()));
  await Promise.all(receivers.map((receiver) => receiver.stop()));
  channels = [];
  receivers = [];
});

async function start(behave: Behaviour, isSecure = false): Promise<HostileReceiver> {
  const receiver = await startHostileReceiver(behave, isSecure);
  receivers.push(receiver);
  return receiver;
}

async function open(kind: HttpKind, url: string, more = '', timeoutMs = 10_000): Promise<Channel> {
  const [listed] = listChannels(await readReceiver(kind.settings(url, SECRET, more)), timeoutMs);
  const channel = listed!.open({ consoleUrl: CONSOLE_URL });
  channels.push(channel);
  return channel;
}

async function attempt(kind: HttpKind, behave: Behaviour, more = '', timeoutMs = 10_000): Promise<DeliveryResult> {
  const { url } = await start(behave);
  return (await open(kind, url, more, timeoutMs)).send(sampleNotification(), NEVER);
}

const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
};

describe.each(HTTP_KIND_LIST)('%s', (_name, kind) => {
  test('delivers, with the idempotency key in a header', async () => {
    const receiver = await start(kind.accepts);
    const channel = await open(kind, receiver.url);
    expect(await channel.send(sampleNotification(), NEVER)).toMatchObject({ status: 'ok' });
    expect(receiver.requests.length).toBeGreaterThan(0);
    for (const { headers, method } of receiver.requests) {
      expect(headers['x-tocsin-notification']).toBe('key-1');
      expect(method).toBe('POST');
    }
  });

  test('says what is over as well', async () => {
    const receiver = await start(kind.accepts);
    const channel = await open(kind, receiver.url);
    const resolved = [sampleAlert({}, {}, Date.UTC(2026, 10, 20, 11))];
    expect(await channel.send(sampleNotification({ firing: [], resolved }), NEVER)).toMatchObject({ status: 'ok' });
  });

  test.each([
    ['before', hangs],
    ['within', hangsWithinTheAnswer],
  ])('tries again when the other side hangs %s the answer', async (_where, behave) => {
    expect(await attempt(kind, behave, '', 150)).toMatchObject({ status: 'retryable', reason: 'timeout' });
  });

  test('keeps to a time limit of its own', async () => {
    const result = await attempt(kind, hangs, 'timeout: 150ms,');
    expect(result).toMatchObject({ status: 'retryable', reason: 'timeout', detail: 'No confirmation within 150 ms.' });
  });

  test('tries again when the connection is reset', async () => {
    expect(await attempt(kind, resets)).toMatchObject({ status: 'retryable', reason: 'connection_failed' });
  });

  test('tries again when nobody listens', async () => {
    const receiver = await start(kind.accepts);
    await receiver.stop();
    const channel = await open(kind, receiver.url);
    expect(await channel.send(sampleNotification(), NEVER)).toMatchObject({
      status: 'retryable',
      reason: 'connection_failed',
      detail: 'The request failed: ECONNREFUSED.',
    });
  });

  test('is as patient as 429 and 503 ask, in seconds and by date', async () => {
    const inSeconds = await attempt(kind, says(429, '', { 'retry-after': '30' }));
    expect(inSeconds).toMatchObject({ status: 'retryable', reason: 'rate_limited', afterMs: 30_000 });
    const date = new Date(Date.now() + 3_600_000).toUTCString();
    const byDate = await attempt(kind, says(429, '{}', { 'retry-after': date }));
    expect(byDate).toMatchObject({ status: 'retryable', reason: 'rate_limited' });
    const { afterMs } = byDate as { afterMs: number };
    expect(afterMs).toBeGreaterThan(3_000_000);
    expect(afterMs).toBeLessThanOrEqual(3_600_000);
    const unavailable = await attempt(kind, says(503, '', { 'retry-after': '7' }));
    expect(unavailable).toMatchObject({ status: 'retryable', reason: 'server_error', afterMs: 7_000 });
  });

  test.each([500, 502, 408, 425])('tries again after %i', async (status) => {
    expect(await attempt(kind, says(status, 'later'))).toMatchObject({ status: 'retryable', reason: 'server_error' });
  });

  test.each([400, 403, 404, 410])('gives up after %i, and says what the other side said', async (status) => {
    const result = await attempt(kind, says(status, 'no such\nthing'));
    expect(result).toEqual({ status: 'failed', reason: 'rejected', detail: `HTTP ${status}: no such thing` });
  });

  test('gives up after 401', async () => {
    expect(await attempt(kind, says(401))).toMatchObject({ status: 'failed', reason: 'authentication_failed' });
  });

  test('takes a page of somebody else for a success only where any 2xx is one', async () => {
    const result = await attempt(kind, says(200, '<html>Sign in</html>', { 'content-type': 'text/html' }));
    expect(result.status).toBe(kind.knowsItsAnswer ? 'failed' : 'ok');
  });

  test('follows no redirect', async () => {
    const elsewhere = await start(kind.accepts);
    for (const status of [301, 302, 307, 308]) {
      const result = await attempt(kind, says(status, '', { location: `${elsewhere.url}/x` }));
      expect(result).toMatchObject({ status: 'failed', reason: 'rejected' });
    }
    expect(elsewhere.requests).toEqual([]);
  });

  test('follows a redirect that keeps the method where it is asked to, without its credentials', async () => {
    const elsewhere = await start(kind.accepts);
    const more = 'http_config: { follow_redirects: true },';
    const result = await attempt(kind, says(307, '', { location: `${elsewhere.url}/x` }), more);
    expect(result).toMatchObject({ status: 'ok' });
    expect(elsewhere.requests).toMatchObject([{ method: 'POST', path: '/x' }]);
    expect(elsewhere.requests[0]?.headers['authorization']).toBeUndefined();
    expect(await attempt(kind, says(302, '', { location: `${elsewhere.url}/x` }), more)).toMatchObject({
      status: 'failed',
    });
    const circle = await start((response) => response.writeHead(307, { location: '/again' }).end());
    const lost = await (await open(kind, circle.url, more)).send(sampleNotification(), NEVER);
    expect(lost).toMatchObject({ status: 'failed', reason: 'rejected' });
    expect(circle.requests).toHaveLength(4);
  });

  test('does not read an answer to the end that has none', async () => {
    const written = { bytes: 0 };
    const receiver = await start(pours(500, written));
    const result = await (await open(kind, receiver.url)).send(sampleNotification(), NEVER);
    expect(result).toMatchObject({ status: 'retryable', reason: 'server_error' });
    expect(result.detail?.length).toBeLessThan(300);
    const seen = written.bytes;
    expect(seen).toBeLessThan(64 * 2 ** 20);
  });

  test('believes no certificate that nobody trusts, and one that it is told to trust', async () => {
    const receiver = await start(kind.accepts, true);
    const distrusting = await (await open(kind, receiver.url)).send(sampleNotification(), NEVER);
    expect(distrusting).toMatchObject({ status: 'retryable', reason: 'tls_failed' });
    expect(receiver.requests).toEqual([]);
    const more = `http_config: { tls_config: { ca_file: "${CA_FILE}" } },`;
    const trusting = await open(kind, receiver.url, more);
    expect(await trusting.send(sampleNotification(), NEVER)).toMatchObject({ status: 'ok' });
    const careless = await open(kind, receiver.url, 'http_config: { tls_config: { insecure_skip_verify: true } },');
    expect(await careless.send(sampleNotification(), NEVER)).toMatchObject({ status: 'ok' });
  });

  test('goes through a proxy', async () => {
    const proxy = await start(kind.accepts);
    const channel = await open(kind, 'http://no-such-host.invalid', `http_config: { proxy_url: "${proxy.url}" },`);
    expect(await channel.send(sampleNotification(), NEVER)).toMatchObject({ status: 'ok' });
    expect(proxy.requests[0]?.path).toMatch(/^http:\/\/no-such-host\.invalid\//);
  });

  test('leaves when alerting stops', async () => {
    const receiver = await start(hangs);
    const stop = new AbortController();
    const sending = (await open(kind, receiver.url)).send(sampleNotification(), stop.signal);
    await until(() => receiver.requests.length > 0);
    stop.abort();
    expect(await sending).toMatchObject({ status: 'retryable', reason: 'stopped' });
  });
});

const TELLING = HTTP_KIND_LIST.flatMap(([name, kind]) =>
  kind.errorInside === undefined ? [] : [[name, kind, kind.errorInside] as const],
);

test.each(TELLING)('%s: an error inside a 200 is seen', async (_name, kind, errorInside) => {
  const result = await attempt(kind, errorInside);
  expect(result.status).not.toBe('ok');
  expect(result.detail).toContain('HTTP 200: ');
});

describe('http_config', () => {
  const webhook = HTTP_KIND_LIST.find(([name]) => name === 'webhook')![1];
  const headersOf = async (config: string) => {
    const receiver = await start(says(200));
    const channel = await open(webhook, receiver.url, `http_config: ${config},`);
    expect(await channel.send(sampleNotification(), NEVER)).toEqual({ status: 'ok' });
    return receiver.requests[0]!.headers;
  };

  test.each([
    [
      '{ basic_auth: { username: ann, password: "s3cret:x" } }',
      `Basic ${Buffer.from('ann:s3cret:x').toString('base64')}`,
    ],
    ['{ authorization: { type: Token, credentials: abcd } }', 'Token abcd'],
    ['{ authorization: { credentials: abcd } }', 'Bearer abcd'],
    ['{ bearer_token: abcd }', 'Bearer abcd'],
  ])('%s', async (config, authorization) => {
    expect((await headersOf(config))['authorization']).toBe(authorization);
  });

  test('adds headers', async () => {
    const headers = await headersOf('{ http_headers: { X-Team: { values: [ops] }, X-Key: { secrets: [abcd] } } }');
    expect(headers).toMatchObject({ 'x-team': 'ops', 'x-key': 'abcd' });
  });

  test('takes the proxy of the environment only where it is asked to', async () => {
    const proxy = await start(says(200));
    const former = process.env['http_proxy'];
    process.env['http_proxy'] = proxy.url;
    try {
      const asked = await open(
        webhook,
        'http://no-such-host.invalid',
        'http_config: { proxy_from_environment: true },',
      );
      expect(await asked.send(sampleNotification(), NEVER)).toEqual({ status: 'ok' });
      const unasked = await open(webhook, 'http://no-such-host.invalid');
      expect(await unasked.send(sampleNotification(), NEVER)).toMatchObject({ reason: 'connection_failed' });
      expect(proxy.requests).toHaveLength(1);
    } finally {
      if (former === undefined) delete process.env['http_proxy'];
      else process.env['http_proxy'] = former;
    }
  });

  test('leaves the proxy out for hosts of no_proxy', async () => {
    const proxy = await start(says(200));
    const receiver = await start(says(200));
    const channel = await open(
      webhook,
      receiver.url,
      `http_config: { proxy_url: "${proxy.url}", no_proxy: "127.0.0.1" },`,
    );
    expect(await channel.send(sampleNotification(), NEVER)).toEqual({ status: 'ok' });
    expect([proxy.requests.length, receiver.requests.length]).toEqual([0, 1]);
  });
});
