import type { MonitorKind } from '@tocsin/service/config';
import type { ProbeRun } from '../probe-run.ts';
import type { StatePoint } from '../state/monitor-states.ts';
import type { Telling } from './telling-order.ts';

/** One configured monitor as the list of monitors tells of it. */
export interface ListedMonitor {
  readonly name: string;
  readonly kind: MonitorKind;
  /** What is watched, without secrets. */
  readonly target: string;
  /** Seconds between runs; for cron the longest time between two of them. */
  readonly intervalS: number;
}

/** Every configured monitor at one moment, and what is known of it. A newer list replaces an older one that has not gone out yet. */
export interface MonitorList {
  readonly telling: Telling;
  readonly monitors: readonly ListedMonitor[];
  readonly states: readonly StatePoint[];
  readonly isBlind: boolean;
}

/** Where results go. Taking one never blocks and never throws; what cannot be kept is counted. */
export interface ResultSink {
  recordRun(run: ProbeRun): void;
  /** States that have just changed. */
  recordStates(states: readonly StatePoint[], telling: Telling): void;
  recordMonitors(list: MonitorList): void;
  /** Sends what is waiting, within a limit of time, keeps the rest and ends. Idempotent. */
  stop(): Promise<void>;
}
