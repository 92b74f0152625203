import { randomUUID } from 'node:crypto';
import type { Route } from '@tocsin/service/config';
import type { Alert } from '../alert.ts';
import type { ChannelAddress } from '../channels/channel.ts';
import type { Outbox } from '../outbox/outbox.ts';
import type { Database } from '../store/database.ts';
import { isFiring } from './alert-store.ts';
import { decideNotify } from './dedup.ts';
import type { AlertGroup, GroupStore } from './group-store.ts';
import type { GroupListing } from './marks.ts';
import { byAge, composeNotification } from './notification.ts';
import type { NotificationLog } from './notification-log.ts';
import { compileRoutes, matchRoutes, type RouteNode, type RoutingTree } from './route.ts';
import { scheduledFlush } from './schedule.ts';

/** A channel with the setting that its notifications depend on. */
export interface ReceiverChannel extends ChannelAddress {
  readonly sendResolved: boolean;
}

/** Which route is in force, and whom it leads to. */
export interface Routing {
  /** `undefined`: nobody is notified. */
  readonly route: Route | undefined;
  /** The channels of each receiver by its name. */
  readonly receivers: ReadonlyMap<string, readonly ReceiverChannel[]>;
}

/** Groups alerts and decides, group by group, who is told what and when. All it knows is in the database. */
export interface Dispatcher {
  /** Takes a new routing: alerts move to the groups they now belong to; what a group was told is kept. */
  apply(routing: Routing, alerts: readonly Alert[], nowMs: number): void;
  /** An alert begins to fire: it joins its groups. Called inside a transaction. */
  admit(alert: Alert, nowMs: number): void;
  /** Looks at the groups that are due and writes notifications into the outbox. @returns how many groups it looked at */
  dispatch(nowMs: number): number;
  /** The names of the receivers an alert goes to. */
  receiversOf(alert: Alert): string[];
  /** The groups there are, in the order of receivers and labels. */
  listGroups(): GroupListing[];
}

/** What the dispatcher works with. */
export interface DispatcherOptions {
  readonly database: Database;
  readonly groups: GroupStore;
  readonly log: NotificationLog;
  readonly outbox: Outbox;
  /** Makes idempotency keys; random UUIDs unless a test says otherwise. */
  readonly newId?: () => string;
}

/** The most groups of one transaction, and of one call of `dispatch`: other work gets its turn in between. */
export const MAX_GROUPS_PER_DISPATCH = 200;

/** The clock was set back when it shows this much less than before. */
const CLOCK_STEP_MS = 1_000;

/** Alerting was away for long when it finds a look this much overdue: what it stored may be over. */
const LONG_PAUSE_MS = 60_000;
/** Rules have this long to say so before anybody is told; or `group_wait`, where that is longer. */
const SECOND_LOOK_MS = 10_000;

/** Makes the dispatcher; until `apply` it knows no route. */
export function createDispatcher(options: DispatcherOptions): Dispatcher {
  const { database, groups } = options;
  let tree: RoutingTree | undefined;
  let receivers: Routing['receivers'] = new Map();
  let lastNowMs = -Infinity;

  const admit = (alert: Alert, nowMs: number): void => {
    if (!tree) return;
    for (const { node, groupKey, groupLabels } of matchRoutes(tree, alert.labels)) {
      const known = groups.find(groupKey);
      const wait = Math.max(0, Math.min(node.route.groupWaitMs, alert.startsAtMs + node.route.groupWaitMs - nowMs));
      if (!known || !known.flushed) {
        const nextFlushAtMs = Math.min(known?.nextFlushAtMs ?? Infinity, nowMs + wait);
        groups.save({ groupKey, routeId: node.id, groupLabels, nextFlushAtMs, flushed: false });
      }
      groups.join(groupKey, alert.fingerprint);
    }
  };

  return {
    admit,
    apply(routing, alerts, nowMs) {
      tree = routing.route && compileRoutes(routing.route);
      receivers = routing.receivers;
      database.transaction(() => regroup(groups, tree, alerts, admit, nowMs));
    },
    dispatch(nowMs) {
      if (nowMs < lastNowMs - CLOCK_STEP_MS) database.transaction(() => resetRhythm(groups, tree, nowMs));
      lastNowMs = nowMs;
      const due = groups.due(nowMs, MAX_GROUPS_PER_DISPATCH);
      if (due.length === 0) return 0;
      database.transaction(() => {
        for (const group of due) {
          const node = tree?.nodes.get(group.routeId);
          if (!node) groups.remove(group.groupKey);
          else flush(options, group, node, receivers.get(node.route.receiver) ?? [], nowMs);
        }
      });
      return due.length;
    },
    receiversOf: (alert) =>
      tree ? [...new Set(matchRoutes(tree, alert.labels).map(({ node }) => node.route.receiver))] : [],
    listGroups: () => listGroups(groups, tree),
  };
}

function flush(
  options: DispatcherOptions,
  group: AlertGroup,
  node: RouteNode,
  channels: readonly ReceiverChannel[],
  nowMs: number,
): void {
  const { groups } = options;
  const { heldAtMs, nextFlushAtMs } = scheduledFlush(group.nextFlushAtMs, node.route.groupIntervalMs, nowMs);
  const members = groups.members(group.groupKey);
  const firing = members.filter((alert) => isFiring(alert, nowMs));
  const resolved = members.filter((alert) => !isFiring(alert, nowMs));
  for (const channel of channels) notify(options, group, node, channel, { firing, resolved, heldAtMs, nowMs });
  for (const alert of resolved) groups.leave(group.groupKey, alert.fingerprint);
  if (firing.length === 0) groups.remove(group.groupKey);
  else groups.save({ ...group, flushed: true, nextFlushAtMs });
}

interface Moment {
  readonly firing: readonly Alert[];
  readonly resolved: readonly Alert[];
  /** When the look was planned: intervals are counted from there, so that a late tick does not push them. */
  readonly heldAtMs: number;
  readonly nowMs: number;
}

const fingerprints = (alerts: readonly Alert[]): ReadonlySet<string> => new Set(alerts.map((a) => a.fingerprint));

/** Writes the notification and the record of it in the one transaction that is open: both are kept or neither is. */
function notify(
  { log, outbox, newId = randomUUID }: DispatcherOptions,
  { groupKey, groupLabels }: AlertGroup,
  { route }: RouteNode,
  channel: ReceiverChannel,
  { firing, resolved, heldAtMs, nowMs }: Moment,
): void {
  const previous = log.find(groupKey, channel);
  const sets = { firing: fingerprints(firing), resolved: fingerprints(resolved) };
  const policy = { repeatIntervalMs: route.repeatIntervalMs, sendResolved: channel.sendResolved };
  const decision = decideNotify(previous, sets.firing, sets.resolved, heldAtMs, policy);
  if (decision.action === 'none') return;
  if (decision.action === 'clear') {
    if (firing.length === 0) outbox.withdraw(groupKey, channel, nowMs);
    if (previous) log.save(groupKey, channel, { ...previous, ...sets });
    return;
  }
  const { reason } = decision;
  const id = newId();
  const threadId = reason === 'first_notification' ? id : (previous?.threadId ?? id);
  // Nobody is told that something is over that they were never told of.
  const over = channel.sendResolved && reason !== 'first_notification' ? resolved : [];
  const parts = { id, threadId, receiver: channel.receiver, groupKey, groupLabels, reason, createdAtMs: nowMs };
  outbox.enqueue(channel, composeNotification({ ...parts, firing, resolved: over }), nowMs);
  log.save(groupKey, channel, { ...sets, notificationId: id, threadId, notifiedAtMs: heldAtMs, failed: false });
}

/** Moves alerts to the groups that the routing now in force gives them, and drops groups that are left empty. */
function regroup(
  groups: GroupStore,
  tree: RoutingTree | undefined,
  alerts: readonly Alert[],
  admit: Dispatcher['admit'],
  nowMs: number,
): void {
  const wanted = new Map<string, Set<string>>();
  for (const { labels, fingerprint } of alerts) {
    for (const { groupKey } of tree ? matchRoutes(tree, labels) : [])
      wanted.set(groupKey, (wanted.get(groupKey) ?? new Set()).add(fingerprint));
  }
  for (const alert of alerts) if (isFiring(alert, nowMs)) admit(alert, nowMs);
  for (const group of groups.list()) {
    const keep = wanted.get(group.groupKey) ?? new Set();
    const members = groups.members(group.groupKey);
    const gone = members.filter(({ fingerprint }) => !keep.has(fingerprint));
    for (const { fingerprint } of gone) groups.leave(group.groupKey, fingerprint);
    const node = tree?.nodes.get(group.routeId);
    if (!node || gone.length === members.length) groups.remove(group.groupKey);
    else groups.save({ ...group, nextFlushAtMs: afterPause(group, node, nowMs) ?? soonest(group, node, nowMs) });
  }
}

/** When a group is looked at that should have been looked at long ago. */
function afterPause(group: AlertGroup, { route }: RouteNode, nowMs: number): number | undefined {
  if (nowMs - group.nextFlushAtMs <= LONG_PAUSE_MS) return undefined;
  return nowMs + Math.max(SECOND_LOOK_MS, group.flushed ? 0 : route.groupWaitMs);
}

function listGroups(groups: GroupStore, tree: RoutingTree | undefined): GroupListing[] {
  const listed = groups.list().flatMap(({ groupKey, routeId, groupLabels }): GroupListing[] => {
    const node = tree?.nodes.get(routeId);
    if (!node) return [];
    const alerts = groups.members(groupKey).sort(byAge);
    return [{ groupKey, receiver: node.route.receiver, labels: groupLabels, alerts, mutedBy: [] }];
  });
  const order = ({ receiver, groupKey }: GroupListing): string => `${receiver}\0${groupKey}`;
  return listed.sort((a, b) => (order(a) < order(b) ? -1 : 1));
}

/** After the clock was set back, planned looks would be too far ahead. */
function resetRhythm(groups: GroupStore, tree: RoutingTree | undefined, nowMs: number): void {
  for (const group of groups.list()) {
    const node = tree?.nodes.get(group.routeId);
    if (node) groups.save({ ...group, nextFlushAtMs: soonest(group, node, nowMs) });
  }
}

/** A shorter interval counts at once; so does a clock that was set back. */
function soonest(group: AlertGroup, { route }: RouteNode, nowMs: number): number {
  const waitMs = group.flushed ? route.groupIntervalMs : route.groupWaitMs;
  return Math.min(group.nextFlushAtMs, nowMs + waitMs);
}
