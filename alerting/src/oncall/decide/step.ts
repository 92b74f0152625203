import type { Escalation, EscalationTarget } from '@tocsin/service/config';
import { partAt } from '@tocsin/service/on-call';
import type { ChannelAddress } from '../../channels/channel.ts';
import {
  type Decision,
  type Deferred,
  event,
  type Incident,
  isSame,
  type Message,
  namePerson,
  type NewEvent,
  type Person,
  withoutDeferredSteps,
} from '../incident.ts';
import { channelsFor, isUrgent, type OnCallView, quietUntil } from '../view.ts';
import { believers, endNote, sameChannels, stopFollowing } from './ending.ts';

/** Where nobody can be told it is tried again so often. */
export const UNHEARD_RETRY_MS = 60_000;

/** The incident with its steps from the beginning, the first one due at once. */
export function fromTheBeginning(incident: Incident, nowMs: number): Incident {
  const isMuted = incident.firing.size === 0;
  return {
    ...incident,
    status: isMuted ? 'muted' : 'active',
    acknowledgedBy: undefined,
    round: 0,
    step: 0,
    unheard: false,
    failedSteps: 0,
    isUnreached: false,
    nextStepAtMs: isMuted ? undefined : nowMs,
    deferred: withoutDeferredSteps(incident),
  };
}

/** What is due of an incident of which nothing fires any more is put off so long; its group's next look ends or mutes it. */
const HOLD_MS = 10_000;

/** Whether a due step, or the end of an acknowledgement, has to wait for the group's look: nobody is asked about what is over or muted. */
function isHeld(incident: Incident, isHeard: boolean): boolean {
  const isOpen = incident.status === 'active' || incident.status === 'acknowledged';
  return isOpen && !isHeard && incident.firing.size > 0;
}

/** Puts everything that is due off. */
function hold(incident: Incident, nowMs: number): Decision {
  const later = (dueAtMs: number): number => (dueAtMs <= nowMs ? nowMs + HOLD_MS : dueAtMs);
  const { nextStepAtMs } = incident;
  const deferred = incident.deferred.map((entry) => ({ ...entry, dueAtMs: later(entry.dueAtMs) }));
  const held = { ...incident, deferred, nextStepAtMs: nextStepAtMs === undefined ? undefined : later(nextStepAtMs) };
  return { incident: held, events: [], messages: [] };
}

/**
 * Does what is due of an incident: messages that waited for the end of quiet hours, the end of an acknowledgement, the next step.
 * @param isHeard something of it fires now and is not muted
 */
export function decideDue(incident: Incident, isHeard: boolean, view: OnCallView, nowMs: number): Decision {
  if (isHeld(incident, isHeard)) return hold(incident, nowMs);
  const isStepDue = incident.nextStepAtMs !== undefined && incident.nextStepAtMs <= nowMs;
  const over: NewEvent[] = [];
  let state = incident;
  if (isStepDue && incident.status === 'acknowledged') {
    over.push(
      event(
        'acknowledgement_expired',
        `${incident.acknowledgedBy ?? ''} had it, and it goes on: the steps begin anew.`,
      ),
    );
    state = fromTheBeginning(incident, nowMs);
  }
  const waited = tellDeferred(state, view, nowMs);
  const stepped = isStepDue && waited.incident.status === 'active' ? takeStep(waited.incident, view, nowMs) : undefined;
  return {
    incident: stepped?.incident ?? waited.incident,
    events: [...over, ...waited.events, ...(stepped?.events ?? [])],
    messages: [...waited.messages, ...(stepped?.messages ?? [])],
  };
}

/** Quiet hours are over. What waited is told now even if others begin: nothing waits for ever. */
function tellDeferred(incident: Incident, view: OnCallView, nowMs: number): Decision {
  const due = incident.deferred.filter(({ dueAtMs }) => dueAtMs <= nowMs);
  if (due.length === 0) return { incident, events: [], messages: [] };
  const events: NewEvent[] = [];
  const messages: Message[] = [];
  const deferred = incident.deferred.filter((entry) => !due.includes(entry));
  const told = new Map(believers(incident).map(([person, channels]) => [`${person.kind}/${person.name}`, channels]));
  for (const entry of due) {
    if (entry.what === 'step') askLate(incident, entry, view, nowMs, { events, messages, deferred });
    else {
      const { person } = entry;
      const known = told.get(`${person.kind}/${person.name}`) ?? [];
      const channels = sameChannels(view, incident, person, known, true);
      if (channels.length > 0) messages.push({ person, channels, what: 'resolved', note: endNote(incident) });
      else events.push(event('unreachable', `${namePerson(person)} has no channel any more.`));
    }
  }
  return { incident: { ...incident, deferred }, events, messages };
}

interface Late {
  readonly events: NewEvent[];
  readonly messages: Message[];
  readonly deferred: Deferred[];
}

/** Asks whoever is on call now for what waited: who was then may be off. Their own quiet hours count anew. */
function askLate(incident: Incident, entry: Deferred, view: OnCallView, nowMs: number, late: Late): void {
  const { schedule, ask = incident.asks } = entry;
  const name = schedule === undefined ? undefined : view.onCall(schedule, nowMs);
  const person: Person = name === undefined ? entry.person : { kind: 'user', name };
  const isOther = !isSame(person, entry.person);
  if (isOther && late.deferred.some((other) => other.what === 'step' && isSame(other.person, person))) return;
  const quiet = isOther ? quietUntil(view, person, nowMs) : undefined;
  const role = isOther ? `, on call for ${schedule} now,` : '';
  if (quiet !== undefined) {
    late.deferred.push({ ...entry, person, dueAtMs: quiet });
    late.events.push(event('deferred', `${namePerson(person)}${role} has quiet hours until ${iso(quiet)}.`));
    return;
  }
  const channels = channelsFor(view, person, incident.severity);
  if (channels.length === 0) {
    late.events.push(event('unreachable', `${namePerson(person)}${role} has no channel any more.`));
    return;
  }
  const who = isOther
    ? `${namePerson(person)} is on call for ${schedule} now; ${namePerson(entry.person)} was asked in quiet hours, which are over.`
    : `${namePerson(person)} was asked in quiet hours, which are over.`;
  late.messages.push({ person, channels, what: 'step', note: `Incident ${incident.id}: ${who}`, ask });
  late.events.push(event('asked', `${describeTold(person, channels, role)}, at the end of quiet hours.`));
}

/** The shortest pause before the steps are gone through again. */
const SHORTEST_ROUND_MS = 60_000;
/** Where every step in a row was refused it is tried again so much later. */
export const UNREACHED_RETRY_MS = 300_000;

/** Takes the step that is due, and those after it that come at once: what does not apply or reaches nobody is never waited for. */
function takeStep(incident: Incident, view: OnCallView, nowMs: number): Decision {
  const escalation = view.escalationOf(incident.receiver);
  if (!escalation)
    return stopFollowing(incident, `the receiver ${incident.receiver} leads to no escalation`, view, nowMs);
  const { steps } = escalation;
  if (incident.failedSteps >= steps.length) return reachNobody(incident, nowMs);
  const events: NewEvent[] = [];
  let state = incident.step < steps.length ? incident : { ...incident, step: 0, round: incident.round + 1 };
  for (let tried = 0; tried < steps.length; tried += 1) {
    const at = state.step;
    const step = steps[at];
    if (!step) break;
    const asked = ask(state, escalation, at, view, nowMs);
    events.push(...asked.events);
    const isLast = at + 1 === steps.length;
    // After the last of all rounds there is a long pause, whoever was reached by this step: somebody was by one before it.
    const isPause = isLast && state.round >= escalation.repeat;
    const next = { ...state, step: isLast ? 0 : at + 1, round: isLast ? state.round + 1 : state.round };
    if (asked.isHeard || (isPause && tried + 1 < steps.length)) {
      const leastMs = Math.max(isLast ? SHORTEST_ROUND_MS : 0, isPause ? escalation.againAfterMs : 0);
      const nextStepAtMs = nowMs + Math.max(step.waitMs, leastMs);
      const asks = asked.isHeard ? asked.number : state.asks;
      const planned = { ...next, asks, unheard: false, nextStepAtMs, deferred: asked.deferred };
      return { incident: planned, events, messages: asked.messages };
    }
    const isFailing = state.failedSteps > 0;
    state = isFailing ? { ...next, failedSteps: state.failedSteps + 1 } : next;
    if (isFailing && state.failedSteps >= steps.length) {
      const reached = reachNobody(state, nowMs);
      return { ...reached, events: [...events, ...reached.events] };
    }
  }
  return hearNobody(incident, events, nowMs);
}

/** A whole round reached nobody: it is said once, and tried again every minute. */
function hearNobody(incident: Incident, events: readonly NewEvent[], nowMs: number): Decision {
  const said = incident.unheard
    ? []
    : [
        ...events,
        event('nobody_told', 'No step of the escalation reaches anybody now; it is tried again every minute.'),
      ];
  return {
    incident: { ...incident, unheard: true, nextStepAtMs: nowMs + UNHEARD_RETRY_MS },
    events: said,
    messages: [],
  };
}

/** All steps in a row were refused: it is said, and tried again later. */
function reachNobody(incident: Incident, nowMs: number): Decision {
  const text = 'No step of the escalation got through to anybody; it is tried again every five minutes.';
  return {
    incident: { ...incident, failedSteps: 0, isUnreached: true, nextStepAtMs: nowMs + UNREACHED_RETRY_MS },
    events: incident.isUnreached ? [] : [event('nobody_told', text)],
    messages: [],
  };
}

interface Asked {
  readonly isHeard: boolean;
  readonly events: readonly NewEvent[];
  readonly messages: readonly Message[];
  readonly deferred: readonly Deferred[];
  /** Of this asking. */
  readonly number: number;
}

/** Asks everybody whom a step names. */
function ask(incident: Incident, escalation: Escalation, at: number, view: OnCallView, nowMs: number): Asked {
  const { steps, timeZone } = escalation;
  const step = steps[at];
  const place = `step ${at + 1} of ${steps.length}`;
  const number = incident.asks + 1;
  const isHeardWith = (isHeard: boolean, events: readonly NewEvent[]): Asked => ({
    isHeard,
    events,
    messages: [],
    deferred: incident.deferred,
    number,
  });
  if (!step) return isHeardWith(false, []);
  if (step.severities && !step.severities.includes(incident.severity))
    return isHeardWith(false, [
      event('passed_over', `${place}: not for the severity ${incident.severity || '(none)'}.`),
    ]);
  if (step.hours && !partAt(step.hours, timeZone, nowMs))
    return isHeardWith(false, [event('passed_over', `${place}: not at this time.`)]);

  const events: NewEvent[] = [];
  const reached: { person: Person; role: string; channels: readonly ChannelAddress[] }[] = [];
  let deferred = [...incident.deferred];
  let isHeard = false;
  for (const target of step.notify) {
    const person = personOf(target, view, nowMs);
    if (!person) {
      events.push(event('nobody_on_call', `${place}: nobody is on call for ${target.name}.`));
      continue;
    }
    if (reached.some((entry) => isSame(entry.person, person))) continue;
    const channels = channelsFor(view, person, incident.severity);
    if (channels.length === 0) {
      events.push(event('unreachable', `${place}: ${namePerson(person)} has no channel.`));
      continue;
    }
    isHeard = true;
    const quiet = isUrgent(view, incident.severity) ? undefined : quietUntil(view, person, nowMs);
    const role = target.kind === 'schedule' ? ` (on call for ${target.name})` : '';
    if (quiet === undefined) {
      reached.push({ person, role, channels });
      continue;
    }
    const isWaiting = (entry: Deferred): boolean => entry.what === 'step' && isSame(entry.person, person);
    if (deferred.some(isWaiting))
      deferred = deferred.map((entry) => (isWaiting(entry) ? { ...entry, ask: number } : entry));
    else {
      const schedule = target.kind === 'schedule' ? { schedule: target.name } : {};
      deferred.push({ person, dueAtMs: quiet, what: 'step', ask: number, ...schedule });
      events.push(event('deferred', `${place}: ${namePerson(person)}${role} has quiet hours until ${iso(quiet)}.`));
    }
  }
  const names = reached.map(({ person, role }) => `${namePerson(person)}${role}`).join(' and ');
  const again = incident.round === 0 ? '' : `, time ${incident.round + 1}`;
  const note = `Incident ${incident.id}, ${place}${again}: asked ${names}.`;
  events.push(
    ...reached.map(({ person, role, channels }) =>
      event('asked', `${place}${again}: ${describeTold(person, channels, role)}.`),
    ),
  );
  return {
    isHeard,
    events,
    messages: reached.map(({ person, channels }) => ({ person, channels, what: 'step', note, ask: number })),
    number,
    deferred: deferred.filter(
      ({ person, what }) => what !== 'step' || !reached.some((entry) => isSame(entry.person, person)),
    ),
  };
}

function personOf({ kind, name }: EscalationTarget, view: OnCallView, nowMs: number): Person | undefined {
  if (kind !== 'schedule') return { kind, name };
  const user = view.onCall(name, nowMs);
  return user === undefined ? undefined : { kind: 'user', name: user };
}

const iso = (timeMs: number): string => new Date(timeMs).toISOString();

/** As `ana (on call for primary) by ana-phone (slack)`. */
export function describeTold(person: Person, channels: readonly ChannelAddress[], role = ''): string {
  const by = channels.map(({ receiver, kind }) => `${receiver} (${kind})`).join(', ');
  return `${namePerson(person)}${role} by ${by}`;
}
