import { z } from 'zod';
import { isGiven, type Mapping, mappingsIn, type Refuse, textAt } from '../cross-checks.ts';
import { text } from '../scalars.ts';
import { completeEmail, type EmailConfig, emailConfig } from './channels/email.ts';
import { completeSlack, type SlackConfig, slackConfig } from './channels/slack.ts';
import type { GlobalSettings } from './global.ts';

/** An entry of `receivers` as written. */
export const receiver = z.strictObject({
  name: text,
  escalation: text.optional(),
  email_configs: z.array(emailConfig).default([]),
  slack_configs: z.array(slackConfig).default([]),
});

export interface Receiver {
  readonly name: string;
  /** Who is told besides, one after the other, until somebody acknowledges. */
  readonly escalation?: string | undefined;
  readonly emailConfigs: readonly EmailConfig[];
  readonly slackConfigs: readonly SlackConfig[];
}

/** Fills in what `global` says. */
export function completeReceiver(entry: z.output<typeof receiver>, defaults: GlobalSettings): Receiver {
  return {
    name: entry.name,
    escalation: entry.escalation,
    emailConfigs: entry.email_configs.map((email) => completeEmail(email, defaults)),
    slackConfigs: entry.slack_configs.map((slack) => completeSlack(slack, defaults)),
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
    const demand = (list: string, key: string, globalKey: string): void => {
      if (isGiven(global, globalKey)) return;
      for (const [at, config] of mappingsIn(entry[list]))
        if (!isGiven(config, key)) refuse([...path, list, at], `${key} here or global.${globalKey}`);
    };
    demand('email_configs', 'smarthost', 'smtp_smarthost');
    demand('email_configs', 'from', 'smtp_from');
    demand('slack_configs', 'api_url', 'slack_api_url');
  }
  return names;
}
