import type { ChannelHttp } from '@tocsin/service/config';
import type { Notification } from '../../notify/notification.ts';
import type { Channel, DeliveryResult } from '../channel.ts';
import { createHttpSender, type HttpAnswer, type HttpCall } from './http-sender.ts';
import { judgeStatus } from './judge-answer.ts';

/** What makes a channel of one request per notification. */
export interface HttpChannelOptions {
  readonly http: ChannelHttp;
  compose(notification: Notification): HttpCall | Promise<HttpCall>;
  /** By the status unless the service says success in a way of its own. */
  readonly judge?: (answer: HttpAnswer, nowMs: number) => DeliveryResult;
}

/** The header that carries the idempotency key, for stand-ins and proxies to see. */
export const KEY_HEADER = 'x-tocsin-notification';

/** A channel that makes one request and judges the answer. */
export function createHttpChannel({ http, compose, judge = judgeStatus }: HttpChannelOptions): Channel {
  const sender = createHttpSender(http);
  return {
    async send(notification, signal) {
      const call = await compose(notification);
      const headers = { [KEY_HEADER]: notification.id, ...call.headers };
      const outcome = await sender.send({ ...call, headers }, signal);
      return outcome.status === 'answered' ? judge(outcome.answer, Date.now()) : outcome;
    },
    close: () => sender.close(),
  };
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
