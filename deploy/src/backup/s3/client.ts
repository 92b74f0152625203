import { createReadStream, createWriteStream } from 'node:fs';
import { request as requestHttp, type IncomingMessage } from 'node:http';
import { request as requestHttps } from 'node:https';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { encodePath, formatQuery, type S3Credentials, signRequest } from './sign.ts';

/** A bucket, and below which keys. */
export interface S3Place {
  /** `https://s3.eu-central-1.amazonaws.com`, or that of another service; the bucket comes in the path. */
  readonly endpoint: URL;
  readonly bucket: string;
  readonly region: string;
  readonly credentials: S3Credentials;
}

/** An object in the bucket. */
export interface S3Object {
  readonly key: string;
  readonly sizeBytes: number;
}

/** What a backup needs of S3. All of them throw an S3Error where the service refuses or stays away. */
export interface S3Client {
  list(prefix: string): Promise<readonly S3Object[]>;
  /** @param sha256 of the file, in hex: the service refuses other bytes */
  putFile(
    key: string,
    file: { readonly path: string; readonly sizeBytes: number; readonly sha256: string },
  ): Promise<void>;
  getFile(key: string, to: string): Promise<void>;
  /** @returns `undefined` where there is no such object */
  getText(key: string): Promise<string | undefined>;
  remove(key: string): Promise<void>;
}

/** S3 said no, or nothing. */
export class S3Error extends Error {
  override readonly name = 'S3Error';
  readonly code = 'TOCSIN_BACKUP_S3';
}

const EMPTY_SHA256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
/** What S3 takes in one piece. Source: AWS, "Amazon S3 multipart upload limits". */
const MAX_OBJECT_BYTES = 5 * 2 ** 30;
const ATTEMPTS = 4;
const FIRST_WAIT_MS = 500;
/** Without a byte in this time the connection is given up. */
const IDLE_LIMIT_MS = 60_000;

interface Ask {
  readonly method: 'GET' | 'PUT' | 'DELETE';
  readonly key: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly file?: { readonly path: string; readonly sizeBytes: number; readonly sha256: string };
}

/** Speaks to one bucket, by signed requests; what may pass (5xx, no connection) is tried four times. */
export function createS3Client(place: S3Place): S3Client {
  const ask = <Result>(what: Ask, use: (response: IncomingMessage) => Promise<Result>): Promise<Result> =>
    withRetries(what, async () => use(await send(place, what)));
  return {
    async list(prefix) {
      const found: S3Object[] = [];
      let token: string | undefined;
      do {
        const more: Readonly<Record<string, string>> = token === undefined ? {} : { 'continuation-token': token };
        const query = { 'list-type': '2', prefix, ...more };
        const page = readListing(await ask({ method: 'GET', key: '', query }, accepted));
        found.push(...page.objects);
        token = page.next;
      } while (token !== undefined);
      return found;
    },
    async putFile(key, file) {
      if (file.sizeBytes > MAX_OBJECT_BYTES)
        throw new S3Error(`${file.path} has ${file.sizeBytes} bytes; S3 takes 5 GiB in one piece. Back up to a folder`);
      await ask({ method: 'PUT', key, file }, accepted);
    },
    getFile: (key, to) =>
      ask({ method: 'GET', key }, async (response) => {
        if (response.statusCode !== 200) await accepted(response);
        await pipeline(response, createWriteStream(to, { mode: 0o600 }));
      }),
    getText: (key) =>
      ask({ method: 'GET', key }, async (response) => {
        if (response.statusCode !== 404) return accepted(response);
        await text(response);
        return undefined;
      }),
    remove: async (key) => void (await ask({ method: 'DELETE', key }, accepted)),
  };
}

async function withRetries<Result>({ method, key }: Ask, attempt: () => Promise<Result>): Promise<Result> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (error instanceof S3Error && !(error instanceof PassingError)) throw error;
      const message = error instanceof Error ? error.message : String(error);
      if (tries === ATTEMPTS) throw new S3Error(`${method} ${key}: ${message}`, { cause: error });
      await sleep(FIRST_WAIT_MS * 2 ** (tries - 1));
    }
  }
}

/** Worth another attempt. */
class PassingError extends S3Error {}

async function accepted(response: IncomingMessage): Promise<string> {
  const body = await text(response);
  const status = response.statusCode ?? 0;
  if (status >= 200 && status < 300) return body;
  const code = /<Code>([^<]*)<\/Code>/.exec(body)?.[1] ?? '';
  const message = `S3 answers ${status} ${code}`.trimEnd();
  if (status >= 500 || status === 429) throw new PassingError(message);
  throw new S3Error(message);
}

function send(
  { endpoint, bucket, region, credentials }: S3Place,
  { method, key, query = {}, file }: Ask,
): Promise<IncomingMessage> {
  const base = endpoint.pathname.replace(/\/$/, '');
  const path = `${base}/${encodePath(key === '' ? bucket : `${bucket}/${key}`)}`;
  const length: Readonly<Record<string, string>> = file ? { 'content-length': String(file.sizeBytes) } : {};
  const unsigned = {
    method,
    host: endpoint.host,
    path,
    query,
    headers: length,
    bodySha256: file?.sha256 ?? EMPTY_SHA256,
  };
  const headers = signRequest(unsigned, credentials, region, new Date());
  const search = formatQuery(query);
  const start = endpoint.protocol === 'https:' ? requestHttps : requestHttp;
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const request = start(new URL(`${path}${search === '' ? '' : `?${search}`}`, endpoint), { method, headers }, resolve);
  request.on('error', reject);
  request.setTimeout(IDLE_LIMIT_MS, () => request.destroy(new Error(`no byte for ${IDLE_LIMIT_MS / 1_000} s`)));
  if (!file) request.end();
  // An answer may come before all is sent; what then breaks is told by the answer.
  else void pipeline(createReadStream(file.path), request).catch(reject);
  return promise;
}

/** A page of ListObjectsV2. Source: AWS, "ListObjectsV2". */
function readListing(xml: string): { readonly objects: readonly S3Object[]; readonly next: string | undefined } {
  const objects = [...xml.matchAll(/<Contents>([\s\S]*?)<\/Contents>/g)].map(([, content = '']) => ({
    key: unescapeXml(/<Key>([^<]*)<\/Key>/.exec(content)?.[1] ?? ''),
    sizeBytes: Number(/<Size>(\d+)<\/Size>/.exec(content)?.[1] ?? 0),
  }));
  const next = /<NextContinuationToken>([^<]*)<\/NextContinuationToken>/.exec(xml)?.[1];
  return { objects, next: next === undefined ? undefined : unescapeXml(next) };
}

function unescapeXml(escaped: string): string {
  const named: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };
  return escaped.replaceAll(
    /&(?:#(\d+)|#x([0-9a-f]+)|(\w+));/gi,
    (whole, decimal?: string, hex?: string, name?: string) => {
      if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
      if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16));
      return named[name ?? ''] ?? whole;
    },
  );
}
