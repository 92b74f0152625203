import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { type DecodedPoint, decodePoints, type DecodedSpan, decodeSpans } from './otlp-decode.ts';
import { serveHttp, type TestServer } from './servers.ts';

/** A local server that takes OTLP as the collector does and keeps what it took. */
export interface CollectorStandIn extends TestServer {
  readonly spans: DecodedSpan[];
  readonly points: DecodedPoint[];
  /** Every request that came, taken or not. */
  readonly requests: { readonly path: string; readonly headers: IncomingHttpHeaders; readonly atMs: number }[];
  /** How requests are answered until changed; the default takes them. Taking in is up to `accept`. */
  answer: (path: string, response: ServerResponse, accept: () => void, body: Buffer) => void;
}

/** Takes a request in and answers as OTLP says: 200 with an empty message. */
export function acceptAll(_path: string, response: ServerResponse, accept: () => void): void {
  accept();
  response.setHeader('content-type', 'application/x-protobuf').end();
}

export async function serveCollector(port = 0): Promise<CollectorStandIn> {
  const kept: Pick<CollectorStandIn, 'spans' | 'points' | 'requests' | 'answer'> = {
    spans: [],
    points: [],
    requests: [],
    answer: acceptAll,
  };
  const server = await serveHttp(async (request, response) => {
    const path = request.url ?? '';
    const body = Buffer.concat(await request.toArray());
    kept.requests.push({ path, headers: request.headers, atMs: performance.now() });
    kept.answer(
      path,
      response,
      () => {
        if (path === '/v1/traces') kept.spans.push(...decodeSpans(body));
        if (path === '/v1/metrics') kept.points.push(...decodePoints(body));
      },
      body,
    );
  }, port);
  return Object.assign(kept, server);
}
