import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { servicesDashboard } from './services-dashboard.ts';
import { traceDashboard } from './trace-dashboard.ts';
import { uptimeDashboard } from './uptime-dashboard.ts';

/** The folder the files are checked in to and Grafana reads them from. */
export const DASHBOARDS_FOLDER = new URL('./dashboards/', import.meta.url);

const BUILDERS: Readonly<Record<string, () => Dashboard>> = {
  'services.json': servicesDashboard,
  'trace.json': traceDashboard,
  'uptime.json': uptimeDashboard,
};

/** Every dashboard as the text of its file, by file name. */
export function generateDashboards(): ReadonlyMap<string, string> {
  const files = Object.entries(BUILDERS).map(
    ([name, build]) => [name, `${JSON.stringify(build(), null, 2)}\n`] as const,
  );
  return new Map(files);
}
