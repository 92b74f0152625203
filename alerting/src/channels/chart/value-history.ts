import type { Alert, AlertSink } from '../../alert.ts';
import type { ChartSource, Point } from './chart.ts';

/** Limits of what is remembered: about 25 MB at the most. */
const MAX_ALERTS = 5_000;
const MAX_POINTS = 240;
const RETENTION_MS = 6 * 3_600_000;

/** Remembers, in memory, what rules said about their alerts; a restart begins anew. */
export interface ValueHistory extends ChartSource {
  /** The sink with an ear on it. */
  listen(sink: AlertSink): AlertSink;
}

/** Makes an empty history. The alerts that were heard of longest ago are forgotten first. */
export function createValueHistory(): ValueHistory {
  const series = new Map<string, Point[]>();
  const record = ({ fingerprint, value }: Alert, nowMs: number): void => {
    if (value === undefined || !Number.isFinite(value)) return;
    const points = series.get(fingerprint) ?? [];
    series.delete(fingerprint);
    points.push({ timeMs: nowMs, value });
    while (points.length > MAX_POINTS || (points[0]?.timeMs ?? nowMs) < nowMs - RETENTION_MS) points.shift();
    series.set(fingerprint, points);
    const [oldest] = series.keys();
    if (series.size > MAX_ALERTS && oldest !== undefined) series.delete(oldest);
  };
  return {
    valuesOf: (fingerprint) => series.get(fingerprint) ?? [],
    listen: (sink) => ({
      putAlerts(alerts, nowMs) {
        sink.putAlerts(alerts, nowMs);
        for (const alert of alerts) record(alert, nowMs);
      },
    }),
  };
}
