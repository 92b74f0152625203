import type { Alert, AlertSink, LabelSet } from '../alert.ts';
import type { Database } from '../store/database.ts';

/** What became of an alert that was put: `unwanted` where the merging says so, or nothing was known of what is over. */
export type PutOutcome = 'firing' | 'known' | 'unwanted';

/** Joins what is known of an alert with what is said now; `undefined` leaves it as it is. */
export type Merge = (known: Alert | undefined, said: Alert) => Alert | undefined;

/** Alerts as their sources last said. */
export interface AlertStore extends AlertSink {
  /** Takes one alert of another source than our rules, inside a transaction. `firing`: it begins to fire (again). */
  putAlert(said: Alert, nowMs: number, merge: Merge): PutOutcome;
  /** Firing alerts, and those whose end some group has yet to speak of. Oldest first. */
  listAlerts(nowMs: number): Alert[];
  /** The next alerts that fire, in the order of their fingerprints, after this one. */
  listFiring(afterFingerprint: string, limit: number, nowMs: number): Alert[];
  /** How many alerts fire at `nowMs`. */
  countFiring(nowMs: number): number;
  /** Forgets alerts that resolved 15 minutes ago or earlier and that no group has yet to speak of. @returns how many */
  forgetResolved(nowMs: number): number;
}

/** How long a resolved alert is remembered. Source: Prometheus, alerting rules, resolved retention. */
export const RESOLVED_RETENTION_MS = 15 * 60_000;

/** True while the alert fires; an end in the future is one that has not come, unless the clock was set back since it was told. */
export function isFiring({ endsAtMs, updatedAtMs }: Pick<Alert, 'endsAtMs' | 'updatedAtMs'>, nowMs: number): boolean {
  return endsAtMs === undefined || endsAtMs > Math.max(nowMs, updatedAtMs);
}

/** Reads an alert from a row of the table `alerts`. */
export function readAlert(row: Readonly<Record<string, unknown>>): Alert {
  const endsAt = row['ends_at_ms'];
  const value = row['value'];
  const timeout = row['ends_by_timeout'] === 1 ? { endsByTimeout: true } : {};
  return {
    fingerprint: String(row['fingerprint']),
    labels: JSON.parse(String(row['labels'])) as LabelSet,
    annotations: JSON.parse(String(row['annotations'])) as LabelSet,
    value: typeof value === 'number' ? value : undefined,
    startsAtMs: Number(row['starts_at_ms']),
    endsAtMs: endsAt === null ? undefined : Number(endsAt),
    updatedAtMs: Number(row['updated_at_ms']),
    generatorUrl: String(row['generator_url']),
    ...timeout,
  };
}

/**
 * Joins what is known of an alert with what its source says now: earliest start, latest end, last annotations; a start after
 * the old end is a new occurrence. What is said to be over is over, though it was to last longer.
 * Source: Alertmanager's merging of pushed alerts.
 */
export function mergeAlert(known: Alert, said: Alert, nowMs: number): Alert {
  if (known.endsAtMs !== undefined && said.startsAtMs > known.endsAtMs) return said;
  // A resolution that is said again may come after the alert has begun anew, by a push: it ends nothing. (One that began when the known one did ends
  // it even where the clock was set back to before its beginning.)
  if (said.endsAtMs !== undefined && said.endsAtMs < known.startsAtMs && said.startsAtMs < known.startsAtMs)
    return known;
  const value = said.endsAtMs === undefined ? said.value : (said.value ?? known.value);
  return {
    ...said,
    value,
    startsAtMs: Math.min(known.startsAtMs, said.startsAtMs),
    endsAtMs: mergeEnds(known, said, nowMs),
  };
}

function mergeEnds(known: Alert, said: Alert, nowMs: number): number | undefined {
  if (known.endsAtMs === undefined || said.endsAtMs === undefined) return said.endsAtMs;
  return !isFiring(said, nowMs) && isFiring(known, nowMs) ? said.endsAtMs : Math.max(said.endsAtMs, known.endsAtMs);
}

const FIND = 'SELECT * FROM alerts WHERE fingerprint = ?';
const SAVE = `INSERT INTO alerts (fingerprint, labels, annotations, value, starts_at_ms, ends_at_ms, updated_at_ms, generator_url, ends_by_timeout)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (fingerprint) DO UPDATE SET annotations = excluded.annotations, value = excluded.value, starts_at_ms = excluded.starts_at_ms,
    ends_at_ms = excluded.ends_at_ms, updated_at_ms = excluded.updated_at_ms, generator_url = excluded.generator_url,
    ends_by_timeout = excluded.ends_by_timeout`;
const FIRING = '(ends_at_ms IS NULL OR ends_at_ms > max(?, updated_at_ms))';
const LIST = `SELECT * FROM alerts WHERE ${FIRING} OR fingerprint IN (SELECT fingerprint FROM alert_group_members)
  ORDER BY starts_at_ms, fingerprint`;
const LIST_FIRING = `SELECT * FROM alerts WHERE fingerprint > ? AND ${FIRING} ORDER BY fingerprint LIMIT ?`;
const COUNT = `SELECT count(*) AS firing FROM alerts WHERE ${FIRING}`;
const FORGET = `DELETE FROM alerts WHERE ends_at_ms <= ?
  AND NOT EXISTS (SELECT 1 FROM alert_group_members AS member WHERE member.fingerprint = alerts.fingerprint)`;

/**
 * Keeps alerts in the table `alerts`.
 *
 * @param admit called, inside the transaction, for every alert that begins to fire (again): it joins its groups
 * @param changed called, inside the transaction, for every alert that is new or has another end
 */
export function createAlertStore(
  database: Database,
  admit: (alert: Alert, nowMs: number) => void,
  changed: (alert: Alert) => void = () => {},
): AlertStore {
  const putAlert = (said: Alert, nowMs: number, merge: Merge): PutOutcome => {
    const row = database.prepare(FIND).get(said.fingerprint);
    const known = row && readAlert(row);
    // A resolution of what was never heard of tells nobody anything.
    if (!known && !isFiring(said, nowMs)) return 'unwanted';
    const alert = merge(known, said);
    if (!alert) return 'unwanted';
    database
      .prepare(SAVE)
      .run(
        alert.fingerprint,
        JSON.stringify(alert.labels),
        JSON.stringify(alert.annotations),
        alert.value ?? null,
        alert.startsAtMs,
        alert.endsAtMs ?? null,
        alert.updatedAtMs,
        alert.generatorUrl,
        alert.endsByTimeout ? 1 : 0,
      );
    if (known?.endsAtMs !== alert.endsAtMs || !known) changed(alert);
    if (!isFiring(alert, nowMs) || (known && isFiring(known, nowMs))) return 'known';
    admit(alert, nowMs);
    return 'firing';
  };
  return {
    putAlert,
    putAlerts(alerts, nowMs) {
      database.transaction(() => {
        const merge: Merge = (known, said) => (known ? mergeAlert(known, said, nowMs) : said);
        for (const alert of alerts) putAlert(alert, nowMs, merge);
      });
    },
    listAlerts: (nowMs) => database.prepare(LIST).all(nowMs).map(readAlert),
    listFiring: (after, limit, nowMs) => database.prepare(LIST_FIRING).all(after, nowMs, limit).map(readAlert),
    countFiring: (nowMs) => Number(database.prepare(COUNT).get(nowMs)?.['firing'] ?? 0),
    forgetResolved: (nowMs) => Number(database.prepare(FORGET).run(nowMs - RESOLVED_RETENTION_MS).changes),
  };
}
