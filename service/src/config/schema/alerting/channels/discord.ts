import { z } from 'zod';
import { httpUrl, text } from '../../scalars.ts';
import type { GlobalSettings } from '../global.ts';
import { everyHttpChannel, template } from './every-channel.ts';
import { channelHttp } from './http-config.ts';

/** An entry of `discord_configs` as written. */
export const discordConfig = z.strictObject({
  ...everyHttpChannel,
  webhook_url: httpUrl,
  webhook_url_file: text.optional(),
  title: template,
  message: template,
  content: template,
  username: template,
  avatar_url: template,
});

/** One Discord webhook. */
export type DiscordConfig = Readonly<ReturnType<typeof completeDiscord>>;

/** Fills in what `global` says. */
export function completeDiscord(given: z.output<typeof discordConfig>, defaults: GlobalSettings) {
  return {
    webhookUrl: given.webhook_url,
    title: given.title,
    message: given.message,
    content: given.content,
    username: given.username,
    avatarUrl: given.avatar_url,
    sendResolved: given.send_resolved,
    timeoutMs: given.timeout,
    http: channelHttp(given.http_config, defaults.http_config),
  };
}
