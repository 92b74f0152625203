import type { ChannelAddress } from '../../channels/channel.ts';
import type { EscalationNote } from '../../notify/notification.ts';
import type { EndSettlement } from '../../outbox/settle.ts';
import {
  type Decision,
  event,
  type Incident,
  isSame,
  type Message,
  namePerson,
  type NewEvent,
  type Person,
  type Told,
} from '../incident.ts';
import { channelsFor, type OnCallView, otherChannels } from '../view.ts';
import { describeTold } from './step.ts';

/** What came of a message of an incident. */
export interface MessageOutcome {
  readonly notificationId: string;
  readonly person: Person;
  readonly channel: ChannelAddress;
  readonly what: EscalationNote['what'];
  readonly settlement: EndSettlement;
  /** The channel that it was told in the place of; `undefined`: it was told by its own. */
  readonly insteadOf: string | undefined;
  /** It was a part of a digest. */
  readonly isInDigest: boolean;
}

/** A decision, and who was told by which channel as far as that has changed. */
export interface OutcomeDecision extends Decision {
  readonly told: readonly Told[];
}

const WHAT = {
  step: '',
  acknowledged: 'that somebody has it',
  resolved: 'the end',
  not_followed: 'that it is not followed',
} as const;

/**
 * Decides what follows from the end of a message. Delivered: somebody was reached. Refused: a person of whom all contacts have refused is asked by their
 * others at once; where nobody of the newest step is left the next one comes at once.
 */
export function decideOutcome(
  incident: Incident,
  outcome: MessageOutcome,
  view: OnCallView,
  nowMs: number,
): OutcomeDecision {
  const { person, channel, what, settlement, insteadOf } = outcome;
  const isDelivered = settlement.status === 'delivered';
  const events = isDelivered ? deliveredEvents(outcome) : [refusedEvent(outcome)];
  const nothing = { incident, events, messages: [], told: [] };
  const row = incident.told.find((told) => isOf(told, person, channel));
  if (insteadOf !== undefined || what !== 'step' || !row) return nothing;
  if (isDelivered) {
    const isNewest = row.notificationId === outcome.notificationId;
    const told = { ...row, isConfirmed: true, state: isNewest ? 'delivered' : row.state } as const;
    return { ...nothing, incident: { ...incident, failedSteps: 0, isUnreached: false }, told: [told] };
  }
  // A newer message is on its way by the same channel.
  if (row.notificationId !== outcome.notificationId) return nothing;
  // Who was never told of the beginning is not owed an end.
  const refused: Told = { ...row, state: 'refused', believes: row.believes && row.isConfirmed };
  const after = { ...incident, told: incident.told.map((told) => (told === row ? refused : told)) };
  if (incident.status !== 'active') return { ...nothing, told: [refused] };
  const next = askOtherwise(after, refused, view, nowMs);
  return { ...next, events: [...events, ...next.events], told: [refused] };
}

function isOf(told: Told, person: Person, { receiver, kind, index }: ChannelAddress): boolean {
  const { channel } = told;
  return (
    isSame(told.person, person) && channel.receiver === receiver && channel.kind === kind && channel.index === index
  );
}

function deliveredEvents({ person, channel, what, insteadOf, isInDigest }: MessageOutcome): NewEvent[] {
  if (what !== 'step') return [];
  const instead = insteadOf === undefined ? '' : `, the fallback, in the place of ${insteadOf}`;
  return [event('delivered', `${describeTold(person, [channel])}${instead}${isInDigest ? ', in a digest' : ''}.`)];
}

function refusedEvent({ person, channel, what, settlement }: MessageOutcome): NewEvent {
  const about = WHAT[what] === '' ? '' : ` (${WHAT[what]})`;
  const why = [settlement.reason, settlement.detail].filter((text) => text !== undefined && text !== '').join(': ');
  return event('refused', `${describeTold(person, [channel])}${about}: ${why}`);
}

/** A channel of somebody has refused: their other contacts are next, and where nobody is left the next step. */
function askOtherwise(incident: Incident, { person, ask }: Told, view: OnCallView, nowMs: number): Decision {
  const nothing: Decision = { incident, events: [], messages: [] };
  const asked = incident.told.filter((told) => told.ask === ask);
  const own = asked.filter((told) => isSame(told.person, person));
  if (own.some(({ state }) => state !== 'refused')) return nothing;
  const { severity } = incident;
  const contacts = [...channelsFor(view, person, severity), ...otherChannels(view, person, severity)];
  const untried = contacts.filter(
    (channel, at) => contacts.indexOf(channel) === at && !own.some((told) => isOf(told, person, channel)),
  );
  if (untried.length > 0) {
    const note = `Incident ${incident.id}: asked ${namePerson(person)} by another contact, for the first refused.`;
    const message: Message = { person, channels: untried, what: 'step', note, ask };
    const text = `${describeTold(person, untried)}, for what was asked before was refused.`;
    return { ...nothing, events: [event('asked', text)], messages: [message] };
  }
  const events = [event('unreachable', `${namePerson(person)} cannot be reached: every contact refuses.`)];
  const isWaitedFor = incident.deferred.some((entry) => entry.what === 'step' && entry.ask === ask);
  const isNewest = ask === incident.asks;
  if (!isNewest || isWaitedFor || asked.some(({ state }) => state !== 'refused')) return { ...nothing, events };
  return {
    incident: { ...incident, failedSteps: incident.failedSteps + 1, nextStepAtMs: nowMs },
    events: [...events, event('passed_over', 'Nobody of this step could be reached: the next one comes at once.')],
    messages: [],
  };
}
