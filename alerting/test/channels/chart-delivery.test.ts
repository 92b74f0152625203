import { afterEach, describe, expect, test } from 'vitest';
import type { Channel, ChannelContext, DeliveryResult } from '../../src/channels/channel.ts';
import { listChannels } from '../../src/channels/registry.ts';
import {
  type Arrived,
  type Behaviour,
  hangs,
  type HostileReceiver,
  resets,
  says,
  startHostileReceiver,
} from './hostile-receiver.ts';
import { HTTP_KINDS } from './http-kinds.ts';
import { readReceiver } from './receiver.ts';
import { CONSOLE_URL, picturesOf, risingPoints, sampleAlert, sampleNotification } from './sample.ts';

const NEVER = new AbortController().signal;
const SECRET = 'secret-0123456789';
const CHART_URL = 'https://alerts.example/api/v1/charts/c.1.2.3.png';
const withUrl: Partial<ChannelContext> = { chartUrl: () => Promise.resolve(CHART_URL) };
type Kind = keyof typeof HTTP_KINDS;

const open: { channel: Channel; receiver: HostileReceiver }[] = [];
afterEach(async () => {
  for (const { channel, receiver } of open.splice(0)) {
    await channel.close();
    await receiver.stop();
  }
});

interface Sending {
  readonly result: DeliveryResult;
  readonly requests: readonly Arrived[];
}

/** Sends a message whose alert has a chart. @param behave as the other side does; by default it takes everything */
async function send(kind: Kind, behave?: Behaviour, context: Partial<ChannelContext> = {}): Promise<Sending> {
  const receiver = await startHostileReceiver(behave ?? HTTP_KINDS[kind].accepts);
  const [listed] = listChannels(await readReceiver(HTTP_KINDS[kind].settings(receiver.url, SECRET)), 10_000);
  const charts = picturesOf(risingPoints(20));
  const channel = listed!.open({ consoleUrl: CONSOLE_URL, charts, ...context });
  open.push({ channel, receiver });
  return { result: await channel.send(sampleNotification(), NEVER), requests: receiver.requests };
}

const json = ({ body }: Arrived) => JSON.parse(body) as Record<string, unknown>;
const isPng = (bytes: Uint8Array): boolean => Buffer.from(bytes.subarray(1, 4)).toString() === 'PNG';
/** What arrived holds a picture; as text its first byte is none. */
const holdsPng = ({ body }: Arrived): boolean => body.includes('PNG\r\n');
const paths = (requests: readonly Arrived[]): string[] => requests.map(({ path }) => path.replace(/^.*\//, ''));

describe('slack bot', () => {
  const slack =
    (over: Readonly<Record<string, Behaviour>> = {}): Behaviour =>
    (response, request) => {
      const method = request.path.replace(/^.*\//, '');
      const own = over[method];
      if (own) return own(response, request);
      if (method === 'files.getUploadURLExternal') {
        const url = `http://${request.headers.host}/upload`;
        return says(200, JSON.stringify({ ok: true, upload_url: url, file_id: 'F1' }))(response, request);
      }
      return says(200, method === 'upload' ? 'OK - 1' : '{"ok":true,"ts":"1.2","channel":"C1"}')(response, request);
    };

  test('uploads the chart into the thread of the message', async () => {
    const { result, requests } = await send('slack bot', slack());
    expect(result).toEqual({ status: 'ok' });
    expect(paths(requests)).toEqual([
      'chat.postMessage',
      'files.getUploadURLExternal',
      'upload',
      'files.completeUploadExternal',
    ]);
    const [, asked, upload, done] = requests;
    const wanted = new URLSearchParams(asked!.body);
    expect(wanted.get('filename')).toBe('chart.png');
    expect(Number(wanted.get('length'))).toBeGreaterThan(1_000);
    expect(asked!.headers.authorization).toBe(`Bearer xoxb-${SECRET}`);
    expect(holdsPng(upload!)).toBe(true);
    expect(upload!.headers.authorization).toBeUndefined();
    const form = new URLSearchParams(done!.body);
    expect(Object.fromEntries(form)).toMatchObject({ channel_id: 'C1', thread_ts: '1.2' });
    expect(JSON.parse(form.get('files') ?? '')).toMatchObject([{ id: 'F1' }]);
  });

  test.each([
    ['files.getUploadURLExternal', resets],
    ['files.getUploadURLExternal', says(500)],
    ['files.getUploadURLExternal', says(200, '{"ok":true}')],
    ['files.getUploadURLExternal', says(200, '{"ok":true,"upload_url":"file:///etc/passwd","file_id":"F1"}')],
    ['upload', says(413)],
    ['upload', resets],
    ['files.completeUploadExternal', says(200, '{"ok":false,"error":"channel_not_found"}')],
  ] as const)('is not stopped where %s goes wrong', async (method, behave) => {
    const { result, requests } = await send('slack bot', slack({ [method]: behave }));
    expect(result).toMatchObject({ status: 'ok', detail: expect.stringMatching(/chart was not/) });
    expect(paths(requests).filter((path) => path === 'chat.postMessage')).toHaveLength(1);
  });

  test('says once that the scope is missing, and does not ask again', async () => {
    const { result, requests } = await send(
      'slack bot',
      slack({ 'files.getUploadURLExternal': says(200, '{"ok":false,"error":"missing_scope"}') }),
    );
    expect(result.detail).toContain('files:write');
    const again = sampleNotification({ id: 'key-2', threadId: 'key-2' });
    expect(await open[0]!.channel.send(again, NEVER)).toEqual({ status: 'ok' });
    expect(paths(requests).filter((path) => path.startsWith('files.'))).toHaveLength(1);
  });

  test('is not sent again where the upload hangs', async () => {
    const { result, requests } = await send('slack bot', slack({ upload: hangs }));
    expect(result).toMatchObject({ status: 'ok' });
    expect(paths(requests).filter((path) => path === 'chat.postMessage')).toHaveLength(1);
  }, 20_000);
});

describe('telegram', () => {
  const taken = says(200, '{"ok":true,"result":{"message_id":77}}');

  test('answers its message with the photo, without a sound', async () => {
    const { result, requests } = await send('telegram', taken);
    expect(result).toEqual({ status: 'ok' });
    expect(paths(requests)).toEqual(['sendMessage', 'sendPhoto']);
    const { body, headers } = requests[1]!;
    const form = await new Response(body, { headers: { 'content-type': headers['content-type']! } }).formData();
    expect(form.get('chat_id')).toBe('-100');
    expect(form.get('disable_notification')).toBe('true');
    expect(JSON.parse(form.get('reply_parameters') as string)).toMatchObject({ message_id: 77 });
    expect(form.get('photo')).toMatchObject({ name: 'chart.png', type: 'image/png' });
  });

  test.each([
    ['a refusal', says(400, '{"ok":false,"description":"not enough rights to send photos"}')],
    ['a reset', resets],
    ['too much', says(429, '{"ok":false,"parameters":{"retry_after":9}}')],
  ])('is delivered where the photo meets %s', async (_, behave) => {
    const { result } = await send('telegram', (response, request) =>
      (request.path.endsWith('sendPhoto') ? behave : taken)(response, request),
    );
    expect(result).toMatchObject({ status: 'ok', detail: expect.stringContaining('its chart was not') });
    expect(JSON.stringify(result)).not.toContain(SECRET);
  });
});

describe('msteamsv2', () => {
  const imageOf = (request: Arrived) =>
    (
      json(request) as { attachments: [{ content: { body: { type: string; url: string }[] } }] }
    ).attachments[0].content.body.find(({ type }) => type === 'Image');

  test('holds the picture, below the limit of Teams', async () => {
    const { requests } = await send('msteamsv2');
    const [request] = requests;
    expect(Buffer.byteLength(request!.body)).toBeLessThan(28_000);
    const [head, base64 = ''] = imageOf(request!)!.url.split(',');
    expect(head).toBe('data:image/png;base64');
    expect(isPng(Buffer.from(base64, 'base64'))).toBe(true);
  });

  test('leaves the picture out where the words need the room', async () => {
    await send('msteamsv2');
    const { channel, receiver } = open[0]!;
    const firing = Array.from({ length: 60 }, (_, at) =>
      sampleAlert({ pod: `shop-${at}` }, { description: 'x'.repeat(600) }),
    );
    await channel.send(sampleNotification({ firing }), NEVER);
    expect(imageOf(receiver.requests[1]!)).toBeUndefined();
    expect(Buffer.byteLength(receiver.requests[1]!.body)).toBeLessThan(28_000);
    expect(receiver.requests[1]!.body).toContain('"shop-0"');
  });
});

test('msteams, slack by webhook: name the address of the chart, where there is one', async () => {
  const card = json((await send('msteams', undefined, withUrl)).requests[0]!) as { sections: { images?: unknown }[] };
  expect(card.sections.at(-1)?.images).toMatchObject([{ image: CHART_URL }]);
  const slack = json((await send('slack', undefined, withUrl)).requests[0]!) as { attachments: object[] };
  expect(slack.attachments.at(-1)).toMatchObject({ image_url: CHART_URL });
  expect((await send('slack')).requests[0]!.body).not.toContain('image_url');
});

describe('ntfy', () => {
  const decode = (word: string | string[] | undefined): string =>
    Buffer.from(/^=\?UTF-8\?B\?(.*)\?=$/.exec(String(word))?.[1] ?? '', 'base64').toString();

  test('puts the picture, with the message in headers', async () => {
    const { result, requests } = await send('ntfy');
    expect(result).toEqual({ status: 'ok' });
    const [request] = requests;
    expect(request).toMatchObject({ method: 'PUT', path: '/alerts' });
    expect(holdsPng(request!)).toBe(true);
    expect(decode(request!.headers['x-title'])).toContain('HighErrorRate');
    expect(decode(request!.headers['x-message'])).toContain('shop: 37% of requests fail\n');
    expect(request!.headers).toMatchObject({ 'x-filename': 'chart.png', authorization: `Bearer tk_${SECRET}` });
  });

  test('names its address where there is one', async () => {
    const { requests } = await send('ntfy', undefined, withUrl);
    expect(requests).toHaveLength(1);
    expect(json(requests[0]!)).toMatchObject({ attach: CHART_URL, filename: 'chart.png' });
  });
});

const isWithPicture = ({ method, body, headers }: Arrived): boolean =>
  method === 'PUT' ||
  body.includes('data:image') ||
  body.includes('attachment_base64') ||
  /multipart/.test(String(headers['content-type']));

describe.each(['discord', 'pushover', 'ntfy', 'msteamsv2'] as const)('%s', (kind) => {
  test.each([400, 413, 500])('goes without a picture that is answered with %i', async (status) => {
    const { result, requests } = await send(kind, (response, request) =>
      (isWithPicture(request) ? says(status, 'attachments disallowed') : HTTP_KINDS[kind].accepts)(response, request),
    );
    expect(result.status).toBe('ok');
    expect(requests.map(isWithPicture)).toEqual([true, false]);
    expect(requests[1]!.body).toContain('HighErrorRate');
  });

  test('is as patient as it is asked to be', async () => {
    const { result, requests } = await send(kind, says(429, '{}', { 'retry-after': '30' }));
    expect(result).toMatchObject({ status: 'retryable', afterMs: 30_000 });
    expect(requests).toHaveLength(1);
  });
});

test.each(Object.keys(HTTP_KINDS) as Kind[])('%s: a chart that cannot be made stops nothing', async (kind) => {
  const charts = { pictureOf: () => Promise.resolve(undefined) };
  const chartUrl = () => Promise.resolve(undefined);
  const { result } = await send(kind, undefined, { charts, chartUrl });
  expect(result.status).toBe('ok');
});
