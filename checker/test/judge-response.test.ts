import type { HttpExpectation, ValueTest } from '@tocsin/service/config';
import { afterAll, describe, expect, test } from 'vitest';
import { JsonJudge } from '../src/expect/json-judge.ts';
import { judgeResponse } from '../src/kinds/http/judge-response.ts';
import type { PeerCertificate } from '../src/net/tls.ts';
import { makeMonitor, type MonitorParts } from './monitors.ts';

const NOW_MS = Date.UTC(2026, 10, 22);

interface ResponseParts {
  readonly statusCode?: number;
  readonly text?: string;
  readonly truncated?: boolean;
  readonly totalMs?: number;
  readonly requestMs?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly certificate?: Partial<PeerCertificate>;
}

const jsonJudge = new JsonJudge();
afterAll(() => jsonJudge.stop());

async function judge(parts: MonitorParts, response: ResponseParts = {}) {
  const {
    statusCode = 200,
    text = '',
    truncated = false,
    totalMs = 100,
    requestMs = 50,
    headers = {},
    certificate,
  } = response;
  const { verdict } = await judgeResponse(makeMonitor('http://a.test', parts).expect, {
    statusCode,
    headers,
    readBody: () => Promise.resolve({ status: 'text', text, truncated, keptBytes: text.length }),
    askJson: (body, question) =>
      jsonJudge.ask(body, question, { target: 'a.test', signal: AbortSignal.timeout(10_000) }),
    certificate: certificate as PeerCertificate | undefined,
    timeMs: (phase) => (phase === 'total' ? totalMs : requestMs),
    nowUnixMs: NOW_MS,
    hide: (shown) => shown.replaceAll('s3cret', '[hidden]'),
  });
  return verdict;
}

test.each([
  [200, 'up'],
  [204, 'up'],
  [299, 'up'],
  [199, 'down'],
  [301, 'down'],
  [404, 'down'],
])('without an expectation status %i is %s', async (statusCode, outcome) => {
  expect((await judge({}, { statusCode })).outcome).toBe(outcome);
});

test('of several statuses, classes and ranges any is good', async () => {
  const ranges = [
    { from: 200, to: 299 },
    { from: 404, to: 404 },
    { from: 500, to: 502 },
  ];
  const parts = { expect: [{ severity: 'down', subject: 'status', ranges } as const] };
  for (const statusCode of [204, 404, 502]) expect((await judge(parts, { statusCode })).outcome).toBe('up');
  expect((await judge(parts, { statusCode: 503, text: 'no\nway' })).message).toBe(
    'expected status 2xx or 404 or 500-502, found 503 with "no way"',
  );
});

test('every text must be in the body, and the first that is not is named with what is there', async () => {
  expect((await judge({ bodyContains: ['a', 'b'] }, { text: 'b and a' })).outcome).toBe('up');
  expect((await judge({ bodyContains: ['a', 'zz'] }, { text: ' {"status":\n  "bad"} ' })).message).toBe(
    String.raw`expected the body to contain "zz", found "{\"status\": \"bad\"}"`,
  );
  expect((await judge({ bodyContains: ['ok'] })).message).toBe(
    'expected the body to contain "ok", found an empty body',
  );
});

test('the latency may be exactly what is expected and not more', async () => {
  expect((await judge({ latencyMs: 100 }, { totalMs: 100 })).outcome).toBe('up');
  expect(await judge({ latencyMs: 100 }, { totalMs: 100.1 })).toEqual({
    outcome: 'down',
    reason: 'latency_exceeded',
    message: 'expected a response within 100ms, found 101ms',
  });
});

test('the first that is down decides, and the others are told after it', async () => {
  const parts = { bodyContains: ['ok'], latencyMs: 1 };
  expect(await judge(parts, { statusCode: 500, text: 'no', totalMs: 9 })).toMatchObject({
    reason: 'status_mismatch',
    message:
      'expected status 2xx, found 500 with "no"; expected the body to contain "ok", found "no"; expected a response within 1ms, found 9ms',
  });
  expect((await judge(parts, { text: 'no', totalMs: 9 })).reason).toBe('body_mismatch');
  expect((await judge(parts, { text: 'ok', totalMs: 9 })).reason).toBe('latency_exceeded');
});

test('what is merely degraded does not hide what is down', async () => {
  const slow = { severity: 'degraded', subject: 'latency', phase: 'request', maxMs: 20 } as const;
  expect(await judge({ expect: [slow] })).toEqual({
    outcome: 'degraded',
    reason: 'latency_exceeded',
    message: 'expected the phase request within 20ms, found 50ms',
  });
  expect(await judge({ expect: [slow] }, { statusCode: 500 })).toMatchObject({ outcome: 'down' });
});

describe('a value', () => {
  const contains = (value: string, negated = false): ValueTest => ({ operator: 'contains', value, negated });
  const matches = (value: string, negated = false): ValueTest => ({ operator: 'matches', value, negated });
  const equals = (value: string, negated = false): ValueTest => ({ operator: 'equals', value, negated });
  const exists = (negated = false): ValueTest => ({ operator: 'exists', negated });
  const header = (name: string, ...tests: ValueTest[]): HttpExpectation => ({
    severity: 'down',
    subject: 'header',
    name,
    tests,
  });
  const json = (path: string, ...tests: ValueTest[]): HttpExpectation => ({
    severity: 'down',
    subject: 'json',
    path,
    tests,
  });
  const headers = { 'content-type': 'application/json', 'x-age': '12', 'x-token': 'a-s3cret-b' };
  const text = '{"status":"ok","n":3.0,"items":[{"up":true,"id":1},{"up":false,"id":2}],"none":null}';

  test.each([
    [header('content-type', contains('json'), matches('^application/(x-)?json'))],
    [header('x-age', { operator: 'less_than', value: 13 }, { operator: 'greater_than', value: 11.9 }, equals('12.0'))],
    [header('x-gone', exists(true))],
    [header('x-gone', contains('x', true))],
    [json('$.status', equals('ok'), equals('bad', true))],
    [json('$.n', equals('3'), { operator: 'less_than', value: 4 })],
    [json('$.items[*].id', { operator: 'greater_than', value: 0 })],
    [json('$.items[?@.up==true].id', equals('1'))],
    [json('$..id', exists())],
    [json('$.none', exists(), equals('null'))],
    [json('$.gone', exists(true))],
    [json('$.items[?search(@.id, "x")]', exists(true))],
  ])('%o is met', async (expectation) => {
    expect((await judge({ expect: [expectation] }, { headers, text })).message).toMatch(/^status 200/);
  });

  test.each([
    [header('content-type', contains('xml')), 'the header content-type to contain "xml", found "application/json"'],
    [header('x-gone', exists()), 'the header x-gone to be there, found none'],
    [header('x-age', exists(true)), 'the header x-age not to be there, found "12"'],
    [header('x-token', equals('y')), 'the header x-token to be "y", found "a-[hidden]-b"'],
    [json('$.status', equals('bad')), '$.status to be "bad", found "ok"'],
    [json('$.items[*].up', equals('true')), '$.items[*].up to be "true", found "false"'],
    [json('$.gone', equals('1')), '$.gone to be "1", found nothing there'],
    [json('$.gone', exists()), '$.gone to be there, found nothing there'],
    [json('$.n', { operator: 'greater_than', value: 3 }), '$.n to be greater than 3, found "3"'],
    [json('$.status', matches('^o$')), '$.status to match "^o$", found "ok"'],
  ])('%o is not met', async (expectation, message) => {
    const { reason, message: said } = await judge({ expect: [expectation] }, { headers, text });
    expect(reason).toBe(expectation.subject === 'header' ? 'header_mismatch' : 'json_mismatch');
    expect(said).toBe(`expected ${message}`);
  });

  test('JSON of a body that is none is a mismatch', async () => {
    const verdict = await judge({ expect: [json('$.a', exists(true))] }, { text: '<html>' });
    expect(verdict.message).toBe('expected a body that is JSON, found "<html>"');
  });

  test('a pattern that would hang a backtracking engine, on a text that it cannot match, takes no time to speak of', async () => {
    const startMs = performance.now();
    const body = { severity: 'down', subject: 'body', tests: [matches('^(a+)+$')] } as const;
    const verdict = await judge({ expect: [body] }, { text: `${'a'.repeat(200_000)}!` });
    expect(verdict.reason).toBe('body_mismatch');
    expect(performance.now() - startMs).toBeLessThan(3_000);
  });

  test('nesting without end does no harm, and what may be in its depth is not called absent', async () => {
    const deep = `${'['.repeat(100_000)}1${']'.repeat(100_000)}`;
    const verdict = await judge({ expect: [json('$..x', exists(true))] }, { text: deep });
    expect(verdict).toMatchObject({ outcome: 'down', reason: 'json_mismatch' });
    expect(verdict.message).toBe(
      'expected a body in which $..x can be looked for, found one that is nested too deeply (200 levels)',
    );
  });

  test('of more than ten thousand values each one must be as expected', async () => {
    const items = Array.from({ length: 12_000 }, (_, index) => (index === 11_999 ? 'bad' : 'ok'));
    const verdict = await judge({ expect: [json('$[*]', equals('bad', true))] }, { text: JSON.stringify(items) });
    expect(verdict.message).toBe('expected $[*] not to be "bad", found "bad"');
  });

  describe('that must not be there and was not looked for everywhere', () => {
    const body = (...tests: ValueTest[]): HttpExpectation => ({ severity: 'degraded', subject: 'body', tests });
    const cut = { text: 'a'.repeat(2 ** 20), truncated: true };
    const long = { text: `${'a'.repeat(2 ** 20)} error` };
    const unread = 'it does not in the first 1 MiB, which is all that was read (max_body)';
    const unseen = 'it does not in the first 1 MiB, which is all that a pattern looks at';

    test.each([
      [body(contains('error', true)), cut, `the body not to contain "error", found ${unread}`],
      [body(matches('error', true)), cut, `the body not to match "error", found ${unread}`],
      [body(matches('error', true)), long, `the body not to match "error", found ${unseen}`],
      [body(contains('error', true), contains('zz')), cut, 'the body to contain "zz", found "aaaa'],
    ])('is not met: %j', async (expectation, response, message) => {
      const verdict = await judge({ expect: [expectation] }, response);
      expect(verdict).toMatchObject({ outcome: 'degraded', reason: 'body_mismatch' });
      expect(verdict.message.startsWith(`expected ${message}`)).toBe(true);
    });

    test('is not met in a long value of JSON', async () => {
      const parts = { expect: [json('$.log', matches('error', true))] };
      const verdict = await judge(parts, { text: JSON.stringify({ log: long.text }) });
      expect(verdict.message).toBe(
        'expected $.log not to match "error", found it does not in its first MiB, which is all that a pattern looks at',
      );
    });

    test('is met where the whole was looked at, and what must be there where it was found before the cut', async () => {
      expect((await judge({ expect: [body(contains('error', true))] }, { text: cut.text })).outcome).toBe('up');
      expect((await judge({ expect: [body(matches('b', true))] }, { text: cut.text })).outcome).toBe('up');
      expect((await judge({ expect: [body(contains('a'), matches('^a'))] }, cut)).outcome).toBe('up');
      expect(await judge({ expect: [body(contains('error', true))] }, long)).toMatchObject({ outcome: 'degraded' });
    });
  });
});

describe('TLS', () => {
  const day = (days: number): number => NOW_MS / 1_000 + days * 86_400;
  const certificate = { protocol: 'TLSv1.2', notAfterUnixS: day(10.5) };
  const days = (min: number): HttpExpectation => ({ severity: 'degraded', subject: 'certificate_days', min });
  const version = (min: '1.2' | '1.3'): HttpExpectation => ({ severity: 'down', subject: 'tls_version', min });

  test('an older version than the expected one is a mismatch, and so is none', async () => {
    expect((await judge({ expect: [version('1.2')] }, { certificate })).outcome).toBe('up');
    expect((await judge({ expect: [version('1.3')] }, { certificate })).message).toBe(
      'expected TLS 1.3 or newer, found TLS 1.2',
    );
    expect((await judge({ expect: [version('1.2')] })).message).toBe('expected TLS 1.2 or newer, found no TLS');
  });

  test('a certificate that ends too soon is told with its end', async () => {
    expect((await judge({ expect: [days(10)] }, { certificate })).outcome).toBe('up');
    expect(await judge({ expect: [days(14)] }, { certificate })).toEqual({
      outcome: 'degraded',
      reason: 'certificate_expiring',
      message:
        'expected a certificate that is good for 14 days, found one that ends in 10 days, on 2026-12-02T12:00:00.000Z',
    });
  });
});
