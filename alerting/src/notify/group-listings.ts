import type { Alert } from '../alert.ts';
import type { GroupStore } from './group-store.ts';
import type { GroupListing } from './marks.ts';
import type { Muting } from './muting.ts';
import type { RoutingTree } from './route.ts';

/** The groups there are, for who shows them. Each call answers at once and with a page at most: there may be 50,000 of them, or as many alerts in one. */
export interface GroupListings {
  /** The next groups in the order of their keys, with their receivers; an empty page is the last. */
  keysAfter(groupKey: string, limit: number): readonly GroupOfReceiver[];
  /** `undefined`: it is gone. */
  find(groupKey: string, nowMs: number): GroupListing | undefined;
  /** The next members in the order of their fingerprints: firing ones, and those of whose end the group has yet to speak. */
  membersAfter(groupKey: string, fingerprint: string, limit: number): readonly Alert[];
}

/** A group, and whom it leads to; `undefined` where its route is gone. */
export interface GroupOfReceiver {
  readonly groupKey: string;
  readonly receiver: string | undefined;
}

/** Reads the groups under the routing in force. */
export function createListings(
  { groups, muting }: { readonly groups: GroupStore; readonly muting: Muting },
  tree: () => RoutingTree | undefined,
): GroupListings {
  return {
    keysAfter: (after, limit) =>
      groups
        .listAfter(after, limit)
        .map(({ groupKey, routeId }) => ({ groupKey, receiver: tree()?.nodes.get(routeId)?.route.receiver })),
    find(groupKey, nowMs) {
      const group = groups.find(groupKey);
      const route = group && tree()?.nodes.get(group.routeId)?.route;
      if (!group || !route) return undefined;
      const { receiver } = route;
      return { groupKey, receiver, labels: group.groupLabels, mutedBy: muting.mutedBy(route, nowMs) };
    },
    membersAfter: groups.membersAfter,
  };
}
