import type { Alert } from '../../alert.ts';
import type { ChannelAddress } from '../../channels/channel.ts';
import { MAX_ALERTS } from '../../notify/notification.ts';
import {
  type Decision,
  type Deferred,
  event,
  type Incident,
  type Message,
  namePerson,
  type Person,
} from '../incident.ts';
import { channelsFor, isUrgent, type OnCallView, quietUntil } from '../view.ts';

/** The people who believe that the incident goes on, each with the channels by which they were told. */
export function believers({ told }: Incident): (readonly [Person, readonly ChannelAddress[]])[] {
  const byPerson = Map.groupBy(
    told.filter(({ believes }) => believes),
    ({ person }) => `${person.kind}/${person.name}`,
  );
  return [...byPerson.values()].flatMap((rows) => {
    const [first] = rows;
    return first ? [[first.person, rows.map(({ channel }) => channel)] as const] : [];
  });
}

/**
 * The channels by which somebody hears of what they were told before: those by which they were told, as far as they are still there; else those that they have
 * now. Channels that want no ends are left out where `isEnd`.
 */
export function sameChannels(
  view: OnCallView,
  { severity }: Incident,
  person: Person,
  told: readonly ChannelAddress[],
  isEnd: boolean,
): ChannelAddress[] {
  const there = told.flatMap((address) =>
    view.channelsOf(address.receiver).filter(({ kind, index }) => kind === address.kind && index === address.index),
  );
  const channels = there.length > 0 ? there : channelsFor(view, person, severity);
  return channels.filter(({ sendResolved }) => sendResolved || !isEnd);
}

/** The alerts are over: whoever was told is told so, in quiet hours when they end. */
export function resolve(incident: Incident, resolved: readonly Alert[], view: OnCallView, nowMs: number): Decision {
  const ends = new Map(resolved.map((alert) => [alert.fingerprint, alert]));
  const known = incident.alerts.length > 0 ? incident.alerts : resolved;
  const alerts = known
    .slice(0, MAX_ALERTS)
    .map((alert) => ends.get(alert.fingerprint) ?? { ...alert, endsAtMs: alert.endsAtMs ?? nowMs });
  const deferred: Deferred[] = [];
  const messages: Message[] = [];
  const events = [event('resolved', 'All alerts are over.')];
  for (const [person, told] of believers(incident)) {
    const channels = sameChannels(view, incident, person, told, true);
    const quiet = isUrgent(view, incident.severity) ? undefined : quietUntil(view, person, nowMs);
    if (sameChannels(view, incident, person, told, false).length === 0)
      events.push(event('unreachable', `${namePerson(person)} has no channel any more, and does not hear of the end.`));
    if (channels.length === 0) continue;
    if (quiet !== undefined) deferred.push({ person, dueAtMs: quiet, what: 'resolved' });
    else messages.push({ person, channels, what: 'resolved', note: endNote(incident) });
  }
  return {
    incident: { ...ended(incident, nowMs), alerts, deferred },
    events,
    messages,
  };
}

/** The sentence of a resolution. */
export function endNote({ id }: Incident): string {
  return `Incident ${id} is over.`;
}

/** Nobody looks after it any more though its alerts may go on, because of the configuration: whoever was told is told that. */
export function stopFollowing(incident: Incident, reason: string, view: OnCallView, nowMs: number): Decision {
  const note = `Incident ${incident.id} is not followed any longer: ${reason}.`;
  const messages = believers(incident).flatMap(([person, told]): Message[] => {
    const channels = sameChannels(view, incident, person, told, false);
    return channels.length === 0 ? [] : [{ person, channels, what: 'not_followed', note }];
  });
  return {
    incident: { ...ended(incident, nowMs), deferred: [] },
    events: [event('not_followed', `Not followed any longer: ${reason}.`)],
    messages,
  };
}

function ended(incident: Incident, nowMs: number): Incident {
  return {
    ...incident,
    status: 'resolved',
    resolvedAtMs: nowMs,
    acknowledgedBy: undefined,
    nextStepAtMs: undefined,
    unheard: false,
    failedSteps: 0,
    isUnreached: false,
    firing: new Set(),
  };
}
