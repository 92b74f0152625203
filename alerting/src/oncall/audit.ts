import type { Logger } from '@tocsin/service/log';
import type { Dispatcher } from '../notify/dispatcher.ts';
import type { Database } from '../store/database.ts';
import { resolve, stopFollowing } from './decide/ending.ts';
import { apart } from './apart.ts';
import type { IncidentDesk } from './desk.ts';
import { type Decision, event, type Incident } from './incident.ts';
import type { IncidentStore } from './incident-store.ts';

/** What an audit found wrong, and put right. */
export type RepairReason = 'no_next_step' | 'group_gone' | 'no_incident';

/** Looks for incidents that nobody would ever hear of again. */
export interface IncidentAudit {
  /** Puts incidents and groups together after a change of the configuration: nothing of this is a fault. */
  reconcile(nowMs: number): void;
  /** Finds what should not be, puts it right and says so. @returns how many it found */
  run(nowMs: number): number;
}

/** What the audit works with. */
export interface AuditOptions {
  readonly database: Database;
  readonly store: IncidentStore;
  readonly desk: Pick<IncidentDesk, 'decide' | 'observe' | 'escalates'>;
  readonly groups: Pick<Dispatcher, 'lookAtGroupsOf'>;
  readonly log: Logger;
  readonly countRepaired: (reason: RepairReason, count: number) => void;
}

/** A step that is so much overdue is one that nothing takes. */
const OVERDUE_MS = 300_000;

/** Makes the audit. */
export function createIncidentAudit({
  database,
  store,
  desk,
  groups,
  log,
  countRepaired,
}: AuditOptions): IncidentAudit {
  const decide = (id: string, decideWith: Parameters<typeof desk.decide>[1], nowMs: number): void =>
    void apart({ database, log }, id, () => desk.decide(id, decideWith, nowMs));
  const endGroupless = (nowMs: number, isRepair: boolean): string[] =>
    store.groupless(nowMs).map(([id, isFiring]) => {
      decide(
        id,
        (incident, view) => {
          const decision = isFiring
            ? stopFollowing(incident, 'its group is gone, for the routing has changed', view, nowMs)
            : resolve(incident, [], view, nowMs);
          return isRepair ? aloud(decision, 'Its group is gone.') : decision;
        },
        nowMs,
      );
      return id;
    });
  const attend = (nowMs: number): string[] =>
    groups.lookAtGroupsOf(desk.escalates, store.hasOpen, nowMs).flatMap(([group, look]) => {
      if (look.firing.length === 0) return [];
      desk.observe(group, look, nowMs);
      return [group.groupKey];
    });
  const plan = (nowMs: number): string[] =>
    store.stranded(nowMs - OVERDUE_MS).map((id) => {
      decide(
        id,
        (incident) =>
          aloud(
            { incident: planned(incident, nowMs), events: [], messages: [] },
            'It had no next step, or one that was not taken.',
          ),
        nowMs,
      );
      return id;
    });
  const report = (reason: RepairReason, found: readonly string[], message: string): number => {
    if (found.length === 0) return 0;
    countRepaired(reason, found.length);
    log.error({ reason, count: found.length, found: found.slice(0, 10) }, message);
    return found.length;
  };
  return {
    reconcile: (nowMs) =>
      database.transaction(() => {
        endGroupless(nowMs, false);
        attend(nowMs);
      }),
    run: (nowMs) =>
      database.transaction(
        () =>
          report(
            'no_next_step',
            plan(nowMs),
            'open incidents had no next step, or one that was not taken; they have one now',
          ) +
          report('group_gone', endGroupless(nowMs, true), 'open incidents had no group any more; they were ended') +
          report(
            'no_incident',
            attend(nowMs),
            'groups fired at receivers with an escalation without an incident; they have one now',
          ),
      ),
  };
}

function aloud(decision: Decision, text: string): Decision {
  return { ...decision, events: [event('repaired', text), ...decision.events] };
}

function planned(incident: Incident, nowMs: number): Incident {
  const deferred = incident.deferred.map((entry) => ({ ...entry, dueAtMs: Math.max(entry.dueAtMs, nowMs) }));
  if (incident.status === 'muted') return { ...incident, deferred, nextStepAtMs: undefined };
  const isPlanned = incident.nextStepAtMs !== undefined && incident.nextStepAtMs > nowMs;
  return isPlanned ? { ...incident, deferred } : { ...incident, deferred, nextStepAtMs: nowMs };
}
