import type { Alert, AlertSink, LabelSet } from '../../alert.ts';

/** One time for which an alert fired. Unix milliseconds. */
export interface Episode {
  readonly rule: string;
  readonly labels: LabelSet;
  readonly summary: string;
  /** The value in the first evaluation in which it fired. */
  readonly value: number | undefined;
  readonly fromMs: number;
  /** `undefined`: it still fired at the end. */
  readonly toMs: number | undefined;
}

/** Keeps what rules say, and passes it on. */
export interface EpisodeBook extends AlertSink {
  /** In the order in which they began. */
  list(): readonly Episode[];
}

export function createEpisodeBook(next: AlertSink): EpisodeBook {
  const open = new Map<string, Episode>();
  const closed: Episode[] = [];
  const note = (alert: Alert): void => {
    const known = open.get(alert.fingerprint);
    if (alert.endsAtMs !== undefined) {
      if (known) closed.push({ ...known, toMs: alert.endsAtMs });
      open.delete(alert.fingerprint);
    } else if (!known) {
      const { alertname: rule = '', ...labels } = alert.labels;
      const { value, startsAtMs: fromMs, annotations } = alert;
      open.set(alert.fingerprint, {
        rule,
        labels,
        summary: annotations['summary'] ?? '',
        value,
        fromMs,
        toMs: undefined,
      });
    }
  };
  return {
    putAlerts(alerts, nowMs) {
      for (const alert of alerts) note(alert);
      next.putAlerts(alerts, nowMs);
    },
    list: () => [...closed, ...open.values()].sort((a, b) => a.fromMs - b.fromMs),
  };
}
