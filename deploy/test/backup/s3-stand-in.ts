import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** As much of S3 as a backup asks for, in memory. It holds the body against its hash, pages lists, and now and then is too busy. */
export interface S3StandIn {
  readonly url: string;
  /** Objects by `bucket/key`. */
  readonly objects: Map<string, Buffer>;
  stop(): Promise<void>;
}

const PAGE = 50;
const BUSY_EVERY = 40;

export async function startS3StandIn(accessKeyId: string): Promise<S3StandIn> {
  const objects = new Map<string, Buffer>();
  let requests = 0;
  const server = createServer((request, response) => {
    requests += 1;
    void answer(request, response, { objects, accessKeyId, isBusy: requests % BUSY_EVERY === 0 });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    objects,
    async stop() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

interface State {
  readonly objects: Map<string, Buffer>;
  readonly accessKeyId: string;
  readonly isBusy: boolean;
}

async function answer(request: IncomingMessage, response: ServerResponse, state: State): Promise<void> {
  const { objects, accessKeyId, isBusy } = state;
  const url = new URL(request.url ?? '/', 'http://s3');
  const path = decodeURIComponent(url.pathname.slice(1));
  const body = await buffer(request);
  const refuse = (status: number, code: string): void => {
    response.writeHead(status, { 'content-type': 'application/xml' }).end(`<Error><Code>${code}</Code></Error>`);
  };
  if (isBusy) return refuse(503, 'SlowDown');
  if (!request.headers.authorization?.includes(`Credential=${accessKeyId}/`)) return refuse(403, 'AccessDenied');
  const sha256 = createHash('sha256').update(body).digest('hex');
  if (request.headers['x-amz-content-sha256'] !== sha256) return refuse(400, 'XAmzContentSHA256Mismatch');
  if (request.method === 'PUT') objects.set(path, body);
  else if (request.method === 'DELETE') objects.delete(path);
  else if (url.searchParams.has('list-type')) return void response.end(listing(objects, path, url.searchParams));
  else {
    const found = objects.get(path);
    return found ? void response.end(found) : refuse(404, 'NoSuchKey');
  }
  response.writeHead(request.method === 'DELETE' ? 204 : 200).end();
}

function listing(objects: ReadonlyMap<string, Buffer>, bucket: string, search: URLSearchParams): string {
  const begin = `${bucket}/${search.get('prefix') ?? ''}`;
  const keys = [...objects.keys()].filter((key) => key.startsWith(begin)).toSorted();
  const from = Number(search.get('continuation-token') ?? 0);
  const page = keys.slice(from, from + PAGE);
  const contents = page.map(
    (key) => `<Contents><Key>${key.slice(bucket.length + 1)}</Key><Size>${objects.get(key)?.length}</Size></Contents>`,
  );
  const more = from + PAGE < keys.length ? `<NextContinuationToken>${from + PAGE}</NextContinuationToken>` : '';
  return `<ListBucketResult>${contents.join('')}${more}</ListBucketResult>`;
}
