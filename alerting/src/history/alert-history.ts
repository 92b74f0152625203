import type { LabelSet } from '../alert.ts';
import type { Database } from '../store/database.ts';

/** One time that an alert fired. Times are Unix milliseconds. */
export interface AlertEpisode {
  readonly fingerprint: string;
  readonly labels: LabelSet;
  readonly startsAtMs: number;
  /** `undefined` while it fires. */
  readonly endsAtMs: number | undefined;
}

/** What fired, now and earlier. */
export interface AlertHistory {
  /**
   * Every time an alert fired since `sinceMs`, in portions, so that other work gets its turn between two of them: what is known now first,
   * then what is over, the newest first.
   */
  since(sinceMs: number, nowMs: number): Iterable<readonly AlertEpisode[]>;
  /** Forgets what ended more than eight days ago, and the oldest beyond 100,000. @returns how many */
  forgetOld(nowMs: number): number;
}

/** A week, and a day so that the whole of it is there. */
const RETENTION_MS = 8 * 86_400_000;
const MAX_EPISODES = 100_000;
const PORTION = 1_000;

const CURRENT = `SELECT fingerprint, labels, starts_at_ms, ends_at_ms FROM alerts
  WHERE fingerprint > ? AND (ends_at_ms IS NULL OR ends_at_ms > ?) ORDER BY fingerprint LIMIT ${PORTION}`;
const PAST = `SELECT seq, fingerprint, labels, starts_at_ms, ends_at_ms FROM alert_history
  WHERE seq < ? AND ends_at_ms > ? ORDER BY seq DESC LIMIT ${PORTION}`;
const FORGET = `DELETE FROM alert_history WHERE ends_at_ms < ? OR seq <= (SELECT max(seq) FROM alert_history) - ?`;

type Row = Readonly<Record<string, unknown>>;

/** Reads the table `alert_history`, which triggers of the table `alerts` fill, and that table. */
export function createAlertHistory(database: Database, maxEpisodes: number = MAX_EPISODES): AlertHistory {
  return {
    *since(sinceMs, nowMs) {
      let lastFingerprint = '';
      for (;;) {
        const rows = database.prepare(CURRENT).all(lastFingerprint, sinceMs);
        if (rows.length === 0) break;
        lastFingerprint = String(rows.at(-1)?.['fingerprint']);
        yield rows.map((row) => readEpisode(row, nowMs));
      }
      let lastSeq = Number.MAX_SAFE_INTEGER;
      for (;;) {
        const rows = database.prepare(PAST).all(lastSeq, sinceMs);
        if (rows.length === 0) break;
        lastSeq = Number(rows.at(-1)?.['seq']);
        yield rows.map((row) => readEpisode(row, nowMs));
      }
    },
    forgetOld: (nowMs) => Number(database.prepare(FORGET).run(nowMs - RETENTION_MS, maxEpisodes).changes),
  };
}

/** An end that has not come is none: what is pushed is given one beforehand. */
function readEpisode(row: Row, nowMs: number): AlertEpisode {
  const endsAt = row['ends_at_ms'];
  const endsAtMs = endsAt === null || Number(endsAt) > nowMs ? undefined : Number(endsAt);
  return {
    fingerprint: String(row['fingerprint']),
    labels: JSON.parse(String(row['labels'])) as LabelSet,
    startsAtMs: Number(row['starts_at_ms']),
    endsAtMs,
  };
}
