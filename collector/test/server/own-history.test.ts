import { hash } from 'node:crypto';
import { expect, test } from 'vitest';
import { SIGNALS } from '../../src/signal.ts';
import { startIntake } from './intake.ts';

const DAY_MS = 86_400_000;
const accept = { pastMs: DAY_MS, futureMs: 3_600_000 };
const shop = {
  name: 'shop',
  sha256: hash('sha256', 'shop-key'),
  signals: SIGNALS,
  requestsPerSecond: undefined,
  bytesPerSecond: undefined,
  dailyBytes: undefined,
};
const SELF = { 'x-tocsin-self': 'alerting' };
const bearer = (key: string) => ({ authorization: `Bearer ${key}` });

/** Sends a log record so many days old. @returns how many were refused */
async function send(http: string, daysAgo: number, headers: Record<string, string>): Promise<number> {
  const timeUnixNano = `${Date.now() - daysAgo * DAY_MS}000000`;
  const body = JSON.stringify({
    resourceLogs: [{ scopeLogs: [{ logRecords: [{ timeUnixNano, body: { stringValue: 'fired' } }] }] }],
  });
  const response = await fetch(`${http}/v1/logs`, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', ...headers },
  });
  expect(response.status).toBe(200);
  const answer = (await response.json()) as { partialSuccess?: { rejectedLogRecords?: string } };
  return Number(answer.partialSuccess?.rejectedLogRecords ?? 0);
}

test('what Tocsin’s own processes kept while the collector was away is stored though it is older than others may be', async () => {
  const { http } = await startIntake({ accept, authRequired: true, internalKey: 'internal', keys: [shop] });
  expect(await send(http, 7, { ...SELF, ...bearer('internal') })).toBe(0);
  expect(await send(http, 9, { ...SELF, ...bearer('internal') })).toBe(1);
  // The header alone is nobody's.
  expect(await send(http, 7, { ...SELF, ...bearer('shop-key') })).toBe(1);
  expect(await send(http, 7, bearer('shop-key'))).toBe(1);
});

test('where nobody has to show a key, the header is enough', async () => {
  const { http } = await startIntake({ accept, keys: [shop] });
  expect(await send(http, 7, SELF)).toBe(0);
  expect(await send(http, 7, {})).toBe(1);
  expect(await send(http, 7, { ...SELF, ...bearer('shop-key') })).toBe(1);
});
