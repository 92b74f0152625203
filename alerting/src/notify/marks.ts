import type { Alert, LabelSet } from '../alert.ts';

/** Why nobody is told of an alert now; all empty where somebody is. Source: Alertmanager, API v2, `alertStatus`. */
export interface AlertMarks {
  /** Ids of the active silences that match it. */
  readonly silencedBy: readonly string[];
  /** Fingerprints of the firing alerts that inhibit it. */
  readonly inhibitedBy: readonly string[];
  /** Names of the time intervals that mute every route it takes. */
  readonly mutedBy: readonly string[];
}

/** Alerts that are spoken of together, as they are now. Source: Alertmanager, API v2, `alertGroup`. */
export interface GroupListing {
  readonly groupKey: string;
  readonly receiver: string;
  readonly labels: LabelSet;
  /** Firing ones, and those that resolved and of whose end the group has yet to speak; oldest first. */
  readonly alerts: readonly Alert[];
  /** Names of the time intervals that mute the group's route now. */
  readonly mutedBy: readonly string[];
}

/** Whether nobody is told of an alert now. */
export function isMuted({ silencedBy, inhibitedBy, mutedBy }: AlertMarks): boolean {
  return silencedBy.length > 0 || inhibitedBy.length > 0 || mutedBy.length > 0;
}
