import type { Receiver, SlackConfig } from '@tocsin/service/config';
import type { Channel, ChannelContext, ConfiguredChannel } from '../channel.ts';
import { createHttpChannel, jsonCall, loginSecrets, urlSecrets } from '../http/http-channel.ts';
import { readSlackAnswer } from './slack-answer.ts';
import { createSlackBot } from './slack-bot.ts';
import type { SlackMessage } from './slack-body.ts';
import { composeSlackMessage } from './slack-message.ts';

/** The Slack destinations of a receiver. */
export function slackChannels({ slackConfigs }: Receiver): ConfiguredChannel[] {
  return slackConfigs.map((config) => ({
    sendResolved: config.sendResolved,
    // An incoming webhook's whole URL is its credential.
    secrets: [
      config.appToken ?? '',
      config.signingSecret ?? '',
      ...(config.apiUrl === '' ? [] : urlSecrets(config.apiUrl)),
      ...loginSecrets(config.appUrl),
      ...config.http.secrets,
    ],
    timeoutMs: config.timeoutMs,
    open: (context, address) =>
      config.appToken === undefined
        ? createSlackChannel(config, context)
        : createSlackBot(config, config.appToken, context, address),
  }));
}

/** An attachment of its own: Slack fetches what it names after it has taken the message, and leaves out what it cannot. */
function withChartUrl(message: SlackMessage, chartUrl: string | undefined): SlackMessage {
  if (chartUrl === undefined) return message;
  return { ...message, attachments: [...message.attachments, { fallback: 'Chart', image_url: chartUrl }] };
}

/** A channel that posts to an incoming webhook of Slack (or of a system that speaks the same). */
export function createSlackChannel(config: SlackConfig, context: ChannelContext): Channel {
  return createHttpChannel({
    http: config.http,
    async compose(notification) {
      const message = composeSlackMessage(config, notification, context);
      return jsonCall(config.apiUrl, withChartUrl(message, await context.chartUrl?.(notification)));
    },
    judge: readSlackAnswer,
  });
}
