import type { Escalation, OnCallUser } from '@tocsin/service/config';
import { partAt } from '@tocsin/service/on-call';
import type { Alert } from '../alert.ts';
import type { ChannelAddress } from '../channels/channel.ts';
import type { Person } from './incident.ts';

/** A channel, and whether it wants to hear of ends. */
export interface ViewedChannel extends ChannelAddress {
  readonly sendResolved: boolean;
}

/** What decisions about incidents know of the configuration and of who is on call. */
export interface OnCallView {
  /** Of a receiver; `undefined`: it leads to none, or is gone. */
  escalationOf(receiver: string): Escalation | undefined;
  user(name: string): OnCallUser | undefined;
  /** The name of who is on call for a schedule, overrides counted; `undefined`: nobody, or no such schedule. */
  onCall(schedule: string, nowMs: number): string | undefined;
  /** A receiver's channels; none where it is gone. */
  channelsOf(receiver: string): readonly ViewedChannel[];
  /** Severities, the gravest first. */
  readonly urgent: readonly string[];
  readonly acknowledgeTimeoutMs: number;
  readonly reopenWithinMs: number;
}

const EVERY_DAY = [1, 2, 3, 4, 5, 6, 7];
/** What severities usually mean, where `oncall.urgent` does not say. */
const USUAL_ORDER = ['page', 'critical', 'error', 'warning', 'ticket', 'info'];

/** Whether quiet hours do not count for this severity. */
export function isUrgent({ urgent }: Pick<OnCallView, 'urgent'>, severity: string): boolean {
  return urgent.includes(severity);
}

/** The gravest severity of these: urgent ones first, then in the usual order; empty where there is none. */
export function gravest({ urgent }: Pick<OnCallView, 'urgent'>, severities: Iterable<string>): string {
  const rank = (severity: string): number => {
    if (severity === '') return Infinity;
    const place = [...urgent, ...USUAL_ORDER].indexOf(severity);
    return place === -1 ? Number.MAX_SAFE_INTEGER : place;
  };
  let best = '';
  for (const severity of severities) if (rank(severity) < rank(best)) best = severity;
  return best;
}

/** The gravest severity of alerts. */
export function severityOf(view: Pick<OnCallView, 'urgent'>, alerts: readonly Alert[]): string {
  return gravest(
    view,
    alerts.map(({ labels }) => labels['severity'] ?? ''),
  );
}

/** The channels by which somebody is told of what has this severity, each once. */
export function channelsFor(view: OnCallView, person: Person, severity: string): ViewedChannel[] {
  const user = person.kind === 'user' ? view.user(person.name) : undefined;
  if (person.kind === 'user' && !user) return [];
  const receivers = user ? (isUrgent(view, severity) ? user.urgentContact : user.contact) : [person.name];
  return [...new Set(receivers)].flatMap((receiver) => view.channelsOf(receiver));
}

/** The channels that somebody has besides, for what is of another urgency: the ones to try where the first ones refuse. */
export function otherChannels(view: OnCallView, { kind, name }: Person, severity: string): ViewedChannel[] {
  const user = kind === 'user' ? view.user(name) : undefined;
  if (!user) return [];
  const others = isUrgent(view, severity) ? user.contact : user.urgentContact;
  return [...new Set(others)].flatMap((receiver) => view.channelsOf(receiver));
}

/** When the quiet hours that go on for somebody end; `undefined` where there are none now. */
export function quietUntil(view: OnCallView, person: Person, nowMs: number): number | undefined {
  const user = person.kind === 'user' ? view.user(person.name) : undefined;
  if (!user?.quietHours) return undefined;
  return partAt([{ days: EVERY_DAY, ...user.quietHours }], user.timeZone, nowMs)?.endMs;
}
