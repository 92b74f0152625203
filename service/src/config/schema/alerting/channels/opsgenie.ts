import { z } from 'zod';
import { flag, httpUrl, text } from '../../scalars.ts';
import type { GlobalSettings } from '../global.ts';
import { everyHttpChannel, template } from './every-channel.ts';
import { channelHttp } from './http-config.ts';

const responder = z.strictObject({
  id: text.optional(),
  name: text.optional(),
  username: text.optional(),
  type: z.enum(['team', 'teams', 'user', 'escalation', 'schedule']),
});

/** An entry of `opsgenie_configs` as written. */
export const opsgenieConfig = z.strictObject({
  ...everyHttpChannel,
  api_key: text.optional(),
  api_key_file: text.optional(),
  api_url: httpUrl.optional(),
  message: template,
  description: template,
  source: template,
  details: z.record(z.string(), z.string()).default({}),
  responders: z.array(responder).default([]),
  tags: template,
  note: template,
  priority: template,
  update_alerts: flag.default(false),
  entity: template,
  actions: template,
});

/** One Opsgenie integration. */
export type OpsgenieConfig = Readonly<ReturnType<typeof completeOpsgenie>>;

/** Fills in what `global` says. */
export function completeOpsgenie(given: z.output<typeof opsgenieConfig>, defaults: GlobalSettings) {
  return {
    apiKey: given.api_key ?? defaults.opsgenie_api_key ?? '',
    apiUrl: given.api_url ?? defaults.opsgenie_api_url ?? 'https://api.opsgenie.com/',
    message: given.message,
    description: given.description,
    source: given.source,
    details: given.details,
    responders: given.responders,
    tags: given.tags,
    note: given.note,
    priority: given.priority,
    /** Message and description of an alert that is open already follow the newest notification. */
    updateAlerts: given.update_alerts,
    entity: given.entity,
    actions: given.actions,
    sendResolved: given.send_resolved,
    timeoutMs: given.timeout,
    http: channelHttp(given.http_config, defaults.http_config),
  };
}
