import type { LabelSet } from '../../alert.ts';
import type { Database } from '../../store/database.ts';
import type { EventKind } from '../incident.ts';

/** A line of a timeline with what one needs to know of its incident. */
export interface HistoryEvent {
  readonly seq: number;
  readonly atMs: number;
  readonly kind: EventKind;
  readonly actor: string;
  readonly text: string;
  readonly incidentId: string;
  readonly receiver: string;
  readonly severity: string;
  readonly groupKey: string;
  readonly groupLabels: LabelSet;
  readonly openedAtMs: number;
  readonly firstAcknowledgedAtMs: number | undefined;
}

/** Events that go to the collector in one request, always the same under the same key. */
export interface HistoryBatch {
  readonly producer: string;
  readonly sequence: number;
  readonly events: readonly HistoryEvent[];
}

/** How far the history has gone to the collector. */
export interface HistoryStore {
  countWaiting(): number;
  /** The batch that is under way, or the next one under this producer and number. */
  take(producer: string, sequence: number): HistoryBatch | undefined;
  /** The batch that is under way has been settled. */
  settle(): void;
  /** Gives up what is older than seven days, and beyond 100,000 events. @returns how many */
  dropOld(nowMs: number): number;
}

const BATCH_SIZE = 200;
const MAX_AGE_MS = 7 * 86_400_000;
const MAX_WAITING = 100_000;

const STATE = 'SELECT * FROM incident_export WHERE id = 1';
const WAITING = 'SELECT count(*) AS count FROM incident_events WHERE seq > (SELECT exported_seq FROM incident_export)';
const NEXT = `SELECT event.seq, event.at_ms, event.kind, event.actor, event.text, event.incident_id, incident.receiver, incident.severity,
    incident.group_key, incident.group_labels, incident.opened_at_ms, incident.first_acknowledged_at_ms
  FROM incident_events AS event JOIN incidents AS incident ON incident.id = event.incident_id
  WHERE event.seq > ? AND event.seq <= ? ORDER BY event.seq LIMIT ${BATCH_SIZE}`;
const BEGIN = 'UPDATE incident_export SET batch_producer = ?, batch_sequence = ?, batch_last_seq = ? WHERE id = 1';
const SETTLE = `UPDATE incident_export SET exported_seq = coalesce(batch_last_seq, exported_seq), batch_producer = NULL, batch_sequence = NULL,
  batch_last_seq = NULL WHERE id = 1`;
const OLD = `SELECT max(seq) AS last, count(*) AS count FROM incident_events WHERE seq > ?1 AND (at_ms <= ?2
  OR seq <= (SELECT seq FROM incident_events ORDER BY seq DESC LIMIT 1 OFFSET ${MAX_WAITING}))`;
const SKIP = `UPDATE incident_export SET exported_seq = ?, batch_producer = NULL, batch_sequence = NULL, batch_last_seq = NULL
  WHERE id = 1`;

/** Keeps the table `incident_export`. */
export function createHistoryStore(database: Database): HistoryStore {
  const between = (afterSeq: number, lastSeq: number): HistoryEvent[] =>
    database.prepare(NEXT).all(afterSeq, lastSeq).map(readEvent);
  return {
    countWaiting: () => Number(database.prepare(WAITING).get()?.['count'] ?? 0),
    take: (producer, sequence) =>
      database.transaction(() => {
        const state = database.prepare(STATE).get();
        const exported = Number(state?.['exported_seq'] ?? 0);
        const known = state?.['batch_producer'];
        if (typeof known === 'string') {
          const events = between(exported, Number(state?.['batch_last_seq']));
          return { producer: known, sequence: Number(state?.['batch_sequence']), events };
        }
        const events = between(exported, Number.MAX_SAFE_INTEGER);
        const last = events.at(-1);
        if (!last) return undefined;
        database.prepare(BEGIN).run(producer, sequence, last.seq);
        return { producer, sequence, events };
      }),
    settle: () => void database.prepare(SETTLE).run(),
    dropOld: (nowMs) =>
      database.transaction(() => {
        const state = database.prepare(STATE).get();
        const old = database.prepare(OLD).get(Number(state?.['exported_seq'] ?? 0), nowMs - MAX_AGE_MS);
        const count = Number(old?.['count'] ?? 0);
        // A batch that is under way goes whole: cut in two it would be another one, and perhaps stored twice.
        const last = Math.max(Number(old?.['last'] ?? 0), Number(state?.['batch_last_seq'] ?? 0));
        if (count > 0) database.prepare(SKIP).run(last);
        return count;
      }),
  };
}

function readEvent(row: Readonly<Record<string, unknown>>): HistoryEvent {
  const acknowledged = row['first_acknowledged_at_ms'];
  return {
    seq: Number(row['seq']),
    atMs: Number(row['at_ms']),
    kind: String(row['kind']) as EventKind,
    actor: String(row['actor']),
    text: String(row['text']),
    incidentId: String(row['incident_id']),
    receiver: String(row['receiver']),
    severity: String(row['severity']),
    groupKey: String(row['group_key']),
    groupLabels: JSON.parse(String(row['group_labels'])) as LabelSet,
    openedAtMs: Number(row['opened_at_ms']),
    firstAcknowledgedAtMs: acknowledged === null ? undefined : Number(acknowledged),
  };
}
