import type { Route } from '@tocsin/service/config';
import type { Alert } from '../alert.ts';
import type { Database } from '../store/database.ts';
import type { AlertGroup, GroupStore } from './group-store.ts';
import { createListings, type GroupListings } from './group-listings.ts';
import type { Muting } from './muting.ts';
import { regroup, resetRhythm } from './regroup.ts';
import { compileRoutes, matchRoutes, type RouteNode, type RoutingTree } from './route.ts';
import { scheduledFlush } from './schedule.ts';
import { gather } from './stages/group.ts';
import { type MuteReason, takeOutMuted } from './stages/mute.ts';
import type { IncidentDesk } from '../oncall/desk.ts';
import type { GroupLook, ObservedGroup } from '../oncall/decide/observe.ts';
import { notify, type NotifyBooks, type ReceiverChannel } from './stages/notify.ts';

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
  /** Looks at groups that are due and writes notifications into the outbox. @returns whether more may be due */
  dispatch(nowMs: number): boolean;
  /** The names of the receivers an alert goes to. */
  receiversOf(alert: Alert): string[];
  /** The groups there are, page by page, so that many hold nobody up. */
  readonly listings: GroupListings;
  /** The groups that were looked at at least once, whose receivers are of these, and what a look at each would see now. */
  lookAtGroupsOf(
    isWanted: (receiver: string) => boolean,
    isSettled: (groupKey: string) => boolean,
    nowMs: number,
  ): readonly (readonly [ObservedGroup, GroupLook])[];
  /** Whether something in a group fires and is not muted at this moment; true for a group that is gone. */
  isHeard(groupKey: string, nowMs: number): boolean;
  /** The routes an alert takes. */
  routesOf(alert: Alert): readonly Route[];
}

/** What the dispatcher works with. */
export interface DispatcherOptions extends NotifyBooks {
  readonly database: Database;
  readonly groups: GroupStore;
  readonly muting: Muting;
  /** Makes incidents of groups. */
  readonly incidents?: Pick<IncidentDesk, 'observe'>;
  /** Told at each look how many alerts were muted by what. */
  readonly countMuted?: (reason: MuteReason, count: number) => void;
}

/** The most groups, and about the most members, of one call of `dispatch` and its transaction: other work gets its turn in between. */
const MAX_GROUPS = 200;
const MAX_MEMBERS = 2_000;

/** The clock was set back when it shows this much less than before. */
const CLOCK_STEP_MS = 1_000;

/** Makes the dispatcher; until `apply` it knows no route. */
export function createDispatcher(options: DispatcherOptions): Dispatcher {
  const { database, groups, muting } = options;
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
      const due = groups.due(nowMs, MAX_GROUPS);
      if (due.length === 0) return false;
      const looked = database.transaction(() => {
        let members = 0;
        return due.findIndex((group) => {
          const node = tree?.nodes.get(group.routeId);
          if (!node) groups.remove(group.groupKey);
          else members += flush(options, group, node, receivers.get(node.route.receiver) ?? [], nowMs);
          return members >= MAX_MEMBERS;
        });
      });
      return looked !== -1 || due.length === MAX_GROUPS;
    },
    receiversOf: (alert) =>
      tree ? [...new Set(matchRoutes(tree, alert.labels).map(({ node }) => node.route.receiver))] : [],
    routesOf: (alert) => (tree ? matchRoutes(tree, alert.labels).map(({ node }) => node.route) : []),
    listings: createListings(options, () => tree),
    isHeard(groupKey, nowMs) {
      const group = groups.find(groupKey);
      const route = group && tree?.nodes.get(group.routeId)?.route;
      if (!route) return true;
      return takeOutMuted(gather(groups.members(groupKey), nowMs), muting.look(route, nowMs)).firing.length > 0;
    },
    lookAtGroupsOf(isWanted, isSettled, nowMs) {
      const routes = [...(tree?.nodes.values() ?? [])].filter(({ route }) => isWanted(route.receiver));
      const receivers = new Map(routes.map(({ id, route }) => [id, route]));
      return groups.flushedOf([...receivers.keys()]).flatMap((group) => {
        const route = receivers.get(group.routeId);
        if (!route || isSettled(group.groupKey)) return [];
        const gathered = gather(groups.members(group.groupKey), nowMs);
        const heard = takeOutMuted(gathered, muting.look(route, nowMs));
        return [[observed(group, route), heard] as const];
      });
    },
  };
}

function observed({ groupKey, groupLabels }: AlertGroup, { receiver }: Route): ObservedGroup {
  return { groupKey, groupLabels, receiver };
}

/** One look at a group: who is in it, of whom one may speak, who is told. @returns how many are in it */
function flush(
  options: DispatcherOptions,
  group: AlertGroup,
  { route }: RouteNode,
  channels: readonly ReceiverChannel[],
  nowMs: number,
): number {
  const { groups, muting, countMuted } = options;
  const { groupIntervalMs, repeatIntervalMs } = route;
  const { heldAtMs, nextFlushAtMs } = scheduledFlush(group.nextFlushAtMs, groupIntervalMs, nowMs);
  const gathered = gather(groups.members(group.groupKey), nowMs);
  const heard = takeOutMuted(gathered, muting.look(route, nowMs));
  for (const [reason, count] of heard.reasons) countMuted?.(reason, count);
  notify(options, channels, { group, heard, repeatIntervalMs, heldAtMs, nowMs });
  options.incidents?.observe(observed(group, route), heard, nowMs);
  for (const alert of gathered.resolved) groups.leave(group.groupKey, alert.fingerprint);
  if (gathered.firing.length === 0) groups.remove(group.groupKey);
  else groups.save({ ...group, flushed: true, nextFlushAtMs });
  return gathered.firing.length + gathered.resolved.length;
}
