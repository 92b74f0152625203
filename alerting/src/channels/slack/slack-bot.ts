import type { SlackConfig } from '@tocsin/service/config';
import type { Channel, ChannelAddress, ChannelContext, DeliveryResult } from '../channel.ts';
import { FOLLOW_MS, KEY_HEADER, jsonCall } from '../http/http-channel.ts';
import { createHttpSender, type HttpAnswer } from '../http/http-sender.ts';
import { judgeStatus, patience, quote, readObject } from '../http/judge-answer.ts';
import { type ApiCall, createSlackFiles } from './slack-files.ts';
import { composeSlackMessage } from './slack-message.ts';

/** Errors inside a 200 that pass. Source: Slack API documentation, "chat.postMessage", Errors. */
const PASSING = new Set(['internal_error', 'fatal_error', 'service_unavailable', 'request_timeout', 'accesslimited']);
/** The first message is gone or too old: the thread goes on without it. */
const NOT_UPDATED = new Set(['message_not_found', 'cant_update_message', 'edit_window_closed', 'update_failed']);
const NO_THREAD = new Set(['thread_not_found', 'message_not_found']);
/** What the channel's people should see though it is said in a thread. */
const BROADCAST = new Set(['first_notification', 'new_firing', 'repeat_interval', 'previous_failed']);

interface FirstMessage {
  readonly channel: string;
  readonly ts: string;
}

/**
 * A channel that speaks as a bot: the first message of a trouble is posted, later ones bring it up to date and are replies in its
 * thread. Source: Slack API documentation, "chat.postMessage", "chat.update".
 */
export function createSlackBot(
  config: SlackConfig,
  token: string,
  context: ChannelContext,
  address: ChannelAddress,
): Channel {
  const sender = createHttpSender(config.http);
  const files = createSlackFiles(config.http);
  const methodUrl = (method: string): string => config.appUrl.replace(/chat\.postMessage(?=$|\?)/, method);
  const updateUrl = methodUrl('chat.update');
  const remembered = new Map<string, string>();
  const find = (threadId: string): FirstMessage | undefined => {
    const handle = context.threads ? context.threads.find(address, threadId) : remembered.get(threadId);
    return handle === undefined ? undefined : (JSON.parse(handle) as FirstMessage);
  };
  const remember = (threadId: string, first: FirstMessage): void => {
    if (context.threads) context.threads.save(address, threadId, JSON.stringify(first), Date.now());
    else remembered.set(threadId, JSON.stringify(first));
  };
  return {
    async send(notification, signal) {
      const { id, threadId, reason } = notification;
      const message = composeSlackMessage(config, notification, context);
      const login = { authorization: `Bearer ${token}`, [KEY_HEADER]: id };
      const call = async (url: string, body: object): Promise<SlackOutcome> => {
        const outcome = await sender.send(jsonCall(url, body, login), signal);
        return outcome.status === 'answered'
          ? readApiAnswer(outcome.answer, Date.now())
          : { result: outcome, error: '' };
      };
      const post = async (thread: { readonly thread_ts?: string }): Promise<SlackOutcome> => {
        const posted = await call(config.appUrl, { ...message, ...thread });
        if (posted.first && thread.thread_ts === undefined) remember(threadId, posted.first);
        return posted.first ? withChart(posted, { ...posted.first, ts: thread.thread_ts ?? posted.first.ts }) : posted;
      };
      /** The message is posted: whatever comes of its picture. */
      const withChart = async (posted: SlackOutcome, place: FirstMessage): Promise<SlackOutcome> => {
        const picture = await context.charts?.pictureOf(notification);
        // Of an address that is not of Slack's form it is not known where files go.
        if (!picture || methodUrl('files') === config.appUrl) return posted;
        const limit = AbortSignal.any([signal, AbortSignal.timeout(FOLLOW_MS)]);
        const ask: ApiCall = (method, { headers, ...rest }, until) =>
          sender.send({ ...rest, url: methodUrl(method), headers: { ...headers, ...login } }, until);
        const trouble = await files.upload(picture, place, ask, limit);
        return trouble === undefined ? posted : { ...posted, result: { status: 'ok', detail: trouble } };
      };
      const first = find(threadId);
      if (!first) return (await post({})).result;
      if (config.updateMessage) {
        const updated = await call(updateUrl, { ...message, channel: first.channel, ts: first.ts });
        if (updated.result.status !== 'ok' && !NOT_UPDATED.has(updated.error)) return updated.result;
      }
      const reply = { channel: first.channel, thread_ts: first.ts, reply_broadcast: BROADCAST.has(reason) };
      const replied = await post(reply);
      return NO_THREAD.has(replied.error) ? (await post({})).result : replied.result;
    },
    close: async () => void (await Promise.all([sender.close(), files.close()])),
  };
}

interface SlackOutcome {
  readonly result: DeliveryResult;
  /** Slack's word for what is wrong. */
  readonly error: string;
  readonly first?: FirstMessage;
}

/** Judges an answer of the Web API: errors come with status 200. */
function readApiAnswer(answer: HttpAnswer, nowMs: number): SlackOutcome {
  const { ok, error, ts, channel } = readObject(answer);
  const word = typeof error === 'string' ? error : '';
  const judged = judgeStatus(answer, nowMs);
  if (judged.status !== 'ok') return { result: judged, error: word };
  if (ok === true) {
    const isPlaced = typeof ts === 'string' && typeof channel === 'string';
    return { result: { status: 'ok' }, error: '', ...(isPlaced ? { first: { channel, ts } } : {}) };
  }
  const detail = quote(answer);
  if (word === 'ratelimited' || word === 'rate_limited')
    return { error: word, result: { status: 'retryable', reason: 'rate_limited', detail, ...patience(answer, nowMs) } };
  if (PASSING.has(word)) return { error: word, result: { status: 'retryable', reason: 'server_error', detail } };
  const isLogin = /auth|token|account_inactive|no_permission|missing_scope/.test(word);
  const reason = isLogin ? 'authentication_failed' : word === '' ? 'invalid_response' : 'rejected';
  return { error: word, result: { status: 'failed', reason, detail } };
}
