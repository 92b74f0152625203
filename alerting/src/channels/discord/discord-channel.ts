import type { DiscordConfig, Receiver } from '@tocsin/service/config';
import type { Notification } from '../../notify/notification.ts';
import { fillOptional, fillText, messageScope } from '../../template/message-template.ts';
import type { Channel, ChannelContext, ConfiguredChannel, DeliveryResult } from '../channel.ts';
import type { ChartPicture } from '../chart/chart.ts';
import { type AlertContent, describeNotification, fitContent, type MessageContent, shorten } from '../content.ts';
import { createHttpChannel, jsonCall, urlSecrets } from '../http/http-channel.ts';
import type { HttpAnswer, HttpCall } from '../http/http-sender.ts';
import { judgeStatus, readObject } from '../http/judge-answer.ts';
import { multipartCall } from '../http/multipart.ts';

/** The Discord webhooks of a receiver. */
export function discordChannels({ discordConfigs }: Receiver): ConfiguredChannel[] {
  return discordConfigs.map((config) => ({
    sendResolved: config.sendResolved,
    secrets: [...urlSecrets(config.webhookUrl), ...config.http.secrets],
    timeoutMs: config.timeoutMs,
    open: (context) => createDiscordChannel(config, context),
  }));
}

/** A channel that posts to a webhook; success is 204. Source: Discord, "Webhook Resource", Execute Webhook. */
export function createDiscordChannel(config: DiscordConfig, context: ChannelContext): Channel {
  return createHttpChannel({
    http: config.http,
    charts: context.charts,
    compose(notification, picture) {
      const message = composeMessage(config, notification, context, picture);
      return picture ? withFile(config.webhookUrl, message, picture) : jsonCall(config.webhookUrl, message);
    },
    judge: readAnswer,
  });
}

/** Discord's limits in characters. Source: Discord, "Message Resource", Embed Limits. */
const MAX_TITLE = 256;
const MAX_DESCRIPTION = 4_096;
const MAX_CONTENT = 2_000;
const MAX_USERNAME = 80;
const MAX_ALERTS = 20;
const CHART_FILE = 'chart.png';
const COLORS = { page: 0xc62828, ticket: 0xb26a00, resolved: 0x2e7d32 } as const;

/** The message: one embed. It mentions nobody, whatever stands in it. */
export function composeMessage(
  config: DiscordConfig,
  notification: Notification,
  context: ChannelContext,
  picture?: ChartPicture,
): object {
  const scope = messageScope(notification, context);
  const content = describeNotification(notification, context, MAX_ALERTS);
  const description = fillText(config.message, fitContent(content, MAX_DESCRIPTION, renderDiscord), scope);
  const said = fillOptional(config.content, scope);
  const username = fillOptional(config.username, scope);
  const avatar = fillOptional(config.avatarUrl, scope);
  return {
    ...(said === undefined ? {} : { content: shorten(said, MAX_CONTENT) }),
    ...(username === undefined ? {} : { username: shorten(username, MAX_USERNAME) }),
    ...(avatar === undefined ? {} : { avatar_url: avatar }),
    embeds: [
      {
        title: shorten(fillText(config.title, escapeMarkdown(content.title), scope), MAX_TITLE),
        description: shorten(description, MAX_DESCRIPTION),
        color: COLORS[content.tone],
        url: content.consoleUrl,
        timestamp: new Date(notification.createdAtMs).toISOString(),
        ...(picture ? { image: { url: `attachment://${CHART_FILE}` } } : {}),
      },
    ],
    ...(picture ? { attachments: [{ id: 0, filename: CHART_FILE, description: picture.description }] } : {}),
    // A mention is only one where the configuration itself wrote it.
    allowed_mentions: { parse: said === undefined ? [] : ['roles', 'users', 'everyone'] },
  };
}

/** The message with its chart beside it. Source: Discord, "Uploading Files". */
function withFile(url: string, message: object, { png }: ChartPicture): HttpCall {
  const fields = { payload_json: { contentType: 'application/json', text: JSON.stringify(message) } };
  return multipartCall(url, fields, { field: 'files[0]', name: CHART_FILE, contentType: 'image/png', bytes: png });
}

/** Discord says how long to wait in the body too, in seconds. Source: Discord, "Rate Limits". */
function readAnswer(answer: HttpAnswer, nowMs: number): DeliveryResult {
  const { retry_after: seconds } = readObject(answer);
  const retryAfter = answer.retryAfter ?? (typeof seconds === 'number' ? String(seconds) : undefined);
  return judgeStatus({ ...answer, retryAfter }, nowMs);
}

/** The body in Discord's Markdown. */
export function renderDiscord({ lead, notes, alerts, titles, hiddenCount, actions }: MessageContent): string {
  const more = hiddenCount === 0 ? [] : [`… and ${hiddenCount} more`];
  return [
    ...[lead, ...notes].map(escapeMarkdown),
    ...titles.map((title) => `- ${escapeMarkdown(title)}`),
    ...alerts.map(renderAlert),
    ...more,
    ...(actions.length === 0 ? [] : [actions.map(({ name, value }) => link(name, value)).join(' · ')]),
  ].join('\n');
}

function renderAlert({ state, name, summary, description, facts, labels, links }: AlertContent): string {
  const brief = (text: string): string => escapeMarkdown(shorten(text, 500));
  return [
    '',
    `${state === 'firing' ? '🔴' : '🟢'} **${brief(name)}**${summary === undefined ? '' : `: ${brief(summary)}`}`,
    ...(description === undefined ? [] : [brief(description)]),
    ...facts.map((fact) => `${brief(fact.name)}: ${brief(fact.value)}`),
    ...(labels.length === 0 ? [] : [brief(labels.map((label) => `${label.name}=${label.value}`).join(' '))]),
    ...(links.length === 0 ? [] : [links.map((entry) => link(entry.name, entry.value)).join(' · ')]),
  ].join('\n');
}

const link = (name: string, url: string): string => `[${escapeMarkdown(name)}](${url.replaceAll(')', '%29')})`;

/** What would be formatting, a link or a mention is text. */
function escapeMarkdown(text: string): string {
  return text.replace(/[\\*_~`|>#[\]()<]/g, (char) => `\\${char}`).replaceAll('@', '@\u200B');
}
