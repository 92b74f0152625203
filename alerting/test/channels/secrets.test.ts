import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Receiver } from '@tocsin/service/config';
import { afterEach, describe, expect, test } from 'vitest';
import { CHANNEL_KINDS, type ChannelKind } from '../../src/channels/channel.ts';
import { listChannels } from '../../src/channels/registry.ts';
import { withSecretsHidden } from '../../src/channels/with-secrets-hidden.ts';
import { formatRouting } from '../../src/api/status.ts';
import { smtpRefusal, startMailServer } from './mail-server.ts';
import { CONSOLE_URL, sampleNotification } from './sample.ts';

const SECRET = 'XXXX-very-secret-0123456789';
const stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

/** For each kind of channel: receivers whose other side refuses, breaks off, is not there, and repeats what it was told. */
const HOSTILE = {
  email: async (): Promise<Partial<Receiver>> => {
    const echo = await startMailServer({
      onAuth: ({ username, password }, _session, done) => {
        const plain = Buffer.from(`\0${username ?? ''}\0${password ?? ''}`).toString('base64');
        done(smtpRefusal(535, `no: ${password} ${Buffer.from(password ?? '').toString('base64')} ${plain}`));
      },
      allowInsecureAuth: true,
    });
    const reset = await startMailServer({ onConnect: () => undefined });
    await reset.stop();
    stops.push(() => echo.stop());
    const config = {
      to: 'a@example.com',
      from: 't@example.com',
      hello: 'localhost',
      auth: { username: 'tocsin', password: SECRET },
      requireTls: false,
      sendResolved: true,
      headers: {},
    };
    const hosts = [
      { host: '127.0.0.1', port: echo.port },
      { host: '127.0.0.1', port: reset.port },
      { host: 'no-such-host.invalid', port: 25 },
    ];
    return { emailConfigs: hosts.map((smarthost) => ({ ...config, smarthost })) };
  },
  slack: async (): Promise<Partial<Receiver>> => {
    const server = createServer((request, response) => {
      if (request.url?.includes('reset')) request.socket.resetAndDestroy();
      else
        response
          .writeHead(404)
          .end(`no ${request.url} ${encodeURIComponent(request.url ?? '')} at ${request.headers.host}`);
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    stops.push(
      () =>
        new Promise((resolve) => {
          server.closeAllConnections();
          server.close(resolve);
        }),
    );
    const { port } = server.address() as AddressInfo;
    const urls = [
      `http://127.0.0.1:${port}/services/T1/B1/${SECRET}`,
      `http://127.0.0.1:${port}/hook?token=${SECRET}`,
      `http://127.0.0.1:${port}/reset/${SECRET}`,
      `http://no-such-host.invalid/services/${SECRET}`,
      `http://user:${SECRET}@127.0.0.1:${port}/hook`,
      `http://127.0.0.1:1/services/${SECRET}`,
    ];
    return {
      slackConfigs: urls.map((apiUrl) => ({ apiUrl, channel: undefined, username: undefined, sendResolved: true })),
    };
  },
} satisfies Record<ChannelKind, () => Promise<Partial<Receiver>>>;

const FORMS = [SECRET, Buffer.from(SECRET).toString('base64'), Buffer.from(`\0tocsin\0${SECRET}`).toString('base64')];

describe.each(CHANNEL_KINDS)('%s', (kind) => {
  test('says why a delivery failed without its secret, whatever the other side does', async () => {
    const receiver: Receiver = { name: 'team', emailConfigs: [], slackConfigs: [], ...(await HOSTILE[kind]()) };
    for (const entry of listChannels(receiver, 5_000)) {
      const channel = entry.open({ consoleUrl: CONSOLE_URL });
      const result = await channel.send(sampleNotification(), new AbortController().signal);
      await channel.close();
      expect(result.status).not.toBe('ok');
      expect(result.detail).not.toBe('');
      for (const form of FORMS) expect(JSON.stringify(result)).not.toContain(form);
    }
  });

  test('shows no secret in the API', async () => {
    const receiver: Receiver = { name: 'team', emailConfigs: [], slackConfigs: [], ...(await HOSTILE[kind]()) };
    const http = { host: '127.0.0.1', port: 0 };
    const shown = formatRouting({ http, resolveTimeoutMs: 1, route: undefined, receivers: [receiver] });
    expect(shown).toContain('team');
    expect(shown).not.toContain(SECRET);
  });
});

test('a channel that throws fails without repeating the error', async () => {
  const channel = withSecretsHidden(
    { send: () => Promise.reject(new TypeError(`bad ${SECRET}`)), close: () => Promise.resolve() },
    [],
  );
  const result = await channel.send(sampleNotification(), new AbortController().signal);
  expect(result).toEqual({ status: 'failed', reason: 'internal_error', detail: 'The channel threw TypeError.' });
});
