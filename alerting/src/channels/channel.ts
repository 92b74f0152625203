import type { ParsedTemplate } from '@tocsin/service/template';
import type { Receiver } from '@tocsin/service/config';
import type { Notification } from '../notify/notification.ts';
import type { ChartPictures } from './chart/chart.ts';
import type { ThreadStore } from './thread-store.ts';

/** The kinds of channels there are: `email_configs`, `slack_configs` … of a receiver. */
export const CHANNEL_KINDS = [
  'email',
  'slack',
  'pagerduty',
  'opsgenie',
  'pushover',
  'telegram',
  'discord',
  'msteams',
  'msteamsv2',
  'webhook',
  'ntfy',
  'twilio',
  'exec',
] as const;
export type ChannelKind = (typeof CHANNEL_KINDS)[number];

/** Which channel: the receiver, the kind, and the place in the receiver's list of that kind. */
export interface ChannelAddress {
  readonly receiver: string;
  readonly kind: ChannelKind;
  readonly index: number;
}

/** The address as one word: `team/email/0`. */
export function formatChannel({ receiver, kind, index }: ChannelAddress): string {
  return `${receiver}/${kind}/${index}`;
}

/** Why a delivery did not succeed; also the metric attribute and the word in the delivery log. */
export type DeliveryReason =
  | 'timeout'
  | 'connection_failed'
  | 'tls_failed'
  | 'authentication_failed'
  | 'rate_limited'
  | 'server_error'
  | 'rejected'
  | 'invalid_response'
  | 'command_failed'
  | 'stopped'
  | 'internal_error';

/** What came of one attempt. `detail` is a sentence for people and holds no secrets. */
export type DeliveryResult =
  | { readonly status: 'ok'; readonly detail?: string }
  | {
      readonly status: 'retryable';
      readonly reason: DeliveryReason;
      readonly detail: string;
      /** The channel asks for this much patience, in milliseconds, with everything sent to it. */
      readonly afterMs?: number;
    }
  | { readonly status: 'failed'; readonly reason: DeliveryReason; readonly detail: string };

/** A way to reach people. It makes one attempt: it never loops, sleeps or retries. */
export interface Channel {
  /** Tries once. Never throws for anything the network or the other side does; aborting ends the attempt at once. */
  send(notification: Notification, signal: AbortSignal): Promise<DeliveryResult>;
  /** Closes its connections once they are idle. Idempotent. */
  close(): Promise<void>;
}

/** Where the buttons of a message lead; each is signed and expires. */
export interface MessageLinks {
  readonly acknowledge?: string | undefined;
  readonly silence?: string | undefined;
}

/** What a channel is told besides the notification. What is missing, messages do without. */
export interface ChannelContext {
  /** The console as people reach it, without a slash at the end. */
  readonly consoleUrl: string;
  /** What the files of `alerting.templates` define. */
  readonly definitions?: ParsedTemplate['definitions'];
  /** Makes the links of a message about firing alerts. */
  readonly links?: ((notification: Notification) => MessageLinks | undefined) | undefined;
  /** Draws what alerts' values have been. */
  readonly charts?: ChartPictures | undefined;
  /** A signed address of the picture that a message shows, which expires; only where the configuration says that the world reaches alerting. */
  readonly chartUrl?: ((notification: Notification) => Promise<string | undefined>) | undefined;
  /** Who has acknowledged the incident that a notification is about. */
  readonly acknowledgedBy?: ((notification: Notification) => string | undefined) | undefined;
  /** What channels remember of their threads. */
  readonly threads?: ThreadStore | undefined;
}

/** One configured channel of a receiver. */
export interface ConfiguredChannel {
  readonly sendResolved: boolean;
  /** What must never show in a log or an answer. */
  readonly secrets: readonly string[];
  /** The time limit of one attempt, where it has one of its own. */
  readonly timeoutMs?: number | undefined;
  open(context: ChannelContext, address: ChannelAddress): Channel;
}

/** A kind of channel: reads its configurations out of a receiver. */
export type ChannelDefinition = (receiver: Receiver) => ConfiguredChannel[];
