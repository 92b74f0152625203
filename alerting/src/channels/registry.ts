import type { Receiver } from '@tocsin/service/config';
import type { Channel, ChannelAddress, ChannelContext, ChannelDefinition, ChannelKind } from './channel.ts';
import { CHANNEL_KINDS } from './channel.ts';
import { emailChannels } from './email/email-channel.ts';
import { slackChannels } from './slack/slack-channel.ts';
import { withSecretsHidden } from './with-secrets-hidden.ts';
import { withTimeout } from './with-timeout.ts';

const REGISTRY = {
  email: emailChannels,
  slack: slackChannels,
} satisfies Record<ChannelKind, ChannelDefinition>;

/** Time limit of one attempt. */
export const ATTEMPT_TIMEOUT_MS = 20_000;

/** A configured channel and where it stands. */
export interface ListedChannel extends ChannelAddress {
  readonly sendResolved: boolean;
  open(context: ChannelContext): Channel;
}

/** The channels of a receiver; what they open is limited in time and keeps its secrets. */
export function listChannels(receiver: Receiver, attemptTimeoutMs = ATTEMPT_TIMEOUT_MS): ListedChannel[] {
  return CHANNEL_KINDS.flatMap((kind) =>
    REGISTRY[kind](receiver).map(({ sendResolved, secrets, open }, index) => ({
      receiver: receiver.name,
      kind,
      index,
      sendResolved,
      open: (context: ChannelContext) => withTimeout(withSecretsHidden(open(context), secrets), attemptTimeoutMs),
    })),
  );
}
