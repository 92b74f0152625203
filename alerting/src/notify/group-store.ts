import type { Alert, LabelSet } from '../alert.ts';
import type { Database } from '../store/database.ts';
import { readAlert } from './alert-store.ts';

/** Alerts of one route that are spoken of together. */
export interface AlertGroup {
  readonly groupKey: string;
  readonly routeId: string;
  readonly groupLabels: LabelSet;
  /** When it is looked at next, Unix milliseconds. */
  readonly nextFlushAtMs: number;
  /** False during `group_wait`. */
  readonly flushed: boolean;
}

/** The tables `alert_groups` and `alert_group_members`. */
export interface GroupStore {
  find(groupKey: string): AlertGroup | undefined;
  list(): AlertGroup[];
  /** The next groups in the order of their keys, after this one. */
  listAfter(groupKey: string, limit: number): Pick<AlertGroup, 'groupKey' | 'routeId'>[];
  /** Those of some routes that were looked at. */
  flushedOf(routeIds: readonly string[]): AlertGroup[];
  /** At most `limit` groups that are due, the longest overdue first. */
  due(nowMs: number, limit: number): AlertGroup[];
  save(group: AlertGroup): void;
  remove(groupKey: string): void;
  join(groupKey: string, fingerprint: string): void;
  leave(groupKey: string, fingerprint: string): void;
  members(groupKey: string): Alert[];
  /** The next members in the order of their fingerprints, after this one. */
  membersAfter(groupKey: string, fingerprint: string, limit: number): Alert[];
  /** The fingerprints of each group's members. */
  memberships(): ReadonlyMap<string, ReadonlySet<string>>;
}

function readGroup(row: Readonly<Record<string, unknown>>): AlertGroup {
  return {
    groupKey: String(row['group_key']),
    routeId: String(row['route_id']),
    groupLabels: JSON.parse(String(row['group_labels'])) as LabelSet,
    nextFlushAtMs: Number(row['next_flush_at_ms']),
    flushed: row['flushed'] === 1,
  };
}

const FIND = 'SELECT * FROM alert_groups WHERE group_key = ?';
const LIST = 'SELECT * FROM alert_groups ORDER BY group_key';
const LIST_AFTER = 'SELECT group_key, route_id FROM alert_groups WHERE group_key > ? ORDER BY group_key LIMIT ?';
const FLUSHED_OF = `SELECT * FROM alert_groups WHERE flushed = 1 AND route_id IN (SELECT value FROM json_each(?)) ORDER BY group_key`;
const DUE = 'SELECT * FROM alert_groups WHERE next_flush_at_ms <= ? ORDER BY next_flush_at_ms LIMIT ?';
const SAVE = `INSERT INTO alert_groups (group_key, route_id, group_labels, next_flush_at_ms, flushed) VALUES (?, ?, ?, ?, ?)
  ON CONFLICT (group_key) DO UPDATE SET next_flush_at_ms = excluded.next_flush_at_ms, flushed = excluded.flushed`;
const REMOVE = 'DELETE FROM alert_groups WHERE group_key = ?';
const JOIN = 'INSERT OR IGNORE INTO alert_group_members (group_key, fingerprint) VALUES (?, ?)';
const LEAVE = 'DELETE FROM alert_group_members WHERE group_key = ? AND fingerprint = ?';
const MEMBERSHIPS = 'SELECT group_key, fingerprint FROM alert_group_members';
const MEMBERS = `SELECT alerts.* FROM alert_group_members AS member JOIN alerts USING (fingerprint)
  WHERE member.group_key = ?`;
const MEMBERS_AFTER = `${MEMBERS} AND member.fingerprint > ? ORDER BY member.fingerprint LIMIT ?`;

/** Keeps groups and their members. */
export function createGroupStore(database: Database): GroupStore {
  return {
    find(groupKey) {
      const row = database.prepare(FIND).get(groupKey);
      return row && readGroup(row);
    },
    list: () => database.prepare(LIST).all().map(readGroup),
    listAfter: (groupKey, limit) =>
      database
        .prepare(LIST_AFTER)
        .all(groupKey, limit)
        .map((row) => ({ groupKey: String(row['group_key']), routeId: String(row['route_id']) })),
    flushedOf: (routeIds) => database.prepare(FLUSHED_OF).all(JSON.stringify(routeIds)).map(readGroup),
    due: (nowMs, limit) => database.prepare(DUE).all(nowMs, limit).map(readGroup),
    save({ groupKey, routeId, groupLabels, nextFlushAtMs, flushed }) {
      const labels = JSON.stringify(groupLabels);
      database.prepare(SAVE).run(groupKey, routeId, labels, nextFlushAtMs, flushed ? 1 : 0);
    },
    remove: (groupKey) => void database.prepare(REMOVE).run(groupKey),
    join: (groupKey, fingerprint) => void database.prepare(JOIN).run(groupKey, fingerprint),
    leave: (groupKey, fingerprint) => void database.prepare(LEAVE).run(groupKey, fingerprint),
    members: (groupKey) => database.prepare(MEMBERS).all(groupKey).map(readAlert),
    membersAfter: (groupKey, fingerprint, limit) =>
      database.prepare(MEMBERS_AFTER).all(groupKey, fingerprint, limit).map(readAlert),
    memberships() {
      const groups = new Map<string, Set<string>>();
      for (const row of database.prepare(MEMBERSHIPS).iterate()) {
        const [groupKey, fingerprint] = [String(row['group_key']), String(row['fingerprint'])];
        const members = groups.get(groupKey);
        if (members) members.add(fingerprint);
        else groups.set(groupKey, new Set([fingerprint]));
      }
      return groups;
    },
  };
}
