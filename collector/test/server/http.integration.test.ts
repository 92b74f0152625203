import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { CollectorError } from '../../src/errors.ts';
import {
  field,
  fixed64Field,
  keyValue,
  logRequest,
  metricRequest,
  numberField,
  point,
  span,
  traceRequest,
} from '../otlp/bytes.ts';
import { TRACES_JSON } from '../otlp/json-payloads.ts';
import { decodeMessage, decodeRequest } from '../otlp/oracle.ts';
import { startIntake } from './intake.ts';

const PROTOBUF = 'application/x-protobuf';
const JSON_TYPE = 'application/json';
const BODY = traceRequest(span(), span());

async function post(url: string, body: Uint8Array | string, headers: Record<string, string> = {}) {
  const response = await fetch(url, {
    method: 'POST',
    body: Buffer.from(body),
    headers: { 'content-type': PROTOBUF, ...headers },
  });
  const bytes = Buffer.from(await response.arrayBuffer());
  const type = response.headers.get('content-type');
  return { status: response.status, type, bytes, headers: response.headers, text: bytes.toString() };
}

describe('accepted', () => {
  test('a protobuf request is in the journal before the answer, byte for byte', async () => {
    const { http, journal, counts } = await startIntake();
    const answer = await post(`${http}/v1/traces`, BODY);
    expect(answer).toMatchObject({ status: 200, type: PROTOBUF });
    expect(answer.bytes).toHaveLength(0);
    expect(journal.entries).toEqual([{ signal: 'traces', body: BODY, summary: { items: 2, self: false } }]);
    expect(counts).toEqual(['http traces accepted 2']);
  });

  test('a JSON request is in the journal as protobuf and answered in JSON', async () => {
    const { http, journal } = await startIntake();
    const answer = await post(`${http}/v1/traces`, JSON.stringify(TRACES_JSON.input), { 'content-type': JSON_TYPE });
    expect(answer).toMatchObject({ status: 200, text: '{}' });
    expect(answer.type).toMatch(/^application\/json/);
    expect(decodeRequest('traces', journal.entries[0]!.body)).toEqual(TRACES_JSON.expected);
  });

  test('each signal has its path', async () => {
    const { http, journal } = await startIntake();
    await post(`${http}/v1/logs`, logRequest(field(3, 'INFO')));
    await post(`${http}/v1/metrics`, metricRequest(field(5, field(1, point()))));
    expect(journal.entries.map(({ signal, summary }) => `${signal} ${summary.items}`)).toEqual(['logs 1', 'metrics 1']);
  });

  test.each(['Application/X-Protobuf', 'application/x-protobuf; charset=utf-8', ' application/x-protobuf ;a="b"'])(
    'Content-Type %s',
    async (type) => {
      const { http } = await startIntake();
      expect(await post(`${http}/v1/traces`, BODY, { 'content-type': type })).toMatchObject({ status: 200 });
    },
  );

  test.each([
    ['gzip', gzipSync(BODY)],
    ['GZIP', gzipSync(BODY)],
    ['x-gzip', gzipSync(BODY)],
    ['deflate', deflateSync(BODY)],
    ['zstd', zstdCompressSync(BODY)],
    ['identity', BODY],
  ])('Content-Encoding %s', async (coding, bytes) => {
    const { http, journal } = await startIntake();
    expect(await post(`${http}/v1/traces`, bytes, { 'content-encoding': coding })).toMatchObject({ status: 200 });
    expect(journal.entries[0]?.body).toEqual(BODY);
  });

  test('empty requests', async () => {
    const { http } = await startIntake();
    expect(await post(`${http}/v1/traces`, '')).toMatchObject({ status: 200 });
    expect(await post(`${http}/v1/logs`, '{}', { 'content-type': JSON_TYPE })).toMatchObject({
      status: 200,
      text: '{}',
    });
    expect(await post(`${http}/v1/logs`, gzipSync(''), { 'content-encoding': 'gzip' })).toMatchObject({ status: 200 });
  });

  test("what Tocsin's own services send is marked", async () => {
    const { http, journal } = await startIntake();
    await post(`${http}/v1/traces`, BODY, { 'x-tocsin-self': 'checker' });
    expect(journal.entries[0]?.summary).toEqual({ items: 2, self: true });
  });

  test('array values are text in the journal', async () => {
    const { http, journal } = await startIntake();
    const list = field(5, field(1, field(1, 'a')), field(1, numberField(3, 2)));
    await post(`${http}/v1/traces`, traceRequest(span(field(9, keyValue('list', list)))));
    expect(journal.entries[0]?.body).toEqual(traceRequest(span(field(9, keyValue('list', field(1, '["a",2]'))))));
  });

  test('a chunked request, and one that waits for 100 Continue', async () => {
    const { http, journal } = await startIntake();
    const call = request(`${http}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': PROTOBUF, expect: '100-continue', 'transfer-encoding': 'chunked' },
    });
    call.flushHeaders();
    await once(call, 'continue');
    call.write(BODY.subarray(0, 10));
    await delay(20);
    call.end(BODY.subarray(10));
    const [response] = (await once(call, 'response')) as [{ statusCode: number; resume(): void }];
    response.resume();
    expect(response.statusCode).toBe(200);
    expect(journal.entries[0]?.body).toEqual(BODY);
  });

  test('many requests at once over kept connections', async () => {
    const { http, journal, budget } = await startIntake();
    const answers = await Promise.all(
      Array.from({ length: 200 }, () => post(`${http}/v1/traces`, gzipSync(BODY), { 'content-encoding': 'gzip' })),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(journal.entries).toHaveLength(200);
    expect(budget.usedBytes).toBe(0);
  });
});

describe('partial success', () => {
  const twoOfThree = traceRequest(span(), field(1, 'short'), span(fixed64Field(7, 1n)));
  const accept = { pastMs: 60_000, futureMs: 60_000 };

  test('in protobuf: the rest is stored, what was refused is counted and named', async () => {
    const { http, journal, counts } = await startIntake({ accept });
    const answer = await post(`${http}/v1/traces`, twoOfThree);
    expect(answer).toMatchObject({ status: 200, type: PROTOBUF });
    expect(decodeMessage('otlp.ExportResponse', answer.bytes)).toEqual({
      partialSuccess: {
        rejected: '2',
        errorMessage: expect.stringMatching(
          /^2 of 3 spans refused: 1 bad_id, as span, .*; 1 too_old, as span "GET \/"/,
        ),
      },
    });
    expect(journal.entries).toEqual([
      { signal: 'traces', body: traceRequest(span()), summary: { items: 1, self: false } },
    ]);
    expect(counts).toEqual([
      'http traces accepted 1',
      'http traces refused bad_id of 1',
      'http traces refused too_old of 1',
    ]);
  });

  test('in JSON: counts are text, and each signal has its name for them', async () => {
    const { http, journal } = await startIntake({ accept });
    const point = { timeUnixNano: String(BigInt(Date.now()) * 1_000_000n) };
    const metric = { name: 'm', gauge: { dataPoints: [point, { ...point, asInt: '0' }] } };
    const request = JSON.stringify({ resourceMetrics: [{ scopeMetrics: [{ metrics: [metric] }] }] });
    const answer = await post(`${http}/v1/metrics`, request, { 'content-type': JSON_TYPE });
    expect(JSON.parse(answer.text)).toEqual({
      partialSuccess: { rejectedDataPoints: '1', errorMessage: expect.stringContaining('1 no_value') },
    });
    expect(journal.entries[0]?.summary.items).toBe(1);
  });

  test('a request of which nothing is left is answered and not stored', async () => {
    const { http, journal } = await startIntake({ accept });
    const answer = await post(`${http}/v1/traces`, traceRequest(field(1, 'short')));
    expect(answer).toMatchObject({ status: 200 });
    expect(answer.bytes.length).toBeGreaterThan(0);
    expect(journal.entries).toEqual([]);
  });

  test('a span that ends before it starts is stored and counted', async () => {
    const { http, counts } = await startIntake();
    await post(`${http}/v1/traces`, traceRequest(span(fixed64Field(8, 1n))));
    expect(counts).toEqual(['http traces accepted 1', 'http traces mended end_before_start of 1']);
  });
});

describe('refused with a google.rpc.Status in the encoding of the request', () => {
  test('malformed protobuf: 400, with the place, and never in the journal', async () => {
    const { http, journal, counts } = await startIntake();
    const answer = await post(`${http}/v1/traces`, traceRequest(span(numberField(5, 1))));
    expect(answer).toMatchObject({ status: 400, type: PROTOBUF });
    const status = decodeMessage('otlp.RpcStatus', answer.bytes);
    expect(status).toMatchObject({
      code: 3,
      message: expect.stringMatching(
        /wire type 0 does not fit the field at byte \d+ in resource_spans\.scope_spans\.spans\.name/,
      ),
      details: [{ typeUrl: 'type.googleapis.com/google.rpc.BadRequest' }],
    });
    const [{ value }] = status['details'] as [{ value: string }];
    expect(decodeMessage('otlp.BadRequest', Buffer.from(value, 'hex'))).toMatchObject({
      fieldViolations: [{ field: 'resource_spans.scope_spans.spans.name' }],
    });
    expect(journal.entries).toEqual([]);
    expect(counts).toEqual(['http traces refused bad_wire_type']);
  });

  test('malformed JSON: 400 with the path', async () => {
    const { http } = await startIntake();
    const answer = await post(`${http}/v1/logs`, '{"resourceLogs":[{"scopeLogs":5}]}', { 'content-type': JSON_TYPE });
    expect(answer).toMatchObject({ status: 400, type: expect.stringMatching(/^application\/json/) });
    expect(JSON.parse(answer.text)).toMatchObject({
      code: 3,
      message: 'expected an array, found 5 in resourceLogs[0].scopeLogs',
      details: [
        {
          '@type': 'type.googleapis.com/google.rpc.BadRequest',
          fieldViolations: [{ field: 'resourceLogs[0].scopeLogs' }],
        },
      ],
    });
  });

  test('an unknown path: 404; another method: 405 with Allow', async () => {
    const { http } = await startIntake();
    const missing = await post(`${http}/v1/profiles`, BODY);
    expect(missing).toMatchObject({ status: 404, type: PROTOBUF });
    expect(decodeMessage('otlp.RpcStatus', missing.bytes)).toMatchObject({ code: 5 });
    for (const method of ['GET', 'PUT', 'DELETE']) {
      const response = await fetch(`${http}/v1/traces?x=1`, { method });
      expect(response.status).toBe(405);
      expect(response.headers.get('allow')).toBe('POST');
      expect(await response.json()).toMatchObject({ code: 12 });
    }
  });

  test.each(['text/plain', 'application/xml', 'nonsense', ''])('the media type %s: 415', async (type) => {
    const { http, journal } = await startIntake();
    const answer = await post(`${http}/v1/traces`, BODY, { 'content-type': type });
    expect(answer).toMatchObject({ status: 415, type: expect.stringMatching(/^application\/json/) });
    expect(JSON.parse(answer.text)).toMatchObject({ code: 3 });
    expect(journal.entries).toEqual([]);
  });

  test('an unknown compression: 415 with what is known', async () => {
    const { http } = await startIntake();
    const answer = await post(`${http}/v1/traces`, BODY, { 'content-encoding': 'br' });
    expect(answer).toMatchObject({ status: 415, type: PROTOBUF });
    expect(answer.headers.get('accept-encoding')).toBe('gzip, deflate, zstd');
  });

  test.each([
    ['gzip', Buffer.from('not gzip at all')],
    ['gzip', gzipSync(BODY).subarray(0, 20)],
    ['deflate', Buffer.from('xx')],
    ['zstd', Buffer.from('not zstd')],
    ['zstd', zstdCompressSync(BODY).subarray(0, 20)],
  ])('damaged %s: 400', async (coding, bytes) => {
    const { http, journal, counts } = await startIntake();
    expect(await post(`${http}/v1/traces`, bytes, { 'content-encoding': coding })).toMatchObject({ status: 400 });
    expect(counts).toEqual(['http traces refused bad_compression']);
    expect(journal.entries).toEqual([]);
  });

  test('a page of another site: 403', async () => {
    const { http, journal } = await startIntake();
    const answer = await post(`${http}/v1/traces`, BODY, { origin: 'http://evil.example' });
    expect(answer).toMatchObject({ status: 403, type: PROTOBUF });
    expect(decodeMessage('otlp.RpcStatus', answer.bytes)).toMatchObject({ code: 7 });
    expect(journal.entries).toEqual([]);
  });
});

describe('limits', () => {
  test.each([
    ['with its length announced', false],
    ['in chunks', true],
  ])('a body that is too large, %s: 413, and the connection stays usable', async (_name, chunked) => {
    const { http, counts, budget } = await startIntake({ maxRequestBytes: 100_000 });
    const big = Buffer.alloc(150_000);
    const body = chunked ? new Blob([big.subarray(0, 75_000), big.subarray(75_000)]).stream() : big;
    const init = {
      method: 'POST',
      body,
      headers: { 'content-type': PROTOBUF },
      ...(chunked ? { duplex: 'half' as const } : {}),
    };
    const response = await fetch(`${http}/v1/traces`, init);
    expect(response.status).toBe(413);
    expect(decodeMessage('otlp.RpcStatus', Buffer.from(await response.arrayBuffer()))).toMatchObject({ code: 8 });
    expect(counts).toEqual(['http traces refused too_large']);
    expect(await post(`${http}/v1/traces`, BODY)).toMatchObject({ status: 200 });
    expect(budget.usedBytes).toBe(0);
  });

  test.each([
    ['gzip', gzipSync(Buffer.alloc(50_000_000))],
    ['zstd', zstdCompressSync(Buffer.alloc(50_000_000))],
  ])('a decompression bomb in %s: 413, and never is more than the limit in memory', async (coding, bomb) => {
    // With more than the limit held at once the answer would be 429.
    const { http, budget } = await startIntake({ maxRequestBytes: 100_000, budgetBytes: 100_000 });
    expect(await post(`${http}/v1/traces`, bomb, { 'content-encoding': coding })).toMatchObject({ status: 413 });
    expect(budget.usedBytes).toBe(0);
  });

  test('a request whose values grow too large as text: 413', async () => {
    const { http } = await startIntake({ maxRequestBytes: 1_000 });
    const control = field(5, field(1, field(1, '\u0001'.repeat(300))));
    expect(await post(`${http}/v1/logs`, logRequest(field(5, control)))).toMatchObject({ status: 413 });
  });

  test('a sender that never stops is cut off', async () => {
    const { http } = await startIntake({ maxRequestBytes: 100_000 });
    const { port } = new URL(http);
    const socket = connect(Number(port), '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write('POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-protobuf\r\n');
    socket.write('Transfer-Encoding: chunked\r\n\r\n');
    let sentBytes = 0;
    const chunk = Buffer.concat([Buffer.from('4000\r\n'), Buffer.alloc(0x4000), Buffer.from('\r\n')]);
    const timer = setInterval(() => {
      if (socket.writable && socket.write(chunk)) sentBytes += chunk.length;
    }, 1);
    await new Promise((resolve) => socket.on('close', resolve));
    clearInterval(timer);
    expect(sentBytes).toBeLessThan(10_000_000);
  });

  test('more bytes at once than there is room for: 429 with Retry-After', async () => {
    const { http, journal, budget } = await startIntake({ budgetBytes: BODY.length });
    let open: () => void = () => undefined;
    journal.respond = () => new Promise((resolve) => (open = () => resolve({ status: 'stored' })));
    const first = post(`${http}/v1/traces`, BODY);
    await expect.poll(() => budget.usedBytes).toBe(BODY.length);
    const second = await post(`${http}/v1/traces`, BODY);
    expect(second).toMatchObject({ status: 429 });
    expect(second.headers.get('retry-after')).toBe('1');
    open();
    expect(await first).toMatchObject({ status: 200 });
    expect(budget.usedBytes).toBe(0);
  });

  test.each(['journal_full', 'disk_full'] as const)('%s: 503 with Retry-After', async (reason) => {
    const { http, journal, counts } = await startIntake();
    journal.respond = () => Promise.resolve({ status: 'full', reason, retryAfterMs: 2_500 });
    const answer = await post(`${http}/v1/traces`, BODY);
    expect(answer).toMatchObject({ status: 503 });
    expect(answer.headers.get('retry-after')).toBe('3');
    expect(decodeMessage('otlp.RpcStatus', answer.bytes)).toMatchObject({ code: 14 });
    expect(counts).toEqual([`http traces refused ${reason}`, `http traces refused ${reason} of 2`]);
  });

  test('a journal that fails: 503, so that the client sends again', async () => {
    const { http, journal } = await startIntake();
    journal.respond = () => Promise.reject(new CollectorError('journal_write_failed', 'EIO'));
    const answer = await post(`${http}/v1/logs`, logRequest(field(3, 'INFO')));
    expect(answer).toMatchObject({ status: 503 });
    expect(answer.headers.get('retry-after')).toBe('5');
  });

  test('a client that goes away in the middle leaves nothing behind', async () => {
    const { http, budget, journal, counts } = await startIntake();
    const call = request(`${http}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': PROTOBUF, 'content-length': '1000' },
    });
    call.on('error', () => undefined);
    call.write(BODY);
    await expect.poll(() => budget.usedBytes).toBe(BODY.length);
    call.destroy();
    await expect.poll(() => counts).toEqual(['http traces refused incomplete']);
    expect(budget.usedBytes).toBe(0);
    expect(journal.entries).toEqual([]);
  });
});

describe('health', () => {
  test('readyz is ready and carries notes', async () => {
    const { http } = await startIntake();
    const ready = await fetch(`${http}/readyz`);
    expect(ready.status).toBe(200);
    expect(await ready.json()).toEqual({ status: 'ready', reasons: ['a note'] });
    expect((await fetch(`${http}/healthz`)).status).toBe(200);
  });
});
