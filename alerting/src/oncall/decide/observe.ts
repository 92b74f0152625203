import type { Alert, LabelSet } from '../../alert.ts';
import { MAX_ALERTS } from '../../notify/notification.ts';
import { type Decision, event, type Incident, type NewEvent, withoutDeferredSteps } from '../incident.ts';
import { gravest, isUrgent, type OnCallView, severityOf } from '../view.ts';
import { resolve, stopFollowing } from './ending.ts';
import { fromTheBeginning } from './step.ts';

/** The group whose alerts are looked at. */
export interface ObservedGroup {
  readonly groupKey: string;
  readonly groupLabels: LabelSet;
  readonly receiver: string;
}

/** What a look at a group saw. */
export interface GroupLook {
  /** Those that fire and are not muted. */
  readonly firing: readonly Alert[];
  /** Those that resolved since the last look and were not muted. */
  readonly resolved: readonly Alert[];
  /** Fingerprints of those that fire and are muted. */
  readonly mutedFiring: ReadonlySet<string>;
}

/**
 * Decides what a look at a group means for its incident.
 * @param last the group's latest incident, whatever has become of it
 * @returns `undefined`: nothing
 */
export function decideObserved(
  last: Incident | undefined,
  group: ObservedGroup,
  look: GroupLook,
  view: OnCallView,
  nowMs: number,
  newId: () => string,
): Decision | undefined {
  const escalates = view.escalationOf(group.receiver) !== undefined;
  if (!last || last.status === 'resolved') {
    if (!escalates || look.firing.length === 0) return undefined;
    return isBackSoon(last, view, nowMs)
      ? reopen(last, group, look, view, nowMs)
      : open(group, look, view, nowMs, newId());
  }
  const incident = { ...last, receiver: group.receiver };
  if (look.firing.length === 0 && look.mutedFiring.size === 0) return resolve(incident, look.resolved, view, nowMs);
  if (!escalates) return stopFollowing(incident, `the receiver ${group.receiver} leads to no escalation`, view, nowMs);
  return look.firing.length === 0 ? mute(incident) : goOn(incident, look, view, nowMs);
}

/** A clock that was set back behind the end makes no new incident. */
function isBackSoon(last: Incident | undefined, view: OnCallView, nowMs: number): last is Incident {
  return last?.resolvedAtMs !== undefined && nowMs - last.resolvedAtMs <= view.reopenWithinMs;
}

function open(group: ObservedGroup, look: GroupLook, view: OnCallView, nowMs: number, id: string): Decision {
  const incident: Incident = {
    ...group,
    ...firingOf(look),
    id,
    status: 'active',
    severity: severityOf(view, look.firing),
    openedAtMs: nowMs,
    firstAcknowledgedAtMs: undefined,
    acknowledgedBy: undefined,
    resolvedAtMs: undefined,
    round: 0,
    step: 0,
    nextStepAtMs: nowMs,
    unheard: false,
    asks: 0,
    failedSteps: 0,
    isUnreached: false,
    deferred: [],
    told: [],
  };
  return { incident, events: [event('fired', describeAlerts(look.firing))], messages: [] };
}

function reopen(last: Incident, group: ObservedGroup, look: GroupLook, view: OnCallView, nowMs: number): Decision {
  const incident = {
    ...last,
    receiver: group.receiver,
    ...firingOf(look),
    severity: severityOf(view, look.firing),
    resolvedAtMs: undefined,
    // Whoever waits to hear of the end will hear of the next one.
    deferred: [],
  };
  return {
    incident: fromTheBeginning(incident, nowMs),
    events: [event('reopened', describeAlerts(look.firing))],
    messages: [],
  };
}

/** What fires is silenced, inhibited or out of hours: nobody is asked until it is not. Who has it keeps it. */
function mute(incident: Incident): Decision | undefined {
  if (incident.status === 'muted') return undefined;
  const state = { ...incident, firing: new Set<string>(), deferred: withoutDeferredSteps(incident) };
  if (incident.status === 'acknowledged')
    return incident.firing.size === 0
      ? undefined
      : { incident: state, events: [event('muted', 'What still fires is muted.')], messages: [] };
  return {
    incident: { ...state, status: 'muted', nextStepAtMs: undefined, unheard: false },
    events: [event('muted', 'What still fires is muted: nobody is asked until it is not.')],
    messages: [],
  };
}

function goOn(incident: Incident, look: GroupLook, view: OnCallView, nowMs: number): Decision {
  const events: NewEvent[] = [];
  const joined = look.firing.filter(({ fingerprint }) => !incident.firing.has(fingerprint));
  const over = look.resolved.filter(({ fingerprint }) => incident.firing.has(fingerprint));
  const wasMuted = incident.firing.size === 0;
  if (wasMuted) events.push(event('unmuted', describeAlerts(look.firing)));
  else if (joined.length > 0) events.push(event('joined', describeAlerts(joined)));
  if (over.length > 0) events.push(event('partly_resolved', describeAlerts(over)));
  const severity = gravest(view, [incident.severity, severityOf(view, look.firing)]);
  const state = { ...incident, ...firingOf(look), severity };
  if (isUrgent(view, severity) && !isUrgent(view, incident.severity)) {
    // Who took on what was not urgent has not said to look after this.
    events.push(event('raised', `It has become urgent (${severity}): the steps begin anew.`));
    return { incident: fromTheBeginning(state, nowMs), events, messages: [] };
  }
  const next = incident.status === 'muted' ? fromTheBeginning(state, nowMs) : state;
  return { incident: next, events, messages: [] };
}

function firingOf({ firing }: GroupLook): Pick<Incident, 'alerts' | 'firing'> {
  const oldestFirst = firing.toSorted((a, b) => a.startsAtMs - b.startsAtMs);
  return { alerts: oldestFirst.slice(0, MAX_ALERTS), firing: new Set(firing.map(({ fingerprint }) => fingerprint)) };
}

const MAX_NAMED = 3;

/** As `2 alerts: Down (shop), Down (api)`. */
function describeAlerts(alerts: readonly Alert[]): string {
  const names = alerts.slice(0, MAX_NAMED).map(({ labels }) => {
    const { alertname = 'alert', severity: _, ...rest } = labels;
    const subject = Object.values(rest).join(' ');
    return subject === '' ? alertname : `${alertname} (${subject})`;
  });
  const more = alerts.length > MAX_NAMED ? `, … (${alerts.length - MAX_NAMED} more)` : '';
  return `${alerts.length} ${alerts.length === 1 ? 'alert' : 'alerts'}: ${names.join(', ')}${more}`;
}
