import type { SlackConfig } from '@tocsin/service/config';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import type { Channel, DeliveryResult } from '../../src/channels/channel.ts';
import { createSlackChannel } from '../../src/channels/slack/slack-channel.ts';
import { withTimeout } from '../../src/channels/with-timeout.ts';
import { readReceiver } from './receiver.ts';
import { CONSOLE_URL, sampleAlert, sampleNotification, SINCE_MS, TRACE_ID } from './sample.ts';

const NEVER = new AbortController().signal;
let server: Server;
let channel: Channel | undefined;
afterEach(async () => {
  await channel?.close();
  server.closeAllConnections();
  await new Promise((resolve) => {
    server.close(resolve);
  });
});

interface Posted {
  readonly headers: IncomingMessage['headers'];
  readonly body: {
    text: string;
    channel?: string;
    username?: string;
    attachments: { color: string; fallback: string; blocks: { text?: { text: string } }[] }[];
  };
}

/** A webhook that answers like that. @returns its URL */
async function listen(answer: RequestListener): Promise<string> {
  server = createServer(answer);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/services/T000/B000/hook-secret`;
}

async function configFor(apiUrl: string): Promise<SlackConfig> {
  const { slackConfigs } = await readReceiver(`slack_configs: [{ api_url: "${apiUrl}" }]`);
  return slackConfigs[0]!;
}

async function post(
  answer: RequestListener,
  timeoutMs = 5_000,
  change: Partial<SlackConfig> = {},
): Promise<DeliveryResult> {
  const config = { ...(await configFor(await listen(answer))), ...change };
  channel = createSlackChannel(config, { consoleUrl: CONSOLE_URL });
  return withTimeout(channel, timeoutMs).send(sampleNotification(), NEVER);
}

const says =
  (status: number, body: string, headers: Record<string, string> = {}): RequestListener =>
  (request, response) => {
    request.resume().on('end', () => response.writeHead(status, headers).end(body));
  };

/** Sends one notification and returns what the webhook got. */
async function receive(notification = sampleNotification(), change: Partial<SlackConfig> = {}): Promise<Posted> {
  const posted = Promise.withResolvers<Posted>();
  const apiUrl = await listen((request, response) => {
    void Array.fromAsync(request).then((chunks) => {
      posted.resolve({ headers: request.headers, body: JSON.parse(Buffer.concat(chunks as Buffer[]).toString()) });
      response.end('ok');
    });
  });
  const config = { ...(await configFor(apiUrl)), ...change };
  channel = createSlackChannel(config, { consoleUrl: CONSOLE_URL });
  expect(await channel.send(notification, NEVER)).toEqual({ status: 'ok' });
  return posted.promise;
}

describe('a Slack message', () => {
  test('carries the title, the facts and the links', async () => {
    const annotations = { trace_id: TRACE_ID, reason: 'status 500' };
    const { body, headers } = await receive(sampleNotification({ firing: [sampleAlert({}, annotations)] }));
    expect(body.text).toBe('*[FIRING:1] HighErrorRate (shop)*');
    expect(body.attachments).toHaveLength(1);
    expect(body.attachments[0]).toMatchObject({ color: '#c62828', fallback: '[FIRING:1] HighErrorRate (shop)' });
    const text = JSON.stringify(body.attachments[0]?.blocks);
    for (const part of [
      'shop: 37% of requests fail',
      '*Since:* 2026-11-20 10:03:12 UTC',
      '*Reason:* status 500',
      '*Value:* 0.371429',
      '`service=shop`',
      `<${CONSOLE_URL}/trace/${TRACE_ID}|Trace>`,
      `<${CONSOLE_URL}|Open the console>`,
    ])
      expect(text).toContain(part);
    expect(headers['x-tocsin-notification']).toBe('key-1');
    expect(body.channel).toBeUndefined();
  });

  test('is green when all is over and amber for tickets', async () => {
    const resolved = [sampleAlert({}, {}, SINCE_MS + 60_000)];
    const over = await receive(sampleNotification({ firing: [], resolved }));
    expect(over.body.attachments[0]?.color).toBe('#2e7d32');
    await channel?.close();
    server.close();
    const ticket = await receive(sampleNotification({ firing: [sampleAlert({ severity: 'ticket' })] }));
    expect(ticket.body.attachments[0]?.color).toBe('#b26a00');
  });

  test('names channel and user where they are configured', async () => {
    const { body } = await receive(sampleNotification(), { channel: '#ops', username: 'tocsin' });
    expect(body).toMatchObject({ channel: '#ops', username: 'tocsin' });
    await channel?.close();
    server.close();
    const filled = {
      channel: '#{{ .CommonLabels.service }}',
      iconEmoji: '{{ if eq .Status "firing" }}:fire:{{ end }}',
    };
    expect((await receive(sampleNotification(), filled)).body).toMatchObject({
      channel: '#shop',
      icon_emoji: ':fire:',
    });
  });

  test('mentions nobody and links nowhere because of what came from outside', async () => {
    const hostile = '<!channel> <http://evil.example|x> & `code`';
    const firing = [
      sampleAlert({ alertname: hostile, x: hostile }, { summary: hostile, runbook_url: 'http://a/?b&c<|d' }),
    ];
    const { body } = await receive(sampleNotification({ firing }));
    const text = JSON.stringify([body.text, body.attachments[0]?.blocks]);
    expect(text).not.toContain('<!channel>');
    expect(text).not.toContain('<http://evil');
    expect(text).toContain('<http://a/?b&amp;c%3C%7Cd|Runbook>');
    expect(text).toContain('&lt;!channel&gt; &lt;http://evil.example|x&gt; &amp;');
    expect(body.attachments[0]?.fallback).not.toContain('<');
  });

  test('stays below the limits of Slack however many alerts there are', async () => {
    const long = '&'.repeat(5_000);
    const firing = Array.from({ length: 60 }, (_, index) =>
      sampleAlert({ monitor: `m${index}`, long }, { summary: long, description: long, reason: long, more: long }),
    );
    const { body } = await receive(sampleNotification({ firing }));
    const blocks = body.attachments[0]?.blocks ?? [];
    expect(blocks.length).toBeLessThanOrEqual(50);
    for (const { text } of blocks) {
      expect(text?.text.length ?? 0).toBeLessThanOrEqual(3_000);
      expect(text?.text ?? '').not.toMatch(/&(?!amp;|lt;|gt;)/);
    }
    expect(JSON.stringify(blocks)).toContain('and 50 more');
  });
});

describe('the answer of a webhook', () => {
  test.each([
    ['ok', 200, 'ok', {}, { status: 'ok' }],
    ['ok with a line end', 200, 'ok\n', {}, { status: 'ok' }],
    ['JSON that says ok', 200, '{"ok":true}', {}, { status: 'ok' }],
    ['an error in a 200', 200, 'invalid_payload', {}, { status: 'failed', reason: 'invalid_response' }],
    ['JSON that says no', 200, '{"ok":false,"error":"x"}', {}, { status: 'failed', reason: 'invalid_response' }],
    [
      'JSON that says too fast',
      200,
      '{"ok":false,"error":"ratelimited"}',
      {},
      { status: 'retryable', reason: 'rate_limited' },
    ],
    ['an empty 200', 200, '', {}, { status: 'failed', reason: 'invalid_response' }],
    ['a page', 200, '<html>Sign in</html>', {}, { status: 'failed', reason: 'invalid_response' }],
    ['400', 400, 'invalid_payload', {}, { status: 'failed', reason: 'rejected' }],
    ['404', 404, 'no_service', {}, { status: 'failed', reason: 'rejected' }],
    ['a redirect', 302, '', { location: '/x' }, { status: 'failed', reason: 'rejected' }],
    ['500', 500, 'rollup_error', {}, { status: 'retryable', reason: 'server_error' }],
    [
      '503 with patience',
      503,
      '',
      { 'retry-after': '7' },
      { status: 'retryable', reason: 'server_error', afterMs: 7_000 },
    ],
    ['429', 429, '', {}, { status: 'retryable', reason: 'rate_limited' }],
    [
      '429 with patience',
      429,
      '',
      { 'retry-after': '30' },
      { status: 'retryable', reason: 'rate_limited', afterMs: 30_000 },
    ],
  ])('%s', async (_name, status, body, headers, expected) => {
    expect(await post(says(status, body, headers as Record<string, string>))).toMatchObject(expected);
  });

  test('is quoted in the result', async () => {
    expect(await post(says(403, 'action_prohibited\n'))).toMatchObject({ detail: 'HTTP 403: action_prohibited' });
  });

  test('that never ends is not read to the end', async () => {
    const result = await post((request, response) => {
      request.resume();
      const timer = setInterval(() => response.write('x'.repeat(1_024)), 1);
      response.on('close', () => clearInterval(timer));
    });
    expect(result).toMatchObject({ status: 'failed', reason: 'invalid_response' });
  });
});

describe('a webhook that is not well', () => {
  test('is left when it hangs before the answer', async () => {
    expect(await post((request) => void request.resume(), 100)).toMatchObject({
      status: 'retryable',
      reason: 'timeout',
    });
  });

  test('is left when it hangs within the answer', async () => {
    const hang: RequestListener = (request, response) => {
      request.resume();
      response.writeHead(200).write('o');
    };
    expect(await post(hang, 100)).toMatchObject({ status: 'retryable', reason: 'timeout' });
  });

  test('is tried again when it resets the connection', async () => {
    const result = await post((request) => void request.socket.resetAndDestroy());
    expect(result).toMatchObject({ status: 'retryable', reason: 'connection_failed' });
  });

  test('is tried again when nobody listens', async () => {
    const apiUrl = await listen(() => undefined);
    await new Promise((resolve) => {
      server.close(resolve);
    });
    const config = await configFor(apiUrl);
    channel = createSlackChannel(config, { consoleUrl: CONSOLE_URL });
    const result = await channel.send(sampleNotification(), NEVER);
    expect(result).toEqual({
      status: 'retryable',
      reason: 'connection_failed',
      detail: 'The request failed: ECONNREFUSED.',
    });
  });

  test('is left when alerting stops', async () => {
    const stop = new AbortController();
    const apiUrl = await listen(() => stop.abort());
    const config = await configFor(apiUrl);
    channel = createSlackChannel(config, { consoleUrl: CONSOLE_URL });
    const result = await withTimeout(channel, 5_000).send(sampleNotification(), stop.signal);
    expect(result).toMatchObject({ status: 'retryable', reason: 'stopped' });
  });
});
