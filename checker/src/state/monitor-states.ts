import type { Monitor } from '@tocsin/service/config';
import { MaintenanceCalendar } from '../maintenance.ts';
import type { ProbeRun, RunMarks } from '../probe-run.ts';
import type { Outcome } from '../verdict.ts';
import { Blindness } from './blindness.ts';
import { advance, FRESH, type MonitorState } from './monitor-state.ts';
import type { KeptState } from './state-file.ts';

/** What a monitor is said to be at a moment: a point of `tocsin.monitor.up`. */
export interface StatePoint {
  readonly name: string;
  readonly kind: Monitor['kind'];
  /** What is known, also while it is unknown now. */
  readonly isUp: boolean;
  readonly state: Outcome;
  /** Why nobody is to be told of it. */
  readonly mutedBy?: 'maintenance' | 'dependency';
  /** The monitor whose failure explains this one's. */
  readonly suppressedBy?: string;
}

export interface MonitorStatesOptions {
  /** As they were when the process before this one ended. */
  readonly kept: ReadonlyMap<string, KeptState>;
  /** A monitor is to be looked at again so soon. */
  readonly runSoon: (name: string, delayMs: number) => void;
  /** States have changed: of these monitors, and whether the checker is blind. */
  readonly onChange: (names: readonly string[]) => void;
}

interface Entry {
  monitor: Monitor;
  state: MonitorState;
  /** The outcome of the last attempt, `undefined` before the first. */
  last: Outcome | undefined;
  suppressedBy: string | undefined;
  /** The last attempt that knew anything was in a window that mutes. */
  isFoundMuted: boolean;
  /** A run was asked for since, because the window is over. */
  isAskedAgain: boolean;
  /** A run was asked for on behalf of a monitor that depends on this one, and has not ended yet. */
  isAwaited: boolean;
  /** How often being down was put off for what this one depends on. */
  holds: number;
}

/** So often at most a failure waits for word of the monitors that may explain it. */
const MAX_HOLDS = 3;

/** The states of all monitors, from the attempts as they end. */
export class MonitorStates {
  readonly #options: MonitorStatesOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #calendar = new MaintenanceCalendar();
  readonly #blindness = new Blindness();

  constructor(options: MonitorStatesOptions) {
    this.#options = options;
  }

  get isBlind(): boolean {
    return this.#blindness.isBlind;
  }

  /** Takes over a list of monitors; those that stay keep their state. */
  apply(monitors: readonly Monitor[]): void {
    const names = new Set(monitors.map(({ name }) => name));
    for (const name of this.#entries.keys()) {
      if (names.has(name)) continue;
      this.#entries.delete(name);
      this.#blindness.forget(name);
    }
    for (const monitor of monitors) {
      const entry = this.#entries.get(monitor.name);
      if (entry) entry.monitor = monitor;
      else this.#entries.set(monitor.name, this.#restore(monitor));
    }
  }

  /** Takes in the end of an attempt, and says how it is to be marked. Times on the monotonic clock. */
  record(run: ProbeRun, startMs: number, endMs: number): RunMarks {
    const unixMs = run.startUnixMs + run.durationMs;
    const entry = this.#entries.get(run.monitor);
    if (!entry) return { attempt: 1, isInMaintenance: false, isExcluded: false };
    const { outcome } = run.verdict;
    const before = { ...entry, isBlind: this.isBlind, isFailing: this.#isFailing(entry) };
    const attempt = entry.state.failedAtMs.length + 1;
    entry.last = outcome;
    entry.isAwaited = false;
    entry.isAskedAgain = false;
    if (outcome !== 'unknown')
      entry.isFoundMuted = this.#calendar.marksAt(entry.monitor.maintenance, unixMs).mutesAlerts;
    if (outcome !== 'down') entry.holds = 0;
    // What a job has said is read from disk: it tells nothing of the network, neither that it is there nor that it is gone.
    if (run.kind === 'heartbeat') this.#blindness.forget(run.monitor);
    else this.#blindness.record(run.monitor, run.verdict, startMs, endMs);
    const isNewFailure = outcome === 'down' && entry.state.known !== 'down';
    if (isNewFailure && attempt === 1) this.#askDependencies(entry.monitor);
    const mayBeExplained = isNewFailure && this.#mayBeExplained(entry, attempt);
    const next = advance(entry.state, { outcome, startMs, endMs, unixMs }, entry.monitor, mayBeExplained);
    entry.state = next.state;
    if (next.retryAfterMs !== undefined) this.#options.runSoon(run.monitor, next.retryAfterMs);
    this.#explain(entry, before.state);
    const { isInMaintenance, isExcluded } = this.#calendar.marksAt(entry.monitor.maintenance, unixMs);
    const isChanged =
      before.state.known !== entry.state.known ||
      before.state.isUnknown !== entry.state.isUnknown ||
      before.suppressedBy !== entry.suppressedBy ||
      (before.isFoundMuted && !entry.isFoundMuted);
    if (isChanged || before.isBlind !== this.isBlind) this.#options.onChange(isChanged ? [run.monitor] : []);
    if (before.isFailing && !this.#isFailing(entry)) this.#askDependants(run.monitor);
    return {
      attempt,
      isInMaintenance,
      isExcluded,
      ...(entry.state.known === undefined ? {} : { state: entry.state.isUnknown ? 'unknown' : entry.state.known }),
      ...(entry.suppressedBy === undefined ? {} : { suppressedBy: entry.suppressedBy }),
    };
  }

  /** How a run is to be marked that is no attempt, as a job's own: its time is that of a maintenance or not. */
  marksOf({ monitor, startUnixMs, durationMs }: ProbeRun): RunMarks {
    const entry = this.#entries.get(monitor);
    if (!entry) return { attempt: 1, isInMaintenance: false, isExcluded: false };
    const { isInMaintenance, isExcluded } = this.#calendar.marksAt(entry.monitor.maintenance, startUnixMs + durationMs);
    return { attempt: 1, isInMaintenance, isExcluded };
  }

  /** The states of these monitors, or of all, as far as anything is known of them. */
  points(nowUnixMs: number, names: Iterable<string> = this.#entries.keys()): StatePoint[] {
    const points: StatePoint[] = [];
    for (const name of names) {
      const entry = this.#entries.get(name);
      if (entry?.state.known === undefined) continue;
      const { monitor, state, suppressedBy } = entry;
      const isMuted = this.#isInMutedWindow(entry, nowUnixMs) || this.#isLeftFromMaintenance(entry);
      const mutedBy = isMuted ? 'maintenance' : suppressedBy === undefined ? undefined : 'dependency';
      points.push({
        name,
        kind: monitor.kind,
        isUp: state.known !== 'down',
        state: state.isUnknown ? 'unknown' : (state.known ?? 'unknown'),
        ...(mutedBy === undefined ? {} : { mutedBy }),
        ...(suppressedBy === undefined ? {} : { suppressedBy }),
      });
    }
    return points;
  }

  /**
   * Asks for a run of what a maintenance has left down, once each: it is muted until an attempt after the window finds it down, for it may be up again since.
   */
  askAfterMaintenance(nowUnixMs: number): void {
    for (const [name, entry] of this.#entries) {
      if (entry.isAskedAgain || !this.#isLeftFromMaintenance(entry) || this.#isInMutedWindow(entry, nowUnixMs))
        continue;
      entry.isAskedAgain = true;
      this.#options.runSoon(name, 0);
    }
  }

  /** What outlives the process. */
  *kept(): Iterable<readonly [name: string, state: KeptState]> {
    for (const [name, { state, suppressedBy, isFoundMuted }] of this.#entries) {
      const { known, sinceUnixMs } = state;
      if (known === undefined) continue;
      const explained = suppressedBy === undefined ? {} : { suppressedBy };
      yield [name, { known, sinceUnixMs, ...explained, ...(isFoundMuted ? { isFoundMuted } : {}) }];
    }
  }

  #restore(monitor: Monitor): Entry {
    const kept = this.#options.kept.get(monitor.name);
    const state = kept ? { ...FRESH, known: kept.known, sinceUnixMs: kept.sinceUnixMs } : FRESH;
    const { suppressedBy, isFoundMuted = false } = kept ?? {};
    return {
      monitor,
      state,
      last: undefined,
      suppressedBy,
      isFoundMuted,
      isAskedAgain: false,
      isAwaited: false,
      holds: 0,
    };
  }

  #isInMutedWindow({ monitor }: Entry, nowUnixMs: number): boolean {
    return this.#calendar.marksAt(monitor.maintenance, nowUnixMs).mutesAlerts;
  }

  #isLeftFromMaintenance({ state, isFoundMuted }: Entry): boolean {
    return isFoundMuted && state.known === 'down';
  }

  /** A monitor begins to fail: what it depends on is looked at now, for that may be why. */
  #askDependencies({ dependsOn }: Monitor): void {
    for (const name of dependsOn) {
      const entry = this.#entries.get(name);
      if (!entry || this.#isFailing(entry)) continue;
      entry.isAwaited = true;
      this.#options.runSoon(name, 0);
    }
  }

  /** Whether it is too early to call a monitor down, because what may explain it is not known yet. */
  #mayBeExplained(entry: Entry, attempt: number): boolean {
    const { dependsOn } = entry.monitor;
    if (dependsOn.length === 0) return false;
    // One attempt of its own is no time for the others to say anything.
    const isAwaiting = attempt === 1 || dependsOn.some((name) => this.#entries.get(name)?.isAwaited === true);
    if (!isAwaiting || entry.holds >= MAX_HOLDS || this.#causeOf(entry) !== undefined) {
      entry.holds = 0;
      return false;
    }
    entry.holds += 1;
    return true;
  }

  /** What was explained when it began stays so until an attempt finds it failing without its cause. */
  #explain(entry: Entry, before: MonitorState): void {
    if (entry.state.known !== 'down') entry.suppressedBy = undefined;
    else if (before.known !== 'down') entry.suppressedBy = this.#causeOf(entry);
    else if (entry.suppressedBy !== undefined && entry.last === 'down') entry.suppressedBy = this.#causeOf(entry);
  }

  #causeOf({ monitor: { dependsOn } }: Entry): string | undefined {
    for (const name of dependsOn) {
      const entry = this.#entries.get(name);
      if (entry && this.#isFailing(entry)) return this.#causeOf(entry) ?? name;
    }
    for (const name of dependsOn) {
      const entry = this.#entries.get(name);
      const cause = entry && this.#causeOf(entry);
      if (cause !== undefined) return cause;
    }
    return undefined;
  }

  #isFailing({ state, last }: Entry): boolean {
    return state.known === 'down' || last === 'down';
  }

  /** A cause is gone: those it explained are looked at at once, so that nobody is told of what it caused. */
  #askDependants(cause: string): void {
    for (const [name, { suppressedBy }] of this.#entries) if (suppressedBy === cause) this.#options.runSoon(name, 0);
  }
}
