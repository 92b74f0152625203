import type { InhibitRule, NamedTimeInterval, Route } from '@tocsin/service/config';
import type { Alert } from '../alert.ts';
import type { SilenceStore } from '../silences/silence-store.ts';
import type { Database } from '../store/database.ts';
import { createTimeIntervals } from '../time-interval/time-interval.ts';
import { readAlert } from './alert-store.ts';
import type { AlertMarks } from './marks.ts';
import { createInhibitor } from './stages/inhibit.ts';
import type { MuteReason } from './stages/mute.ts';
import { mutingTimes } from './stages/mute-times.ts';

/** Says of which alerts nobody is told, and why. */
export interface Muting {
  /** Takes new rules; `alerts` are all that fire. */
  apply(inhibitRules: readonly InhibitRule[], intervals: readonly NamedTimeInterval[], alerts: readonly Alert[]): void;
  /** An alert is new or has another end; its transaction may yet be undone. */
  changed(alert: Alert): void;
  /** What is muted in one look at a group of this route. Ask at once: it holds for this moment. */
  look(route: Route, nowMs: number): (alert: Alert) => MuteReason | undefined;
  /** The names of the time intervals that mute a route now. */
  mutedBy(route: Route, nowMs: number): readonly string[];
  /** Why nobody is told of an alert that takes these routes. */
  marksOf(alert: Alert, routes: readonly Route[], nowMs: number): AlertMarks;
  /** Forgets what inhibits nothing any more. */
  prune(nowMs: number): void;
}

const FIND = 'SELECT * FROM alerts WHERE fingerprint = ?';

/** Puts inhibition, time intervals and silences together. */
export function createMuting(database: Database, silences: Pick<SilenceStore, 'silencingAlert'>): Muting {
  let inhibitor = createInhibitor([]);
  let intervals = createTimeIntervals([]);
  /** Alerts whose row is to be read again: only what the database holds is true. */
  const stale = new Set<string>();

  const refresh = (): void => {
    for (const fingerprint of stale) {
      const row = database.prepare(FIND).get(fingerprint);
      if (row) inhibitor.put(readAlert(row));
      else inhibitor.forget(fingerprint);
    }
    stale.clear();
  };
  const mutedBy = (route: Route, nowMs: number): readonly string[] => mutingTimes(route, intervals, nowMs);

  return {
    mutedBy,
    apply(inhibitRules, named, alerts) {
      intervals = createTimeIntervals(named);
      inhibitor = createInhibitor(inhibitRules);
      stale.clear();
      for (const alert of alerts) inhibitor.put(alert);
    },
    changed({ fingerprint, labels }) {
      if (inhibitor.isSource(labels)) stale.add(fingerprint);
    },
    look(route, nowMs) {
      if (mutedBy(route, nowMs).length > 0) return () => 'time_interval';
      refresh();
      return (alert) => {
        if (inhibitor.inhibitedBy(alert.labels, nowMs).length > 0) return 'inhibition';
        return silences.silencingAlert(alert, nowMs).length > 0 ? 'silence' : undefined;
      };
    },
    marksOf(alert, routes, nowMs) {
      refresh();
      const times = routes.map((route) => mutedBy(route, nowMs));
      return {
        silencedBy: silences.silencingAlert(alert, nowMs),
        inhibitedBy: inhibitor.inhibitedBy(alert.labels, nowMs),
        // On any other route somebody is told.
        mutedBy: times.every((names) => names.length > 0) ? [...new Set(times.flat())] : [],
      };
    },
    prune: (nowMs) => inhibitor.prune(nowMs),
  };
}
