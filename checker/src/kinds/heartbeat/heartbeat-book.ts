import type { CancelTimer, Clock } from '../../clock.ts';
import type { HeartbeatFile } from './heartbeat-file.ts';
import {
  beginState,
  excuseAbsence,
  type HeartbeatMonitor,
  type HeartbeatState,
  type Ping,
  takePing,
} from './heartbeat-state.ts';

/** What the heartbeat kind is told of jobs. */
export interface HeartbeatReader {
  read(monitor: HeartbeatMonitor): HeartbeatState;
}

/** How often it is written down that somebody listens here. */
const NOTE_EVERY_MS = 15_000;
/** A gap longer than this between two notes is an absence: stopped, or on a machine that slept. */
const ABSENT_MS = 45_000;

/** The states of all jobs, and the time in which nobody listened. */
export class HeartbeatBook implements HeartbeatReader {
  readonly #file: HeartbeatFile;
  readonly #clock: Clock;
  readonly #states = new Map<string, HeartbeatState>();
  /** Monitors whose states the disk has not taken. */
  readonly #unwritten = new Set<string>();
  #monitors: readonly HeartbeatMonitor[] = [];
  #listenedUntilUnixMs: number | undefined;
  #cancel: CancelTimer | undefined;

  constructor(file: HeartbeatFile, clock: Clock) {
    this.#file = file;
    this.#clock = clock;
    this.#listenedUntilUnixMs = file.listenedUntil();
  }

  /** Takes over the jobs of a configuration and listens from now on. */
  apply(monitors: readonly HeartbeatMonitor[]): void {
    this.#cancel?.();
    this.#monitors = monitors;
    for (const name of this.#states.keys()) if (!this.#unwritten.has(name)) this.#states.delete(name);
    for (const monitor of monitors) this.read(monitor);
    this.#note();
  }

  read(monitor: HeartbeatMonitor): HeartbeatState {
    const known = this.#states.get(monitor.name) ?? this.#file.read(monitor.name);
    const isValid = known?.expected === JSON.stringify(monitor.expected);
    const state = known && isValid ? known : beginState(monitor, this.#clock.wallMs(), known);
    if (state !== known) this.#keep(monitor, state);
    this.#states.set(monitor.name, state);
    return state;
  }

  /** Writes a call down. It counts here in any case; where the disk takes nothing the job is told that it is not on disk. */
  record(monitor: HeartbeatMonitor, ping: Ping): { readonly state: HeartbeatState; readonly isKept: boolean } {
    const state = takePing(monitor, this.read(monitor), ping, this.#clock.wallMs());
    return { state, isKept: this.#keep(monitor, state) };
  }

  stop(): void {
    this.#cancel?.();
    if (this.#monitors.length > 0) this.#file.noteListening(this.#clock.wallMs());
    this.#file.close();
  }

  readonly #note = (): void => {
    const nowUnixMs = this.#clock.wallMs();
    const before = this.#listenedUntilUnixMs;
    if (before !== undefined && nowUnixMs - before > ABSENT_MS) {
      const absence = { fromUnixMs: before, untilUnixMs: nowUnixMs };
      for (const monitor of this.#monitors) this.#keep(monitor, excuseAbsence(monitor, this.read(monitor), absence));
    }
    this.#listenedUntilUnixMs = nowUnixMs;
    for (const name of this.#unwritten) {
      const state = this.#states.get(name);
      if (state === undefined || this.#file.write(name, state)) this.#unwritten.delete(name);
      else break;
    }
    if (this.#monitors.length > 0) this.#file.noteListening(nowUnixMs);
    this.#cancel = this.#clock.after(NOTE_EVERY_MS, this.#note);
  };

  #keep({ name }: HeartbeatMonitor, state: HeartbeatState): boolean {
    this.#states.set(name, state);
    const isWritten = this.#file.write(name, state);
    if (isWritten) this.#unwritten.delete(name);
    else this.#unwritten.add(name);
    return isWritten;
  }
}
