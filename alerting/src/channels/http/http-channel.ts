import type { ChannelHttp } from '@tocsin/service/config';
import type { Notification } from '../../notify/notification.ts';
import type { Channel, DeliveryResult } from '../channel.ts';
import type { ChartPicture, ChartPictures, ChartSize } from '../chart/chart.ts';
import { createHttpSender, type HttpAnswer, type HttpCall, type HttpOutcome } from './http-sender.ts';
import { judgeStatus } from './judge-answer.ts';

/** What makes a channel of one request per notification. */
export interface HttpChannelOptions {
  readonly http: ChannelHttp;
  /** @param picture what the message shows; composed again without it where the other side refuses the one with it */
  compose(notification: Notification, picture?: ChartPicture): HttpCall | Promise<HttpCall>;
  /** Where pictures come from, for a kind whose message holds one. */
  readonly charts?: ChartPictures | undefined;
  readonly chartSize?: ChartSize;
  /** By the status unless the service says success in a way of its own. */
  readonly judge?: (answer: HttpAnswer, nowMs: number) => DeliveryResult;
  /**
   * Sends what belongs to a message that was taken; whatever comes of it, the message is delivered.
   * @returns what went wrong, for the delivery log
   */
  readonly follow?: (sent: Sent) => Promise<string | undefined>;
}

/** A message that was taken. */
export interface Sent {
  readonly notification: Notification;
  readonly answer: HttpAnswer;
  /** Sends once more, within a time of its own. */
  send(call: HttpCall): Promise<HttpOutcome>;
}

/** What follows a message has so long. */
export const FOLLOW_MS = 5_000;
/** What a picture may be the reason of. */
const PERHAPS_THE_PICTURE: ReadonlySet<string> = new Set(['rejected', 'server_error', 'invalid_response']);

/** The header that carries the idempotency key, for stand-ins and proxies to see. */
export const KEY_HEADER = 'x-tocsin-notification';

/** A channel that makes one request and judges the answer. */
export function createHttpChannel(options: HttpChannelOptions): Channel {
  const { http, compose, charts, chartSize, judge = judgeStatus, follow } = options;
  const sender = createHttpSender(http);
  const sendKeyed = (call: HttpCall, { id }: Notification, signal: AbortSignal): Promise<HttpOutcome> =>
    sender.send({ ...call, headers: { [KEY_HEADER]: id, ...call.headers } }, signal);
  const attempt = async (notification: Notification, signal: AbortSignal, picture?: ChartPicture) => {
    const outcome = await sendKeyed(await compose(notification, picture), notification, signal);
    if (outcome.status !== 'answered') return { result: outcome, answer: undefined };
    return { result: judge(outcome.answer, Date.now()), answer: outcome.answer };
  };
  return {
    async send(notification, signal) {
      const picture = await charts?.pictureOf(notification, chartSize);
      let { result, answer } = await attempt(notification, signal, picture);
      if (picture && answer && isPerhapsThePicture(result)) ({ result, answer } = await attempt(notification, signal));
      if (!follow || result.status !== 'ok' || !answer) return result;
      const limit = AbortSignal.any([signal, AbortSignal.timeout(FOLLOW_MS)]);
      const trouble = await follow({ notification, answer, send: (call) => sendKeyed(call, notification, limit) });
      return trouble === undefined ? result : { ...result, detail: trouble };
    },
    close: () => sender.close(),
  };
}

/** Who asks for patience is not asked again at once. */
function isPerhapsThePicture(result: DeliveryResult): boolean {
  if (result.status === 'ok' || !PERHAPS_THE_PICTURE.has(result.reason)) return false;
  return result.status === 'failed' || result.afterMs === undefined;
}

/** A request with a JSON body. */
export function jsonCall(url: string, body: unknown, headers: Readonly<Record<string, string>> = {}): HttpCall {
  return {
    url,
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
    body: JSON.stringify(body),
  };
}

/** The login that a URL may carry, alone and as it is sent. */
export function loginSecrets(address: string): string[] {
  const url = URL.parse(address);
  if (!url || url.username === '') return [];
  const pair = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  return [url.password, decodeURIComponent(url.password), pair].filter((secret) => secret.length > 1);
}

/** What of a URL must never show, where the URL itself is the credential: the whole, and each long part. */
export function urlSecrets(address: string): string[] {
  const url = URL.parse(address);
  if (!url) return [];
  const parts = url.pathname.split('/').filter((part) => part.length >= 8);
  const values = [...url.searchParams.values()];
  return [
    address,
    url.href,
    url.pathname + url.search,
    url.search,
    ...loginSecrets(address),
    ...parts,
    ...values,
  ].filter((secret) => secret.length > 1);
}
