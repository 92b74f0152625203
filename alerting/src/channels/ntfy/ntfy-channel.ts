import type { NtfyConfig, Receiver } from '@tocsin/service/config';
import type { Notification } from '../../notify/notification.ts';
import { fillOptional, fillText, messageScope } from '../../template/message-template.ts';
import type { Channel, ChannelContext, ConfiguredChannel } from '../channel.ts';
import type { ChartPicture } from '../chart/chart.ts';
import { describeNotification, fitContent, shorten } from '../content.ts';
import { createHttpChannel, jsonCall, loginSecrets } from '../http/http-channel.ts';
import type { HttpCall } from '../http/http-sender.ts';
import { demandJson } from '../http/judge-answer.ts';
import { renderPlain } from '../plain-text.ts';

/** The ntfy topics of a receiver. */
export function ntfyChannels({ ntfyConfigs }: Receiver): ConfiguredChannel[] {
  return ntfyConfigs.map((config) => ({
    sendResolved: config.sendResolved,
    // Whoever knows the topic of a public server reads it.
    secrets: [config.topic, config.token ?? '', ...loginSecrets(config.server), ...config.http.secrets],
    timeoutMs: config.timeoutMs,
    open: (context) => createNtfyChannel(config, context),
  }));
}

/** A channel that publishes to a topic. Source: ntfy documentation, "Publishing", publish as JSON: 200 with the message's id. */
export function createNtfyChannel(config: NtfyConfig, context: ChannelContext): Channel {
  return createHttpChannel({
    http: config.http,
    // A server takes files only where it is set up to: where it does not, the message goes without.
    charts: context.chartUrl ? undefined : context.charts,
    async compose(notification, picture) {
      const message = composeMessage(config, notification, context, await context.chartUrl?.(notification));
      return picture ? withFile(config, message, picture) : jsonCall(config.server, message, loginOf(config));
    },
    judge: (answer, nowMs) => demandJson(answer, nowMs, ({ id }) => typeof id === 'string'),
  });
}

/** ntfy makes a file of what has more bytes than this. */
const MAX_MESSAGE_BYTES = 4_000;
const MAX_TITLE = 200;
const CHART_FILE = 'chart.png';
const MAX_ALERTS = 10;
const PRIORITIES = { page: 5, ticket: 3, resolved: 3 } as const;
const TAGS = { page: 'rotating_light', ticket: 'warning', resolved: 'white_check_mark' } as const;
const NAMES: Readonly<Record<string, number>> = { min: 1, low: 2, default: 3, high: 4, max: 5, urgent: 5 };

/** A message in ntfy's words. Source: ntfy documentation, "Publishing", publish as JSON. */
interface NtfyMessage {
  readonly topic: string;
  readonly title: string;
  readonly message: string;
  readonly priority: number;
  readonly tags: readonly string[];
  readonly click: string;
  readonly actions: readonly { readonly action: 'view'; readonly label: string; readonly url: string }[];
  readonly attach?: string;
  readonly filename?: string;
}

/** The message. Its actions are buttons below it; tapping it opens the console. */
export function composeMessage(
  config: NtfyConfig,
  notification: Notification,
  context: ChannelContext,
  chartUrl?: string,
): NtfyMessage {
  const scope = messageScope(notification, context);
  const content = describeNotification(notification, context, MAX_ALERTS);
  const text = fitContent({ ...content, actions: [] }, MAX_MESSAGE_BYTES, renderPlain, (part) =>
    Buffer.byteLength(part),
  );
  const wanted = (fillOptional(config.priority, scope) ?? '').trim();
  const priority = NAMES[wanted] ?? (/^[1-5]$/.test(wanted) ? Number(wanted) : PRIORITIES[content.tone]);
  return {
    topic: config.topic,
    title: shorten(fillText(config.title, content.title, scope), MAX_TITLE),
    message: cutBytes(fillText(config.message, text, scope), MAX_MESSAGE_BYTES),
    priority,
    tags: [TAGS[content.tone], ...config.tags],
    click: content.consoleUrl,
    actions: content.actions.map(({ name, value }) => ({ action: 'view', label: name, url: value })),
    ...(chartUrl === undefined ? {} : { attach: chartUrl, filename: CHART_FILE }),
  };
}

const loginOf = ({ token }: NtfyConfig): Record<string, string> =>
  token === undefined ? {} : { authorization: `Bearer ${token}` };

/** The chart as the body and the message in headers. Source: ntfy documentation, "Publishing", Attach local file; RFC 2047 for what is not ASCII. */
function withFile(config: NtfyConfig, message: NtfyMessage, { png }: ChartPicture): HttpCall {
  const { topic, title, message: text, priority, tags, click, actions } = message;
  const word = (value: string): string => `=?UTF-8?B?${Buffer.from(value).toString('base64')}?=`;
  return {
    method: 'PUT',
    url: `${config.server.replace(/\/$/, '')}/${encodeURIComponent(topic)}`,
    headers: {
      'content-type': 'image/png',
      'x-filename': CHART_FILE,
      'x-title': word(title),
      'x-message': word(text),
      'x-priority': String(priority),
      'x-tags': word(tags.join(',')),
      'x-click': click,
      ...(actions.length === 0 ? {} : { 'x-actions': word(JSON.stringify(actions)) }),
      ...loginOf(config),
    },
    body: png,
  };
}

/** At most so many bytes of UTF-8, no character cut in two. */
function cutBytes(text: string, max: number): string {
  if (Buffer.byteLength(text) <= max) return text;
  return `${Buffer.from(text)
    .subarray(0, max - 3)
    .toString('utf8')
    .replace(/\uFFFD+$/u, '')}…`;
}
