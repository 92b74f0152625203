import { silentLogger } from '@tocsin/service/log';
import { expect, onTestFinished, test } from 'vitest';
import { type Prepared, prepareRequest, type RawRequest } from '../../src/otlp/prepare.ts';
import { createPreparer, type Preparer, type PreparerLimits } from '../../src/otlp/preparer.ts';
import { field, keyValue, numberField, span, traceRequest } from './bytes.ts';

const ALL_IN_THE_THREAD = { jsonFromBytes: 0, scanFromBytes: 0 };

function openPreparer(limits?: PreparerLimits): Preparer {
  const preparer = createPreparer(silentLogger(), limits);
  onTestFinished(() => preparer.stop());
  return preparer;
}

const WINDOW = { nowMs: 1_790_000_000_000, pastMs: 1e15, futureMs: 1e15 };

function raw(encoding: RawRequest['encoding'], body: Buffer, maxBytes = 64e6): RawRequest {
  return { signal: 'traces', encoding, body, window: WINDOW, maxBytes };
}

function json(spans: number, time = '1790000000123456789'): RawRequest {
  const ids = '"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174"';
  const span = `{${ids},"name":"GET /","startTimeUnixNano":${time},"attributes":[{"key":"a","value":{"intValue":"7"}}]}`;
  const list = Array.from({ length: spans }, () => span).join(',');
  return raw('json', Buffer.from(`{"resourceSpans":[{"scopeSpans":[{"spans":[${list}]}]}]}`));
}

const array = (length: number): number[] =>
  field(9, keyValue('list', field(5, ...Array.from({ length }, (_, index) => field(1, numberField(3, 1e9 + index))))));

/** Messages one after the other are one message. */
const repeat = (body: Buffer, times: number): RawRequest =>
  raw('protobuf', Buffer.concat(Array.from({ length: times }, () => body)));

/** One value, or one in each of many spans. */
const oneArray = (length: number): RawRequest => repeat(traceRequest(span(array(length))), 1);
const manyArrays = (spans: number): RawRequest => repeat(traceRequest(span(array(1))), spans);
const plain = (spans: number): RawRequest => repeat(traceRequest(span()), spans);

/** As the thread gives it: buffers are compared by what they hold. */
function comparable(prepared: Prepared | { status: 'unavailable' }): unknown {
  return prepared.status === 'ok' ? { ...prepared, body: Buffer.from(prepared.body).toString('hex') } : prepared;
}

test('what the thread makes is what is made at once, in the order of the requests, and the body stays the caller’s', async () => {
  const preparer = openPreparer(ALL_IN_THE_THREAD);
  const requests = [
    json(3),
    json(1, '"1"'),
    raw('json', Buffer.from('{"resourceSpans":1}')),
    raw('json', Buffer.from('{')),
    plain(2),
    oneArray(3),
    manyArrays(2),
    raw('protobuf', traceRequest(span(), field(5, 'no ids'))),
    { ...oneArray(100), maxBytes: 900 },
    raw('protobuf', Buffer.from([0xff])),
  ];
  const before = requests.map(({ body }) => Buffer.from(body));
  const prepared = await Promise.all(requests.map((request) => preparer.prepare(request)));
  expect(prepared.map(comparable)).toEqual(requests.map((request) => comparable(prepareRequest(request))));
  const statuses = ['ok', 'ok', 'malformed', 'malformed', 'ok', 'ok', 'ok', 'ok', 'too_large', 'malformed'];
  expect(prepared.map(({ status }) => status)).toEqual(statuses);
  expect(prepared[7]).toMatchObject({ partial: { rejected: 1 } });
  expect(requests.map(({ body }) => body)).toEqual(before);
  expect(preparer.queued).toBe(0);
});

test.each([
  ['JSON', () => json(3_000)],
  ['arrays in protobuf', () => manyArrays(5_000)],
  ['one long array', () => oneArray(40_000)],
  ['plain values, megabytes of them', () => plain(90_000)],
])('a large request of %s holds up no small one that comes after it', async (_, large) => {
  const preparer = openPreparer();
  const order: string[] = [];
  const outcomes = await Promise.all([
    preparer.prepare(large()).finally(() => order.push('large')),
    preparer.prepare(oneArray(3)).finally(() => order.push('small')),
  ]);
  expect(outcomes.map(({ status }) => status)).toEqual(['ok', 'ok']);
  expect(order).toEqual(['small', 'large']);
});

test('of those that wait for the thread the smallest and the oldest go in turn', async () => {
  const preparer = openPreparer(ALL_IN_THE_THREAD);
  const order: number[] = [];
  const sizes = [300, 290, 280, 30, 20, 10];
  await Promise.all(sizes.map((spans) => preparer.prepare(plain(spans)).finally(() => order.push(spans))));
  expect(order).toEqual([300, 290, 10, 280, 20, 30]);
});

test('small requests start no thread', async () => {
  const preparer = openPreparer({ maxHeapMib: 1 });
  const small = [json(100), plain(1_000), oneArray(1_000), manyArrays(100)];
  for (const request of small) {
    const outcome = preparer.prepare(request);
    expect(preparer.queued).toBe(0);
    expect((await outcome).status).toBe('ok');
  }
});

test('stopping gives up what is in the thread and what waits, and the next request has a new one', async () => {
  const preparer = openPreparer(ALL_IN_THE_THREAD);
  const given = Promise.all([json(60_000), json(1)].map((request) => preparer.prepare(request)));
  expect(preparer.queued).toBe(2);
  await preparer.stop();
  expect(await given).toEqual([{ status: 'unavailable' }, { status: 'unavailable' }]);
  expect(preparer.queued).toBe(0);
  expect(await preparer.prepare(json(1))).toMatchObject({ status: 'ok' });
});

test('a request that takes more memory than there may be is refused, and those behind it are taken', async () => {
  const preparer = openPreparer({ maxHeapMib: 16 });
  const [tooMuch, next] = await Promise.all([json(60_000), json(3_000)].map((request) => preparer.prepare(request)));
  expect(tooMuch).toEqual({ status: 'too_large', message: 'the request takes too much memory' });
  expect(next).toMatchObject({ status: 'ok', scan: { items: 3_000 } });
});
