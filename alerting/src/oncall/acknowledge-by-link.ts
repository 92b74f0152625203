import type { LinkOutcome } from '../links/link-routes.ts';
import type { IncidentDesk } from './desk.ts';

/** What the link `acknowledge` of a message does: its incident is found by the lane of the message, or by the group it is of. */
export function acknowledgeByLink(
  desk: Pick<IncidentDesk, 'openOf' | 'acknowledge'>,
): (subject: { readonly groupKey: string }, actor: string, nowMs: number) => LinkOutcome {
  return ({ groupKey }, actor, nowMs) => {
    const incident = desk.openOf(groupKey);
    if (!incident)
      return refused('There is nothing to take on: the incident is over, or its receiver leads to no escalation.');
    const outcome = desk.acknowledge(incident.id, actor, nowMs);
    if (outcome.status === 'refused' && outcome.reason === 'no_actor')
      return refused('Say your name, so that others know who has it.');
    if (outcome.status === 'refused') return refused(`Incident ${incident.id} is over.`);
    const until = new Date(outcome.incident.nextStepAtMs ?? nowMs).toISOString().slice(0, 16).replace('T', ' ');
    const sentence = `${actor} has incident ${incident.id} until ${until} UTC. Nobody else is asked until then.`;
    return { status: 'done', sentence };
  };
}

const refused = (sentence: string): LinkOutcome => ({ status: 'refused', sentence });

/** Who has the incident that a message is about. */
export function whoHas(
  desk: Pick<IncidentDesk, 'openOf'>,
): (subject: { readonly groupKey: string }) => string | undefined {
  return ({ groupKey }) => {
    const incident = desk.openOf(groupKey);
    return incident?.status === 'acknowledged' ? incident.acknowledgedBy : undefined;
  };
}
