import { type Decision, event, type Incident, type Message, withoutDeferredSteps } from '../incident.ts';
import { isUrgent, type OnCallView, quietUntil } from '../view.ts';
import { believers, sameChannels } from './ending.ts';
import { fromTheBeginning } from './step.ts';

/** Why somebody cannot do to an incident what they want. */
export type ActRefusal = 'resolved' | 'not_acknowledged' | 'bad_note' | 'too_many_notes' | 'no_actor';

/** The most characters of a note, and the most notes of an incident. */
export const MAX_NOTE = 4_000;
export const MAX_NOTES = 1_000;

/**
 * Somebody has it: steps and repeats stop until the time is over. The others who were told hear of it once, by the channels by which they were told; not in
 * quiet hours where it is not urgent, for it is no news later.
 */
export function decideAcknowledged(
  incident: Incident,
  actor: string,
  view: OnCallView,
  nowMs: number,
): Decision | 'resolved' | 'no_actor' {
  if (isNobody(actor)) return 'no_actor';
  if (incident.status === 'resolved') return 'resolved';
  const isNews = incident.status !== 'acknowledged';
  const note = `Incident ${incident.id}: ${actor} has it.`;
  const others = believers(incident).filter(([person]) => person.kind !== 'user' || person.name !== actor);
  const messages = others.flatMap(([person, told]): Message[] => {
    const isQuiet = !isUrgent(view, incident.severity) && quietUntil(view, person, nowMs) !== undefined;
    const channels = isNews && !isQuiet ? sameChannels(view, incident, person, told, false) : [];
    return channels.length === 0 ? [] : [{ person, channels, what: 'acknowledged', note }];
  });
  return {
    incident: {
      ...incident,
      status: 'acknowledged',
      acknowledgedBy: actor,
      firstAcknowledgedAtMs: incident.firstAcknowledgedAtMs ?? nowMs,
      unheard: false,
      failedSteps: 0,
      isUnreached: false,
      nextStepAtMs: nowMs + view.acknowledgeTimeoutMs,
      deferred: withoutDeferredSteps(incident),
    },
    events: [event('acknowledged', `${actor} has it.`, actor)],
    messages,
  };
}

/** Nobody has it any more: the steps begin anew. */
export function decideUnacknowledged(incident: Incident, actor: string, nowMs: number): Decision | ActRefusal {
  if (isNobody(actor)) return 'no_actor';
  if (incident.status === 'resolved') return 'resolved';
  if (incident.status !== 'acknowledged') return 'not_acknowledged';
  return {
    incident: fromTheBeginning(incident, nowMs),
    events: [event('unacknowledged', `${actor} gave it back: the steps begin anew.`, actor)],
    messages: [],
  };
}

/** Somebody writes something down; it changes nothing else. @param count the notes there are */
export function decideNoted(incident: Incident, actor: string, text: string, count: number): Decision | ActRefusal {
  if (isNobody(actor)) return 'no_actor';
  const trimmed = text.trim();
  if (trimmed === '' || trimmed.length > MAX_NOTE) return 'bad_note';
  if (count >= MAX_NOTES) return 'too_many_notes';
  return { incident, events: [event('note', trimmed, actor)], messages: [] };
}

/** In a timeline an empty actor is Tocsin itself, which has nothing and says nothing. */
function isNobody(actor: string): boolean {
  return actor.trim() === '';
}
