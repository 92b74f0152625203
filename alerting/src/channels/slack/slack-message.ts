import { fillOptional, messageScope } from '../../template/message-template.ts';
import type { SlackConfig } from '@tocsin/service/config';
import type { Notification } from '../../notify/notification.ts';
import type { ChannelContext } from '../channel.ts';
import { describeNotification, shorten } from '../content.ts';
import { renderSlackAttachment } from './slack-attachment.ts';
import { MAX_SLACK_ALERTS, renderSlackMessage, type SlackMessage } from './slack-body.ts';

/** Slack cuts a text at 40,000 characters, and asks for no more than this. Source: Slack API documentation, "chat.postMessage". */
const MAX_TEXT = 4_000;

/** The message as Slack takes it, by webhook and by bot. */
export function composeSlackMessage(
  config: SlackConfig,
  notification: Notification,
  context: ChannelContext,
): SlackMessage {
  const scope = messageScope(notification, context);
  const [channel, username, iconEmoji, iconUrl] = [
    config.channel,
    config.username,
    config.iconEmoji,
    config.iconUrl,
  ].map((source) => fillOptional(source, scope));
  const content = describeNotification(notification, context, MAX_SLACK_ALERTS);
  const said = fillOptional(config.messageText, scope);
  const manner = {
    isInteractive: config.signingSecret !== undefined,
    acknowledgedBy: notification.status === 'firing' ? context.acknowledgedBy?.(notification) : undefined,
  };
  return {
    ...(channel === undefined ? {} : { channel }),
    ...(username === undefined ? {} : { username }),
    ...(iconEmoji === undefined ? {} : { icon_emoji: iconEmoji }),
    ...(iconUrl === undefined ? {} : { icon_url: iconUrl }),
    ...(config.linkNames ? { link_names: true } : {}),
    ...(renderSlackAttachment(config, content, scope) ?? renderSlackMessage(content, manner)),
    ...(said === undefined ? {} : { text: shorten(said, MAX_TEXT) }),
  };
}
