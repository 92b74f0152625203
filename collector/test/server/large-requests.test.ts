import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { field, keyValue, numberField, span, traceRequest } from '../otlp/bytes.ts';
import { startIntake } from './intake.ts';

function request(spans: number): string {
  const ids = '"traceId":"0af7651916cd43dd8448eb211c80319c","spanId":"b7ad6b7169203331"';
  const span = `{${ids},"name":"GET /","startTimeUnixNano":1790000000123456789,"endTimeUnixNano":1790000000123456790}`;
  return `{"resourceSpans":[{"scopeSpans":[{"spans":[${Array.from({ length: spans }, () => span).join(',')}]}]}]}`;
}

async function post(http: string, body: string) {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${http}/v1/traces`, { method: 'POST', headers, body });
  return { status: answer.status, answer: await answer.json() };
}

const SIZES = { maxRequestBytes: 64_000_000, budgetBytes: 256_000_000 };

test('a large JSON request is stored as a small one is', async () => {
  const { http, journal } = await startIntake(SIZES);
  expect(await post(http, request(3_000))).toMatchObject({ status: 200 });
  expect(journal.entries.map(({ summary }) => summary.items)).toEqual([3_000]);
});

test('a request that takes too much memory is 413 and counted, and the next request is taken', async () => {
  const { http, journal, counts } = await startIntake({ ...SIZES, preparerLimits: { maxHeapMib: 16 } });
  expect(await post(http, request(80_000))).toEqual({
    status: 413,
    answer: { code: 8, message: 'the request takes too much memory' },
  });
  expect(await post(http, request(3_000))).toMatchObject({ status: 200 });
  expect(journal.entries).toHaveLength(1);
  expect(counts).toEqual(['http traces refused too_large', 'http traces accepted 3000']);
});

/** A span with an array of so many numbers. */
function one(length: number): Buffer {
  const numbers = Array.from({ length }, (_, index) => field(1, numberField(3, 1e9 + index)));
  return traceRequest(span(field(9, keyValue('list', field(5, ...numbers)))));
}

test('a request is answered while the arrays of another are written as text', async () => {
  const { http, journal, budget } = await startIntake({ ...SIZES, maxRequestBytes: 8_000_000 });
  const headers = { 'content-type': 'application/x-protobuf' };
  const send = (body: Buffer) => fetch(`${http}/v1/traces`, { method: 'POST', headers, body: new Uint8Array(body) });
  // Messages one after the other are one message.
  const part = one(1_000);
  const large = Buffer.concat(Array.from({ length: 500 }, () => part));
  const sent = send(large);
  while (budget.usedBytes < large.length && journal.entries.length === 0) await sleep(1);
  expect((await send(one(3))).status).toBe(200);
  expect(journal.entries.map(({ summary }) => summary.items)).toEqual([1]);
  expect((await sent).status).toBe(200);
  expect(journal.entries.map(({ summary }) => summary.items)).toEqual([1, 500]);
});
