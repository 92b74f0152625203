import { afterEach, describe, expect, test } from 'vitest';
import type { Channel, ChannelContext } from '../../src/channels/channel.ts';
import { listChannels } from '../../src/channels/registry.ts';
import type { Notification } from '../../src/notify/notification.ts';
import { type Arrived, type HostileReceiver, says, startHostileReceiver } from './hostile-receiver.ts';
import { HTTP_KINDS } from './http-kinds.ts';
import { readReceiver } from './receiver.ts';
import { DIGEST, HUGE, NIGHT, RESOLVED, STRANGE } from './bodies-samples.ts';
import {
  CONSOLE_URL,
  picturesOf,
  risingPoints,
  sampleAlert,
  sampleNotification,
  SINCE_MS,
  TRACE_ID,
} from './sample.ts';

const NEVER = new AbortController().signal;
const LINKS = { acknowledge: 'http://a.example/links/ack', silence: 'http://a.example/links/silence' };
const CONTEXT: ChannelContext = { consoleUrl: CONSOLE_URL, links: () => LINKS };
type Kind = keyof typeof HTTP_KINDS;

let open: { receiver: HostileReceiver; channel: Channel }[] = [];
afterEach(async () => {
  for (const { receiver, channel } of open) await Promise.all([channel.close(), receiver.stop()]);
  open = [];
});

/** As much of the services' bodies as the tests look into. */
interface Body {
  readonly [key: string]: unknown;
  readonly text: string;
  readonly message: string;
  readonly description: string;
  readonly dedup_key: string;
  readonly embeds: readonly { readonly title: string; readonly description: string }[];
  readonly attachments: readonly unknown[];
  readonly alerts: readonly unknown[];
  readonly actions: readonly unknown[];
  readonly payload: { readonly summary: string; readonly severity: string; readonly custom_details: unknown };
  readonly reply_markup: { readonly inline_keyboard: readonly (readonly unknown[])[] };
}

/** Sends one notification to a kind. @returns the requests that arrived */
async function deliver(kind: Kind, notification: Notification, more = ''): Promise<Arrived[]> {
  const receiver = await startHostileReceiver(HTTP_KINDS[kind].accepts);
  const [listed] = listChannels(await readReceiver(HTTP_KINDS[kind].settings(receiver.url, 'secret-1234', more)));
  const channel = listed!.open(CONTEXT);
  open.push({ receiver, channel });
  expect(await channel.send(notification, NEVER)).toMatchObject({ status: 'ok' });
  return receiver.requests;
}
const json = async (kind: Kind, notification = sampleNotification(), more = '') =>
  JSON.parse((await deliver(kind, notification, more))[0]!.body) as Body;
const form = async (kind: Kind, notification = sampleNotification(), more = '') =>
  Object.fromEntries(new URLSearchParams((await deliver(kind, notification, more))[0]!.body));

const PEOPLE = Object.keys(HTTP_KINDS).filter((kind) => !/twilio|webhook|pagerduty|opsgenie/.test(kind)) as Kind[];

describe.each(PEOPLE)('%s', (kind) => {
  test('says what one needs at three in the morning', async () => {
    const [{ body }] = (await deliver(kind, NIGHT)) as [Arrived];
    const text = body.startsWith('{') ? body : [...new URLSearchParams(body).values()].join('\n');
    for (const part of [
      'HighErrorRate',
      '2026-11-20 10:03:12 UTC',
      'status 500',
      '0.371429 (threshold 0.05)',
      TRACE_ID,
    ])
      expect(text.replaceAll('\\\\', '')).toContain(part);
    expect(text).toContain('wiki.example/r');
    expect(text).toContain(LINKS.acknowledge);
  });

  test('names the groups of a digest, and has no button that would be about one of them', async () => {
    const [{ body }] = (await deliver(kind, DIGEST)) as [Arrived];
    const text = (body.startsWith('{') ? body : [...new URLSearchParams(body).values()].join('\n')).replaceAll(
      '\\',
      '',
    );
    expect(text).toContain('37 more groups');
    expect(text).toContain('MonitorDown (m0)');
    expect(text).not.toContain(LINKS.acknowledge);
  });
});

test('slack does not mention, telegram does not format, discord does not ping because of what came from outside', async () => {
  expect(JSON.stringify(await json('slack', STRANGE))).not.toContain('<@U1>');
  const telegram = await json('telegram', STRANGE);
  expect(telegram.text.replace(/<\/?(?:b|code)>|<a href="[^"]*">|<\/a>/g, '')).not.toMatch(/[<>]/);
  const discord = await json('discord', STRANGE);
  expect(discord['allowed_mentions']).toEqual({ parse: [] });
  expect(discord.embeds[0]?.description).not.toContain('[x](http');
  expect(discord.embeds[0]?.description).not.toContain('@everyone');
  for (const kind of ['msteams', 'msteamsv2'] as const)
    expect(JSON.stringify(await json(kind, STRANGE)).replaceAll('\\\\', '\\')).not.toContain('"[x](http');
});

describe('limits of the services', () => {
  test('telegram: 4,096 characters of text with its tags closed', async () => {
    const { text } = await json('telegram', HUGE);
    expect(text.length).toBeLessThanOrEqual(4_096);
    expect(text.match(/<b>/g)).toHaveLength(text.match(/<\/b>/g)?.length ?? 0);
    expect(text).toContain('… and ');
    expect(text).not.toMatch(/&(?!amp;|lt;|gt;|quot;)/);
  });

  test('discord: 256 of title, 4,096 of description', async () => {
    const { embeds } = await json('discord', HUGE);
    expect(embeds[0]?.title.length).toBeLessThanOrEqual(256);
    expect(embeds[0]?.description.length).toBeLessThanOrEqual(4_096);
  });

  test.each(['msteams', 'msteamsv2'] as const)('%s: 28 KB', async (kind) => {
    const [{ body }] = (await deliver(kind, HUGE)) as [Arrived];
    expect(Buffer.byteLength(body)).toBeLessThan(28_000);
    expect(body).toContain('… and ');
  });

  test('pushover: 1,024 of message, 250 of title, 512 of URL', async () => {
    const { message = '', title = '', url = '' } = await form('pushover', HUGE);
    expect(message.length).toBeLessThanOrEqual(1_024);
    expect(title.length).toBeLessThanOrEqual(250);
    expect(url.length).toBeLessThanOrEqual(512);
  });

  test('ntfy: 4,096 bytes of message', async () => {
    const { message } = await json('ntfy', HUGE);
    expect(Buffer.byteLength(message)).toBeLessThanOrEqual(4_096);
  });

  test('opsgenie: 130 of message, 15,000 of description', async () => {
    const { message, description } = await json('opsgenie', HUGE);
    expect(message.length).toBeLessThanOrEqual(130);
    expect(description.length).toBeLessThanOrEqual(15_000);
  });

  test('pagerduty: 1,024 of summary, 512 KiB of event', async () => {
    const [{ body }] = (await deliver('pagerduty', HUGE)) as [Arrived];
    expect(JSON.parse(body).payload.summary.length).toBeLessThanOrEqual(1_024);
    expect(Buffer.byteLength(body)).toBeLessThan(512 * 1_024);
  });

  test('twilio: two SMS with the link whole', async () => {
    const { Body = '' } = await form('twilio sms', HUGE);
    expect(Body.length).toBeLessThanOrEqual(306);
    expect(Body).toMatch(/http:\/\/a\.example\/links\/ack$/);
  });
});

test.each([
  ['telegram', { ok: false, error_code: 429, parameters: { retry_after: 14 } }, 14_000],
  ['discord', { message: 'You are being rate limited.', retry_after: 1.5, global: false }, 1_500],
] as const)('%s is as patient as the body of a 429 asks', async (kind, body, afterMs) => {
  const receiver = await startHostileReceiver(says(429, JSON.stringify(body)));
  const [listed] = listChannels(await readReceiver(HTTP_KINDS[kind].settings(receiver.url, 'secret-1234')));
  const channel = listed!.open(CONTEXT);
  open.push({ receiver, channel });
  expect(await channel.send(NIGHT, NEVER)).toMatchObject({ status: 'retryable', reason: 'rate_limited', afterMs });
});

describe('a chart', () => {
  const charts = picturesOf(risingPoints(9));
  const sent = async (kind: Kind): Promise<Arrived> => {
    const receiver = await startHostileReceiver(HTTP_KINDS[kind].accepts);
    const [listed] = listChannels(await readReceiver(HTTP_KINDS[kind].settings(receiver.url, 'secret-1234')));
    const channel = listed!.open({ ...CONTEXT, charts });
    open.push({ receiver, channel });
    expect(await channel.send(NIGHT, NEVER)).toMatchObject({ status: 'ok' });
    return receiver.requests[0]!;
  };

  test('comes to Discord as a file that the embed shows', async () => {
    const { body, headers } = await sent('discord');
    const parsed = await new Response(body, { headers: { 'content-type': headers['content-type']! } }).formData();
    const message = JSON.parse(parsed.get('payload_json') as string) as Body;
    expect(message.embeds[0]).toMatchObject({ image: { url: 'attachment://chart.png' } });
    expect(message.attachments).toMatchObject([{ id: 0, filename: 'chart.png' }]);
    const file = parsed.get('files[0]') as File;
    expect([file.name, file.type]).toEqual(['chart.png', 'image/png']);
  });

  test('comes to Pushover as an attachment', async () => {
    const form = new URLSearchParams((await sent('pushover')).body);
    expect(form.get('attachment_type')).toBe('image/png');
    expect(
      Buffer.from(form.get('attachment_base64') ?? '', 'base64')
        .subarray(1, 4)
        .toString(),
    ).toBe('PNG');
  });
});

describe('pagerduty', () => {
  test('triggers and resolves the same incident, with severity, links and details', async () => {
    const trigger = await json('pagerduty', NIGHT, 'details: { team: "{{ .Receiver }}" },');
    const resolve = await json('pagerduty', RESOLVED);
    expect([trigger['event_action'], resolve['event_action']]).toEqual(['trigger', 'resolve']);
    expect(trigger.dedup_key).toBe(resolve.dedup_key);
    expect(trigger.dedup_key.length).toBeLessThanOrEqual(255);
    expect(trigger.payload).toMatchObject({
      severity: 'critical',
      source: 'shop',
      timestamp: '2026-11-20T10:03:12.000Z',
    });
    expect(trigger.payload.custom_details).toMatchObject({ team: 'team', service: 'shop', num_firing: '1' });
    expect(trigger['links']).toContainEqual({ href: LINKS.acknowledge, text: 'Acknowledge' });
  });

  test.each([
    ['ticket', 'warning'],
    ['info', 'info'],
    ['unheard', 'critical'],
  ])('takes the label %s for %s', async (severity, expected) => {
    const event = await json('pagerduty', sampleNotification({ firing: [sampleAlert({ severity })] }));
    expect(event.payload.severity).toBe(expected);
  });
});

describe('opsgenie', () => {
  test('creates with an alias and closes by it', async () => {
    const created = await json('opsgenie', NIGHT, 'responders: [{ type: team, name: ops }], tags: "a, b",');
    expect(created).toMatchObject({ priority: 'P1', responders: [{ type: 'team', name: 'ops' }], tags: ['a', 'b'] });
    const [close] = await deliver('opsgenie', RESOLVED);
    expect(close?.path).toBe(`/v2/alerts/${created['alias']}/close?identifierType=alias`);
    expect(close?.headers.authorization).toBe('GenieKey secret-1234');
  });

  test('brings an open alert up to date where that is configured', async () => {
    const requests = await deliver('opsgenie', NIGHT, 'update_alerts: true,');
    expect(requests.map(({ method, path }) => `${method} ${path.replace(/[0-9a-f]{64}/, 'ALIAS')}`)).toEqual([
      'POST /v2/alerts',
      'PUT /v2/alerts/ALIAS/message?identifierType=alias',
      'PUT /v2/alerts/ALIAS/description?identifierType=alias',
    ]);
  });
});

test('texts that are HTML take no markup out of labels, in Telegram and Pushover', async () => {
  const hostile = sampleNotification({ firing: [sampleAlert({ service: '<a href=x>' })] });
  const message = `message: '<b>{{ .CommonLabels.service }}</b>',`;
  expect((await json('telegram', hostile, message)).text).toBe('<b>&lt;a href=x&gt;</b>');
  expect((await json('telegram', hostile, `${message} parse_mode: Markdown,`)).text).toBe('<b><a href=x></b>');
  expect((await form('pushover', hostile, `${message} html: true,`))['message']).toBe('<b>&lt;a href=x&gt;</b>');
  expect((await form('pushover', hostile, 'html: true,'))['message']).not.toContain('<a');
  const standard = await json('telegram', hostile, `message: '{{ template "telegram.default.message" . }}',`);
  expect(standard.text).toContain('<b>[FIRING:1] HighErrorRate (&lt;a href=x&gt;)</b>');
});

describe('pushover', () => {
  test('rings for a page until somebody confirms', async () => {
    expect(await form('pushover', NIGHT)).toMatchObject({
      priority: '2',
      retry: '60',
      expire: '3600',
      url: LINKS.acknowledge,
    });
    expect(await form('pushover', NIGHT, 'retry: 5s, expire: 24h,')).toMatchObject({ retry: '30', expire: '10800' });
  });

  test('does not ring when all is over', async () => {
    const sent = await form('pushover', RESOLVED);
    expect(sent).toMatchObject({ priority: '0', url: CONSOLE_URL });
    expect(sent).not.toHaveProperty('retry');
  });
});

test('telegram has buttons, a chat by number, and the mode of a message of one’s own', async () => {
  const standard = await json('telegram', NIGHT, 'message_thread_id: 7, disable_notifications: true,');
  expect(standard).toMatchObject({
    chat_id: -100,
    message_thread_id: 7,
    parse_mode: 'HTML',
    disable_notification: true,
  });
  expect(standard.reply_markup.inline_keyboard[0]?.[0]).toEqual({ text: 'Acknowledge', url: LINKS.acknowledge });
  const own = await json('telegram', NIGHT, `message: "*{{ .Status }}*", parse_mode: Markdown,`);
  expect(own).toMatchObject({ text: '*firing*', parse_mode: 'Markdown' });
});

test('ntfy has priority, tags and actions', async () => {
  const sent = await json('ntfy', NIGHT, 'tags: [shop],');
  expect(sent).toMatchObject({ topic: 'alerts', priority: 5, tags: ['rotating_light', 'shop'], click: CONSOLE_URL });
  expect(sent.actions[0]).toEqual({ action: 'view', label: 'Acknowledge', url: LINKS.acknowledge });
  expect(await json('ntfy', RESOLVED)).toMatchObject({ priority: 3, actions: [] });
  expect(await json('ntfy', NIGHT, 'priority: low,')).toMatchObject({ priority: 2 });
});

test('a call says its words twice, in XML that holds', async () => {
  const { Twiml = '', To } = await form('twilio call', STRANGE);
  expect(To).toBe('+4930123457');
  expect(Twiml.match(/<Say language="en-US">/g)).toHaveLength(2);
  expect(Twiml.replace(/<\/?(?:Response|Say|Pause)[^<>]*>/g, '')).not.toMatch(/[<>]/);
});

describe('a webhook', () => {
  test("has Alertmanager's body, field by field", async () => {
    const resolved = [sampleAlert({ route: '/b' }, {}, SINCE_MS + 60_000)];
    const firing = [{ ...sampleAlert({ route: '/a' }), fingerprint: '00112233445566aa', generatorUrl: 'http://g' }];
    expect(await json('webhook', sampleNotification({ firing, resolved }))).toEqual({
      receiver: 'team',
      status: 'firing',
      alerts: [
        {
          status: 'firing',
          labels: { alertname: 'HighErrorRate', service: 'shop', severity: 'page', route: '/a' },
          annotations: { summary: 'shop: 37% of requests fail' },
          startsAt: '2026-11-20T10:03:12.000Z',
          endsAt: '0001-01-01T00:00:00Z',
          generatorURL: 'http://g',
          fingerprint: '00112233445566aa',
        },
        expect.objectContaining({ status: 'resolved', endsAt: '2026-11-20T10:04:12.000Z' }),
      ],
      groupLabels: { alertname: 'HighErrorRate' },
      commonLabels: { alertname: 'HighErrorRate', service: 'shop', severity: 'page' },
      commonAnnotations: { summary: 'shop: 37% of requests fail' },
      externalURL: CONSOLE_URL,
      version: '4',
      groupKey: '{}:{alertname="HighErrorRate"}',
      truncatedAlerts: 0,
    });
  });

  test('is cut to max_alerts and says how many are left out', async () => {
    const body = await json('webhook', HUGE, 'max_alerts: 3,');
    expect(body.alerts).toHaveLength(3);
    expect(body['truncatedAlerts']).toBe(197);
  });

  test('has a body of one’s own', async () => {
    const more = `payload: '{"text": {{ .CommonLabels.service | toJson }}, "n": {{ .Alerts.Firing | len }} }',`;
    expect(await json('webhook', NIGHT, more)).toEqual({ text: 'shop', n: 1 });
    const [plain] = await deliver('webhook', NIGHT, `payload: "{{ .Status }}", content_type: text/plain,`);
    expect([plain?.body, plain?.headers['content-type']]).toEqual(['firing', 'text/plain']);
  });

  test('has the usual body with a word about it where the template cannot be used', async () => {
    const body = await json('webhook', NIGHT, `payload: "{{ index .Alerts 99 }}",`);
    expect(body).toMatchObject({ version: '4', templateError: expect.stringContaining('out of range') });
  });
});

describe('texts of the configuration', () => {
  test('are laid out for Slack as Alertmanager does it', async () => {
    const more = `title: '{{ .Status | toUpper }}: {{ .CommonLabels.alertname }}', text: '{{ range .Alerts }}{{ .Annotations.summary }}{{ end }}', color: '{{ if eq .Status "firing" }}danger{{ else }}good{{ end }}', fields: [{ title: Where, value: '{{ .CommonLabels.service }}', short: true }],`;
    const { attachments } = await json('slack', NIGHT, more);
    expect(attachments).toHaveLength(1);
    expect(attachments[0]).toMatchObject({
      title: 'FIRING: HighErrorRate',
      title_link: CONSOLE_URL,
      text: 'shop: 37% of requests fail',
      color: 'danger',
      fields: [{ title: 'Where', value: 'shop', short: true }],
    });
  });

  test('that cannot be used cost no message', async () => {
    const { embeds } = await json('discord', NIGHT, `title: '{{ index .Alerts 99 }}',`);
    expect(embeds[0]?.title).toMatch(/HighErrorRate.*could not be used.*out of range/s);
  });

  test("that are Alertmanager's own are ours", async () => {
    const { embeds } = await json('discord', NIGHT, `title: '{{ template "discord.default.title" . }}',`);
    expect(embeds[0]?.title).toContain('FIRING:1');
    expect(embeds[0]?.title).not.toContain('could not be used');
  });
});
