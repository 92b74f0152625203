import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { context, diag, metrics, trace } from '@opentelemetry/api';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { silentLogger } from '../../src/log/logger.ts';
import { SELF_HEADER, startSelfTelemetry } from '../../src/telemetry/self-telemetry.ts';

interface Received {
  readonly path: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

let server: Server;
let received: Received[];

beforeEach(async () => {
  received = [];
  server = createServer((request, response) => {
    void buffer(request).then((body) => {
      received.push({ path: request.url, headers: request.headers, body: body.toString('latin1') });
      response.setHeader('Content-Type', request.headers['content-type'] ?? '').end(Buffer.alloc(0));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterEach(async () => {
  for (const api of [trace, metrics, context, diag]) api.disable();
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

function start() {
  const { port } = server.address() as AddressInfo;
  const endpoint = `http://127.0.0.1:${port}`;
  const self = { name: 'checker', version: '1.2.3', instanceId: 'here' };
  return startSelfTelemetry({ ...self, endpoint, internalKey: 'open sesame', log: silentLogger() });
}

test('a service sends its spans, each under the one around it, and its metrics, as itself', async () => {
  const telemetry = start();
  metrics.getMeter('test').createCounter('test.rung').add(1);
  await trace.getTracer('test').startActiveSpan('outer', async (outer) => {
    await Promise.resolve();
    trace.getTracer('test').startSpan('inner').end();
    outer.end();
  });
  await telemetry.stop();

  const [traces] = received.filter(({ path }) => path === '/v1/traces');
  const [points] = received.filter(({ path }) => path === '/v1/metrics');
  for (const sent of [traces, points])
    expect(sent?.headers).toMatchObject({ [SELF_HEADER]: 'checker', authorization: 'Bearer open sesame' });
  expect(points?.body).toContain('test.rung');
  expect(points?.body).toContain('tocsin-checker');
  const [resource] = (JSON.parse(traces?.body ?? '') as { resourceSpans: ResourceSpans[] }).resourceSpans;
  expect(resource?.resource.attributes).toContainEqual({
    key: 'service.name',
    value: { stringValue: 'tocsin-checker' },
  });
  const spans = resource?.scopeSpans.flatMap((scope) => scope.spans) ?? [];
  const outer = spans.find(({ name }) => name === 'outer');
  const inner = spans.find(({ name }) => name === 'inner');
  expect(outer?.spanId).toMatch(/^[0-9a-f]{16}$/);
  expect(inner?.parentSpanId).toBe(outer?.spanId);
});

test("what the user's applications are told by OTEL_* variables is not meant for Tocsin", async () => {
  process.env['OTEL_SDK_DISABLED'] = 'true';
  process.env['OTEL_TRACES_SAMPLER'] = 'always_off';
  try {
    const telemetry = start();
    metrics.getMeter('test').createCounter('test.rung').add(1);
    trace.getTracer('test').startSpan('seen').end();
    await telemetry.stop();
  } finally {
    delete process.env['OTEL_SDK_DISABLED'];
    delete process.env['OTEL_TRACES_SAMPLER'];
  }
  expect(received.map(({ path }) => path).sort()).toEqual(['/v1/metrics', '/v1/traces']);
});

interface ResourceSpans {
  readonly resource: { readonly attributes: readonly unknown[] };
  readonly scopeSpans: readonly {
    readonly spans: readonly { readonly name: string; readonly spanId: string; readonly parentSpanId?: string }[];
  }[];
}
