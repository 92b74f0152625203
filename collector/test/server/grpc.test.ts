import { once } from 'node:events';
import { connect } from 'node:http2';
import { gzipSync } from 'node:zlib';
import { Client, credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { describe, expect, onTestFinished, test } from 'vitest';
import { CollectorError } from '../../src/errors.ts';
import { field, keyValue, logRequest, metricRequest, numberField, point, span, traceRequest } from '../otlp/bytes.ts';
import { decodeMessage } from '../otlp/oracle.ts';
import { startIntake } from './intake.ts';

const SERVICE = '/opentelemetry.proto.collector.';
const TRACES = `${SERVICE}trace.v1.TraceService/Export`;
const BODY = traceRequest(span(), span());

type Answer =
  { bytes: Buffer } | { code: number; details: string; status: Record<string, unknown>; metadata: Metadata };

/** Sends one message as bytes. `compression` 2 is gzip, 1 deflate. */
function call(
  url: string,
  path: string,
  body: Uint8Array,
  options: { compression?: number; headers?: Record<string, string> } = {},
): Promise<Answer> {
  const client = new Client(new URL(url).host, credentials.createInsecure(), {
    'grpc.default_compression_algorithm': options.compression ?? 0,
  });
  onTestFinished(() => client.close());
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(options.headers ?? {})) metadata.set(name, value);
  return new Promise((resolve) => {
    const done = (error: ServiceError | null, bytes?: Buffer): void => {
      if (!error) return resolve({ bytes: bytes ?? Buffer.alloc(0) });
      const [details] = error.metadata.get('grpc-status-details-bin');
      const decoded = Buffer.isBuffer(details) ? decodeMessage('otlp.RpcStatus', details) : {};
      resolve({ code: error.code, details: error.details, status: decoded, metadata: error.metadata });
    };
    const asIs = (bytes: Buffer): Buffer => bytes;
    client.makeUnaryRequest(path, asIs, asIs, Buffer.from(body), metadata, done);
  });
}

describe('accepted', () => {
  test('a request is in the journal before the answer, byte for byte', async () => {
    const { grpc, journal, counts } = await startIntake();
    expect(await call(grpc, TRACES, BODY)).toEqual({ bytes: Buffer.alloc(0) });
    expect(journal.entries).toEqual([{ signal: 'traces', body: BODY, summary: { items: 2, self: false } }]);
    expect(counts).toEqual(['grpc traces accepted 2']);
  });

  test('the three services', async () => {
    const { grpc, journal } = await startIntake();
    await call(grpc, `${SERVICE}metrics.v1.MetricsService/Export`, metricRequest(field(5, field(1, point()))));
    await call(grpc, `${SERVICE}logs.v1.LogsService/Export`, logRequest(field(3, 'INFO')));
    expect(journal.entries.map(({ signal, summary }) => `${signal} ${summary.items}`)).toEqual(['metrics 1', 'logs 1']);
    // A gauge: the loader need not look for the kinds.
    expect(journal.entries.map(({ summary }) => summary.metricFields)).toEqual([1 << 5, undefined]);
  });

  test.each([1, 2])('compressed messages (algorithm %i)', async (compression) => {
    const { grpc, journal } = await startIntake();
    const body = traceRequest(span(field(3, 'x'.repeat(10_000))));
    expect(await call(grpc, TRACES, body, { compression })).toEqual({ bytes: Buffer.alloc(0) });
    expect(journal.entries[0]?.body).toEqual(body);
  });

  test('an empty request', async () => {
    const { grpc } = await startIntake();
    expect(await call(grpc, TRACES, Buffer.alloc(0))).toEqual({ bytes: Buffer.alloc(0) });
  });

  test("what Tocsin's own services send is marked, and array values are text in the journal", async () => {
    const { grpc, journal } = await startIntake();
    const list = field(5, field(1, numberField(3, 2)));
    await call(grpc, TRACES, traceRequest(span(field(9, keyValue('list', list)))), {
      headers: { 'x-tocsin-self': 'checker' },
    });
    expect(journal.entries).toEqual([
      {
        signal: 'traces',
        body: traceRequest(span(field(9, keyValue('list', field(1, '[2]'))))),
        summary: { items: 1, self: true },
      },
    ]);
  });
});

test('a part that is refused: OK with partial_success, the rest is stored', async () => {
  const { grpc, journal, counts } = await startIntake();
  const answer = await call(grpc, TRACES, traceRequest(span(), field(1, 'short')));
  expect(decodeMessage('otlp.ExportResponse', 'bytes' in answer ? answer.bytes : Buffer.alloc(0))).toMatchObject({
    partialSuccess: { rejected: '1', errorMessage: expect.stringContaining('1 bad_id') },
  });
  expect(journal.entries[0]?.body).toEqual(traceRequest(span()));
  expect(counts).toEqual(['grpc traces accepted 1', 'grpc traces refused bad_id of 1']);
});

describe('refused', () => {
  test('a malformed request is INVALID_ARGUMENT with the place, and never in the journal', async () => {
    const { grpc, journal, counts } = await startIntake();
    const answer = await call(grpc, TRACES, traceRequest(span(numberField(5, 1))));
    expect(answer).toMatchObject({
      code: status.INVALID_ARGUMENT,
      details: expect.stringMatching(/wire type 0 does not fit/),
      status: { code: 3, details: [{ typeUrl: 'type.googleapis.com/google.rpc.BadRequest' }] },
    });
    expect(journal.entries).toEqual([]);
    expect(counts).toEqual(['grpc traces refused bad_wire_type']);
  });

  test.each(['journal_full', 'disk_full'] as const)('%s is UNAVAILABLE with RetryInfo', async (reason) => {
    const { grpc, journal, counts } = await startIntake();
    journal.respond = () => Promise.resolve({ status: 'full', reason, retryAfterMs: 2_500 });
    const answer = await call(grpc, TRACES, BODY);
    expect(answer).toMatchObject({
      code: status.UNAVAILABLE,
      status: { code: 14, details: [{ typeUrl: 'type.googleapis.com/google.rpc.RetryInfo' }] },
    });
    const { value } = (answer as unknown as { status: { details: [{ value: string }] } }).status.details[0];
    expect(decodeMessage('otlp.RetryInfo', Buffer.from(value, 'hex'))).toEqual({
      retryDelay: { seconds: '2', nanos: 500_000_000 },
    });
    expect(counts).toEqual([`grpc traces refused ${reason}`, `grpc traces refused ${reason} of 2`]);
  });

  test('a journal that fails is UNAVAILABLE', async () => {
    const { grpc, journal } = await startIntake();
    journal.respond = () => Promise.reject(new CollectorError('journal_write_failed', 'EIO'));
    expect(await call(grpc, TRACES, BODY)).toMatchObject({ code: status.UNAVAILABLE });
  });

  test('a failure of our own is INTERNAL and says nothing of the inside', async () => {
    const { grpc, journal } = await startIntake();
    journal.respond = () => Promise.reject(new Error('a secret'));
    expect(await call(grpc, TRACES, BODY)).toMatchObject({ code: status.INTERNAL, details: 'internal error' });
  });

  test.each([0, 2])(
    'a message that is too large is RESOURCE_EXHAUSTED without RetryInfo (compression %i)',
    async (compression) => {
      const { grpc, journal } = await startIntake({ maxRequestBytes: 10_000 });
      const answer = await call(grpc, TRACES, traceRequest(span(field(3, 'x'.repeat(20_000)))), { compression });
      expect(answer).toMatchObject({ code: status.RESOURCE_EXHAUSTED, status: {} });
      expect(journal.entries).toEqual([]);
    },
  );

  test('more bytes at once than there is room for is UNAVAILABLE with RetryInfo', async () => {
    const { grpc, counts, budget } = await startIntake({ budgetBytes: BODY.length - 1 });
    expect(await call(grpc, TRACES, BODY)).toMatchObject({
      code: status.UNAVAILABLE,
      status: { code: 14, details: [{}] },
    });
    expect(counts).toEqual(['grpc traces refused busy']);
    expect(budget.usedBytes).toBe(0);
  });

  test('an unknown service is UNIMPLEMENTED', async () => {
    const { grpc } = await startIntake();
    const path = `${SERVICE}profiles.v1development.ProfilesService/Export`;
    expect(await call(grpc, path, BODY)).toMatchObject({ code: status.UNIMPLEMENTED });
  });
});

describe('senders that want too much', () => {
  /** A message with its prefix, as it goes over the wire. */
  const framed = (body: Uint8Array, isCompressed: boolean): Buffer => {
    const prefix = Buffer.from([isCompressed ? 1 : 0, 0, 0, 0, 0]);
    prefix.writeUInt32BE(body.byteLength, 1);
    return Buffer.concat([prefix, body]);
  };

  /** Opens a call and sends bytes. @returns the status it ends with, which does not need the sender to end it */
  function open(url: string, bytes: Buffer, end: boolean, headers: Record<string, string> = {}): Promise<string> {
    const session = connect(url);
    onTestFinished(() => session.destroy());
    const stream = session.request({
      ':method': 'POST',
      ':path': TRACES,
      'content-type': 'application/grpc',
      te: 'trailers',
      ...headers,
    });
    stream.resume();
    if (end) stream.end(bytes);
    else stream.write(bytes);
    return new Promise((resolve) => {
      const note = (answer: Record<string, unknown>): void => {
        if (answer['grpc-status'] !== undefined) resolve(String(answer['grpc-status'] as string));
      };
      stream
        .on('response', note)
        .on('trailers', note)
        .on('error', () => undefined);
    });
  }

  test('more requests at once than there is room for, on one connection, are all answered, and told to come back', async () => {
    const { grpc, slots, counts } = await startIntake({ maxConcurrentRequests: 50 });
    // As a client does that has not yet heard how many streams it may open.
    const session = connect(grpc, { peerMaxConcurrentStreams: 10_000 });
    session.on('error', () => undefined);
    onTestFinished(() => session.destroy());
    const head = { ':method': 'POST', ':path': TRACES, 'content-type': 'application/grpc', te: 'trailers' };
    const ends: (() => void)[] = [];
    let closed = 0;
    const calls = Array.from({ length: 300 }, () => {
      const stream = session.request(head);
      stream.resume().write(framed(BODY, false));
      ends.push(() => void stream.end());
      return new Promise<string>((resolve) => {
        let code = '';
        const note = (answer: Record<string, unknown>): void => {
          if (answer['grpc-status'] !== undefined) code = String(answer['grpc-status'] as string);
        };
        stream.on('response', note).on('trailers', note);
        stream.on('error', ({ message }) => (code ||= message));
        stream.on('close', () => {
          closed += 1;
          resolve(code);
        });
      });
    });
    // Who is refused need not end its request to be rid of it.
    await expect.poll(() => closed).toBe(250);
    for (const end of ends) end();
    const answers = await Promise.all(calls);
    expect([...new Set(answers)].toSorted()).toEqual([String(status.OK), String(status.UNAVAILABLE)]);
    expect(answers.filter((code) => code === String(status.OK))).toHaveLength(50);
    expect(counts.filter((count) => count.endsWith('busy'))).toHaveLength(250);
    await expect.poll(() => slots.used).toBe(0);
  });

  test('messages that decompress to much at the same time are held against the budget, and leave nothing', async () => {
    const { grpc, budget, counts } = await startIntake({ budgetBytes: 3_000_000, maxRequestBytes: 2_000_000 });
    const bomb = framed(gzipSync(traceRequest(span(field(300, 'x'.repeat(1_900_000))))), true);
    const calls = Array.from({ length: 6 }, () => open(grpc, bomb, false, { 'grpc-encoding': 'gzip' }));
    // Those that fit wait for the sender's end; the others are told to come back.
    expect(await Promise.any(calls)).toBe(String(status.UNAVAILABLE));
    expect(budget.usedBytes).toBeLessThanOrEqual(3_000_000);
    expect(counts).toContain('grpc traces refused busy');
    await expect.poll(() => counts.filter((count) => count.endsWith('busy')).length).toBeGreaterThanOrEqual(5);
  });

  test('a message that is whole but never ended is not waited for', async () => {
    const { grpc, slots, budget, counts } = await startIntake({ requestTimeoutMs: 100 });
    expect(await open(grpc, framed(BODY, false), false)).toBe(String(status.DEADLINE_EXCEEDED));
    expect(counts).toEqual(['grpc traces refused timeout']);
    await expect.poll(() => [slots.used, budget.usedBytes]).toEqual([0, 0]);
  });

  test('after a refusal nothing that still arrives is kept', async () => {
    const { grpc, budget } = await startIntake({ budgetBytes: 100_000 });
    const session = connect(grpc);
    onTestFinished(() => session.destroy());
    const head = { ':method': 'POST', ':path': TRACES, 'content-type': 'application/grpc', te: 'trailers' };
    const stream = session.request(head);
    stream.on('error', () => undefined).resume();
    stream.write(framed(Buffer.alloc(900_000), false).subarray(0, 300_000));
    const [answer] = (await once(stream, 'response')) as [Record<string, unknown>];
    expect(answer['grpc-status']).toBe(String(status.UNAVAILABLE));
    stream.write(Buffer.alloc(50_000));
    await expect.poll(() => budget.usedBytes).toBeLessThanOrEqual(100_000);
    stream.close();
    await expect.poll(() => budget.usedBytes).toBe(0);
  });
});
