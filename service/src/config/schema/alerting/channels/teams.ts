import { z } from 'zod';
import { httpUrl, text } from '../../scalars.ts';
import type { GlobalSettings } from '../global.ts';
import { everyHttpChannel, template } from './every-channel.ts';
import { channelHttp } from './http-config.ts';

const webhook = { ...everyHttpChannel, webhook_url: httpUrl, webhook_url_file: text.optional(), title: template };

/** An entry of `msteams_configs` as written: the connectors of old, which take MessageCards. */
export const msteamsConfig = z.strictObject({ ...webhook, summary: template, text: template });

/** An entry of `msteamsv2_configs` as written: a workflow's webhook, which takes Adaptive Cards. */
export const msteamsv2Config = z.strictObject({ ...webhook, text: template });

/** One webhook of Microsoft Teams. */
export type TeamsConfig = Readonly<ReturnType<typeof completeTeams>>;

/** Fills in what `global` says. */
export function completeTeams(
  given: z.output<typeof msteamsv2Config> & { summary?: string | undefined },
  defaults: GlobalSettings,
) {
  return {
    webhookUrl: given.webhook_url,
    title: given.title,
    summary: given.summary,
    text: given.text,
    sendResolved: given.send_resolved,
    timeoutMs: given.timeout,
    http: channelHttp(given.http_config, defaults.http_config),
  };
}
