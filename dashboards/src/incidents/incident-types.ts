export type IncidentStatus = 'active' | 'acknowledged' | 'muted' | 'resolved';

/** An incident as alerting has it: the alerts of one group, from the first to the end of the last. Times in Unix ms. */
export interface Incident {
  readonly id: string;
  readonly status: IncidentStatus;
  readonly severity: string;
  readonly receiver: string;
  readonly groupLabels: Readonly<Record<string, string>>;
  readonly alertCount: number;
  readonly openedAt: number;
  readonly firstAcknowledgedAt?: number | undefined;
  readonly acknowledgedBy?: string | undefined;
  readonly resolvedAt?: number | undefined;
  /** The step of its escalation that comes next, counted from 1, and when. */
  readonly nextStep?: number | undefined;
  readonly nextStepAt?: number | undefined;
}

/** A line of an incident's story. */
export interface TimelineEntry {
  readonly at: number;
  readonly kind: string;
  readonly actor: string;
  readonly text: string;
}

export interface IncidentAlert {
  readonly fingerprint: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAt: number;
}

/** Who was told, or waits to be. */
export interface Told {
  readonly kind: string;
  readonly name: string;
  readonly channel: string;
  readonly at: number;
}

export interface Waiting {
  readonly kind: string;
  readonly name: string;
  readonly until: number;
}

/** An incident with all that is known of it. */
export interface IncidentPage {
  readonly incident: Incident;
  readonly alerts: readonly IncidentAlert[];
  readonly timeline: readonly TimelineEntry[];
  readonly told: readonly Told[];
  readonly waiting: readonly Waiting[];
}

/** Means over the incidents of the last 30 days. */
export interface MeanTimes {
  readonly incidents: number;
  readonly acknowledged: number;
  readonly resolved: number;
  readonly meanToAcknowledgeMs?: number | undefined;
  readonly meanToResolveMs?: number | undefined;
}
