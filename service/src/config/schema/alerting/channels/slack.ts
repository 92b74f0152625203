import { z } from 'zod';
import { flag, httpUrl, text } from '../../scalars.ts';
import type { GlobalSettings } from '../global.ts';
import { everyHttpChannel, template } from './every-channel.ts';
import { channelHttp } from './http-config.ts';

const field = z.strictObject({ title: text, value: text, short: flag.optional() });
const confirmation = z.strictObject({
  text,
  title: text.optional(),
  ok_text: text.optional(),
  dismiss_text: text.optional(),
});
const action = z.strictObject({
  type: z.literal('button'),
  text,
  url: text.optional(),
  name: text.optional(),
  value: text.optional(),
  style: text.optional(),
  confirm: confirmation.optional(),
});

/** An entry of `slack_configs` as written: an incoming webhook, or a bot (`app_token` and `channel`). */
export const slackConfig = z.strictObject({
  ...everyHttpChannel,
  api_url: httpUrl.optional(),
  api_url_file: text.optional(),
  app_token: text.optional(),
  app_token_file: text.optional(),
  app_url: httpUrl.optional(),
  signing_secret: text.optional(),
  signing_secret_file: text.optional(),
  update_message: flag.default(true),
  channel: text.optional(),
  username: text.optional(),
  icon_emoji: text.optional(),
  icon_url: text.optional(),
  link_names: flag.default(false),
  title: template,
  title_link: template,
  pretext: template,
  text: template,
  message_text: template,
  callback_id: template,
  mrkdwn_in: z.array(text).optional(),
  fallback: template,
  color: template,
  footer: template,
  fields: z.array(field).default([]),
  short_fields: flag.default(false),
  actions: z.array(action).default([]),
  image_url: template,
  thumb_url: template,
});

/** One Slack destination, with the `global` settings filled in. */
export type SlackConfig = Readonly<ReturnType<typeof completeSlack>>;

/** Fills in what `global` says. A webhook of its own comes before a bot of `global`. */
export function completeSlack(slack: z.output<typeof slackConfig>, defaults: GlobalSettings) {
  const ownWebhook = slack.api_url !== undefined && slack.app_token === undefined;
  return {
    apiUrl: slack.api_url ?? defaults.slack_api_url ?? '',
    /** A bot's token: messages go through the Web API, and can be updated. */
    appToken: slack.app_token ?? (ownWebhook ? undefined : defaults.slack_app_token),
    appUrl: slack.app_url ?? defaults.slack_app_url ?? 'https://slack.com/api/chat.postMessage',
    /** What Slack signs its requests with: with it, buttons act. */
    signingSecret: slack.signing_secret ?? defaults.slack_signing_secret,
    /** The first message of a thread is kept up to date; false: replies only. */
    updateMessage: slack.update_message,
    channel: slack.channel,
    username: slack.username,
    iconEmoji: slack.icon_emoji,
    iconUrl: slack.icon_url,
    linkNames: slack.link_names,
    title: slack.title,
    titleLink: slack.title_link,
    pretext: slack.pretext,
    text: slack.text,
    /** The message above its attachment: what a workflow's webhook reads. */
    messageText: slack.message_text,
    callbackId: slack.callback_id,
    markdownIn: slack.mrkdwn_in,
    fallback: slack.fallback,
    color: slack.color,
    footer: slack.footer,
    fields: slack.fields.map(({ title, value, short }) => ({ title, value, short: short ?? slack.short_fields })),
    actions: slack.actions,
    imageUrl: slack.image_url,
    thumbUrl: slack.thumb_url,
    sendResolved: slack.send_resolved,
    timeoutMs: slack.timeout,
    http: channelHttp(slack.http_config, defaults.http_config),
  };
}
