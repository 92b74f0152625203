import type { Receiver } from '@tocsin/service/config';
import type { Channel, ChannelAddress, ChannelKind } from './channel.ts';
import { CHANNEL_KINDS } from './channel.ts';
import { emailChannels } from './email/email-channel.ts';
import { slackChannels } from './slack/slack-channel.ts';
import { withSecretsHidden } from './with-secrets-hidden.ts';
import { withTimeout } from './with-timeout.ts';

/** What a channel is told besides the notification. */
export interface ChannelContext {
  /** The console as people reach it, without a slash at the end. */
  readonly consoleUrl: string;
}

/** One configured channel of a receiver. */
export interface ConfiguredChannel {
  readonly sendResolved: boolean;
  /** What must never show in a log or an answer. */
  readonly secrets: readonly string[];
  open(context: ChannelContext): Channel;
}

/** A kind of channel: reads its configurations out of a receiver. */
export type ChannelDefinition = (receiver: Receiver) => ConfiguredChannel[];

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
