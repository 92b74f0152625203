import type { PushoverConfig, Receiver } from '@tocsin/service/config';
import type { Notification } from '../../notify/notification.ts';
import { fillOptional, fillText, messageScope } from '../../template/message-template.ts';
import type { Channel, ChannelContext, ConfiguredChannel, DeliveryResult } from '../channel.ts';
import type { ChartPicture } from '../chart/chart.ts';
import { describeNotification, fitContent, shorten } from '../content.ts';
import { createHttpChannel, loginSecrets } from '../http/http-channel.ts';
import type { HttpAnswer, HttpCall } from '../http/http-sender.ts';
import { demandJson, readObject } from '../http/judge-answer.ts';
import { escapeHtml } from '../email/markup.ts';
import { renderPlain } from '../plain-text.ts';

/** The Pushover users of a receiver. */
export function pushoverChannels({ pushoverConfigs }: Receiver): ConfiguredChannel[] {
  return pushoverConfigs.map((config) => ({
    sendResolved: config.sendResolved,
    secrets: [config.userKey, config.token, ...loginSecrets(config.apiUrl), ...config.http.secrets],
    timeoutMs: config.timeoutMs,
    open: (context) => createPushoverChannel(config, context),
  }));
}

/** A channel that pushes messages. Source: Pushover, "Message API": 200 with `"status": 1`. */
export function createPushoverChannel(config: PushoverConfig, context: ChannelContext): Channel {
  return createHttpChannel({
    http: config.http,
    charts: context.charts,
    compose: (notification, picture) => composeMessage(config, notification, context, picture),
    judge: readAnswer,
  });
}

/** Pushover's limits: characters of title, message and URL; seconds between repetitions and until they end. */
const MAX_TITLE = 250;
const MAX_MESSAGE = 1_024;
const MAX_URL = 512;
const MIN_RETRY_SECONDS = 30;
const MAX_EXPIRE_SECONDS = 10_800;
const MAX_ALERTS = 5;

/** The form of a message. Priority 2 rings until somebody confirms, and needs `retry` and `expire`. */
export function composeMessage(
  config: PushoverConfig,
  notification: Notification,
  context: ChannelContext,
  picture?: ChartPicture,
): HttpCall {
  const scope = messageScope(notification, context);
  const content = describeNotification(notification, context, MAX_ALERTS);
  const acknowledge = content.actions.find(({ name }) => name === 'Acknowledge');
  const priority = priorityOf(fillOptional(config.priority, scope), content.tone);
  // The links are the message's own URL: as text they would take all its room.
  const text = fitContent({ ...content, actions: [] }, MAX_MESSAGE, renderPlain);
  const isHtml = config.html;
  const message = fillText(config.message, isHtml ? escapeHtml(text) : text, { ...scope, isHtml });
  const form = new URLSearchParams({
    token: config.token,
    user: config.userKey,
    title: shorten(fillText(config.title, content.title, scope), MAX_TITLE),
    message: shorten(message.trim(), MAX_MESSAGE) || content.title,
    url: shorten(fillText(config.url, acknowledge?.value ?? content.consoleUrl, scope), MAX_URL),
    url_title: fillText(
      config.urlTitle,
      config.url === undefined ? (acknowledge?.name ?? 'Open the console') : '',
      scope,
    ),
    priority: String(priority),
    timestamp: String(Math.floor(notification.createdAtMs / 1_000)),
  });
  if (priority === 2) {
    form.set('retry', String(Math.max(MIN_RETRY_SECONDS, Math.round(config.retryMs / 1_000))));
    form.set('expire', String(Math.min(MAX_EXPIRE_SECONDS, Math.round(config.expireMs / 1_000))));
  } else if (config.ttlMs !== undefined) form.set('ttl', String(Math.ceil(config.ttlMs / 1_000)));
  for (const [name, source] of [
    ['device', config.device],
    ['sound', config.sound],
  ] as const) {
    const filled = fillOptional(source, scope);
    if (filled !== undefined) form.set(name, filled);
  }
  if (picture) {
    form.set('attachment_base64', Buffer.from(picture.png).toString('base64'));
    form.set('attachment_type', 'image/png');
  }
  if (config.html) form.set('html', '1');
  else if (config.monospace) form.set('monospace', '1');
  return {
    url: config.apiUrl,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: form.toString(),
  };
}

/** What is configured, where it is one of -2 to 2; a page rings until it is confirmed, the rest comes as it comes. */
function priorityOf(configured: string | undefined, tone: 'page' | 'ticket' | 'resolved'): number {
  if (configured !== undefined && /^-?[0-2]$/.test(configured.trim())) return Number(configured);
  return { page: 2, ticket: 0, resolved: 0 }[tone];
}

/** Success may carry a receipt, under which one can ask who confirmed. */
function readAnswer(answer: HttpAnswer, nowMs: number): DeliveryResult {
  const result = demandJson(answer, nowMs, ({ status }) => status === 1);
  const { receipt } = readObject(answer);
  if (result.status !== 'ok' || typeof receipt !== 'string') return result;
  return { status: 'ok', detail: `receipt ${shorten(receipt, 40)}` };
}
