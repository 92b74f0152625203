import { expect, test } from 'vitest';
import { judgeResponse } from '../src/kinds/http/judge-response.ts';
import { makeMonitor, type MonitorParts } from './monitors.ts';

function judge(parts: MonitorParts, statusCode: number, text?: string, totalMs = 100) {
  const body = text === undefined ? undefined : ({ status: 'text', text, truncated: false } as const);
  return judgeResponse(makeMonitor('http://a.test', parts).expect, { statusCode, body, totalMs });
}

test.each([
  [200, 'up'],
  [204, 'up'],
  [299, 'up'],
  [199, 'down'],
  [301, 'down'],
  [404, 'down'],
])('without an expectation status %i is %s', (statusCode, outcome) => {
  expect(judge({}, statusCode).outcome).toBe(outcome);
});

test('of several statuses any is good', () => {
  expect(judge({ status: [200, 404] }, 404).outcome).toBe('up');
  expect(judge({ status: [200, 404] }, 500).message).toBe('expected status 200 or 404, found 500');
});

test('every text must be in the body, and the first that is not is named with what is there', () => {
  expect(judge({ bodyContains: ['a', 'b'] }, 200, 'b and a').outcome).toBe('up');
  expect(judge({ bodyContains: ['a', 'zz'] }, 200, ' {"status":\n  "bad"} ').message).toBe(
    String.raw`expected the body to contain "zz", found "{\"status\": \"bad\"}"`,
  );
  expect(judge({ bodyContains: ['ok'] }, 200, '').message).toBe(
    'expected the body to contain "ok", found an empty body',
  );
});

test('the latency may be exactly what is expected and not more', () => {
  expect(judge({ latencyMs: 100 }, 200, undefined, 100).outcome).toBe('up');
  expect(judge({ latencyMs: 100 }, 200, undefined, 100.1)).toEqual({
    outcome: 'down',
    reason: 'latency_exceeded',
    message: 'expected a response within 100ms, found 101ms',
  });
});

test('the status decides before the body and the body before the latency', () => {
  const parts = { bodyContains: ['ok'], latencyMs: 1 };
  expect(judge(parts, 500, 'no', 9).reason).toBe('status_mismatch');
  expect(judge(parts, 200, 'no', 9).reason).toBe('body_mismatch');
  expect(judge(parts, 200, 'ok', 9).reason).toBe('latency_exceeded');
});
