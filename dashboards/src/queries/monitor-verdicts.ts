import type { Statement } from './statement-types.ts';

/** What a location says of a monitor: its name, the state, what mutes it there, the monitor that explains it, and when it said so, Unix ms. */
export type LocationVerdict = readonly [
  location: string,
  state: string,
  mutedBy: string,
  suppressedBy: string,
  toldAtMs: number,
];

/** What is to be said of a monitor over all locations: the very words by which `MonitorDown` pages. */
export interface MonitorVerdictRow {
  readonly monitor: string;
  readonly state: string;
  /** `maintenance`, `dependency`, or empty: then somebody is told that it is down. */
  readonly muted_by: string;
  /** The monitor whose failure explains this one's. */
  readonly suppressed_by: string;
  readonly down_at: readonly string[];
  readonly up_at: readonly string[];
  readonly unknown_at: readonly string[];
  /** Locations that have told nothing for five minutes while others have. */
  readonly silent_at: readonly string[];
  readonly locations: readonly LocationVerdict[];
}

/** Every monitor that a checker lists, from the view that the collector owns (`collector/src/schema/migrations/0026`). */
export const monitorVerdicts: Statement<{ now_ms: number }, MonitorVerdictRow> = {
  name: 'monitor_verdicts',
  sql: `
    SELECT
      MonitorName AS monitor,
      State AS state,
      MutedBy AS muted_by,
      SuppressedBy AS suppressed_by,
      DownAt AS down_at,
      UpAt AS up_at,
      UnknownAt AS unknown_at,
      SilentAt AS silent_at,
      arrayMap(one -> (one.1, one.2, one.4, one.5, toFloat64(toUnixTimestamp64Milli(one.6))), Locations) AS locations
    FROM tocsin_monitor_verdicts(at = fromUnixTimestamp64Milli({now_ms:Int64}))
    LIMIT 10000`,
};
