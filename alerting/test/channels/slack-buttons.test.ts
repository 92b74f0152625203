import { createHmac } from 'node:crypto';
import type { TocsinConfig } from '@tocsin/service/config';
import { silentLogger } from '@tocsin/service/log';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Api, createApi } from '../../src/api/api.ts';
import { SLACK_PATH } from '../../src/channels/slack/interactivity/slack-routes.ts';
import { listChannels } from '../../src/channels/registry.ts';
import { silenceByLink } from '../../src/links/silence-by-link.ts';
import { createMessageLinks } from '../../src/links/message-links.ts';
import { acknowledgeByLink, whoHas } from '../../src/oncall/acknowledge-by-link.ts';
import { DOWN, incidentOf, kinds, USUAL } from '../oncall/desk-scenario.ts';
import { readConfig, Scenario } from '../notify/scenario.ts';
import { type HostileReceiver, says, startHostileReceiver } from './hostile-receiver.ts';
import { sampleAlert, sampleNotification } from './sample.ts';

const SECRET = '8f742231b10e8888abcd99yyyzzz85a5';
const NEVER = new AbortController().signal;
const GROUP_KEY = '{}:{alertname="Down"}';

let scenario: Scenario;
let api: Api;
let url: string;
let slack: HostileReceiver;
let config: TocsinConfig;
/** The message as the channel sent it. */
let message: { text: string; attachments: { blocks: Block[] }[] };

interface Block {
  readonly type: string;
  readonly elements?: {
    readonly action_id?: string;
    readonly value?: string;
    readonly url?: string;
    readonly text?: unknown;
  }[];
}

beforeEach(async () => {
  slack = await startHostileReceiver(says(200, 'ok'));
  const text = USUAL.replaceAll('http://127.0.0.1:1/x', `${slack.url}/services/x`).replace(
    '{ name: ben,',
    '{ name: ben, slack_id: U0BEN,',
  );
  const whole = `${text.replace(
    '\n  route:',
    `\n  http: 127.0.0.1:0\n  url: https://alerts.example\n  global: { slack_signing_secret: ${SECRET} }\n  route:`,
  )}`;
  scenario = await Scenario.begin(whole);
  config = await readConfig(`alerting:${whole}`);
  const linkActions = {
    acknowledge: acknowledgeByLink(scenario.notifier.oncall.desk),
    silence: silenceByLink(scenario.notifier.silences),
  };
  api = createApi({
    config: () => config,
    database: scenario.database,
    notifier: scenario.notifier,
    rules: { status: () => [] },
    sloStatus: () => Promise.resolve([]),
    readiness: () => ({ ready: true, reasons: [] }),
    reload: () => Promise.resolve({ status: 'ok' }),
    log: silentLogger(),
    version: '1',
    now: () => scenario.nowMs,
    linkActions,
  });
  url = await api.listen();
  scenario.push([DOWN]);
  await scenario.until('2s');
  await sendMessage();
});
afterEach(async () => {
  await api.stop();
  await slack.stop();
  await scenario.end();
});

/** Sends a message about the incident over the real channel, and keeps it. */
async function sendMessage(): Promise<void> {
  const receiver = config.alerting.receivers.find(({ name }) => name === 'chat')!;
  const { links, oncall } = scenario.notifier;
  const channel = listChannels(receiver)[0]!.open({
    consoleUrl: 'http://console.example',
    acknowledgedBy: whoHas(oncall.desk),
    links: createMessageLinks(links, 'https://alerts.example', {
      acknowledge: acknowledgeByLink(oncall.desk),
      silence: silenceByLink(scenario.notifier.silences),
    }),
  });
  const firing = [{ ...sampleAlert(), labels: DOWN }];
  const notification = sampleNotification({ groupKey: GROUP_KEY, firing, createdAtMs: scenario.nowMs });
  expect(await channel.send(notification, NEVER)).toEqual({ status: 'ok' });
  await channel.close();
  message = JSON.parse(slack.requests.pop()!.body) as typeof message;
}

const buttons = () => message.attachments[0]!.blocks.find(({ type }) => type === 'actions')?.elements ?? [];
const seconds = (): number => Math.floor(scenario.nowMs / 1_000);
const sign = (body: string, timestamp: number, secret = SECRET): string =>
  `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex')}`;

function payload(actionId: string, more: object = {}): string {
  const button = buttons().find(({ action_id: id }) => id === actionId);
  const value = {
    type: 'block_actions',
    user: { id: 'U0BEN', username: 'benny', name: 'benny', team_id: 'T1' },
    actions: [{ type: 'button', action_id: actionId, value: button?.value }],
    response_url: `${slack.url}/actions/T1/2/abc`,
    message: { type: 'message', ts: '1.2', ...message },
    ...more,
  };
  return new URLSearchParams({ payload: JSON.stringify(value) }).toString();
}

const post = (body: string, headers: Readonly<Record<string, string>>) =>
  fetch(`${url}${SLACK_PATH}`, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
  });
const signed = (body: string, timestamp = seconds(), secret = SECRET) =>
  post(body, { 'x-slack-request-timestamp': String(timestamp), 'x-slack-signature': sign(body, timestamp, secret) });

/** What Slack was told of the message. */
async function told(): Promise<Record<string, unknown>> {
  while (slack.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  const { path, body, headers } = slack.requests.shift()!;
  expect([path, headers.authorization]).toEqual(['/actions/T1/2/abc', undefined]);
  return JSON.parse(body) as Record<string, unknown>;
}

describe('a message to a Slack that tells of its buttons', () => {
  test('has buttons that act, each with the signed link in it', () => {
    expect(buttons().map(({ action_id: id }) => id)).toEqual([
      'tocsin-acknowledge',
      'tocsin-silence-1h',
      'tocsin-silence-24h',
    ]);
    for (const { value, url: link } of buttons()) {
      expect(value).toMatch(/^[as]\.[\w-]+\.[0-9a-z]+\.[\w-]{22}$/);
      expect(link).toBeUndefined();
    }
  });
});

describe('a pressed button', () => {
  test('acknowledges as the user whose Slack it is, and the message says so', async () => {
    const answer = await signed(payload('tocsin-acknowledge'));
    expect([answer.status, await answer.text()]).toEqual([200, '']);
    expect(incidentOf(scenario)).toMatchObject({ status: 'acknowledged', acknowledgedBy: 'ben' });
    const update = await told();
    expect(update).toMatchObject({ replace_original: true, text: message.text });
    const text = JSON.stringify(update);
    expect(text).toContain('Acknowledged by ben.');
    expect(text).not.toContain('tocsin-acknowledge');
    expect(text).toContain('tocsin-silence-1h');
    // The incident's later messages say it as well, and have no button for it.
    await sendMessage();
    expect(JSON.stringify(message)).toContain('Acknowledged by ben');
    expect(buttons().map(({ action_id: id }) => id)).toEqual(['tocsin-silence-1h', 'tocsin-silence-24h']);
  });

  test('of somebody unknown acts under the name in Slack, which cannot pass for one of ours', async () => {
    await signed(payload('tocsin-acknowledge', { user: { id: 'U0EVE', username: 'ana' } }));
    expect(incidentOf(scenario).acknowledgedBy).toBe('ana (Slack)');
  });

  test('of somebody with a strange name acts under one line of it, for it stands in messages', async () => {
    const username = `eve\n\nAll is well.\u0000\t${'\u{1F600}'.repeat(60)}`;
    await signed(payload('tocsin-acknowledge', { user: { id: 'U0EVE', username } }));
    const { acknowledgedBy = '' } = incidentOf(scenario);
    expect(acknowledgedBy).toMatch(/^eve All is well\. \u{1F600}+\uFFFD? \(Slack\)$/u);
    expect(acknowledgedBy.length).toBeLessThan(120);
  });

  test('silences the labels of the message for as long as it says', async () => {
    expect((await signed(payload('tocsin-silence-24h'))).status).toBe(200);
    const [silence] = scenario.notifier.silences.list();
    expect(silence).toMatchObject({ createdBy: 'ben', endsAtMs: scenario.nowMs + 86_400_000 });
    expect(silence?.matchers).toContainEqual({ name: 'monitor', op: '=', value: 'shop' });
    const text = JSON.stringify(await told());
    expect(text).toContain('Silenced for 1d, by ben');
    expect(text).not.toContain('tocsin-silence');
    expect(text).toContain('tocsin-acknowledge');
  });

  test('of an incident that is over says so to who pressed it, and leaves the message', async () => {
    scenario.push([], [DOWN]);
    await scenario.until('2m');
    expect((await signed(payload('tocsin-acknowledge'))).status).toBe(200);
    expect(await told()).toMatchObject({
      response_type: 'ephemeral',
      replace_original: false,
      text: expect.stringMatching(/incident is over/),
    });
  });

  test('of a message older than a day does nothing', async () => {
    const body = payload('tocsin-silence-1h');
    scenario.nowMs += 25 * 3_600_000;
    expect((await signed(body)).status).toBe(200);
    expect(await told()).toMatchObject({ text: expect.stringContaining('no longer works') });
    expect(scenario.notifier.silences.list()).toEqual([]);
  });

  test('with another link than its own does nothing', async () => {
    const { value } = buttons().find(({ action_id: id }) => id === 'tocsin-silence-1h')!;
    const actions = [{ action_id: 'tocsin-acknowledge', value }];
    expect((await signed(payload('tocsin-acknowledge', { actions }))).status).toBe(200);
    expect(await told()).toMatchObject({ text: expect.stringContaining('no longer works') });
    expect(incidentOf(scenario).status).not.toBe('acknowledged');
  });

  test.each([
    ['of another app', { actions: [{ action_id: 'delete-everything', value: 'x' }] }],
    ['that is a link', { actions: [{ action_id: 'tocsin-acknowledge' }] }],
    ['named as what every object has', { actions: [{ action_id: 'constructor', value: 'x' }] }],
    ['of a dialogue', { type: 'view_submission' }],
    ['that is none', { actions: [] }],
  ])('%s is no business of ours', async (_, more) => {
    expect((await signed(payload('tocsin-acknowledge', more))).status).toBe(200);
    expect(kinds(scenario)).not.toContain('acknowledged');
    expect(slack.requests).toEqual([]);
  });
});

describe('a request that is not of Slack', () => {
  const untouched = (): void => {
    expect(incidentOf(scenario).status).not.toBe('acknowledged');
    expect(slack.requests).toEqual([]);
  };

  test('without a signature, with another one, or for another body is refused', async () => {
    const body = payload('tocsin-acknowledge');
    const now = String(seconds());
    expect((await post(body, {})).status).toBe(401);
    expect((await signed(body, seconds(), 'another secret')).status).toBe(401);
    const other = sign(`${body}&a=b`, seconds());
    expect((await post(body, { 'x-slack-request-timestamp': now, 'x-slack-signature': other })).status).toBe(401);
    const short = sign(body, seconds()).slice(0, 20);
    expect((await post(body, { 'x-slack-request-timestamp': now, 'x-slack-signature': short })).status).toBe(401);
    untouched();
  });

  test.each([-301, 301])('signed %i s from now is refused', async (offset) => {
    expect((await signed(payload('tocsin-acknowledge'), seconds() + offset)).status).toBe(401);
    untouched();
  });

  test('that comes again is refused', async () => {
    const body = payload('tocsin-acknowledge');
    expect((await signed(body)).status).toBe(200);
    await told();
    scenario.notifier.oncall.desk.unacknowledge('i1', 'ana', scenario.nowMs);
    expect((await signed(body, seconds())).status).toBe(409);
    untouched();
  });

  test('is not found where no signing secret is configured', async () => {
    config = await readConfig('alerting: { http: "127.0.0.1:0" }');
    expect((await signed(payload('tocsin-acknowledge'))).status).toBe(404);
  });

  test.each(['payload=%7B', 'payload=[]', 'a=b', ''])('signed, but with %j, is malformed', async (body) => {
    expect((await signed(body)).status).toBe(400);
  });

  test('leads to no other address than one of Slack', async () => {
    const elsewhere = await startHostileReceiver(says(200));
    const body = payload('tocsin-acknowledge', { response_url: `${elsewhere.url}/x` });
    expect((await signed(body)).status).toBe(200);
    expect(incidentOf(scenario).status).toBe('acknowledged');
    // By the time that Slack has heard of another press, whoever is no Slack would have heard of the first.
    expect((await signed(payload('tocsin-silence-1h'))).status).toBe(200);
    await told();
    expect(elsewhere.requests).toEqual([]);
    await elsewhere.stop();
  });
});
