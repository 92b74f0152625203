import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { alertsDashboard } from './alerts-dashboard.ts';
import { fleetDashboard } from './fleet-dashboard.ts';
import { logsDashboard } from './logs-dashboard.ts';
import { monitorDashboard } from './monitor-dashboard.ts';
import { runtimeDashboard } from './runtime-dashboard.ts';
import { selfDashboard } from './self-dashboard.ts';
import { servicesDashboard } from './services-dashboard.ts';
import { slosDashboard } from './slos-dashboard.ts';
import { traceDashboard } from './trace-dashboard.ts';
import { tracesDashboard } from './traces-dashboard.ts';
import { uptimeDashboard } from './uptime-dashboard.ts';

/** The folder the files are checked in to and Grafana reads them from. */
export const DASHBOARDS_FOLDER = new URL('./dashboards/', import.meta.url);

const BUILDERS: Readonly<Record<string, () => Dashboard>> = {
  'alerts.json': alertsDashboard,
  'fleet.json': fleetDashboard,
  'logs.json': logsDashboard,
  'monitor.json': monitorDashboard,
  'runtime.json': runtimeDashboard,
  'self.json': selfDashboard,
  'services.json': servicesDashboard,
  'slos.json': slosDashboard,
  'trace.json': traceDashboard,
  'traces.json': tracesDashboard,
  'uptime.json': uptimeDashboard,
};

/** Every dashboard as the text of its file, by file name. */
export function generateDashboards(): ReadonlyMap<string, string> {
  const files = Object.entries(BUILDERS).map(
    ([name, build]) => [name, `${JSON.stringify(build(), null, 2)}\n`] as const,
  );
  return new Map(files);
}
