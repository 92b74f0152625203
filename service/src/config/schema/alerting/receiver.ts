import { z } from 'zod';
import { asMapping, isGiven, type Mapping, mappingsIn, type Refuse, textAt } from '../cross-checks.ts';
import { text } from '../scalars.ts';
import { completeDiscord, type DiscordConfig, discordConfig } from './channels/discord.ts';
import { completeEmail, type EmailConfig, emailConfig } from './channels/email.ts';
import { completeExec, type ExecConfig, execConfig } from './channels/exec.ts';
import { checkTls } from './channels/http-config.ts';
import { completeNtfy, type NtfyConfig, ntfyConfig } from './channels/ntfy.ts';
import { completeOpsgenie, type OpsgenieConfig, opsgenieConfig } from './channels/opsgenie.ts';
import { completePagerduty, type PagerdutyConfig, pagerdutyConfig } from './channels/pagerduty.ts';
import { completePushover, type PushoverConfig, pushoverConfig } from './channels/pushover.ts';
import { completeSlack, type SlackConfig, slackConfig } from './channels/slack.ts';
import { completeTeams, msteamsConfig, msteamsv2Config, type TeamsConfig } from './channels/teams.ts';
import { completeTelegram, type TelegramConfig, telegramConfig } from './channels/telegram.ts';
import { completeTwilio, type TwilioConfig, twilioConfig } from './channels/twilio.ts';
import { completeWebhook, type WebhookConfig, webhookConfig } from './channels/webhook.ts';
import type { GlobalSettings } from './global.ts';

/** A kind of Alertmanager's that Tocsin does not have: an error that says what to use. */
const missing = (kind: string) => {
  const expected = `no ${kind}: Tocsin has none; webhook_configs reaches it through a small service or a gateway of yours`;
  return z
    .custom<undefined>((value) => value === undefined, { message: `expected ${expected}`, params: { expected } })
    .optional();
};

/** An entry of `receivers` as written. */
export const receiver = z.strictObject({
  name: text,
  escalation: text.optional(),
  email_configs: z.array(emailConfig).default([]),
  slack_configs: z.array(slackConfig).default([]),
  pagerduty_configs: z.array(pagerdutyConfig).default([]),
  opsgenie_configs: z.array(opsgenieConfig).default([]),
  pushover_configs: z.array(pushoverConfig).default([]),
  telegram_configs: z.array(telegramConfig).default([]),
  discord_configs: z.array(discordConfig).default([]),
  msteams_configs: z.array(msteamsConfig).default([]),
  msteamsv2_configs: z.array(msteamsv2Config).default([]),
  webhook_configs: z.array(webhookConfig).default([]),
  ntfy_configs: z.array(ntfyConfig).default([]),
  twilio_configs: z.array(twilioConfig).default([]),
  exec_configs: z.array(execConfig).default([]),
  sns_configs: missing('sns_configs'),
  victorops_configs: missing('victorops_configs'),
  wechat_configs: missing('wechat_configs'),
  webex_configs: missing('webex_configs'),
  rocketchat_configs: missing('rocketchat_configs'),
  mattermost_configs: missing('mattermost_configs (slack_configs works with its incoming webhooks)'),
  jira_configs: missing('jira_configs'),
  incidentio_configs: missing('incidentio_configs'),
});

/** Whom a route leads to: any number of channels of each kind. */
export interface Receiver {
  readonly name: string;
  /** Who is told besides, one after the other, until somebody acknowledges. */
  readonly escalation?: string | undefined;
  readonly emailConfigs: readonly EmailConfig[];
  readonly slackConfigs: readonly SlackConfig[];
  readonly pagerdutyConfigs: readonly PagerdutyConfig[];
  readonly opsgenieConfigs: readonly OpsgenieConfig[];
  readonly pushoverConfigs: readonly PushoverConfig[];
  readonly telegramConfigs: readonly TelegramConfig[];
  readonly discordConfigs: readonly DiscordConfig[];
  readonly msteamsConfigs: readonly TeamsConfig[];
  readonly msteamsv2Configs: readonly TeamsConfig[];
  readonly webhookConfigs: readonly WebhookConfig[];
  readonly ntfyConfigs: readonly NtfyConfig[];
  readonly twilioConfigs: readonly TwilioConfig[];
  readonly execConfigs: readonly ExecConfig[];
}

/** Fills in what `global` says. */
export function completeReceiver(entry: z.output<typeof receiver>, defaults: GlobalSettings): Receiver {
  return {
    name: entry.name,
    escalation: entry.escalation,
    emailConfigs: entry.email_configs.map((config) => completeEmail(config, defaults)),
    slackConfigs: entry.slack_configs.map((config) => completeSlack(config, defaults)),
    pagerdutyConfigs: entry.pagerduty_configs.map((config) => completePagerduty(config, defaults)),
    opsgenieConfigs: entry.opsgenie_configs.map((config) => completeOpsgenie(config, defaults)),
    pushoverConfigs: entry.pushover_configs.map((config) => completePushover(config, defaults)),
    telegramConfigs: entry.telegram_configs.map((config) => completeTelegram(config, defaults)),
    discordConfigs: entry.discord_configs.map((config) => completeDiscord(config, defaults)),
    msteamsConfigs: entry.msteams_configs.map((config) => completeTeams(config, defaults)),
    msteamsv2Configs: entry.msteamsv2_configs.map((config) => completeTeams(config, defaults)),
    webhookConfigs: entry.webhook_configs.map((config) => completeWebhook(config, defaults)),
    ntfyConfigs: entry.ntfy_configs.map((config) => completeNtfy(config, defaults)),
    twilioConfigs: entry.twilio_configs.map((config) => completeTwilio(config, defaults)),
    execConfigs: entry.exec_configs.map(completeExec),
  };
}

/** Refuses names used twice, and channels that lack what neither they nor `global` say. @returns the names */
export function checkReceivers(alerting: Mapping, global: Mapping, refuse: Refuse): ReadonlySet<string> {
  const names = new Set<string>();
  for (const [index, entry] of mappingsIn(alerting['receivers'])) {
    const path = ['receivers', index];
    const name = textAt(entry, 'name');
    if (name !== undefined && names.has(name)) refuse([...path, 'name'], 'a receiver name used once');
    if (name !== undefined) names.add(name);
    checkDemands(entry, path, global, refuse);
    for (const [list, configs] of Object.entries(entry))
      for (const [at, config] of mappingsIn(configs)) checkChannel(config, [...path, list, at], refuse);
    if (mappingsIn(entry['exec_configs']).length > 0 && String(alerting['allow_exec']) !== 'true')
      refuse([...path, 'exec_configs'], 'alerting.allow_exec: true beside exec_configs, for they run programs');
  }
  return names;
}

/** Settings that one needs from somewhere: the channel's own key, another one instead of it, or `global`'s. */
const DEMANDS = [
  ['email_configs', ['smarthost'], 'smtp_smarthost'],
  ['email_configs', ['from'], 'smtp_from'],
  ['slack_configs', ['api_url', 'app_token'], 'slack_api_url'],
  ['opsgenie_configs', ['api_key'], 'opsgenie_api_key'],
  ['telegram_configs', ['bot_token'], 'telegram_bot_token'],
] as const;

function checkDemands(entry: Mapping, path: readonly (string | number)[], global: Mapping, refuse: Refuse): void {
  for (const [list, keys, globalKey] of DEMANDS) {
    if (isGiven(global, globalKey)) continue;
    if (globalKey === 'slack_api_url' && isGiven(global, 'slack_app_token')) continue;
    for (const [at, config] of mappingsIn(entry[list]))
      if (!keys.some((key) => isGiven(config, key)))
        refuse([...path, list, at], `${keys[0]} here or global.${globalKey}`);
  }
  for (const [at, config] of mappingsIn(entry['slack_configs'])) {
    const isBot = isGiven(config, 'app_token') || (isGiven(global, 'slack_app_token') && !isGiven(config, 'api_url'));
    if (isBot && !isGiven(config, 'channel')) refuse([...path, 'slack_configs', at], 'channel beside app_token');
  }
  for (const [at, config] of mappingsIn(entry['twilio_configs']))
    if (config['mode'] === 'call' && (textAt(config, 'from') ?? '').startsWith('MG'))
      refuse([...path, 'twilio_configs', at, 'from'], 'a telephone number for calls');
}

function checkChannel(config: Mapping, path: readonly (string | number)[], refuse: Refuse): void {
  checkTls(asMapping(config['tls_config']), [...path, 'tls_config'], refuse);
  checkTls(asMapping(asMapping(config['http_config'])['tls_config']), [...path, 'http_config', 'tls_config'], refuse);
}
