import { afterEach, describe, expect, test } from 'vitest';
import type { Receiver } from '@tocsin/service/config';
import { CHANNEL_KINDS, type ChannelKind } from '../../src/channels/channel.ts';
import { formatTitle } from '../../src/channels/content.ts';
import { showDirections } from '../../src/channels/directions.ts';
import { listChannels } from '../../src/channels/registry.ts';
import type { Notification } from '../../src/notify/notification.ts';
import { type HostileReceiver, says, startHostileReceiver } from './hostile-receiver.ts';
import { HTTP_KINDS, type HttpKind } from './http-kinds.ts';
import { startMailServer } from './mail-server.ts';
import { readReceiver } from './receiver.ts';
import { CONSOLE_URL, sampleAlert, sampleNotification } from './sample.ts';

const NEVER = new AbortController().signal;
const EVIL = 'pay\u202Egnp.exe\u2066a\u2069 z\u200Bero\uFEFF \u{E0041}tag';
/** As it is, and as escapes of JSON, of a form, and of quoted-printable. */
const MARKS = ['\u202E', '\u2066', '\u2069', '\u200B', '\uFEFF', '\u{E0041}'];
const FORMS = MARKS.flatMap((mark) => [
  mark,
  JSON.stringify(mark).slice(1, -1),
  encodeURIComponent(mark),
  `=${encodeURIComponent(mark).slice(1).replaceAll('%', '=')}`,
]);

const evil = (): Notification =>
  sampleNotification({
    firing: [
      {
        ...sampleAlert(
          { monitor: EVIL },
          {
            summary: `${EVIL} is down`,
            description: EVIL,
            reason: EVIL,
            runbook_url: `https://x.example/${EVIL}`,
            more: EVIL,
          },
        ),
        fingerprint: '0123456789abcdef',
      },
    ],
    groupLabels: { monitor: EVIL },
    escalation: { incidentId: 'i-1', what: 'step', note: EVIL },
  });

const stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

async function receive(): Promise<HostileReceiver> {
  const receiver = await startHostileReceiver(says(200));
  stops.push(() => receiver.stop());
  return receiver;
}

/** What the other side of each kind was sent, for its settings. */
async function overHttp(...kinds: HttpKind[]): Promise<string> {
  let sent = '';
  for (const kind of kinds) {
    const receiver = await receive();
    receiver.behave = kind.accepts;
    await send(await readReceiver(kind.settings(receiver.url, 'secret-0123456789')));
    sent += receiver.requests.map(({ path, headers, body }) => path + JSON.stringify(headers) + body).join('');
  }
  return sent;
}

async function send(receiver: Receiver): Promise<void> {
  const [listed] = listChannels(receiver);
  const channel = listed!.open({ consoleUrl: CONSOLE_URL });
  expect(await channel.send(evil(), NEVER)).toMatchObject({ status: 'ok' });
  await channel.close();
}

async function overMail(): Promise<string> {
  const server = await startMailServer();
  stops.push(() => server.stop());
  await send(
    await readReceiver(
      `email_configs: [{ to: a@example.com, from: t@example.com, smarthost: "127.0.0.1:${server.port}", require_tls: false }]`,
    ),
  );
  return JSON.stringify(server.mails);
}

const SENT = {
  email: overMail,
  slack: () => overHttp(HTTP_KINDS.slack, HTTP_KINDS['slack bot']),
  pagerduty: () => overHttp(HTTP_KINDS.pagerduty),
  opsgenie: () => overHttp(HTTP_KINDS.opsgenie),
  pushover: () => overHttp(HTTP_KINDS.pushover),
  telegram: () => overHttp(HTTP_KINDS.telegram),
  discord: () => overHttp(HTTP_KINDS.discord),
  msteams: () => overHttp(HTTP_KINDS.msteams),
  msteamsv2: () => overHttp(HTTP_KINDS.msteamsv2),
  webhook: () => overHttp(HTTP_KINDS.webhook),
  ntfy: () => overHttp(HTTP_KINDS.ntfy),
  twilio: () => overHttp(HTTP_KINDS['twilio sms'], HTTP_KINDS['twilio call']),
  exec: async () => {
    const receiver = await receive();
    // The program hands on what it was given: its input and its environment.
    const script = `{ cat; env; } | "$NODE" -e 'let all = ""; process.stdin.on("data", (part) => (all += part)).on("end", () => fetch(process.env.TO, { method: "POST", body: all }))'`;
    await send(
      await readReceiver(
        `exec_configs: [{ command: [sh, -c, ${JSON.stringify(script)}], env: { NODE: "${process.execPath}", TO: "${receiver.url}" } }]`,
      ),
    );
    return receiver.requests.map(({ body }) => body).join('');
  },
} satisfies Record<ChannelKind, () => Promise<string>>;

describe.each(CHANNEL_KINDS)('%s', (kind) => {
  test('sends nothing that turns or hides text', async () => {
    const sent = await SENT[kind]();
    expect(sent).toContain('HighErrorRate');
    for (const form of FORMS) expect(sent).not.toContain(form);
    expect(sent).not.toMatch(/\\u(202|206|200b|feff)/i);
  });
});

test('a mark that turns text is written out, and what shows nothing is left out', () => {
  expect(showDirections(EVIL)).toBe('pay[U+202E]gnp.exe[U+2066]a[U+2069] zero tag');
  expect(formatTitle(evil())).toContain('pay[U+202E]gnp.exe');
});

test.each(['می\u200Cخواهم', '👩\u200D🚒', 'שלום', 'plain'])('%j stays as it is', (text) => {
  expect(showDirections(text)).toBe(text);
});

test('joiners among ASCII letters hide nothing', () => {
  expect(showDirections('pay\u200Dpal\u200C')).toBe('paypal');
});

test('links are made of the labels as they are stored', async () => {
  const receiver = await receive();
  receiver.behave = HTTP_KINDS.webhook.accepts;
  const slack = await readReceiver(HTTP_KINDS.slack.settings(receiver.url, 'secret-0123456789'));
  receiver.behave = says(200, 'ok');
  const asked: Notification[] = [];
  const links = (notification: Notification) => {
    asked.push(notification);
    return { silence: 'https://a.example/s' };
  };
  const channel = listChannels(slack)[0]!.open({ consoleUrl: CONSOLE_URL, links });
  await channel.send(evil(), NEVER);
  await channel.close();
  expect(asked[0]?.commonLabels['monitor']).toBe(EVIL);
});
