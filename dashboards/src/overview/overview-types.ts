import type { FiringAlert } from '../alerts/alert-types.ts';
import type { Part } from '../part-types.ts';
import type { MonitorView } from './monitor-types.ts';

/** A service as the console shows it. Rates over the last five minutes; times in Unix ms, durations in ms. */
export interface ServiceView {
  readonly name: string;
  readonly lastSeenMs: number;
  readonly requestsPerSecond: number;
  /** Failed share of the requests; `undefined` where there was none. */
  readonly errorShare: number | undefined;
  readonly p99Ms: number | undefined;
  /** What it sent in the last hour. */
  readonly sent: { readonly spans: number; readonly logs: number; readonly points: number };
}

/** The services of the last hour. */
export interface ServicesView {
  readonly services: readonly ServiceView[];
  /** There are more than these. */
  readonly truncated: boolean;
}

/** Everything on the first page; also the answer of `GET /api/v1/overview`. */
export interface Overview {
  /** When it was asked, Unix ms. */
  readonly atMs: number;
  readonly monitors: Part<readonly MonitorView[]>;
  readonly alerts: Part<readonly FiringAlert[]>;
  readonly services: Part<ServicesView>;
  /** Where to send telemetry. */
  readonly send: { readonly http: string; readonly grpc: string };
  readonly links: { readonly clickhouse: string; readonly alerts: string; readonly grafana: string | undefined };
}
