import type { ChannelHttp } from '@tocsin/service/config';
import type * as Undici from 'undici';
import type { Dispatcher } from 'undici';
import type { DeliveryResult } from '../channel.ts';
import { readConnectionError } from './connection-error.ts';

/** One request of a channel. */
export interface HttpCall {
  readonly method?: 'POST' | 'PUT' | 'GET';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/** What came back, as far as it is read. */
export interface HttpAnswer {
  readonly statusCode: number;
  /** The header `Retry-After` as it came. */
  readonly retryAfter: string | undefined;
  /** The start of the body. */
  readonly text: string;
  /** There is more than was read. */
  readonly isCut: boolean;
}

/** An answer, or why there is none. */
export type HttpOutcome =
  { readonly status: 'answered'; readonly answer: HttpAnswer } | Exclude<DeliveryResult, { readonly status: 'ok' }>;

/** Sends requests of one channel, over connections of its own. */
export interface HttpSender {
  /** Sends once. Never throws for what the network or the other side does. */
  send(call: HttpCall, signal: AbortSignal): Promise<HttpOutcome>;
  /** Closes connections once they are idle. Idempotent. */
  close(): Promise<void>;
}

/** The most bytes of an answer that are read. */
export const MAX_ANSWER_BYTES = 16_384;
const MAX_REDIRECTS = 3;

/**
 * Makes the sender. A redirect is an answer like any other unless `follow_redirects` is set; then only 307 and 308 are followed, for
 * the others turn a POST into a GET. Source: RFC 9110, 15.4. Credentials go to no other origin.
 */
export function createHttpSender(http: ChannelHttp): HttpSender {
  let dispatcher: (Dispatcher & { readonly closed?: boolean }) | undefined;
  let isClosed = false;
  return {
    async send(call, signal) {
      // With the first message: most alerting processes send none for days, and the library takes 10 MiB.
      const undici = await import('undici');
      dispatcher ??= openDispatcher(undici, http);
      try {
        return { status: 'answered', answer: await request(undici.request, dispatcher, http, call, signal) };
      } catch (error) {
        return readConnectionError(error);
      }
    },
    async close() {
      if (isClosed) return;
      isClosed = true;
      await dispatcher?.close();
    },
  };
}

function openDispatcher({ Agent, EnvHttpProxyAgent }: typeof Undici, http: ChannelHttp): Dispatcher {
  const { tls } = http;
  const connect = {
    ...(tls?.ca === undefined ? {} : { ca: tls.ca }),
    ...(tls?.cert === undefined ? {} : { cert: tls.cert }),
    ...(tls?.key === undefined ? {} : { key: tls.key }),
    ...(tls?.serverName === undefined ? {} : { servername: tls.serverName }),
    ...(tls?.minVersion === undefined ? {} : { minVersion: tls.minVersion }),
    ...(tls?.maxVersion === undefined ? {} : { maxVersion: tls.maxVersion }),
    rejectUnauthorized: tls?.insecureSkipVerify !== true,
  };
  const limits = { connections: 4, pipelining: 1, keepAliveTimeout: 4_000, allowH2: http.http2 };
  const { proxyUrl, noProxy, proxyFromEnvironment } = http;
  if (proxyUrl === undefined && !proxyFromEnvironment) return new Agent({ ...limits, connect });
  const proxy = proxyUrl === undefined ? {} : { httpProxy: proxyUrl, httpsProxy: proxyUrl, noProxy: noProxy ?? '' };
  return new EnvHttpProxyAgent({ ...limits, ...proxy, connect, requestTls: connect, proxyTunnel: false });
}

async function request(
  send: typeof Undici.request,
  dispatcher: Dispatcher,
  http: ChannelHttp,
  { method = 'POST', url, headers = {}, body }: HttpCall,
  signal: AbortSignal,
): Promise<HttpAnswer> {
  let target = new URL(url);
  const { origin } = target;
  // Credentials in a URL become the header, as everywhere; an own `authorization` of the channel comes first.
  const basic = target.username === '' ? undefined : basicOf(target);
  target.username = '';
  target.password = '';
  const authorization = http.authorization ?? basic;
  const secret = { ...(authorization === undefined ? {} : { authorization }), ...http.headers, ...lowerCase(headers) };
  for (let turn = 0; ; turn += 1) {
    const answer = await send(target, {
      method,
      dispatcher,
      signal,
      headers: { 'user-agent': 'Tocsin', ...(target.origin === origin ? secret : withoutCredentials(headers)) },
      ...(body === undefined ? {} : { body }),
    });
    const location = [answer.headers['location']].flat()[0];
    const isFollowed = http.followRedirects && (answer.statusCode === 307 || answer.statusCode === 308);
    const next = isFollowed && location !== undefined && turn < MAX_REDIRECTS ? URL.parse(location, target) : null;
    const { text, isCut } = await readStart(answer.body);
    if (!next || !/^https?:$/.test(next.protocol))
      return { statusCode: answer.statusCode, retryAfter: [answer.headers['retry-after']].flat()[0], text, isCut };
    target = next;
  }
}

const lowerCase = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

const withoutCredentials = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(lowerCase(headers)).filter(([name]) => name.startsWith('content-')));

function basicOf({ username, password }: URL): string {
  return `Basic ${Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64')}`;
}

async function readStart(body: Dispatcher.ResponseData['body']): Promise<Pick<HttpAnswer, 'text' | 'isCut'>> {
  const chunks: Buffer[] = [];
  let size = 0;
  let isCut = false;
  for await (const chunk of body) {
    chunks.push(chunk as Buffer);
    size += (chunk as Buffer).length;
    isCut = size > MAX_ANSWER_BYTES;
    if (isCut) break;
  }
  return { text: Buffer.concat(chunks).subarray(0, MAX_ANSWER_BYTES).toString('utf8'), isCut };
}
