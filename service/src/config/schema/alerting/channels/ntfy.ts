import { z } from 'zod';
import { httpUrl, text } from '../../scalars.ts';
import type { GlobalSettings } from '../global.ts';
import { everyHttpChannel, template } from './every-channel.ts';
import { channelHttp } from './http-config.ts';

/** An entry of `ntfy_configs` (ours) as written. */
export const ntfyConfig = z.strictObject({
  ...everyHttpChannel,
  server: httpUrl.default('https://ntfy.sh'),
  topic: z.string().regex(/^[-_A-Za-z0-9]{1,64}$/, 'expected a topic: 1 to 64 letters, digits, - and _'),
  token: text.optional(),
  token_file: text.optional(),
  title: template,
  message: template,
  priority: template,
  tags: z.array(text).default([]),
});

/** One topic of ntfy. */
export type NtfyConfig = Readonly<ReturnType<typeof completeNtfy>>;

/** Fills in what `global` says. */
export function completeNtfy(given: z.output<typeof ntfyConfig>, defaults: GlobalSettings) {
  return {
    server: given.server,
    topic: given.topic,
    token: given.token,
    title: given.title,
    message: given.message,
    priority: given.priority,
    tags: given.tags,
    sendResolved: given.send_resolved,
    timeoutMs: given.timeout,
    http: channelHttp(given.http_config, defaults.http_config),
  };
}
