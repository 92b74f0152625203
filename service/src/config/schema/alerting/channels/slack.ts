import { z } from 'zod';
import { httpUrl, text } from '../../scalars.ts';
import type { GlobalSettings } from '../global.ts';
import { sendResolved } from '../send-resolved.ts';

/** An entry of `slack_configs` as written. */
export const slackConfig = z.strictObject({
  api_url: httpUrl.optional(),
  channel: text.optional(),
  username: text.optional(),
  send_resolved: sendResolved,
});

/** One Slack webhook. */
export interface SlackConfig {
  readonly apiUrl: string;
  readonly channel: string | undefined;
  readonly username: string | undefined;
  readonly sendResolved: boolean;
}

/** Fills in what `global` says. */
export function completeSlack(slack: z.output<typeof slackConfig>, defaults: GlobalSettings): SlackConfig {
  return {
    apiUrl: slack.api_url ?? defaults.slack_api_url ?? '',
    channel: slack.channel,
    username: slack.username,
    sendResolved: slack.send_resolved,
  };
}
