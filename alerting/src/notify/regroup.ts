import type { Alert } from '../alert.ts';
import { isFiring } from './alert-store.ts';
import type { AlertGroup, GroupStore } from './group-store.ts';
import { matchRoutes, type RouteNode, type RoutingTree } from './route.ts';

/** Alerting was away for long when it finds a look this much overdue: what it stored may be over. */
const LONG_PAUSE_MS = 60_000;
/** Rules have this long to say so before anybody is told; or `group_wait`, where that is longer. */
const SECOND_LOOK_MS = 10_000;

/** Moves alerts to the groups that the routing now in force gives them, and drops groups that are left empty. */
export function regroup(
  groups: GroupStore,
  tree: RoutingTree | undefined,
  alerts: readonly Alert[],
  admit: (alert: Alert, nowMs: number) => void,
  nowMs: number,
): void {
  const before = groups.memberships();
  const wanted = new Map<string, Set<string>>();
  for (const alert of alerts) {
    let isMissing = false;
    for (const { groupKey } of tree ? matchRoutes(tree, alert.labels) : []) {
      const members = wanted.get(groupKey);
      if (members) members.add(alert.fingerprint);
      else wanted.set(groupKey, new Set([alert.fingerprint]));
      isMissing ||= !before.get(groupKey)?.has(alert.fingerprint);
    }
    if (isMissing && isFiring(alert, nowMs)) admit(alert, nowMs);
  }
  for (const group of groups.list()) {
    const members = before.get(group.groupKey);
    // Made just now.
    if (!members) continue;
    const keep = wanted.get(group.groupKey) ?? new Set();
    for (const fingerprint of members) if (!keep.has(fingerprint)) groups.leave(group.groupKey, fingerprint);
    const node = tree?.nodes.get(group.routeId);
    if (!node || keep.size === 0) groups.remove(group.groupKey);
    else {
      const nextFlushAtMs = afterPause(group, node, nowMs) ?? soonest(group, node, nowMs);
      if (nextFlushAtMs !== group.nextFlushAtMs) groups.save({ ...group, nextFlushAtMs });
    }
  }
}

/** When a group is looked at that should have been looked at long ago. */
function afterPause(group: AlertGroup, { route }: RouteNode, nowMs: number): number | undefined {
  if (nowMs - group.nextFlushAtMs <= LONG_PAUSE_MS) return undefined;
  return nowMs + Math.max(SECOND_LOOK_MS, group.flushed ? 0 : route.groupWaitMs);
}

/** After the clock was set back, planned looks would be too far ahead. */
export function resetRhythm(groups: GroupStore, tree: RoutingTree | undefined, nowMs: number): void {
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
