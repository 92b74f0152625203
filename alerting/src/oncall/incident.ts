import type { Alert, LabelSet } from '../alert.ts';
import type { ChannelAddress } from '../channels/channel.ts';

/**
 * active: steps are due one after the other. acknowledged: somebody has it, until a time. muted: what fires is silenced or inhibited, and its group says when
 * not any more. resolved: over.
 */
export const INCIDENT_STATUSES = ['active', 'acknowledged', 'muted', 'resolved'] as const;
export type IncidentStatus = (typeof INCIDENT_STATUSES)[number];

/** Who is told: somebody by their contacts, or a receiver by its channels. */
export interface Person {
  readonly kind: 'user' | 'receiver';
  readonly name: string;
}

/** A message that waits for the end of somebody's quiet hours. */
export interface Deferred {
  readonly person: Person;
  readonly dueAtMs: number;
  readonly what: 'step' | 'resolved';
  /** Of a step: the number of the asking. */
  readonly ask?: number;
  /** Of a step: the schedule for which the person was on call. Whoever is when it is due is asked. */
  readonly schedule?: string;
}

/** What came of a message: the outbox has it, the channel confirmed it, or it was given up. */
export const TOLD_STATES = ['asked', 'delivered', 'refused'] as const;

/** By which channel somebody was told of an incident. */
export interface Told {
  readonly person: Person;
  readonly channel: ChannelAddress;
  readonly toldAtMs: number;
  /** The first notification of the incident to this channel. */
  readonly threadId: string;
  /** Told that it fires, and not of its end since. */
  readonly believes: boolean;
  /** Of the newest message that asks by this channel: its id, the number of the asking, and what came of it. */
  readonly notificationId: string;
  readonly ask: number;
  readonly state: (typeof TOLD_STATES)[number];
  /** The channel has confirmed at least once that it told. */
  readonly isConfirmed: boolean;
}

/** An incident as it is stored. Times are Unix milliseconds. */
export interface Incident {
  readonly id: string;
  readonly groupKey: string;
  readonly groupLabels: LabelSet;
  readonly receiver: string;
  readonly status: IncidentStatus;
  /** The gravest since it began; empty where no alert says one. */
  readonly severity: string;
  readonly openedAtMs: number;
  readonly firstAcknowledgedAtMs: number | undefined;
  readonly acknowledgedBy: string | undefined;
  readonly resolvedAtMs: number | undefined;
  /** How often the steps were gone through. */
  readonly round: number;
  /** The step that is next. */
  readonly step: number;
  /** When it is due, or when the acknowledgement ends. */
  readonly nextStepAtMs: number | undefined;
  /** At the last look nobody could be told. */
  readonly unheard: boolean;
  /** How often somebody was asked: the number of the last asking. */
  readonly asks: number;
  /** How many steps in a row reached nobody, because channels refused or there were none. */
  readonly failedSteps: number;
  /** None of all steps reached anybody, and none has since. */
  readonly isUnreached: boolean;
  /** At most `MAX_ALERTS`; those that fire and are not muted, after the end those that did. */
  readonly alerts: readonly Alert[];
  /** The fingerprints of all that fire and are not muted. */
  readonly firing: ReadonlySet<string>;
  readonly deferred: readonly Deferred[];
  readonly told: readonly Told[];
}

/** What the timeline tells; with `tocsin.incident.` before it the name of the event in ClickHouse. */
export const EVENT_KINDS = [
  'fired',
  'joined',
  'partly_resolved',
  'raised',
  'asked',
  'delivered',
  'refused',
  'deferred',
  'passed_over',
  'nobody_on_call',
  'unreachable',
  'nobody_told',
  'acknowledged',
  'unacknowledged',
  'acknowledgement_expired',
  'note',
  'muted',
  'unmuted',
  'resolved',
  'not_followed',
  'reopened',
  'repaired',
] as const;
export type EventKind = (typeof EVENT_KINDS)[number];

/** One line of the timeline, before it has a time. */
export interface NewEvent {
  readonly kind: EventKind;
  /** Who did it; empty: Tocsin. */
  readonly actor: string;
  readonly text: string;
}

/** What somebody is told. */
export interface Message {
  readonly person: Person;
  readonly channels: readonly ChannelAddress[];
  readonly what: 'step' | 'acknowledged' | 'resolved' | 'not_followed';
  /** A sentence for the reader. */
  readonly note: string;
  /** Of a step: the number of the asking. */
  readonly ask?: number;
}

/** What follows from something that happened. */
export interface Decision {
  readonly incident: Incident;
  readonly events: readonly NewEvent[];
  readonly messages: readonly Message[];
}

/** One line of the timeline of what Tocsin did by itself. */
export function event(kind: EventKind, text: string, actor = ''): NewEvent {
  return { kind, actor, text };
}

/** The same person. */
export function isSame(a: Person, b: Person): boolean {
  return a.kind === b.kind && a.name === b.name;
}

/** As `ana`, or `the receiver ops-chat`. */
export function namePerson({ kind, name }: Person): string {
  return kind === 'user' ? name : `the receiver ${name}`;
}

/** Nothing is planned any more for somebody who would have been asked later. */
export function withoutDeferredSteps({ deferred }: Incident): readonly Deferred[] {
  return deferred.filter(({ what }) => what !== 'step');
}
