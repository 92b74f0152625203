import type { Receiver, TelegramConfig } from '@tocsin/service/config';
import type { Notification } from '../../notify/notification.ts';
import { fillOptional, messageScope } from '../../template/message-template.ts';
import type { Channel, ChannelContext, ConfiguredChannel, DeliveryResult } from '../channel.ts';
import {
  type AlertContent,
  describeNotification,
  fitContent,
  type MessageContent,
  type Named,
  shorten,
} from '../content.ts';
import { createHttpChannel, jsonCall, loginSecrets, type Sent } from '../http/http-channel.ts';
import type { HttpAnswer, HttpCall } from '../http/http-sender.ts';
import { demandJson, judgeStatus, readObject } from '../http/judge-answer.ts';
import { multipartCall } from '../http/multipart.ts';

/** The Telegram chats of a receiver. */
export function telegramChannels({ telegramConfigs }: Receiver): ConfiguredChannel[] {
  return telegramConfigs.map((config) => ({
    sendResolved: config.sendResolved,
    secrets: [config.botToken, ...loginSecrets(config.apiUrl), ...config.http.secrets],
    timeoutMs: config.timeoutMs,
    open: (context) => createTelegramChannel(config, context),
  }));
}

/** A channel that speaks as a bot. Source: Telegram, "Bot API", sendMessage. */
export function createTelegramChannel(config: TelegramConfig, context: ChannelContext): Channel {
  return createHttpChannel({
    http: config.http,
    compose: (notification) => composeMessage(config, notification, context),
    judge: readAnswer,
    follow: (sent) => sendPhoto(config, context, sent),
  });
}

/** The chart, as a silent answer to the message: a photo's own text would be a quarter as long. Source: Telegram, "Bot API", sendPhoto. */
async function sendPhoto(
  config: TelegramConfig,
  { charts }: ChannelContext,
  { notification, answer, send }: Sent,
): Promise<string | undefined> {
  const picture = await charts?.pictureOf(notification);
  if (!picture) return undefined;
  const { result } = readObject(answer) as { result?: { message_id?: unknown } | null };
  const id = result?.message_id;
  const fields = {
    chat_id: config.chatId,
    ...(config.messageThreadId === undefined ? {} : { message_thread_id: String(config.messageThreadId) }),
    ...(typeof id === 'number'
      ? { reply_parameters: JSON.stringify({ message_id: id, allow_sending_without_reply: true }) }
      : {}),
    caption: shorten(picture.description, MAX_CAPTION),
    disable_notification: 'true',
  };
  const file = { field: 'photo', name: 'chart.png', contentType: 'image/png', bytes: picture.png };
  const outcome = await send(multipartCall(methodUrl(config, 'sendPhoto'), fields, file));
  const judged = outcome.status === 'answered' ? readAnswer(outcome.answer, Date.now()) : outcome;
  return judged.status === 'ok' ? undefined : `The message was taken, its chart was not: ${judged.detail}`;
}

const methodUrl = ({ apiUrl, botToken }: TelegramConfig, method: string): string =>
  `${apiUrl.replace(/\/$/, '')}/bot${botToken}/${method}`;

/** Telegram's limit in characters after entities are parsed; the text with its tags stays below, to be sure. */
const MAX_TEXT = 4_096;
const MAX_CAPTION = 1_024;
const MAX_ALERTS = 20;
const MAX_FACT = 500;

/** The request. A configured message is in the configured mode; ours is HTML. */
export function composeMessage(config: TelegramConfig, notification: Notification, context: ChannelContext): HttpCall {
  const content = describeNotification(notification, context, MAX_ALERTS);
  const scope = messageScope(notification, context);
  const own = fillOptional(config.message, { ...scope, isHtml: config.parseMode === 'HTML' }) ?? '';
  const isOwn = own.trim() !== '';
  const mode = isOwn ? config.parseMode : 'HTML';
  const text = isOwn ? shorten(own, MAX_TEXT) : fitContent(content, MAX_TEXT, renderTelegram);
  const chat = /^-?\d+$/.test(config.chatId) ? Number(config.chatId) : config.chatId;
  return jsonCall(methodUrl(config, 'sendMessage'), {
    chat_id: chat,
    ...(config.messageThreadId === undefined ? {} : { message_thread_id: config.messageThreadId }),
    text,
    ...(mode === '' ? {} : { parse_mode: mode }),
    disable_notification: config.disableNotifications,
    link_preview_options: { is_disabled: true },
    ...(content.actions.length === 0
      ? {}
      : {
          reply_markup: { inline_keyboard: [content.actions.map(({ name, value }) => ({ text: name, url: value }))] },
        }),
  });
}

/** Telegram says how long to wait in the body, not in a header. Source: Telegram, "Bot API", ResponseParameters. */
function readAnswer(answer: HttpAnswer, nowMs: number): DeliveryResult {
  const { parameters } = readObject(answer) as { parameters?: { retry_after?: unknown } | null };
  const seconds = Number(parameters?.retry_after);
  const retryAfter = answer.retryAfter ?? (Number.isFinite(seconds) ? String(seconds) : undefined);
  if (answer.statusCode === 429) return judgeStatus({ ...answer, retryAfter }, nowMs);
  return demandJson(answer, nowMs, ({ ok }) => ok === true);
}

/** The message in Telegram's HTML. Source: Telegram, "Bot API", HTML style. */
export function renderTelegram({
  title,
  lead,
  notes,
  alerts,
  titles,
  hiddenCount,
  consoleUrl,
}: MessageContent): string {
  const more = hiddenCount === 0 ? [] : [`… and ${hiddenCount} more`];
  return [
    `<b>${escapeHtml(title)}</b>`,
    ...[lead, ...notes].map(escapeHtml),
    ...titles.map((line) => `• ${escapeHtml(line)}`),
    ...alerts.map(renderAlert),
    ...more,
    anchor({ name: 'Open the console', value: consoleUrl }),
  ].join('\n');
}

function renderAlert({ state, name, summary, description, facts, labels, links }: AlertContent): string {
  const brief = (text: string): string => escapeHtml(shorten(text, MAX_FACT));
  const lines = [
    '',
    `${state === 'firing' ? '🔴' : '🟢'} <b>${brief(name)}</b>${summary === undefined ? '' : `: ${brief(summary)}`}`,
    ...(description === undefined ? [] : [brief(description)]),
    ...facts.map((fact) => `${brief(fact.name)}: ${brief(fact.value)}`),
    ...(labels.length === 0
      ? []
      : [`<code>${brief(labels.map((label) => `${label.name}=${label.value}`).join(' '))}</code>`]),
    ...(links.length === 0 ? [] : [links.map(anchor).join(' · ')]),
  ];
  return lines.join('\n');
}

const anchor = ({ name, value }: Named): string => `<a href="${escapeHtml(value)}">${escapeHtml(name)}</a>`;

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
