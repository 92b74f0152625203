import { composeNotification, type Notification } from '../notify/notification.ts';
import type { Incident, Message, Person } from './incident.ts';

/** The outbox's lane of one incident and one person: of what waits there only the newest is sent. */
export function laneOf({ id }: Pick<Incident, 'id'>, { kind, name }: Person): string {
  return `incident/${id}/${kind}:${name}`;
}

const LANE = /^incident\/([^/]+)\/(user|receiver):(.*)$/s;

/** The incident and the person of a lane; `undefined`: it is not one of an incident. */
export function readLane(groupKey: string): { readonly incidentId: string; readonly person: Person } | undefined {
  const [, incidentId, kind, name] = LANE.exec(groupKey) ?? [];
  if (incidentId === undefined || name === undefined) return undefined;
  return { incidentId, person: { kind: kind === 'user' ? 'user' : 'receiver', name } };
}

/** Puts what somebody is told of an incident into a notification. */
export function composeIncident(
  incident: Incident,
  { person, what, note }: Pick<Message, 'person' | 'what' | 'note'>,
  { id, threadId, receiver }: Pick<Notification, 'id' | 'threadId' | 'receiver'>,
  nowMs: number,
): Notification {
  const { alerts, groupLabels, firing } = incident;
  const isOver = what === 'resolved';
  const composed = composeNotification({
    id,
    threadId,
    receiver,
    groupKey: laneOf(incident, person),
    groupLabels,
    reason: 'escalation',
    escalation: { incidentId: incident.id, what, note },
    firing: isOver ? [] : alerts,
    resolved: isOver ? alerts : [],
    createdAtMs: nowMs,
  });
  return isOver ? composed : { ...composed, firingCount: Math.max(firing.size, composed.firingCount) };
}
