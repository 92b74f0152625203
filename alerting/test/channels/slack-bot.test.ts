import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Channel } from '../../src/channels/channel.ts';
import { listChannels } from '../../src/channels/registry.ts';
import { createThreadStore } from '../../src/channels/thread-store.ts';
import { type Database, openDatabase } from '../../src/store/database.ts';
import { type Behaviour, type HostileReceiver, says, startHostileReceiver } from './hostile-receiver.ts';
import { readReceiver } from './receiver.ts';
import { CONSOLE_URL, sampleAlert, sampleNotification, SINCE_MS } from './sample.ts';

const NEVER = new AbortController().signal;
let slack: HostileReceiver;
let database: Database;
let channel: Channel;
let count = 0;

const accepts: Behaviour = (response, request) =>
  says(200, JSON.stringify({ ok: true, channel: 'C1', ts: `1700000000.${(count += 1)}` }))(response, request);

async function open(more = ''): Promise<Channel> {
  const settings = `slack_configs: [{ app_token: xoxb-1234, channel: "#ops", app_url: "${slack.url}/api/chat.postMessage" ${more} }]`;
  const [listed] = listChannels(await readReceiver(settings));
  return listed!.open({
    consoleUrl: CONSOLE_URL,
    threads: createThreadStore(database),
    links: () => ({ acknowledge: 'http://a.example/links/a', silence: 'http://a.example/links/s' }),
  });
}

beforeEach(async () => {
  count = 0;
  slack = await startHostileReceiver(accepts);
  database = openDatabase(':memory:');
  channel = await open();
});
afterEach(async () => {
  await channel.close();
  await slack.stop();
  database.close();
});

const later = (id: string, change = {}) =>
  sampleNotification({ id, threadId: 'key-1', reason: 'new_firing', ...change });
const calls = () =>
  slack.requests.map(({ path, body }) => {
    const {
      channel: to,
      ts,
      thread_ts: thread,
      reply_broadcast: broadcast,
    } = JSON.parse(body) as Record<string, unknown>;
    return { path: path.replace('/api/', ''), to, ts, thread, broadcast };
  });

describe('a bot', () => {
  test('posts the first message with its token, and buttons that are links', async () => {
    expect(await channel.send(sampleNotification(), NEVER)).toEqual({ status: 'ok' });
    expect(calls()).toMatchObject([{ path: 'chat.postMessage', to: '#ops', ts: undefined, thread: undefined }]);
    expect(slack.requests[0]?.headers.authorization).toBe('Bearer xoxb-1234');
    expect(slack.requests[0]?.body).toContain('"url":"http://a.example/links/a"');
  });

  test('brings the first message up to date and replies in its thread, after a restart too', async () => {
    await channel.send(sampleNotification(), NEVER);
    await channel.close();
    channel = await open();
    expect(await channel.send(later('key-2'), NEVER)).toEqual({ status: 'ok' });
    const resolved = [sampleAlert({}, {}, SINCE_MS + 60_000)];
    await channel.send(later('key-3', { reason: 'all_resolved', firing: [], resolved }), NEVER);
    const place = { to: 'C1', ts: '1700000000.1' };
    expect(calls().slice(1)).toMatchObject([
      { path: 'chat.update', ...place },
      { path: 'chat.postMessage', to: 'C1', thread: '1700000000.1', broadcast: true },
      { path: 'chat.update', ...place },
      { path: 'chat.postMessage', to: 'C1', thread: '1700000000.1', broadcast: false },
    ]);
  });

  test('leaves the first message as it is where that is configured', async () => {
    await channel.close();
    channel = await open(', update_message: false');
    await channel.send(sampleNotification(), NEVER);
    await channel.send(later('key-2'), NEVER);
    expect(calls().map(({ path }) => path)).toEqual(['chat.postMessage', 'chat.postMessage']);
  });

  test('begins anew where the first message is gone', async () => {
    await channel.send(sampleNotification(), NEVER);
    slack.behave = (response, request) => {
      const gone = request.path.endsWith('update') || request.body.includes('thread_ts');
      (gone ? says(200, '{"ok":false,"error":"message_not_found"}') : accepts)(response, request);
    };
    expect(await channel.send(later('key-2'), NEVER)).toEqual({ status: 'ok' });
    expect(calls().at(-1)).toMatchObject({ path: 'chat.postMessage', to: '#ops', thread: undefined });
  });

  test('posts another trouble by itself', async () => {
    await channel.send(sampleNotification(), NEVER);
    await channel.send(sampleNotification({ id: 'key-9', threadId: 'key-9' }), NEVER);
    expect(calls().map(({ path }) => path)).toEqual(['chat.postMessage', 'chat.postMessage']);
  });

  test('updates again when the reply fails, and says it once in the end', async () => {
    await channel.send(sampleNotification(), NEVER);
    slack.behave = (response, request) => (request.path.endsWith('update') ? accepts : says(500))(response, request);
    expect(await channel.send(later('key-2'), NEVER)).toMatchObject({ status: 'retryable', reason: 'server_error' });
    slack.behave = accepts;
    expect(await channel.send(later('key-2'), NEVER)).toEqual({ status: 'ok' });
    expect(calls().filter(({ path, thread }) => path === 'chat.postMessage' && thread !== undefined)).toHaveLength(2);
  });

  test.each([
    ['ratelimited', 'retryable', 'rate_limited'],
    ['service_unavailable', 'retryable', 'server_error'],
    ['invalid_auth', 'failed', 'authentication_failed'],
    ['channel_not_found', 'failed', 'rejected'],
  ])('%s inside a 200 is %s', async (error, status, reason) => {
    slack.behave = says(200, JSON.stringify({ ok: false, error }));
    expect(await channel.send(sampleNotification(), NEVER)).toMatchObject({ status, reason });
  });
});
