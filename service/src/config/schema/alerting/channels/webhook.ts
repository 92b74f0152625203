import { z } from 'zod';
import { httpUrl, text, wholeNumber } from '../../scalars.ts';
import type { GlobalSettings } from '../global.ts';
import { everyHttpChannel, template } from './every-channel.ts';
import { channelHttp } from './http-config.ts';

/** An entry of `webhook_configs` as written; `payload` and `content_type` are ours. */
export const webhookConfig = z.strictObject({
  ...everyHttpChannel,
  url: httpUrl,
  url_file: text.optional(),
  max_alerts: wholeNumber(0).default(0),
  payload: template,
  content_type: text.default('application/json'),
});

/** One webhook. */
export type WebhookConfig = Readonly<ReturnType<typeof completeWebhook>>;

/** Fills in what `global` says. */
export function completeWebhook(given: z.output<typeof webhookConfig>, defaults: GlobalSettings) {
  return {
    url: given.url,
    /** 0: all of them. */
    maxAlerts: given.max_alerts,
    /** A template of the body instead of Alertmanager's. */
    payload: given.payload,
    contentType: given.content_type,
    sendResolved: given.send_resolved,
    timeoutMs: given.timeout,
    http: channelHttp(given.http_config, defaults.http_config),
  };
}
