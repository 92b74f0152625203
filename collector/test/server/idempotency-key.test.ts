import { hash } from 'node:crypto';
import { Client, credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { expect, onTestFinished, test } from 'vitest';
import { readIdempotencyKey } from '../../src/server/idempotency-key.ts';
import { SIGNALS } from '../../src/signal.ts';
import { span, traceRequest } from '../otlp/bytes.ts';
import { decodeMessage } from '../otlp/oracle.ts';
import { startIntake } from './intake.ts';

const PRODUCER = '8e03978e-40d5-43dd-bc93-6894a57f9324';
const BODY = traceRequest(span(), span());
const TRACES = '/opentelemetry.proto.collector.trace.v1.TraceService/Export';
const shopKey = {
  name: 'shop',
  sha256: hash('sha256', 'shop-key'),
  signals: SIGNALS,
  requestsPerSecond: undefined,
  bytesPerSecond: undefined,
  dailyBytes: undefined,
};

async function post(url: string, key: string, headers: Record<string, string> = {}) {
  const response = await fetch(`${url}/v1/traces`, {
    method: 'POST',
    body: new Uint8Array(BODY),
    headers: { 'content-type': 'application/x-protobuf', 'idempotency-key': key, ...headers },
  });
  return { status: response.status, bytes: Buffer.from(await response.arrayBuffer()) };
}

function call(url: string, key: string): Promise<{ readonly code: number; readonly details: string }> {
  const client = new Client(new URL(url).host, credentials.createInsecure());
  onTestFinished(() => client.close());
  const metadata = new Metadata();
  metadata.set('idempotency-key', key);
  const asIs = (bytes: Buffer): Buffer => bytes;
  return new Promise((resolve) => {
    client.makeUnaryRequest(TRACES, asIs, asIs, BODY, metadata, (error: ServiceError | null) =>
      resolve({ code: error?.code ?? status.OK, details: error?.details ?? '' }),
    );
  });
}

test('the header is a string of a structured field, or the same without quotes', () => {
  const key = { sender: expect.stringMatching(/^[0-9a-f]{16}$/), producer: PRODUCER, sequence: 42 };
  for (const header of [`"${PRODUCER}/42"`, `${PRODUCER}/42`, ` "${PRODUCER.toUpperCase()}/42" `])
    expect(readIdempotencyKey(header, { status: 'ok' })).toEqual(key);
});

test.each([
  '',
  PRODUCER,
  `${PRODUCER}/0`,
  `${PRODUCER}/01`,
  `${PRODUCER}/-1`,
  `${PRODUCER}/1.5`,
  `${PRODUCER}/9007199254740992`,
  `"${PRODUCER}/1`,
  `${PRODUCER}/1, ${PRODUCER}/2`,
  'not-a-uuid/1',
])('"%s" is none', (header) => {
  expect(readIdempotencyKey(header, { status: 'ok' })).toBe('bad');
});

test('over HTTP and gRPC the key reaches the journal with the request', async () => {
  const { http, grpc, journal } = await startIntake();
  expect((await post(http, `"${PRODUCER}/1"`)).status).toBe(200);
  expect(await call(grpc, `"${PRODUCER}/2"`)).toMatchObject({ code: status.OK });
  const [first, second] = journal.entries.map(({ summary }) => summary.key);
  expect(first).toMatchObject({ producer: PRODUCER, sequence: 1 });
  expect(second).toEqual({ ...first, sequence: 2 });
});

test('a key that cannot be read is refused by the head, and the sender is told what was expected', async () => {
  const { http, grpc, journal, counts } = await startIntake();
  const refused = await post(http, 'mine');
  expect(refused.status).toBe(400);
  expect(decodeMessage('otlp.RpcStatus', refused.bytes)).toMatchObject({
    code: 3,
    message: expect.stringContaining('expected "PRODUCER/SEQUENCE"'),
  });
  expect(await call(grpc, 'mine')).toMatchObject({
    code: status.INVALID_ARGUMENT,
    details: expect.stringContaining('expected "PRODUCER/SEQUENCE"'),
  });
  expect(journal.entries).toEqual([]);
  expect(counts).toEqual(['http traces refused bad_idempotency_key', 'grpc traces refused bad_idempotency_key']);
});

test('a repeated request is answered as the first was, and counted as repeated', async () => {
  const { http, journal, counts } = await startIntake();
  journal.respond = () => Promise.resolve({ status: 'repeated', isExact: true });
  expect(await post(http, `"${PRODUCER}/1"`)).toEqual({ status: 200, bytes: Buffer.alloc(0) });
  expect(counts).toEqual(['http traces repeated duplicate of 2']);
});

test('one whose number is far behind is answered with a warning', async () => {
  const { http, journal, counts } = await startIntake();
  journal.respond = () => Promise.resolve({ status: 'repeated', isExact: false });
  const { status: code, bytes } = await post(http, `"${PRODUCER}/1"`);
  expect(code).toBe(200);
  expect(decodeMessage('otlp.ExportResponse', bytes)).toMatchObject({
    partialSuccess: { errorMessage: expect.stringContaining('taken for a repeated one') },
  });
  expect(counts).toEqual(['http traces repeated old_sequence of 2']);
});

test('a producer belongs to the key that was shown: with another, or none, the same id is another producer', async () => {
  const { http, journal } = await startIntake({
    keys: [shopKey, { ...shopKey, name: 'other', sha256: hash('sha256', 'other-key') }],
    internalKey: 'inside',
  });
  const key = `"${PRODUCER}/1"`;
  for (const shown of ['shop-key', 'other-key', 'inside', 'unknown', 'shop-key'])
    expect((await post(http, key, { authorization: `Bearer ${shown}` })).status).toBe(200);
  const senders = journal.entries.map(({ summary }) => summary.key?.sender);
  expect(new Set(senders).size).toBe(4);
  expect(senders[4]).toBe(senders[0]);
});
