import type { Database } from '../../store/database.ts';

/** How an action ended: `refused` with a reason that the caller was told, `failed` by an error of ours. */
export const AUDIT_OUTCOMES = ['ok', 'refused', 'failed'] as const;
export type AuditOutcome = (typeof AUDIT_OUTCOMES)[number];

/** Who did what, and what came of it. */
export interface AuditEntry {
  readonly id: number;
  /** Unix milliseconds. */
  readonly atMs: number;
  /** The name of the token; `anonymous` where none is wanted. */
  readonly actor: string;
  readonly role: string;
  /** As `silence.save`. */
  readonly action: string;
  /** The id of what was acted on; may be empty. */
  readonly target: string;
  readonly outcome: AuditOutcome;
  /** In words; may be empty. */
  readonly note: string;
}

/** Which entries are wanted, newest first. */
export interface AuditQuery {
  readonly limit: number;
  readonly actor?: string | undefined;
  readonly action?: string | undefined;
  readonly target?: string | undefined;
  /** Only entries older than the one with this id. */
  readonly before?: number | undefined;
}

/** The table `audit_log`. */
export interface AuditLog {
  record(entry: Omit<AuditEntry, 'id'>): void;
  list(query: AuditQuery): AuditEntry[];
  /** Forgets what is older than 90 days, and the oldest beyond 100,000 entries. @returns how many */
  forgetOld(nowMs: number): number;
}

const RETENTION_MS = 90 * 86_400_000;
const MAX_ENTRIES = 100_000;
/** What callers write may be long; the log keeps the beginning. */
const MAX_TEXT = 500;

const RECORD = `INSERT INTO audit_log (at_ms, actor, role, action, target, outcome, note) VALUES (?, ?, ?, ?, ?, ?, ?)`;
const LIST = `SELECT * FROM audit_log WHERE (?1 IS NULL OR actor = ?1) AND (?2 IS NULL OR action = ?2)
  AND (?3 IS NULL OR target = ?3) AND (?4 IS NULL OR id < ?4) ORDER BY id DESC LIMIT ?5`;
const FORGET = `DELETE FROM audit_log WHERE at_ms < ? OR id <= (SELECT max(id) FROM audit_log) - ?`;

/** Keeps the audit log. */
export function createAuditLog(database: Database, maxEntries: number = MAX_ENTRIES): AuditLog {
  return {
    record({ atMs, actor, role, action, target, outcome, note }) {
      database
        .prepare(RECORD)
        .run(atMs, actor, role, action, target.slice(0, MAX_TEXT), outcome, note.slice(0, MAX_TEXT));
    },
    list: ({ limit, actor, action, target, before }) =>
      database
        .prepare(LIST)
        .all(actor ?? null, action ?? null, target ?? null, before ?? null, limit)
        .map(readEntry),
    forgetOld: (nowMs) => Number(database.prepare(FORGET).run(nowMs - RETENTION_MS, maxEntries).changes),
  };
}

function readEntry(row: Readonly<Record<string, unknown>>): AuditEntry {
  const text = (name: string): string => String(row[name]);
  return {
    id: Number(row['id']),
    atMs: Number(row['at_ms']),
    actor: text('actor'),
    role: text('role'),
    action: text('action'),
    target: text('target'),
    outcome: text('outcome') as AuditOutcome,
    note: text('note'),
  };
}
