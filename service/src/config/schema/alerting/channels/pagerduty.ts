import { z } from 'zod';
import { httpUrl, text } from '../../scalars.ts';
import type { GlobalSettings } from '../global.ts';
import { everyHttpChannel, template } from './every-channel.ts';
import { channelHttp } from './http-config.ts';

/** An entry of `pagerduty_configs` as written: Events API v2. */
export const pagerdutyConfig = z.strictObject({
  ...everyHttpChannel,
  routing_key: text,
  routing_key_file: text.optional(),
  url: httpUrl.optional(),
  client: template,
  client_url: template,
  description: template,
  severity: template,
  source: template,
  component: template,
  group: template,
  class: template,
  details: z.record(z.string(), z.string()).default({}),
  images: z.array(z.strictObject({ src: text, href: text.optional(), alt: text.optional() })).default([]),
  links: z.array(z.strictObject({ href: text, text: text.optional() })).default([]),
});

/** One PagerDuty service. */
export type PagerdutyConfig = Readonly<ReturnType<typeof completePagerduty>>;

/** Fills in what `global` says. */
export function completePagerduty(given: z.output<typeof pagerdutyConfig>, defaults: GlobalSettings) {
  return {
    routingKey: given.routing_key,
    url: given.url ?? defaults.pagerduty_url ?? 'https://events.pagerduty.com/v2/enqueue',
    client: given.client,
    clientUrl: given.client_url,
    description: given.description,
    severity: given.severity,
    source: given.source,
    component: given.component,
    group: given.group,
    class: given.class,
    details: given.details,
    images: given.images,
    links: given.links,
    sendResolved: given.send_resolved,
    timeoutMs: given.timeout,
    http: channelHttp(given.http_config, defaults.http_config),
  };
}
