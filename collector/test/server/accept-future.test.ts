import { expect, test } from 'vitest';
import { point, metricRequest, field, TIME_NS } from '../otlp/bytes.ts';
import { decodeMessage } from '../otlp/oracle.ts';
import { startIntake } from './intake.ts';

/* A sender whose own clock may be ahead narrows the window for its request. */
const HOUR_MS = 3_600_000;
const BODY = new Uint8Array(metricRequest(field(1, 'up'), field(5, field(1, point()))));

/** Sends a point whose time is `aheadMs` later than the collector's clock. */
async function post(aheadMs: number, limit?: string) {
  const now = (): number => Number(TIME_NS / 1_000_000n) - aheadMs;
  const { http, counts } = await startIntake({ accept: { pastMs: 24 * HOUR_MS, futureMs: HOUR_MS }, now });
  const response = await fetch(`${http}/v1/metrics`, {
    method: 'POST',
    body: BODY,
    headers: {
      'content-type': 'application/x-protobuf',
      ...(limit === undefined ? {} : { 'x-tocsin-accept-future': limit }),
    },
  });
  return { status: response.status, bytes: Buffer.from(await response.arrayBuffer()), counts };
}

test('a point ten minutes ahead is taken, and refused where the request wants none beyond a minute', async () => {
  expect((await post(600_000)).counts).toEqual(['http metrics accepted 1']);
  const { status, counts } = await post(600_000, '60');
  expect(status).toBe(200);
  expect(counts).toContain('http metrics refused too_new of 1');
  expect((await post(59_000, '60')).counts).toEqual(['http metrics accepted 1']);
});

test('it cannot widen the window', async () => {
  expect((await post(2 * HOUR_MS, '9999')).counts).toContain('http metrics refused too_new of 1');
});

test.each(['soon', '-1', '1.5', ''])('"%s" is refused, and the sender is told what was expected', async (limit) => {
  const { status, bytes, counts } = await post(0, limit);
  expect(status).toBe(400);
  expect(decodeMessage('otlp.RpcStatus', bytes)).toMatchObject({
    message: 'bad x-tocsin-accept-future: expected whole seconds, from 0 to 999999',
  });
  expect(counts).toEqual(['http metrics refused bad_accept_future']);
});
