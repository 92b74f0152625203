import type { IncidentDesk } from './desk.ts';

/**
 * What the link `acknowledge` of a message does: its incident is found by the lane of the message, or by the group it is of.
 * @returns a sentence for the page
 */
export function acknowledgeByLink(
  desk: Pick<IncidentDesk, 'openOf' | 'acknowledge'>,
): (subject: { readonly groupKey: string }, actor: string, nowMs: number) => string {
  return ({ groupKey }, actor, nowMs) => {
    const incident = desk.openOf(groupKey);
    if (!incident) return 'There is nothing to take on: the incident is over, or its receiver leads to no escalation.';
    const outcome = desk.acknowledge(incident.id, actor, nowMs);
    if (outcome.status === 'refused' && outcome.reason === 'no_actor')
      return 'Say your name, so that others know who has it.';
    if (outcome.status === 'refused') return `Incident ${incident.id} is over.`;
    const until = new Date(outcome.incident.nextStepAtMs ?? nowMs).toISOString().slice(0, 16).replace('T', ' ');
    return `${actor} has incident ${incident.id} until ${until} UTC. Nobody else is asked until then.`;
  };
}
