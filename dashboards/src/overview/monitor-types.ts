export type ProbeOutcome = 'up' | 'degraded' | 'down' | 'unknown';

/** One finished probe run. Times in Unix ms. */
export interface ProbeRun {
  readonly atMs: number;
  readonly outcome: ProbeOutcome;
  readonly durationMs: number;
  readonly traceId: string;
}

/** A phase of a run and how long it took. */
export interface Phase {
  readonly phase: string;
  readonly durationMs: number;
}

/** What one location knows of a monitor. Times in Unix ms. */
export interface LocationView {
  readonly name: string;
  /** What is confirmed there; `unknown` while nothing is, and where it has told nothing while others have (`silent`). */
  readonly state: ProbeOutcome;
  readonly isSilent: boolean;
  /** `maintenance`, `dependency` or empty. */
  readonly mutedBy: string;
  /** The monitor whose failure explains this one's there; empty where none does. */
  readonly suppressedBy: string;
  /** The checker's reason of the last run; empty when it was up. */
  readonly reason: string;
  /** Why, in words; empty when it is up. */
  readonly message: string;
  readonly last: ProbeRun | undefined;
  /** Phases of the newest run, in their order. */
  readonly phases: readonly Phase[];
  /** Newest last. */
  readonly recent: readonly ProbeRun[];
}

/** When a monitor runs: every so often, or as cron says. */
export type MonitorSchedule =
  | { readonly type: 'interval'; readonly intervalMs: number }
  | { readonly type: 'cron'; readonly expression: string; readonly timeZone: string };

/** `unknown` also says that results have stopped coming: a monitor's own trouble never reads as the target's. */
export type MonitorState = ProbeOutcome | 'never_probed';

/** A monitor as the console shows it. Times in Unix ms. */
export interface MonitorView {
  readonly name: string;
  /** The heading it stands under; empty where it has none. */
  readonly group: string;
  readonly kind: string;
  readonly target: string;

  readonly schedule: MonitorSchedule;
  /** By the majority of the locations that know, the same that the rule `MonitorDown` goes by. */
  readonly state: MonitorState;
  /** `maintenance` or `dependency`, where nobody is told that it is down; else empty. */
  readonly mutedBy: string;
  /** The monitor whose failure explains this one's; empty where none does. */
  readonly suppressedBy: string;
  /** Why, in words; empty when it is up. */
  readonly message: string;
  /** The checker's reason of the last run; empty when it was up. */
  readonly reason: string;
  /** The newest run at a location that says what all are held to say; else of any. */
  readonly last: ProbeRun | undefined;
  /** Phases of that run, in their order. */
  readonly phases: readonly Phase[];
  /** Of all locations together, newest last. */
  readonly recent: readonly ProbeRun[];
  /** Share of the runs that found it up or degraded among those and the ones that found it down, in the last 24 hours (whole ones, and the one that runs). */
  readonly availability24h: number | undefined;
  /** By name, each with what it says. */
  readonly locations: readonly LocationView[];
  /** Locations that say otherwise: up where it is down, down where it is not. */
  readonly dissenters: readonly string[];
  /** Locations that do not know. */
  readonly unknownAt: readonly string[];
  /** Locations that have told nothing for five minutes, while others have. */
  readonly silentAt: readonly string[];
}
