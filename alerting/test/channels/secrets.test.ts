import { Writable } from 'node:stream';
import { createLogger, silentLogger } from '@tocsin/service/log';
import type { Receiver } from '@tocsin/service/config';
import { afterEach, describe, expect, test } from 'vitest';
import { createApi } from '../../src/api/api.ts';
import { formatRouting } from '../../src/api/status.ts';
import { CHANNEL_KINDS, type ChannelKind } from '../../src/channels/channel.ts';
import { listChannels } from '../../src/channels/registry.ts';
import { withSecretsHidden } from '../../src/channels/with-secrets-hidden.ts';
import { createNotifier } from '../../src/notify/notifier.ts';
import { openDatabase } from '../../src/store/database.ts';
import { readConfig } from '../notify/scenario.ts';
import { type Behaviour, startHostileReceiver } from './hostile-receiver.ts';
import { HTTP_KINDS } from './http-kinds.ts';
import { smtpRefusal, startMailServer } from './mail-server.ts';
import { CONSOLE_URL, sampleAlert, sampleNotification } from './sample.ts';

const SECRET = 'XXXX-very-secret-0123456789';
const stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

/** Repeats everything it was told, in every form: address, headers, body, and the values of a form. */
const echoes: Behaviour = (response, { path, headers, body }) => {
  const plain = Buffer.from(headers.authorization?.replace(/^Basic /, '') ?? '', 'base64').toString();
  const form = [...new URLSearchParams(body).values()].join(' ');
  const said = [headers.authorization, plain, path, encodeURIComponent(path), form, body.slice(0, 60)].join(' ');
  response.writeHead(404).end(said);
};

const resets: Behaviour = (response) => void response.socket?.resetAndDestroy();

/** Settings of an HTTP kind whose other side repeats, breaks off, and is not there. */
async function hostileHttp(settings: (url: string, secret: string, more?: string) => string): Promise<string[]> {
  const echo = await startHostileReceiver(echoes);
  const reset = await startHostileReceiver(resets);
  stops.push(
    () => echo.stop(),
    () => reset.stop(),
  );
  const login = `http_config: { basic_auth: { username: ann, password: ${SECRET} }, http_headers: { X-Key: { secrets: [${SECRET}] } } },`;
  return [
    settings(echo.url, SECRET),
    settings(echo.url, SECRET, login),
    settings(reset.url, SECRET),
    settings('http://no-such-host.invalid', SECRET),
    settings(`http://user:${SECRET}@127.0.0.1:${new URL(echo.url).port}`, SECRET),
    settings('http://127.0.0.1:1', SECRET, `http_config: { proxy_url: "http://user:${SECRET}@127.0.0.1:1" },`),
  ];
}

async function hostileMail(): Promise<string[]> {
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
  return [`127.0.0.1:${echo.port}`, `127.0.0.1:${reset.port}`, 'no-such-host.invalid:25'].map(
    (smarthost) =>
      `email_configs: [{ to: a@example.com, from: t@example.com, smarthost: "${smarthost}", require_tls: false, auth_username: tocsin, auth_password: ${SECRET} }]`,
  );
}

/** For each kind: settings of receivers whose other side refuses, breaks off, is not there, and repeats what it was told. */
const HOSTILE = {
  email: hostileMail,
  slack: async () => [
    ...(await hostileHttp(HTTP_KINDS.slack.settings)),
    ...(await hostileHttp(HTTP_KINDS['slack bot'].settings)),
  ],
  pagerduty: () => hostileHttp(HTTP_KINDS.pagerduty.settings),
  opsgenie: () => hostileHttp(HTTP_KINDS.opsgenie.settings),
  pushover: () => hostileHttp(HTTP_KINDS.pushover.settings),
  telegram: () => hostileHttp(HTTP_KINDS.telegram.settings),
  discord: () => hostileHttp(HTTP_KINDS.discord.settings),
  msteams: () => hostileHttp(HTTP_KINDS.msteams.settings),
  msteamsv2: () => hostileHttp(HTTP_KINDS.msteamsv2.settings),
  webhook: () => hostileHttp(HTTP_KINDS.webhook.settings),
  ntfy: () => hostileHttp(HTTP_KINDS.ntfy.settings),
  twilio: async () => [
    ...(await hostileHttp(HTTP_KINDS['twilio sms'].settings)),
    ...(await hostileHttp(HTTP_KINDS['twilio call'].settings)),
  ],
  exec: () =>
    Promise.resolve([
      `exec_configs: [{ command: [sh, -c, "env >&2; exit 1"], env: { API_KEY: ${SECRET} } }]`,
      `exec_configs: [{ command: [/no/such/program], env: { API_KEY: ${SECRET} } }]`,
    ]),
} satisfies Record<ChannelKind, () => Promise<string[]>>;

const FORMS = [SECRET, Buffer.from(SECRET).toString('base64'), Buffer.from(`\0tocsin\0${SECRET}`).toString('base64')];
for (const user of ['user', 'ann', 'AC12345678']) FORMS.push(Buffer.from(`${user}:${SECRET}`).toString('base64'));

const alertingOf = (settings: readonly string[]): string =>
  [
    'alerting:',
    '  allow_exec: true',
    '  http: 127.0.0.1:0',
    '  route:',
    '    receiver: r0',
    '    group_wait: 0s',
    `    routes: [${settings.map((_, at) => `{ receiver: r${at}, continue: true }`).join(', ')}]`,
    '  receivers:',
    ...settings.flatMap((lines, at) => [`    - name: r${at}`, `      ${lines}`]),
  ].join('\n');

describe.each(CHANNEL_KINDS)('%s', (kind) => {
  test('says why a delivery failed without its secret, whatever the other side does', async () => {
    const { alerting } = await readConfig(alertingOf(await HOSTILE[kind]()));
    const listed = alerting.receivers.flatMap((receiver: Receiver) => listChannels(receiver, 5_000));
    expect(listed.length).toBeGreaterThan(1);
    for (const entry of listed) {
      const channel = entry.open({ consoleUrl: CONSOLE_URL });
      const result = await channel.send(sampleNotification(), new AbortController().signal);
      await channel.close();
      expect(result.status).not.toBe('ok');
      expect(result.detail).not.toBe('');
      for (const form of FORMS) expect(JSON.stringify(result)).not.toContain(form);
    }
  });

  test('shows no secret in the log, the delivery log and the API', async () => {
    const config = await readConfig(alertingOf(await HOSTILE[kind]()));
    const lines: string[] = [];
    const stream = new Writable({
      write(chunk: Buffer, _encoding, done) {
        lines.push(chunk.toString());
        done();
      },
    });
    const database = openDatabase(':memory:');
    const now = (): number => Date.now();
    const notifier = createNotifier({ database, log: createLogger('alerting', 'debug', stream), now });
    const readiness = () => ({ ready: true, reasons: [] });
    const api = createApi({
      config: () => config,
      database,
      notifier,
      rules: { status: () => [] },
      sloStatus: () => Promise.resolve([]),
      readiness,
      reload: () => Promise.resolve({ status: 'ok' }),
      log: silentLogger(),
      version: '1',
      now,
    });
    const url = await api.listen();
    notifier.apply(config, now());
    notifier.sink.putAlerts([{ ...sampleAlert(), startsAtMs: now(), updatedAtMs: now() }], now());
    while (notifier.tick(now()));
    await notifier.idle();
    const paths = ['/api/v1/deliveries', '/api/v2/status', '/api/v2/receivers', '/api/v2/alerts'];
    const answers = await Promise.all(paths.map(async (path) => (await fetch(`${url}${path}`)).text()));
    await notifier.stop(0);
    await api.stop();
    database.close();
    expect(answers[0]).toContain('lastDetail');
    expect(lines.join('')).toContain('notification');
    for (const shown of [...answers, ...lines, formatRouting(config.alerting)])
      for (const form of FORMS) expect(shown).not.toContain(form);
  });
});

test('a secret that a quotation was cut in does not show its beginning', async () => {
  const detail = `HTTP 404: no ${SECRET.slice(0, 12)}…`;
  const channel = withSecretsHidden(
    { send: () => Promise.resolve({ status: 'failed', reason: 'rejected', detail }), close: () => Promise.resolve() },
    [SECRET],
  );
  const result = await channel.send(sampleNotification(), new AbortController().signal);
  expect(result.detail).toBe('HTTP 404: no [hidden]…');
});

test('a channel that throws fails without repeating the error', async () => {
  const channel = withSecretsHidden(
    { send: () => Promise.reject(new TypeError(`bad ${SECRET}`)), close: () => Promise.resolve() },
    [],
  );
  const result = await channel.send(sampleNotification(), new AbortController().signal);
  expect(result).toEqual({ status: 'failed', reason: 'internal_error', detail: 'The channel threw TypeError.' });
});
