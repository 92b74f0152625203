import type { Escalation, TocsinConfig } from '@tocsin/service/config';
import type { Logger } from '@tocsin/service/log';
import { onCallAt } from '@tocsin/service/on-call';
import type { Database } from '../store/database.ts';
import { apart } from './apart.ts';
import type { Ended } from '../outbox/outbox.ts';
import { readLane } from './compose.ts';
import { commit, type IncidentBooks } from './commit.ts';
import { type ActRefusal, decideAcknowledged, decideNoted, decideUnacknowledged } from './decide/act.ts';
import { decideObserved, type GroupLook, type ObservedGroup } from './decide/observe.ts';
import { decideOutcome } from './decide/outcome.ts';
import { decideDue, UNHEARD_RETRY_MS } from './decide/step.ts';
import type { Decision, Incident } from './incident.ts';
import { newIncidentId } from './incident-id.ts';
import type { Overrides } from './overrides.ts';
import type { OnCallView, ViewedChannel } from './view.ts';

/** The outcome of what somebody does to an incident. */
export type ActOutcome =
  | { readonly status: 'ok'; readonly incident: Incident }
  | { readonly status: 'refused'; readonly reason: ActRefusal | 'unknown_incident' };

/** Makes incidents of groups, and asks one after the other until somebody has them. All it knows is in the database. */
export interface IncidentDesk {
  /** Whether the groups of a receiver become incidents. */
  escalates(receiver: string): boolean;
  /** Takes note of a look at a group. Call it in the look's transaction. */
  observe(group: ObservedGroup, look: GroupLook, nowMs: number): void;
  /** Takes a new configuration: what is planned is at most as far ahead as it says. Call it after the dispatcher has taken it. */
  apply(config: TocsinConfig, channels: ReadonlyMap<string, readonly ViewedChannel[]>, nowMs: number): void;
  /** Does what is due. @returns whether more may be */
  tick(nowMs: number): boolean;
  /** Somebody has it, for `oncall.acknowledge_timeout`. */
  acknowledge(id: string, actor: string, nowMs: number): ActOutcome;
  unacknowledge(id: string, actor: string, nowMs: number): ActOutcome;
  note(id: string, actor: string, text: string, nowMs: number): ActOutcome;
  /** The open incident that a message is about: by the group it was of, or by the lane in which it was sent. */
  openOf(groupKey: string): Incident | undefined;
  /** A message of an incident was confirmed or given up: it goes into the timeline, and others are asked. Call it in the transaction that stores so. */
  settled(ended: Ended, nowMs: number): void;
  /** Decides with the configuration in force and writes it down. */
  decide(id: string, decide: (incident: Incident, view: OnCallView) => Decision, nowMs: number): void;
}

/** What the desk works with. */
export interface DeskOptions extends IncidentBooks {
  readonly database: Database;
  readonly overrides: Overrides;
  /** Whether something in a group fires and is not muted at this moment; true for a group that is gone, which is the audit's. */
  readonly isHeard: (groupKey: string, nowMs: number) => boolean;
  readonly log: Logger;
  /** Makes the ids of incidents; random unless a test says otherwise. */
  readonly newIncidentId?: () => string;
}

/** The most incidents of one tick and its transaction: other work gets its turn in between. */
const MAX_PER_TICK = 200;
/** What failed is tried again so much later. */
const FAILURE_PAUSE_MS = 5_000;
/** The clock was set back when it shows this much less than before. */
const CLOCK_STEP_MS = 1_000;
/** Alerting was away for long when a step is this much overdue: rules and groups may say first that it is over. */
const LONG_PAUSE_MS = 60_000;
const SECOND_LOOK_MS = 15_000;
/** Quiet hours end within a day, which may have 25 hours. */
const LONGEST_QUIET_MS = 25 * 3_600_000;

/** Makes the desk; until `apply` no receiver escalates. */
export function createIncidentDesk(options: DeskOptions): IncidentDesk {
  const { database, store, overrides } = options;
  const nextId = options.newIncidentId ?? (() => newIncidentId((id) => store.find(id) !== undefined));
  let view: OnCallView = EMPTY;
  let lastNowMs = -Infinity;
  /** Those whose last step threw, and until when they are left alone. */
  const failing = new Map<string, number>();

  const decide: IncidentDesk['decide'] = (id, decideWith, nowMs) => {
    const incident = store.find(id);
    if (incident) commit(options, decideWith(incident, view), nowMs);
  };
  const act = (id: string, nowMs: number, decideWith: (incident: Incident) => Decision | ActRefusal): ActOutcome =>
    database.transaction(() => {
      const incident = store.find(id);
      if (!incident) return { status: 'refused', reason: 'unknown_incident' };
      const decision = decideWith(incident);
      if (typeof decision === 'string') return { status: 'refused', reason: decision };
      commit(options, decision, nowMs);
      return { status: 'ok', incident: store.find(id) ?? decision.incident };
    });
  const replan = (nowMs: number): void =>
    database.transaction(() => {
      for (const id of store.openIds())
        apart(options, id, () => {
          const incident = store.find(id);
          const next = incident && bringNear(incident, view, nowMs);
          if (next && next !== incident) store.save(next);
        });
    });
  const step = (id: string, nowMs: number): void => {
    const look = (incident: Incident): Decision =>
      decideDue(incident, options.isHeard(incident.groupKey, nowMs), view, nowMs);
    const isDone = apart(options, id, () => decide(id, look, nowMs));
    if (isDone) failing.delete(id);
    else failing.set(id, nowMs + FAILURE_PAUSE_MS);
  };

  return {
    escalates: (receiver) => view.escalationOf(receiver) !== undefined,
    observe(group, look, nowMs) {
      // Where it fails the audit finds what is missing; the other groups do not wait for that.
      apart(options, group.groupKey, () => {
        const last = store.latestOf(group.groupKey);
        const decision = decideObserved(last, group, look, view, nowMs, nextId);
        if (decision) commit(options, decision, nowMs);
      });
    },
    apply(config, channels, nowMs) {
      overrides.apply(config.oncall);
      view = createView(config, channels, overrides);
      replan(nowMs);
    },
    tick(nowMs) {
      if (nowMs < lastNowMs - CLOCK_STEP_MS) {
        failing.clear();
        replan(nowMs);
      }
      lastNowMs = nowMs;
      const due = store.due(nowMs, MAX_PER_TICK + failing.size);
      const ready = due.filter((id) => (failing.get(id) ?? -Infinity) <= nowMs).slice(0, MAX_PER_TICK);
      if (ready.length === 0) return false;
      database.transaction(() => {
        for (const id of ready) step(id, nowMs);
      });
      return ready.length === MAX_PER_TICK;
    },
    acknowledge: (id, actor, nowMs) => act(id, nowMs, (incident) => decideAcknowledged(incident, actor, view, nowMs)),
    unacknowledge: (id, actor, nowMs) => act(id, nowMs, (incident) => decideUnacknowledged(incident, actor, nowMs)),
    note: (id, actor, text, nowMs) =>
      act(id, nowMs, (incident) => decideNoted(incident, actor, text, store.countEvents(id, 'note'))),
    settled: (ended, nowMs) => settled(options, ended, view, nowMs),
    openOf(groupKey) {
      const id = readLane(groupKey)?.incidentId;
      const incident = id === undefined ? store.latestOf(groupKey) : store.find(id);
      return incident?.status === 'resolved' ? undefined : incident;
    },
    decide,
  };
}

function settled(options: DeskOptions, ended: Ended, view: OnCallView, nowMs: number): void {
  const { store } = options;
  const lane = readLane(ended.groupKey);
  if (!lane) return;
  // Where it fails the message is settled all the same.
  apart(options, lane.incidentId, () => {
    const incident = store.find(lane.incidentId);
    const notification = ended.read();
    if (!incident || !notification?.escalation) return;
    const { id: notificationId, channel, settlement, isInDigest } = ended;
    const outcome = { notificationId, person: lane.person, channel, settlement, isInDigest };
    const said = { what: notification.escalation.what, insteadOf: notification.fallback?.channel };
    const decision = decideOutcome(incident, { ...outcome, ...said }, view, nowMs);
    for (const told of decision.told) store.saveTold(incident.id, told);
    commit(options, decision, nowMs);
  });
}

const EMPTY: OnCallView = {
  escalationOf: () => undefined,
  user: () => undefined,
  onCall: () => undefined,
  channelsOf: () => [],
  urgent: [],
  acknowledgeTimeoutMs: 3_600_000,
  reopenWithinMs: 300_000,
};

function createView(
  { alerting, oncall }: TocsinConfig,
  channels: ReadonlyMap<string, readonly ViewedChannel[]>,
  overrides: Overrides,
): OnCallView {
  const escalations = new Map(oncall.escalations.map((escalation) => [escalation.name, escalation]));
  const byReceiver = new Map(
    alerting.receivers.map(({ name, escalation = '' }) => [name, escalations.get(escalation)] as const),
  );
  const users = new Map(oncall.users.map((user) => [user.name, user]));
  const schedules = new Map(oncall.schedules.map((schedule) => [schedule.name, schedule]));
  const { urgent, acknowledgeTimeoutMs, reopenWithinMs } = oncall;
  return {
    escalationOf: (receiver) => byReceiver.get(receiver),
    user: (name) => users.get(name),
    onCall(name, nowMs) {
      const schedule = schedules.get(name);
      return schedule && onCallAt(schedule, overrides.of(name, nowMs, nowMs + 1), nowMs)?.user;
    },
    channelsOf: (receiver) => channels.get(receiver) ?? [],
    urgent,
    acknowledgeTimeoutMs,
    reopenWithinMs,
  };
}

/** What is planned is never further ahead than the configuration in force would plan it, nor long overdue. */
function bringNear(incident: Incident, view: OnCallView, nowMs: number): Incident {
  const { nextStepAtMs, deferred, status, receiver } = incident;
  const longestMs =
    status === 'acknowledged' ? view.acknowledgeTimeoutMs : waitBefore(incident, view.escalationOf(receiver));
  const isLate = nextStepAtMs !== undefined && nextStepAtMs < nowMs - LONG_PAUSE_MS;
  const next =
    nextStepAtMs === undefined
      ? undefined
      : isLate
        ? nowMs + SECOND_LOOK_MS
        : Math.min(nextStepAtMs, nowMs + longestMs);
  const waiting = deferred.map((entry) => ({ ...entry, dueAtMs: Math.min(entry.dueAtMs, nowMs + LONGEST_QUIET_MS) }));
  const isSame = next === nextStepAtMs && waiting.every(({ dueAtMs }, at) => dueAtMs === deferred[at]?.dueAtMs);
  return isSame ? incident : { ...incident, nextStepAtMs: next, deferred: waiting };
}

/** How long the next step waits at most, by what came before it. */
function waitBefore({ round, step, unheard }: Incident, escalation: Escalation | undefined): number {
  const before = escalation?.steps.at(step - 1);
  if (unheard || !escalation || !before) return UNHEARD_RETRY_MS;
  const isPause = step === 0 && round > escalation.repeat;
  return isPause ? Math.max(before.waitMs, escalation.againAfterMs) : before.waitMs;
}
