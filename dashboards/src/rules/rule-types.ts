/** A rule with its state. Times in Unix ms. */
export interface Rule {
  readonly group: string;
  readonly file: string;
  readonly name: string;
  readonly intervalMs: number;
  readonly expression: string;
  readonly forMs: number;
  readonly keepFiringForMs: number;
  readonly state: 'firing' | 'pending' | 'inactive';
  readonly health: 'ok' | 'failing' | 'unknown';
  /** Why its last evaluation failed. */
  readonly error?: string | undefined;
  readonly evaluatedAt?: number | undefined;
  readonly alerts: readonly RuleAlert[];
}

export interface RuleAlert {
  readonly state: 'firing' | 'pending';
  readonly labels: Readonly<Record<string, string>>;
  readonly value?: number | undefined;
  readonly activeAt: number;
}

/** What the rule's query has said over time, a line for each of its rows. */
export interface RuleValues {
  /** What its filter compares with, where that can be told. */
  readonly threshold?: number | undefined;
  /** It was asked without its filter. */
  readonly isUnfiltered: boolean;
  readonly isCut: boolean;
  readonly series: readonly {
    readonly labels: Readonly<Record<string, string>>;
    readonly points: readonly { readonly at: number; readonly value?: number | undefined }[];
  }[];
}

/** What became of a message. */
export interface Delivery {
  readonly id: string;
  readonly receiver: string;
  readonly channel: string;
  readonly cause: string;
  readonly title: string;
  readonly status: string;
  readonly attempts: number;
  readonly createdAt: number;
  readonly nextAttemptAt?: number | undefined;
  readonly doneAt?: number | undefined;
  readonly lastReason?: string | undefined;
  readonly lastDetail?: string | undefined;
}
