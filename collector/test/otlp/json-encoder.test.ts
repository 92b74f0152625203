import { setTimeout as sleep } from 'node:timers/promises';
import { silentLogger } from '@tocsin/service/log';
import { expect, onTestFinished, test } from 'vitest';
import { encodeJsonRequest } from '../../src/otlp/json/encode-request.ts';
import { createJsonEncoder, type JsonEncoder, type JsonEncoderLimits } from '../../src/otlp/json/json-encoder.ts';

function openEncoder(limits?: JsonEncoderLimits): JsonEncoder {
  const encoder = createJsonEncoder(silentLogger(), limits);
  onTestFinished(() => encoder.stop());
  return encoder;
}

function request(spans: number, time = '1790000000123456789'): Buffer {
  const span = `{"name":"GET /","startTimeUnixNano":${time},"attributes":[{"key":"a","value":{"intValue":"7"}}]}`;
  const list = Array.from({ length: spans }, () => span).join(',');
  return Buffer.from(`{"resourceSpans":[{"scopeSpans":[{"spans":[${list}]}]}]}`);
}

test('what the thread makes is what is made at once, in the order of the requests, and the body stays the caller’s', async () => {
  const encoder = openEncoder({ threadFromBytes: 0 });
  const bodies = [request(3), request(1, '"1"'), Buffer.from('{"resourceSpans":1}'), Buffer.from('{'), request(2)];
  const before = bodies.map((body) => body.toString());
  const encodings = await Promise.all(bodies.map((body) => encoder.encode('traces', body)));
  expect(encodings).toEqual(bodies.map((body) => encodeJsonRequest('traces', body)));
  expect(encodings.map(({ status }) => status)).toEqual(['ok', 'ok', 'malformed', 'malformed', 'ok']);
  expect(bodies.map((body) => body.toString())).toEqual(before);
});

test('a large body holds up nothing: the timers of this thread go on while it is encoded', async () => {
  const encoder = openEncoder();
  let isDone = false;
  const large = encoder.encode('traces', request(60_000)).finally(() => (isDone = true));
  let ticks = 0;
  while (!isDone) {
    await sleep(1);
    ticks += 1;
  }
  expect((await large).status).toBe('ok');
  // Encoded in this thread there would be one.
  expect(ticks).toBeGreaterThan(5);
});

test('stopping gives up what is being encoded, and the next request has a new thread', async () => {
  const encoder = openEncoder({ threadFromBytes: 0 });
  const given = Promise.all([request(60_000), request(1)].map((body) => encoder.encode('traces', body)));
  await encoder.stop();
  expect(await given).toEqual([{ status: 'unavailable' }, { status: 'unavailable' }]);
  expect(await encoder.encode('traces', request(1))).toMatchObject({ status: 'ok' });
});

test('JSON that takes more memory than there may be ends the thread, not the process', async () => {
  const encoder = openEncoder({ maxHeapMib: 16 });
  const given = Promise.all([60_000, 3_000].map((spans) => encoder.encode('traces', request(spans))));
  expect(await given).toEqual([{ status: 'too_large' }, { status: 'unavailable' }]);
  expect(await encoder.encode('traces', request(3_000))).toMatchObject({ status: 'ok' });
});
