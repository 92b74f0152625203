/** A condition on a label, as Alertmanager has it. */
export interface Matcher {
  readonly name: string;
  readonly value: string;
  readonly isRegex: boolean;
  readonly isEqual: boolean;
}

/** A silence. Times in Unix ms. */
export interface Silence {
  readonly id: string;
  readonly state: 'active' | 'pending' | 'expired';
  readonly matchers: readonly Matcher[];
  readonly startsAt: number;
  readonly endsAt: number;
  readonly createdBy: string;
  readonly comment: string;
}

/** What a silence would hit. */
export interface SilencePreview {
  readonly now: {
    readonly count: number;
    readonly alerts: readonly {
      readonly fingerprint: string;
      readonly labels: Readonly<Record<string, string>>;
      readonly startsAt: number;
    }[];
  };
  readonly lastWeek: {
    readonly count: number;
    readonly episodes: number;
    readonly alerts: readonly {
      readonly fingerprint: string;
      readonly labels: Readonly<Record<string, string>>;
      readonly episodes: number;
      readonly lastStartsAt: number;
    }[];
  };
}
