/** Label names and values. Two alerts with equal labels are the same alert. */
export type LabelSet = Readonly<Record<string, string>>;

/**
 * One alert, wherever it came from (a rule of ours, or a push to the API). Times are Unix milliseconds.
 * Source of the fields: Alertmanager, API v2, `gettableAlert`.
 */
export interface Alert {
  /** 16 hex digits over the sorted labels; equal labels, equal fingerprint. */
  readonly fingerprint: string;
  readonly labels: LabelSet;
  readonly annotations: LabelSet;
  /** The rule's value at the last evaluation in which it was true; `undefined` where there is none, NaN where it is not a number. */
  readonly value?: number | undefined;
  readonly startsAtMs: number;
  /** When it resolved; `undefined` while a rule of ours says that it fires. What others push ends at a time told beforehand. */
  readonly endsAtMs: number | undefined;
  /** The end was not told by who pushed it: it is `resolve_timeout` after the last push. */
  readonly endsByTimeout?: boolean | undefined;
  /** When its rule last said so. */
  readonly updatedAtMs: number;
  /** Where one can see what raised it; may be empty. */
  readonly generatorUrl: string;
}

/** Where rules put their alerts. */
export interface AlertSink {
  /**
   * Takes what one evaluation of a group at `nowMs` says: alerts that fire and alerts that have just resolved. It is called inside
   * the database transaction that stores the rules' state, so both are kept or neither is.
   */
  putAlerts(alerts: readonly Alert[], nowMs: number): void;
}
