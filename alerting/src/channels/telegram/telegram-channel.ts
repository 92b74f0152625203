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
import { createHttpChannel, jsonCall, loginSecrets } from '../http/http-channel.ts';
import type { HttpAnswer, HttpCall } from '../http/http-sender.ts';
import { demandJson, judgeStatus, readObject } from '../http/judge-answer.ts';

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
  });
}

/** Telegram's limit in characters after entities are parsed; the text with its tags stays below, to be sure. */
const MAX_TEXT = 4_096;
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
  return jsonCall(`${config.apiUrl.replace(/\/$/, '')}/bot${config.botToken}/sendMessage`, {
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
