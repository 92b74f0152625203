import { isUtf8 } from 'node:buffer';
import type { HttpExpectation, RequestSettings } from '@tocsin/service/config';
import type { HttpRequest } from './request.ts';

/** What is done with redirects. */
export interface RedirectPolicy {
  readonly mode: 'follow' | 'stop' | 'forbid';
  /** A run follows at most this many. */
  readonly max: number;
}

/** Unless configured GET and HEAD follow, and nothing follows where a 3xx is expected itself. */
export function choosePolicy(
  { method, redirects, maxRedirects }: Pick<RequestSettings, 'method' | 'redirects' | 'maxRedirects'>,
  expect: readonly HttpExpectation[],
): RedirectPolicy {
  const wanted = expect.some(
    (each) => each.subject === 'status' && each.ranges.some(({ from, to }) => from <= 399 && to >= 300),
  );
  const safe = method === 'GET' || method === 'HEAD';
  return { mode: redirects ?? (safe && !wanted ? 'follow' : 'stop'), max: maxRedirects };
}

/** Configured headers that go along to another origin; any other may be a credential. */
const HARMLESS_HEADERS = new Set(['accept', 'accept-encoding', 'accept-language', 'user-agent', 'traceparent']);
/** Headers that are about a body and go where it goes. */
const BODY_HEADERS = new Set(['content-type', 'content-encoding', 'content-language', 'content-length']);

/** RFC 9110, section 15.4: the codes that send a request elsewhere by `Location`. */
const REDIRECT_CODES = new Set([301, 302, 303, 307, 308]);

export type RedirectDecision =
  | { readonly action: 'stay' }
  | { readonly action: 'follow'; readonly request: HttpRequest }
  | { readonly action: 'refuse'; readonly reason: 'redirect_limit' | 'redirect_invalid' | 'redirect_forbidden' };

/**
 * Some servers write UTF-8 into `Location` instead of percent-encoding it, and browsers take it for that; headers are read byte by byte.
 */
export function readLocation(location: string): string {
  const bytes = Buffer.from(location, 'latin1');
  const isRaw = bytes.toString('latin1') === location;
  return isRaw && isUtf8(bytes) ? bytes.toString('utf8') : location;
}

export interface RedirectAnswer {
  readonly statusCode: number;
  readonly location: string | undefined;
}

/**
 * Where a response leads. A 303, and a 301 or 302 of a POST, is followed by a GET (Fetch Standard, "HTTP-redirect fetch"); the others repeat
 * the request with its body. To another origin only harmless headers and `traceparent` go along.
 * @param followed how many redirects this request has followed already
 */
export function decideRedirect(
  request: HttpRequest,
  { statusCode, location }: RedirectAnswer,
  { mode, max }: RedirectPolicy,
  followed: number,
): RedirectDecision {
  if (!REDIRECT_CODES.has(statusCode) || location === undefined || mode === 'stop') return { action: 'stay' };
  if (mode === 'forbid') return { action: 'refuse', reason: 'redirect_forbidden' };
  if (followed >= max) return { action: 'refuse', reason: 'redirect_limit' };
  const url = URL.parse(readLocation(location), request.url);
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    return { action: 'refuse', reason: 'redirect_invalid' };
  }
  const { method } = request;
  const becomesGet =
    (statusCode === 303 && method !== 'HEAD') || ((statusCode === 301 || statusCode === 302) && method === 'POST');
  const body = becomesGet ? undefined : request.body;
  const sameOrigin = url.origin === request.url.origin;
  const headers = Object.entries(request.headers).filter(([name]) =>
    BODY_HEADERS.has(name) ? body !== undefined : sameOrigin || HARMLESS_HEADERS.has(name),
  );
  return {
    action: 'follow',
    request: { url, method: becomesGet ? 'GET' : method, headers: Object.fromEntries(headers), body },
  };
}
