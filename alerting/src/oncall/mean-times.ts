import type { Database } from '../store/database.ts';

/** How fast incidents are taken on and over. */
export interface MeanTimes {
  /** Those that began in the time. */
  readonly incidents: number;
  readonly acknowledged: number;
  readonly resolved: number;
  /** Of those that were acknowledged, from the beginning to the first acknowledgement; `undefined` where none was. */
  readonly meanToAcknowledgeMs: number | undefined;
  /** Of those that are over, from the beginning to the end. */
  readonly meanToResolveMs: number | undefined;
}

const MEAN = `SELECT count(*) AS incidents, count(first_acknowledged_at_ms) AS acknowledged, count(resolved_at_ms) AS resolved,
    avg(max(first_acknowledged_at_ms - opened_at_ms, 0)) AS to_acknowledge, avg(max(resolved_at_ms - opened_at_ms, 0)) AS to_resolve
  FROM incidents WHERE opened_at_ms >= ?1 AND opened_at_ms < ?2 AND (?3 IS NULL OR receiver = ?3)`;

/** The mean times of incidents that began in `[fromMs, toMs)`; a clock that was set back makes no negative ones. */
export function meanTimes(database: Database, fromMs: number, toMs: number, receiver?: string): MeanTimes {
  const row = database.prepare(MEAN).get(fromMs, toMs, receiver ?? null) ?? {};
  const optional = (name: string): number | undefined => (typeof row[name] === 'number' ? row[name] : undefined);
  return {
    incidents: Number(row['incidents']),
    acknowledged: Number(row['acknowledged']),
    resolved: Number(row['resolved']),
    meanToAcknowledgeMs: optional('to_acknowledge'),
    meanToResolveMs: optional('to_resolve'),
  };
}
