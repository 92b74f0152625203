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
