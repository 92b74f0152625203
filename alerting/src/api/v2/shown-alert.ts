import type { Alert } from '../../alert.ts';
import { isMuted, type AlertMarks } from '../../notify/marks.ts';
import type { GettableAlert } from './schemas.ts';

/** What an alert is shown with. */
export interface AlertContext {
  readonly receivers: readonly string[];
  readonly marks: AlertMarks;
  readonly resolveTimeoutMs: number;
}

/** The parameters that say which states are wanted. */
export interface WantedStates {
  readonly active: boolean;
  readonly silenced: boolean;
  readonly inhibited: boolean;
  readonly unprocessed: boolean;
}

/**
 * An alert as Alertmanager shows it. One that goes to no receiver is unprocessed. A rule's alert that fires has no end: it is shown with
 * the one it would have if its rule fell silent now.
 */
export function showAlert(
  alert: Alert,
  { receivers, marks, resolveTimeoutMs }: AlertContext,
  nowMs: number,
): GettableAlert {
  const { silencedBy, inhibitedBy, mutedBy } = marks;
  return {
    annotations: alert.annotations,
    endsAt: new Date(alert.endsAtMs ?? nowMs + resolveTimeoutMs).toISOString(),
    fingerprint: alert.fingerprint,
    receivers: receivers.map((name) => ({ name })),
    startsAt: new Date(alert.startsAtMs).toISOString(),
    status: {
      inhibitedBy: [...inhibitedBy],
      mutedBy: [...mutedBy],
      silencedBy: [...silencedBy],
      state: isMuted(marks) ? 'suppressed' : receivers.length === 0 ? 'unprocessed' : 'active',
    },
    updatedAt: new Date(alert.updatedAtMs).toISOString(),
    ...(alert.generatorUrl === '' ? {} : { generatorURL: alert.generatorUrl }),
    labels: alert.labels,
  };
}

/** Whether a query asks for alerts in this state. */
export function isWanted({ state, silencedBy, inhibitedBy }: GettableAlert['status'], wanted: WantedStates): boolean {
  if (state === 'active' && !wanted.active) return false;
  if (state === 'unprocessed' && !wanted.unprocessed) return false;
  if (silencedBy.length > 0 && !wanted.silenced) return false;
  return inhibitedBy.length === 0 || wanted.inhibited;
}
