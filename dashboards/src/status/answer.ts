import type { Coding, StatusDocument } from './documents.ts';
import { FRESH_S, makeDocument } from './documents.ts';

/** As much of a request as decides the answer. */
export interface StatusRequest {
  readonly method: string;
  /** Path and query, as it was sent. */
  readonly url: string;
  readonly acceptEncoding: string | undefined;
  readonly ifNoneMatch: string | undefined;
}

/** What is sent. */
export interface StatusAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Without it nothing follows the headers. */
  readonly body: Buffer | undefined;
}

/** Documents by path. */
export type Documents = ReadonlyMap<string, () => StatusDocument>;

const PLAIN = {
  type: 'text/plain; charset=utf-8',
  policy: "default-src 'none'; frame-ancestors 'none'",
  isForAll: false,
};
const NOT_FOUND = makeDocument('There is nothing at this address.\n', PLAIN);
const NOT_ALLOWED = makeDocument('This is only read: GET and HEAD.\n', PLAIN);
const HARDENING = { 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' } as const;

/**
 * Answers a request from documents that are there. Source: RFC 9110 (conditional requests, 13.1.2; content codings, 12.5.3), RFC 5861 (stale content).
 * @param base what the paths begin with; a proxy may have taken it off
 */
export async function answerStatus(request: StatusRequest, documents: Documents, base: string): Promise<StatusAnswer> {
  const { method } = request;
  if (method !== 'GET' && method !== 'HEAD') {
    const answer = await send(NOT_ALLOWED, 405, request);
    return { ...answer, headers: { ...answer.headers, allow: 'GET, HEAD', connection: 'close' } };
  }
  const path = readPath(request.url, base);
  const document = path === undefined ? undefined : documents.get(path);
  if (!document) return send(NOT_FOUND, 404, request);
  const made = document();
  if (!matches(request.ifNoneMatch, made.etag)) return send(made, 200, request);
  return { status: 304, headers: { ...headersOf(made), etag: tagOf(made.etag, codingFor(request)) }, body: undefined };
}

async function send(document: StatusDocument, status: number, request: StatusRequest): Promise<StatusAnswer> {
  const coding = codingFor(request);
  const [plain, body] = await Promise.all([document.body('identity'), document.body(coding)]);
  // Where compression does nothing the plain body is sent.
  const used = body === plain ? 'identity' : coding;
  return {
    status,
    headers: {
      ...headersOf(document),
      'content-type': document.type,
      'content-length': String(body.byteLength),
      ...(used === 'identity' ? {} : { 'content-encoding': used }),
      ...(status === 200 ? { etag: tagOf(document.etag, used) } : {}),
    },
    body: request.method === 'HEAD' ? undefined : body,
  };
}

function headersOf({ policy, isForAll, maxAgeS }: StatusDocument): Record<string, string> {
  // Whoever stands before us may go on with an old one for a day when we are away: it says of when it is.
  const whileStale = maxAgeS === FRESH_S ? `, stale-while-revalidate=${FRESH_S}, stale-if-error=86400` : '';
  return {
    ...HARDENING,
    'cache-control': `public, max-age=${maxAgeS}${whileStale}`,
    vary: 'accept-encoding',
    'content-security-policy': policy,
    'cross-origin-resource-policy': isForAll ? 'cross-origin' : 'same-origin',
    ...(isForAll ? { 'access-control-allow-origin': '*' } : { 'cross-origin-opener-policy': 'same-origin' }),
  };
}

/** The path below the base, decoded; `undefined` where it is none. */
export function readPath(url: string, base: string): string | undefined {
  let path: string;
  try {
    path = decodeURIComponent(url.split('?', 1)[0] ?? '');
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
  if (base !== '' && (path === base || path.startsWith(`${base}/`))) path = path.slice(base.length);
  return path === '' ? '/' : path;
}

/** What the sender takes and is smallest; a weight of nothing refuses. */
function codingFor({ acceptEncoding = '' }: StatusRequest): Coding {
  const taken = new Set(
    acceptEncoding
      .toLowerCase()
      .split(',')
      .map((entry) => /^\s*([a-z*]+)\s*(?:;\s*q=([\d.]+))?\s*$/.exec(entry))
      .filter((match) => match !== null && Number(match[2] ?? 1) > 0)
      .map((match) => match?.[1]),
  );
  return taken.has('br') ? 'br' : taken.has('gzip') ? 'gzip' : 'identity';
}

/** Each coding is a representation of its own. */
function tagOf(etag: string, coding: Coding): string {
  return coding === 'identity' ? etag : etag.replace(/"$/, `-${coding}"`);
}

function matches(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  const own = new Set((['identity', 'br', 'gzip'] as const).map((coding) => tagOf(etag, coding)));
  return ifNoneMatch
    .split(',')
    .map((tag) => tag.trim().replace(/^W\//, ''))
    .some((tag) => tag === '*' || own.has(tag));
}
