/** An alert as the console shows it. Times in Unix ms. */
export interface FiringAlert {
  readonly fingerprint: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAtMs: number;
  /** `active`, or `suppressed` by a silence or an inhibition. */
  readonly state: string;
}

/** An alert with what keeps it from being told. */
export interface AlertView extends FiringAlert {
  /** Ids of silences. */
  readonly silencedBy: readonly string[];
  /** Fingerprints of alerts that explain it. */
  readonly inhibitedBy: readonly string[];
  /** Names of time intervals. */
  readonly mutedBy: readonly string[];
  readonly receivers: readonly string[];
}
