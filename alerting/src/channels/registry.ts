import type { Receiver } from '@tocsin/service/config';
import type { Channel, ChannelAddress, ChannelContext, ChannelDefinition, ChannelKind } from './channel.ts';
import { CHANNEL_KINDS } from './channel.ts';
import { discordChannels } from './discord/discord-channel.ts';
import { emailChannels } from './email/email-channel.ts';
import { execChannels } from './exec/exec-channel.ts';
import { ntfyChannels } from './ntfy/ntfy-channel.ts';
import { opsgenieChannels } from './opsgenie/opsgenie-channel.ts';
import { pagerdutyChannels } from './pagerduty/pagerduty-channel.ts';
import { pushoverChannels } from './pushover/pushover-channel.ts';
import { slackChannels } from './slack/slack-channel.ts';
import { msteamsChannels, msteamsv2Channels } from './teams/teams-channel.ts';
import { telegramChannels } from './telegram/telegram-channel.ts';
import { twilioChannels } from './twilio/twilio-channel.ts';
import { webhookChannels } from './webhook/webhook-channel.ts';
import { withPlainDirection } from './with-plain-direction.ts';
import { withSecretsHidden } from './with-secrets-hidden.ts';
import { withTimeout } from './with-timeout.ts';

/**
 * Each kind, and who reads it. Where messages are too many people get a digest, and trackers, which keep an incident for each group and wake somebody with each
 * new one, open one for the rest; machines get every message.
 */
const REGISTRY = {
  email: { list: emailChannels, readBy: 'people' },
  slack: { list: slackChannels, readBy: 'people' },
  pagerduty: { list: pagerdutyChannels, readBy: 'trackers' },
  opsgenie: { list: opsgenieChannels, readBy: 'trackers' },
  pushover: { list: pushoverChannels, readBy: 'people' },
  telegram: { list: telegramChannels, readBy: 'people' },
  discord: { list: discordChannels, readBy: 'people' },
  msteams: { list: msteamsChannels, readBy: 'people' },
  msteamsv2: { list: msteamsv2Channels, readBy: 'people' },
  webhook: { list: webhookChannels, readBy: 'machines' },
  ntfy: { list: ntfyChannels, readBy: 'people' },
  twilio: { list: twilioChannels, readBy: 'people' },
  exec: { list: execChannels, readBy: 'machines' },
} satisfies Record<
  ChannelKind,
  { readonly list: ChannelDefinition; readonly readBy: 'people' | 'trackers' | 'machines' }
>;

/** Time limit of one attempt. */
export const ATTEMPT_TIMEOUT_MS = 20_000;

/** A configured channel and where it stands. */
export interface ListedChannel extends ChannelAddress {
  readonly sendResolved: boolean;
  open(context: ChannelContext): Channel;
}

/** Whether people read what such a channel is sent: then there is a limit on messages per minute. */
export function isReadByPeople(kind: ChannelKind): boolean {
  return REGISTRY[kind].readBy === 'people';
}

/** Whether it keeps an incident for each group: then there is a limit on new ones per minute. */
export function isTracker(kind: ChannelKind): boolean {
  return REGISTRY[kind].readBy === 'trackers';
}

/** Whether a program takes in what it is sent: it gets every message, and every alert of it. */
export function isMachine(kind: ChannelKind): boolean {
  return REGISTRY[kind].readBy === 'machines';
}

/** The channels of a receiver; what they open is limited in time and keeps its secrets. */
export function listChannels(receiver: Receiver, attemptTimeoutMs = ATTEMPT_TIMEOUT_MS): ListedChannel[] {
  return CHANNEL_KINDS.flatMap((kind) =>
    REGISTRY[kind].list(receiver).map(({ sendResolved, secrets, timeoutMs, open }, index) => {
      const address = { receiver: receiver.name, kind, index };
      const limitMs = Math.min(timeoutMs ?? attemptTimeoutMs, attemptTimeoutMs);
      return {
        ...address,
        sendResolved,
        open: (context: ChannelContext) => {
          const channel = withPlainDirection((inner) => open(inner, address), context);
          return withTimeout(withSecretsHidden(channel, secrets), limitMs);
        },
      };
    }),
  );
}
