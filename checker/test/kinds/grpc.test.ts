import { type handleUnaryCall, Metadata, Server, ServerCredentials } from '@grpc/grpc-js';
import { createServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { makeCertificate } from '../certificates.ts';
import { makeNetwork, phaseNames, probe } from '../monitors.ts';
import { findClosedPort, serveDeaf, serveTcp, type TestServer } from '../servers.ts';
import { configure } from './configured.ts';
import { describeContract } from './contract.ts';
import { nobody, targetAt } from './targets.ts';

/** What a health request says. */
interface Asked {
  readonly service: string;
}
type Answering = handleUnaryCall<Asked, number>;
const path = '/grpc.health.v1.Health/Check';
const ca = makeCertificate({ name: 'ca', authority: true });
const good = makeCertificate({ name: 'api', hosts: ['api.test'], issuer: ca });
const network = makeNetwork({ ca: ca.cert });

/** A real gRPC server; health messages are a name and a number. */
async function serveGrpc(
  check: Answering | undefined,
  credentials = ServerCredentials.createInsecure(),
): Promise<TestServer> {
  const server = new Server();
  const definition = {
    Check: {
      path,
      requestStream: false,
      responseStream: false,
      requestSerialize: ({ service }: Asked) => Buffer.from(service),
      requestDeserialize: (bytes: Buffer) => ({ service: bytes.subarray(2).toString() }),
      responseSerialize: (status: number) => (status === 0 ? Buffer.alloc(0) : Buffer.from([0x08, status])),
      responseDeserialize: (bytes: Buffer) => bytes[1] ?? 0,
    },
  };
  if (check) server.addService(definition, { Check: check });
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', credentials, (error, bound) => (error ? reject(error) : resolve(bound))),
  );
  return { port, url: `grpc://127.0.0.1:${port}`, [Symbol.asyncDispose]: async () => server.forceShutdown() };
}

const saying =
  (status: number): Answering =>
  (_call, callback) =>
    callback(null, status);
const failing =
  (code: number, details: string): Answering =>
  (_call, callback) =>
    callback({ code, details, metadata: new Metadata() });
const target =
  (check: Answering | undefined, settings: object = {}) =>
  async () => {
    const server = await serveGrpc(check);
    return targetAt(server, await configure({ grpc: `api.test:${server.port}`, ...settings }));
  };
const BRIEF = { timeout: '200ms' };
const base = await configure({ grpc: 'api.test:9' });

describeContract({
  kind: 'grpc',
  up: target(saying(1)),
  down: [
    ['grpc_not_serving', target(saying(2))],
    ['grpc_service_unknown', target(failing(5, 'no such service'), { service: 'shop.Cart' })],
    ['grpc_unimplemented', target(undefined)],
    ['grpc_status', target(failing(16, 'who are you'))],
    ['connect_refused', async () => targetAt(nobody, await configure({ grpc: `127.0.0.1:${await findClosedPort()}` }))],
    [
      'protocol_error',
      async () => {
        const server = await serveTcp((socket) =>
          socket.resume().write('HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n'),
        );
        return targetAt(server, await configure({ grpc: `127.0.0.1:${server.port}` }));
      },
    ],
  ],
  hanging: [
    ['never answers', target(() => {}, BRIEF)],
    [
      'never accepts',
      async () => {
        const server = await serveDeaf();
        return targetAt(server, await configure({ grpc: `127.0.0.1:${server.port}`, ...BRIEF }));
      },
    ],
    [
      'never speaks',
      async () => {
        const server = await serveTcp((socket) => socket.resume());
        return targetAt(server, await configure({ grpc: `127.0.0.1:${server.port}`, ...BRIEF }));
      },
    ],
  ],
  atHost: (host) => ({ ...base, ...(base.kind === 'grpc' ? { endpoint: { host, port: 9 } } : {}) }),
  leaking: [
    ['tok-12345'],
    target(
      (call, callback) =>
        callback({ code: 7, details: `not ${call.metadata.get('authorization').join()}`, metadata: new Metadata() }),
      { metadata: { authorization: 'Bearer tok-12345' } },
    ),
  ],
});

test('a server over TLS is told the service, the metadata, the deadline and the trace', async () => {
  const seen: unknown[] = [];
  const credentials = ServerCredentials.createSsl(null, [
    { cert_chain: Buffer.from(good.cert), private_key: Buffer.from(good.key) },
  ]);
  await using server = await serveGrpc((call, callback) => {
    seen.push(
      call.request.service,
      call.metadata.get('x-tenant'),
      call.getDeadline() instanceof Date || typeof call.getDeadline() === 'number',
      call.metadata.get('traceparent')[0],
    );
    callback(null, 1);
  }, credentials);
  const monitor = await configure({
    grpc: `api.test:${server.port}`,
    tls: true,
    service: 'shop.Cart',
    metadata: { 'x-tenant': 'a' },
  });
  const run = await probe(monitor, network);
  expect(run.verdict).toMatchObject({ outcome: 'up', message: `shop.Cart at api.test:${server.port} is SERVING` });
  expect(phaseNames(run)).toBe('resolve connect tls request');
  expect(seen).toEqual(['shop.Cart', ['a'], true, `00-${run.traceId}-${run.spanId}-01`]);
});

test('a server that speaks HTTP/2 but not gRPC is told apart', async () => {
  const server = createServer((_request, response) => response.end('hello'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const { port } = server.address() as AddressInfo;
    const { verdict } = await probe(await configure({ grpc: `127.0.0.1:${port}` }));
    expect(verdict).toMatchObject({ outcome: 'down', reason: 'protocol_error' });
    expect(verdict.message).toContain('found HTTP status 200');
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
});
