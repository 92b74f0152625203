import { randomUUID } from 'node:crypto';
import type { ChannelAddress } from '../channels/channel.ts';
import type { Outbox } from '../outbox/outbox.ts';
import { composeIncident, laneOf } from './compose.ts';
import { type Decision, type Incident, isSame, type Message } from './incident.ts';
import type { IncidentStore } from './incident-store.ts';

/** Where decisions about incidents are written down. */
export interface IncidentBooks {
  readonly store: IncidentStore;
  readonly outbox: Pick<Outbox, 'enqueue' | 'withdraw'>;
  /** Makes idempotency keys; random UUIDs unless a test says otherwise. */
  readonly newId?: () => string;
  /** Told when it turns out that nobody can be told. */
  readonly onNobodyTold?: (incident: Incident) => void;
}

/** Writes a decision down: the incident, its timeline, and what is to be sent. Call it in a transaction: all of it is kept or nothing is. */
export function commit(books: IncidentBooks, { incident, events, messages }: Decision, nowMs: number): void {
  const { store } = books;
  store.save(incident);
  store.addEvents(incident.id, events, nowMs);
  if (events.some(({ kind }) => kind === 'nobody_told')) books.onNobodyTold?.(incident);
  if (events.some(({ kind }) => kind === 'reopened')) takeBackEnds(books, incident, nowMs);
  for (const message of messages) send(books, incident, message, nowMs);
  const isEnded = events.some(({ kind }) => kind === 'resolved' || kind === 'not_followed');
  if (!isEnded && !events.some(({ kind }) => kind === 'acknowledged')) return;
  for (const { person, channel } of incident.told) {
    // What waits for a channel that is down is no news any more, for the one who took it neither.
    const isTold = messages.some((message) => isSame(message.person, person) && isAmong(message.channels, channel));
    if (!isTold) books.outbox.withdraw(laneOf(incident, person), channel, nowMs);
    const isOwed = incident.deferred.some((entry) => entry.what === 'resolved' && isSame(entry.person, person));
    if (isEnded && !isOwed) store.clearBeliefs(incident.id, person);
  }
}

/** It fires again: an end that still waits for a channel that is down is not true any more. Who has not heard of it hears of the next one. */
function takeBackEnds({ store, outbox }: IncidentBooks, incident: Incident, nowMs: number): void {
  for (const told of incident.told)
    if (!told.believes && outbox.withdraw(laneOf(incident, told.person), told.channel, nowMs) > 0)
      store.saveTold(incident.id, { ...told, believes: true });
}

function send(
  { store, outbox, newId = randomUUID }: IncidentBooks,
  incident: Incident,
  message: Message,
  nowMs: number,
): void {
  for (const channel of message.channels) {
    const id = newId();
    const known = incident.told.find((told) => isSame(told.person, message.person) && isAmong([told.channel], channel));
    const threadId = known?.threadId ?? id;
    outbox.enqueue(
      channel,
      composeIncident(incident, message, { id, threadId, receiver: channel.receiver }, nowMs),
      nowMs,
    );
    if (message.what !== 'step') continue;
    const asked = {
      notificationId: id,
      ask: message.ask ?? 0,
      state: 'asked',
      isConfirmed: known?.isConfirmed ?? false,
    } as const;
    store.saveTold(incident.id, {
      person: message.person,
      channel,
      toldAtMs: nowMs,
      threadId,
      believes: true,
      ...asked,
    });
  }
  if (message.what === 'resolved') store.clearBeliefs(incident.id, message.person);
}

function isAmong(channels: readonly ChannelAddress[], { receiver, kind, index }: ChannelAddress): boolean {
  return channels.some((other) => other.receiver === receiver && other.kind === kind && other.index === index);
}
