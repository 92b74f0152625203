import type { Receiver, WebhookConfig } from '@tocsin/service/config';
import { expandText, messageScope } from '../../template/message-template.ts';
import type { Channel, ChannelContext, ConfiguredChannel } from '../channel.ts';
import { createHttpChannel, urlSecrets } from '../http/http-channel.ts';
import { composeWebhookBody } from './webhook-body.ts';

/** The webhooks of a receiver. */
export function webhookChannels({ webhookConfigs }: Receiver): ConfiguredChannel[] {
  return webhookConfigs.map((config) => ({
    sendResolved: config.sendResolved,
    secrets: [...urlSecrets(config.url), ...config.http.secrets],
    timeoutMs: config.timeoutMs,
    open: (context) => createWebhookChannel(config, context),
  }));
}

/** A channel that posts Alertmanager's body, or a template of the configuration's. Any 2xx is success. */
export function createWebhookChannel(config: WebhookConfig, context: ChannelContext): Channel {
  return createHttpChannel({
    http: config.http,
    compose(notification) {
      const body = composeWebhookBody(notification, context.consoleUrl, config.maxAlerts);
      const scope = messageScope(notification, context);
      const own = config.payload === undefined ? undefined : expandText(config.payload, scope);
      // A template that cannot be filled in is said in a field of the usual body: nothing is lost.
      const sent = typeof own === 'object' ? { ...body, templateError: own.error } : body;
      return {
        url: config.url,
        headers: { 'content-type': typeof own === 'string' ? config.contentType : 'application/json' },
        body: typeof own === 'string' ? own : JSON.stringify(sent),
      };
    },
  });
}
