import { VERSION } from '@tocsin/service/version';
import { safelyDecode } from '../../redact.ts';

/** A request that is to be sent over one connection. */
export interface HttpRequest {
  readonly url: URL;
  readonly method: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

/** What a monitor says of its request. */
export interface RequestSettings {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
}

/** Configured headers that go along to another origin; any other may be a credential. */
const HARMLESS_HEADERS = new Set(['accept', 'accept-encoding', 'accept-language', 'user-agent']);

/** The first request of a run. Userinfo in the URL becomes basic authentication unless a header is configured. */
export function buildRequest(settings: RequestSettings, traceparent: string): HttpRequest {
  const url = new URL(settings.url);
  const headers: Record<string, string> = { 'user-agent': `Tocsin/${VERSION}`, accept: '*/*' };
  if (url.username !== '' || url.password !== '') {
    const credentials = `${safelyDecode(url.username)}:${safelyDecode(url.password)}`;
    headers['authorization'] = `Basic ${Buffer.from(credentials).toString('base64')}`;
  }
  for (const [name, value] of Object.entries(settings.headers)) headers[name.toLowerCase()] = value;
  return { url, method: settings.method, headers: { ...headers, traceparent }, body: settings.body };
}

/** A run follows at most this many redirects. */
export const MAX_REDIRECTS = 5;

/** RFC 9110, section 15.4: the codes that send a GET or HEAD elsewhere by `Location`. */
const REDIRECT_CODES = new Set([301, 302, 303, 307, 308]);

export type RedirectDecision =
  | { readonly action: 'stay' }
  | { readonly action: 'follow'; readonly request: HttpRequest }
  | { readonly action: 'refuse'; readonly reason: 'redirect_limit' | 'redirect_invalid' };

export interface RedirectAnswer {
  readonly statusCode: number;
  readonly location: string | undefined;
}

/**
 * Where a response leads. Redirects of GET and HEAD are followed, unless the monitor expects a 3xx status itself.
 * To another origin only harmless headers and `traceparent` go along.
 * @param followed how many redirects this run has followed already
 */
export function decideRedirect(
  request: HttpRequest,
  { statusCode, location }: RedirectAnswer,
  expectedStatus: readonly number[],
  followed: number,
): RedirectDecision {
  const redirects = REDIRECT_CODES.has(statusCode) && location !== undefined;
  const safe = request.method === 'GET' || request.method === 'HEAD';
  if (!redirects || !safe || expectedStatus.some((code) => code >= 300 && code <= 399)) return { action: 'stay' };
  if (followed >= MAX_REDIRECTS) return { action: 'refuse', reason: 'redirect_limit' };
  const url = URL.parse(location, request.url);
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    return { action: 'refuse', reason: 'redirect_invalid' };
  }
  if (url.origin === request.url.origin) return { action: 'follow', request: { ...request, url } };
  const kept = Object.entries(request.headers).filter(([name]) => HARMLESS_HEADERS.has(name) || name === 'traceparent');
  return { action: 'follow', request: { ...request, url, headers: Object.fromEntries(kept), body: undefined } };
}
