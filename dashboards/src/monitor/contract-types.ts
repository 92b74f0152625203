import type { MonitorView } from '../overview/monitor-types.ts';
import type { Part } from '../part-types.ts';
import type { MonitorUptimeRow } from '../queries/monitor-uptime.ts';

/** Everything on a monitor's own page; also the answer of `GET /api/v1/monitors/NAME`. */
export interface MonitorPage {
  /** When it was asked, Unix ms. */
  readonly atMs: number;
  readonly monitor: MonitorView;
  readonly uptime: Part<readonly MonitorUptimeRow[]>;
}

export interface MonitorContract {
  'GET /api/v1/monitors/:name': { readonly input: { readonly name: string }; readonly answer: MonitorPage };
}
