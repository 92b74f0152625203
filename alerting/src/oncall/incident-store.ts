import type { Alert, LabelSet } from '../alert.ts';
import type { ChannelKind } from '../channels/channel.ts';
import type { Database } from '../store/database.ts';
import type { Deferred, EventKind, Incident, IncidentStatus, NewEvent, Person, Told } from './incident.ts';

/** A line of the timeline. */
export interface IncidentEvent extends NewEvent {
  readonly seq: number;
  readonly atMs: number;
}

/** Which incidents are wanted. */
export interface IncidentQuery {
  readonly limit: number;
  readonly status?: IncidentStatus | 'open' | undefined;
  readonly receiver?: string | undefined;
  /** Only those that began before it, Unix milliseconds. */
  readonly beforeMs?: number | undefined;
}

/** The tables `incidents`, `incident_events` and `incident_told`. */
export interface IncidentStore {
  find(id: string): Incident | undefined;
  /** The latest of a group, whatever has become of it. */
  latestOf(groupKey: string): Incident | undefined;
  /** The ids of those with something due, the longest overdue first. */
  due(nowMs: number, limit: number): string[];
  open(): Incident[];
  openIds(): string[];
  hasOpen(groupKey: string): boolean;
  /** How many there are that are not over. */
  countOpen(): number;
  /** How many of them nobody can be told of. */
  countUnreached(): number;
  /** The ids of open ones that have no plan though they should, or one that is overdue since before `beforeMs`. */
  stranded(beforeMs: number): string[];
  /** Open ones whose group is gone, each with whether one of its alerts still fires. */
  groupless(nowMs: number): (readonly [id: string, isFiring: boolean])[];
  /** Newest first. */
  list(query: IncidentQuery): Incident[];
  save(incident: Incident): void;
  addEvents(id: string, events: readonly NewEvent[], nowMs: number): void;
  timeline(id: string): IncidentEvent[];
  countEvents(id: string, kind: EventKind): number;
  saveTold(id: string, told: Told): void;
  /** Whoever was told knows that it is over. */
  clearBeliefs(id: string, person: Person): void;
  /** Forgets those that have been over for 90 days, and of those that are over all but the newest 10,000. @returns how many */
  forgetOld(nowMs: number): number;
}

const RETENTION_MS = 90 * 86_400_000;
const MAX_RESOLVED = 10_000;

const FIND = 'SELECT * FROM incidents WHERE id = ?';
const LATEST = 'SELECT * FROM incidents WHERE group_key = ? ORDER BY seq DESC LIMIT 1';
const DUE = 'SELECT id FROM incidents WHERE wake_at_ms <= ? ORDER BY wake_at_ms LIMIT ?';
const OPEN = `SELECT * FROM incidents WHERE status <> 'resolved' ORDER BY seq`;
const HAS_OPEN = `SELECT 1 FROM incidents WHERE group_key = ? AND status <> 'resolved'`;
const COUNT_OPEN = `SELECT count(*) AS count FROM incidents WHERE status <> 'resolved'`;
const COUNT_UNREACHED = `SELECT count(*) AS count FROM incidents WHERE status <> 'resolved' AND (unheard = 1 OR unreached = 1)`;
const STRANDED = `SELECT id FROM incidents WHERE status <> 'resolved' AND ((status <> 'muted' AND next_step_at_ms IS NULL)
  OR next_step_at_ms < ?1 OR wake_at_ms < ?1 OR (next_step_at_ms IS NOT NULL AND (wake_at_ms IS NULL OR wake_at_ms > next_step_at_ms)))`;
const GROUPLESS = `SELECT id, EXISTS (SELECT 1 FROM json_each(firing) AS one JOIN alerts ON alerts.fingerprint = one.value
    WHERE alerts.ends_at_ms IS NULL OR alerts.ends_at_ms > max(?, alerts.updated_at_ms)) AS is_firing
  FROM incidents WHERE status <> 'resolved' AND group_key NOT IN (SELECT group_key FROM alert_groups)`;
const LIST = `SELECT * FROM incidents WHERE (?1 IS NULL OR status = ?1 OR (?1 = 'open' AND status <> 'resolved'))
  AND (?2 IS NULL OR receiver = ?2) AND (?3 IS NULL OR opened_at_ms < ?3) ORDER BY seq DESC LIMIT ?4`;
const SAVE = `INSERT INTO incidents (id, group_key, group_labels, receiver, status, severity, opened_at_ms, first_acknowledged_at_ms,
    acknowledged_by, resolved_at_ms, round, step, next_step_at_ms, unheard, asks, failed_steps, unreached, alerts, firing, deferred, wake_at_ms)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (id) DO UPDATE SET receiver = excluded.receiver, status = excluded.status, severity = excluded.severity,
    first_acknowledged_at_ms = excluded.first_acknowledged_at_ms, acknowledged_by = excluded.acknowledged_by,
    resolved_at_ms = excluded.resolved_at_ms, round = excluded.round, step = excluded.step, next_step_at_ms = excluded.next_step_at_ms,
    unheard = excluded.unheard, asks = excluded.asks, failed_steps = excluded.failed_steps, unreached = excluded.unreached, alerts = excluded.alerts, firing = excluded.firing, deferred = excluded.deferred,
    wake_at_ms = excluded.wake_at_ms`;
const ADD_EVENT = 'INSERT INTO incident_events (incident_id, at_ms, kind, actor, text) VALUES (?, ?, ?, ?, ?)';
const TIMELINE = 'SELECT * FROM incident_events WHERE incident_id = ? ORDER BY seq';
const COUNT_EVENTS = 'SELECT count(*) AS count FROM incident_events WHERE incident_id = ? AND kind = ?';
const TOLD = 'SELECT * FROM incident_told WHERE incident_id = ? ORDER BY told_at_ms, person_kind, person, receiver';
const SAVE_TOLD = `INSERT INTO incident_told (incident_id, person_kind, person, receiver, channel, channel_index, told_at_ms, thread_id, believes,
    notification_id, ask, state, confirmed)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT DO UPDATE SET told_at_ms = excluded.told_at_ms, believes = excluded.believes, notification_id = excluded.notification_id,
    ask = excluded.ask, state = excluded.state, confirmed = excluded.confirmed`;
const CLEAR_BELIEFS = 'UPDATE incident_told SET believes = 0 WHERE incident_id = ? AND person_kind = ? AND person = ?';
// What has yet to go to the collector stays; the exporter gives it up by itself.
const FORGET = `DELETE FROM incidents WHERE status = 'resolved' AND wake_at_ms IS NULL
  AND (resolved_at_ms <= ?1 OR seq <= (SELECT seq FROM incidents WHERE status = 'resolved' ORDER BY seq DESC LIMIT 1 OFFSET ${MAX_RESOLVED}))
  AND NOT EXISTS (SELECT 1 FROM incident_events AS event WHERE event.incident_id = incidents.id
    AND event.seq > (SELECT exported_seq FROM incident_export))`;

/** Keeps incidents, their timelines, and who was told of them. */
export function createIncidentStore(database: Database): IncidentStore {
  const read = (row: Row): Incident => readIncident(row, database.prepare(TOLD).all(String(row['id'])));
  return {
    find(id) {
      const row = database.prepare(FIND).get(id);
      return row && read(row);
    },
    latestOf(groupKey) {
      const row = database.prepare(LATEST).get(groupKey);
      return row && read(row);
    },
    due: (nowMs, limit) =>
      database
        .prepare(DUE)
        .all(nowMs, limit)
        .map(({ id }) => String(id)),
    open: () => database.prepare(OPEN).all().map(read),
    openIds: () =>
      database
        .prepare(OPEN)
        .all()
        .map(({ id }) => String(id)),
    hasOpen: (groupKey) => database.prepare(HAS_OPEN).get(groupKey) !== undefined,
    countOpen: () => Number(database.prepare(COUNT_OPEN).get()?.['count'] ?? 0),
    countUnreached: () => Number(database.prepare(COUNT_UNREACHED).get()?.['count'] ?? 0),
    stranded: (beforeMs) =>
      database
        .prepare(STRANDED)
        .all(beforeMs)
        .map(({ id }) => String(id)),
    groupless: (nowMs) =>
      database
        .prepare(GROUPLESS)
        .all(nowMs)
        .map((row) => [String(row['id']), row['is_firing'] === 1]),
    list: ({ limit, status, receiver, beforeMs }) =>
      database
        .prepare(LIST)
        .all(status ?? null, receiver ?? null, beforeMs ?? null, limit)
        .map(read),
    save: (incident) => void database.prepare(SAVE).run(...columnsOf(incident)),
    addEvents(id, events, nowMs) {
      for (const { kind, actor, text } of events) database.prepare(ADD_EVENT).run(id, nowMs, kind, actor, text);
    },
    timeline: (id) =>
      database
        .prepare(TIMELINE)
        .all(id)
        .map((row) => ({
          seq: Number(row['seq']),
          atMs: Number(row['at_ms']),
          kind: String(row['kind']) as EventKind,
          actor: String(row['actor']),
          text: String(row['text']),
        })),
    countEvents: (id, kind) => Number(database.prepare(COUNT_EVENTS).get(id, kind)?.['count'] ?? 0),
    saveTold: (id, { person, channel, ...told }) =>
      void database
        .prepare(SAVE_TOLD)
        .run(
          id,
          person.kind,
          person.name,
          channel.receiver,
          channel.kind,
          channel.index,
          told.toldAtMs,
          told.threadId,
          told.believes ? 1 : 0,
          told.notificationId,
          told.ask,
          told.state,
          told.isConfirmed ? 1 : 0,
        ),
    clearBeliefs: (id, { kind, name }) => void database.prepare(CLEAR_BELIEFS).run(id, kind, name),
    forgetOld: (nowMs) => Number(database.prepare(FORGET).run(nowMs - RETENTION_MS).changes),
  };
}

type Row = Readonly<Record<string, unknown>>;

function columnsOf(incident: Incident): (string | number | null)[] {
  const planned = [incident.nextStepAtMs ?? Infinity, ...incident.deferred.map(({ dueAtMs }) => dueAtMs)];
  const wakeAtMs = Math.min(...planned);
  return [
    incident.id,
    incident.groupKey,
    JSON.stringify(incident.groupLabels),
    incident.receiver,
    incident.status,
    incident.severity,
    incident.openedAtMs,
    incident.firstAcknowledgedAtMs ?? null,
    incident.acknowledgedBy ?? null,
    incident.resolvedAtMs ?? null,
    incident.round,
    incident.step,
    incident.nextStepAtMs ?? null,
    incident.unheard ? 1 : 0,
    incident.asks,
    incident.failedSteps,
    incident.isUnreached ? 1 : 0,
    JSON.stringify(incident.alerts),
    JSON.stringify([...incident.firing]),
    JSON.stringify(incident.deferred),
    wakeAtMs === Infinity ? null : wakeAtMs,
  ];
}

function readIncident(row: Row, told: readonly Row[]): Incident {
  const optional = (name: string): number | undefined => (row[name] === null ? undefined : Number(row[name]));
  const by = row['acknowledged_by'];
  return {
    id: String(row['id']),
    groupKey: String(row['group_key']),
    groupLabels: JSON.parse(String(row['group_labels'])) as LabelSet,
    receiver: String(row['receiver']),
    status: String(row['status']) as IncidentStatus,
    severity: String(row['severity']),
    openedAtMs: Number(row['opened_at_ms']),
    firstAcknowledgedAtMs: optional('first_acknowledged_at_ms'),
    acknowledgedBy: typeof by === 'string' ? by : undefined,
    resolvedAtMs: optional('resolved_at_ms'),
    round: Number(row['round']),
    step: Number(row['step']),
    nextStepAtMs: optional('next_step_at_ms'),
    unheard: row['unheard'] === 1,
    asks: Number(row['asks']),
    failedSteps: Number(row['failed_steps']),
    isUnreached: row['unreached'] === 1,
    alerts: (JSON.parse(String(row['alerts'])) as Alert[]).map((alert) => ({ ...alert, endsAtMs: alert.endsAtMs })),
    firing: new Set(JSON.parse(String(row['firing'])) as string[]),
    deferred: JSON.parse(String(row['deferred'])) as Deferred[],
    told: told.map(readTold),
  };
}

function readTold(row: Row): Told {
  return {
    person: { kind: String(row['person_kind']) as Person['kind'], name: String(row['person']) },
    channel: {
      receiver: String(row['receiver']),
      kind: String(row['channel']) as ChannelKind,
      index: Number(row['channel_index']),
    },
    toldAtMs: Number(row['told_at_ms']),
    threadId: String(row['thread_id']),
    believes: row['believes'] === 1,
    notificationId: String(row['notification_id']),
    ask: Number(row['ask']),
    state: String(row['state']) as Told['state'],
    isConfirmed: row['confirmed'] === 1,
  };
}
