import type { AuditLog } from '../api/audit/audit-log.ts';
import type { Database } from '../store/database.ts';
import type { LinkActions, LinkOutcome } from './link-routes.ts';
import type { LinkSubject } from './link-store.ts';

/** What links do, with an entry of the audit log in the same transaction: whoever holds a link acts in the name they give. */
export function auditedActions(
  { acknowledge, silence }: LinkActions,
  { database, audit }: { readonly database: Database; readonly audit: Pick<AuditLog, 'record'> },
): LinkActions {
  const recorded = (
    action: string,
    { receiver, groupKey }: LinkSubject,
    actor: string,
    atMs: number,
    act: () => LinkOutcome,
  ) =>
    database.transaction(() => {
      const said = act();
      const note = `by the link of a message to ${receiver}: ${said.sentence}`;
      const outcome = said.status === 'done' ? 'ok' : 'refused';
      audit.record({ atMs, actor, role: 'link', action, target: groupKey, outcome, note });
      return said;
    });
  return {
    acknowledge:
      acknowledge &&
      ((subject, actor, nowMs) =>
        recorded('incident.acknowledge', subject, actor, nowMs, () => acknowledge(subject, actor, nowMs))),
    silence:
      silence &&
      ((subject, durationMs, actor, nowMs) =>
        recorded('silence.save', subject, actor, nowMs, () => silence(subject, durationMs, actor, nowMs))),
  };
}
