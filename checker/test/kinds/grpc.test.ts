import { ServerCredentials } from '@grpc/grpc-js';
import { createServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { phaseNames, probe } from '../monitors.ts';
import { configure } from './configured.ts';
import { good, network, serveGrpc } from './subjects/grpc.ts';

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
