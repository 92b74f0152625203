import type { Alert, LabelSet } from '../alert.ts';
import type { NotifyReason } from './stages/dedup.ts';

/** One message to one channel of a receiver, as it was when it was decided. */
export interface Notification {
  /** The idempotency key: the same through all attempts. */
  readonly id: string;
  /** The id of the first notification of the same trouble; equal to `id` for that one. */
  readonly threadId: string;
  readonly receiver: string;
  readonly groupKey: string;
  readonly groupLabels: LabelSet;
  /** Labels and annotations that all its alerts share. */
  readonly commonLabels: LabelSet;
  readonly commonAnnotations: LabelSet;
  readonly status: 'firing' | 'resolved';
  readonly reason: NotifyReason | 'digest' | 'escalation';
  /** It stands for the messages of many groups, which came at once. */
  readonly digest?: Digest;
  /** It is told here because this channel could not be reached. */
  readonly fallback?: FallbackCause;
  /** Why somebody is asked by an escalation. */
  readonly escalation?: EscalationNote;
  /** At most `MAX_ALERTS` of each (a machine's at most `MAX_ALERTS_OF_MACHINE`); the counts say how many there are. */
  readonly firing: readonly Alert[];
  readonly resolved: readonly Alert[];
  readonly firingCount: number;
  readonly resolvedCount: number;
  readonly createdAtMs: number;
}

/** What a digest stands for. */
export interface Digest {
  readonly groupCount: number;
  /** The titles of the groups' messages, at most `MAX_DIGEST_TITLES`; firing ones first. */
  readonly titles: readonly string[];
}

/** Why a notification goes to the fallback receiver. */
export interface FallbackCause {
  /** `receiver/kind/index` of the channel that should have told it. */
  readonly channel: string;
  readonly reason: string;
  /** When it should have been told, Unix milliseconds. */
  readonly sinceMs: number;
}

/** What an incident tells somebody. */
export interface EscalationNote {
  readonly incidentId: string;
  readonly what: 'step' | 'acknowledged' | 'resolved' | 'not_followed';
  /** A sentence for the reader: who was asked, at which step, of which incident. */
  readonly note: string;
}

/** What a notification is made of, before what is common is known. */
export interface NotificationParts {
  readonly id: string;
  readonly threadId: string;
  readonly receiver: string;
  readonly groupKey: string;
  readonly groupLabels: LabelSet;
  readonly reason: NotifyReason | 'digest' | 'escalation';
  readonly escalation?: EscalationNote;
  readonly firing: readonly Alert[];
  readonly resolved: readonly Alert[];
  readonly createdAtMs: number;
}

/** The most alerts of a kind that a notification carries in full; people read no more of them. */
export const MAX_ALERTS = 200;
/** The same for a program that takes in every alert, as Alertmanager's webhooks do. */
export const MAX_ALERTS_OF_MACHINE = 5_000;

/** For sorting: oldest alerts first. */
export function byAge(a: Alert, b: Alert): number {
  return a.startsAtMs - b.startsAtMs || (a.fingerprint < b.fingerprint ? -1 : 1);
}

/** Makes a notification: oldest alerts first, what they share taken out. @param maxAlerts of each kind */
export function composeNotification(parts: NotificationParts, maxAlerts = MAX_ALERTS): Notification {
  const firing = parts.firing.toSorted(byAge);
  const resolved = parts.resolved.toSorted(byAge);
  const all = [...firing, ...resolved];
  return {
    ...parts,
    status: firing.length > 0 ? 'firing' : 'resolved',
    commonLabels: shared(all.map(({ labels }) => labels)),
    commonAnnotations: shared(all.map(({ annotations }) => annotations)),
    firing: firing.slice(0, maxAlerts),
    resolved: resolved.slice(0, maxAlerts),
    firingCount: firing.length,
    resolvedCount: resolved.length,
  };
}

/**
 * The newer notification with what only the undelivered older one could have told: alerts that resolved before the newer
 * one was made. An older one's firing alerts are either still firing or resolved in the newer one.
 */
export function absorbOlder(newer: Notification, older: Notification): Notification {
  const known = new Set([...newer.firing, ...newer.resolved].map(({ fingerprint }) => fingerprint));
  const missing = older.resolved.filter(({ fingerprint }) => !known.has(fingerprint));
  if (missing.length === 0) return newer;
  // Only a machine's has more than people read.
  const longest = Math.max(...[newer, older].flatMap(({ firing, resolved }) => [firing.length, resolved.length]));
  const maxAlerts = longest > MAX_ALERTS ? MAX_ALERTS_OF_MACHINE : MAX_ALERTS;
  const composed = composeNotification({ ...newer, resolved: [...newer.resolved, ...missing] }, maxAlerts);
  return { ...composed, firingCount: newer.firingCount, resolvedCount: newer.resolvedCount + missing.length };
}

function shared(sets: readonly LabelSet[]): LabelSet {
  const [first, ...rest] = sets;
  if (!first) return {};
  return Object.fromEntries(
    Object.entries(first).filter(([name, value]) => rest.every((other) => other[name] === value)),
  );
}
