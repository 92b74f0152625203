import type { Part } from '../part-types.ts';

/** A day of a monitor, of UTC. */
export interface DayView {
  /** Its begin, Unix ms. */
  readonly dayMs: number;
  /** Runs that found it up or degraded, and down; both 0 where no run says anything. */
  readonly passed: number;
  readonly failed: number;
}

/** A service over the time range; `null` is a step without a request. */
export interface ServiceLine {
  readonly service: string;
  readonly requests: readonly number[];
  /** Failed share of the requests. */
  readonly errorShares: readonly (number | null)[];
  readonly p99sMs: readonly (number | null)[];
}

/** Services over the time range, all in the same steps. */
export interface ServiceLines {
  readonly fromMs: number;
  readonly stepMs: number;
  readonly lines: readonly ServiceLine[];
}

/** Who is on call by a schedule. Times in Unix ms. */
export interface OnCallView {
  readonly schedule: string;
  readonly now: { readonly user: string; readonly untilMs: number } | undefined;
  readonly next: { readonly user: string; readonly fromMs: number } | undefined;
}

/** What the first page shows beside the overview. */
export interface Home {
  /** The last 90 days of each monitor, all of the same days. */
  readonly days: Part<Readonly<Record<string, readonly DayView[]>>>;
  readonly services: Part<ServiceLines>;
  readonly onCall: Part<readonly OnCallView[]>;
  /** Services that send spans, and that no monitor reaches and no rule of the user's own looks at. */
  readonly unwatched: Part<readonly string[]>;
}

export interface HomeContract {
  'GET /api/v1/home': {
    /** Unix ms. */
    readonly input: { readonly from: number; readonly to: number };
    readonly answer: Home;
  };
}
