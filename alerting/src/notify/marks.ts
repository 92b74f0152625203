import type { LabelSet } from '../alert.ts';

/** Why nobody is told of an alert now; all empty where somebody is. Source: Alertmanager, API v2, `alertStatus`. */
export interface AlertMarks {
  /** Ids of the active silences that match it. */
  readonly silencedBy: readonly string[];
  /** Fingerprints of the firing alerts that inhibit it. */
  readonly inhibitedBy: readonly string[];
  /** Names of the time intervals that mute every route it takes. */
  readonly mutedBy: readonly string[];
}

/** What alerts are spoken of together by; the alerts themselves are many. Source: Alertmanager, API v2, `alertGroup`. */
export interface GroupListing {
  readonly groupKey: string;
  readonly receiver: string;
  readonly labels: LabelSet;
  /** Names of the time intervals that mute the group's route now. */
  readonly mutedBy: readonly string[];
}

/** Whether nobody is told of an alert now. */
export function isMuted({ silencedBy, inhibitedBy, mutedBy }: AlertMarks): boolean {
  return silencedBy.length > 0 || inhibitedBy.length > 0 || mutedBy.length > 0;
}
