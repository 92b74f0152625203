import { z } from 'zod';
import { flag, httpUrl, positiveDuration, text } from '../../scalars.ts';
import type { GlobalSettings } from '../global.ts';
import { everyHttpChannel, template } from './every-channel.ts';
import { channelHttp } from './http-config.ts';

/** An entry of `pushover_configs` as written; `api_url` is ours. */
export const pushoverConfig = z.strictObject({
  ...everyHttpChannel,
  user_key: text,
  user_key_file: text.optional(),
  token: text,
  token_file: text.optional(),
  api_url: httpUrl.default('https://api.pushover.net/1/messages.json'),
  title: template,
  message: template,
  url: template,
  url_title: template,
  device: template,
  sound: template,
  priority: template,
  retry: positiveDuration.default(60_000),
  expire: positiveDuration.default(3_600_000),
  ttl: positiveDuration.optional(),
  html: flag.default(false),
  monospace: flag.default(false),
});

/** One Pushover user or group. */
export type PushoverConfig = Readonly<ReturnType<typeof completePushover>>;

/** Fills in what `global` says. */
export function completePushover(given: z.output<typeof pushoverConfig>, defaults: GlobalSettings) {
  return {
    userKey: given.user_key,
    token: given.token,
    apiUrl: given.api_url,
    title: given.title,
    message: given.message,
    url: given.url,
    urlTitle: given.url_title,
    device: given.device,
    sound: given.sound,
    priority: given.priority,
    retryMs: given.retry,
    expireMs: given.expire,
    ttlMs: given.ttl,
    html: given.html,
    monospace: given.monospace,
    sendResolved: given.send_resolved,
    timeoutMs: given.timeout,
    http: channelHttp(given.http_config, defaults.http_config),
  };
}
