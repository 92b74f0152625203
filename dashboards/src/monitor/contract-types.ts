import type { MonitorView } from '../overview/monitor-types.ts';
import type { Part } from '../part-types.ts';
import type { MonitorExpiryRow } from '../queries/monitor-expiry.ts';
import type { MonitorRunListRow } from '../queries/monitor-run-list.ts';
import type { MonitorUptimeRow } from '../queries/monitor-uptime.ts';

/** A day (of UTC) of a monitor, all locations together. */
export interface MonitorDay {
  /** Its begin, Unix ms. */
  readonly dayMs: number;
  /** Runs that found it up or degraded, and down. */
  readonly passed: number;
  readonly failed: number;
  readonly unknown: number;
  /** Runs in a maintenance that availability leaves out. */
  readonly excluded: number;
  /** The most frequent reason of those down; empty where there is none. */
  readonly reason: string;
}

/** Everything on a monitor's own page that has no time range; also the answer of `GET /api/v1/monitors/NAME`. */
export interface MonitorPage {
  /** When it was asked, Unix ms. */
  readonly atMs: number;
  readonly monitor: MonitorView;
  readonly uptime: Part<readonly MonitorUptimeRow[]>;
  /** The last 90, the oldest first. */
  readonly days: Part<readonly MonitorDay[]>;
  /** By location; empty where no run of the last two days saw a certificate. */
  readonly certificates: Part<readonly MonitorExpiryRow[]>;
}

/** Response times of runs that were not down, in ms; `null` where there is none. */
export interface ResponseStep {
  readonly passed: number;
  readonly failed: number;
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly p99Ms: number | null;
}

/** A phase over time. */
export interface PhaseLine {
  readonly phase: string;
  /** What it adds to the mean run, in ms, one for each time; runs without it count as 0. */
  readonly valuesMs: readonly (number | null)[];
}

/** A monitor over the chosen time, all in the same steps. Times in Unix ms. */
export interface MonitorHistory {
  readonly timesMs: readonly number[];
  readonly stepMs: number;
  /** From rollups: percentiles are within 4.4 %, and the time is in whole hours or days. */
  readonly isRolledUp: boolean;
  readonly steps: readonly (ResponseStep | null)[];
  readonly locations: readonly (ResponseStep & { readonly location: string })[];
  readonly phases: Part<readonly PhaseLine[]>;
}

/** Runs, newest first. */
export interface MonitorRuns {
  readonly runs: readonly MonitorRunListRow[];
  /** Ask for those before this time (`to`), Unix ms; absent where there are none. */
  readonly next?: number | undefined;
}

/** An incident that is about this monitor. Times in Unix ms. */
export interface MonitorIncident {
  readonly id: string;
  readonly status: string;
  readonly severity: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly openedMs: number;
  readonly resolvedMs?: number | undefined;
  readonly acknowledgedBy?: string | undefined;
}

interface Named {
  readonly name: string;
}

/** Unix ms. */
interface TimeRange {
  readonly from: number;
  readonly to: number;
}

export interface MonitorContract {
  'GET /api/v1/monitors/:name': { readonly input: Named; readonly answer: MonitorPage };
  'GET /api/v1/monitors/:name/history': { readonly input: Named & TimeRange; readonly answer: MonitorHistory };
  'GET /api/v1/monitors/:name/runs': {
    readonly input: Named & TimeRange & { readonly all: boolean };
    readonly answer: MonitorRuns;
  };
  'GET /api/v1/monitors/:name/incidents': { readonly input: Named; readonly answer: readonly MonitorIncident[] };
}
