import { messageScope } from '../../template/message-template.ts';
import type { SlackConfig } from '@tocsin/service/config';
import type { Notification } from '../../notify/notification.ts';
import type { ChannelContext } from '../channel.ts';
import { describeNotification } from '../content.ts';
import { renderSlackAttachment } from './slack-attachment.ts';
import { MAX_SLACK_ALERTS, renderSlackMessage, type SlackMessage } from './slack-body.ts';

/** The message as Slack takes it, by webhook and by bot. */
export function composeSlackMessage(
  config: SlackConfig,
  notification: Notification,
  context: ChannelContext,
): SlackMessage {
  const { channel, username, iconEmoji, iconUrl, linkNames } = config;
  const content = describeNotification(notification, context, MAX_SLACK_ALERTS);
  const manner = {
    isInteractive: config.signingSecret !== undefined,
    acknowledgedBy: notification.status === 'firing' ? context.acknowledgedBy?.(notification) : undefined,
  };
  return {
    ...(channel === undefined ? {} : { channel }),
    ...(username === undefined ? {} : { username }),
    ...(iconEmoji === undefined ? {} : { icon_emoji: iconEmoji }),
    ...(iconUrl === undefined ? {} : { icon_url: iconUrl }),
    ...(linkNames ? { link_names: true } : {}),
    ...(renderSlackAttachment(config, content, messageScope(notification, context)) ??
      renderSlackMessage(content, manner)),
  };
}
