import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import type { DashboardLink, DynamicConfigValue } from '@grafana/grafana-foundation-sdk/dashboard';

/** A link at a number, to what explains it. */
export interface DataLink {
  readonly title: string;
  readonly url: string;
  readonly targetBlank?: boolean;
}

/** The dashboards that links lead to, by uid. */
export const UIDS = {
  alerts: 'tocsin-alerts',
  fleet: 'tocsin-fleet',
  logs: 'tocsin-logs',
  monitor: 'tocsin-monitor',
  runtime: 'tocsin-runtime',
  self: 'tocsin-self',
  services: 'tocsin-services',
  slos: 'tocsin-slos',
  trace: 'tocsin-trace',
  traces: 'tocsin-traces',
  uptime: 'tocsin-uptime',
} as const;

/** What a variable of the dashboard that is opened gets: texts, or a value of what was clicked, or `KEEP`: all that is chosen here. */
export type LinkValue = string | readonly string[] | typeof KEEP;

/** The variable has the same name here, and its choice goes along. */
export const KEEP = Symbol('keep');

/** The label of the clicked series, fit for a URL. */
export const labelOf = (name: string): string => `\${__field.labels.${name}:percentencode}`;
/** The value of another column of the clicked row, fit for a URL. */
export const columnOf = (name: string): string => `\${__data.fields.${name}:percentencode}`;

/** A link to another dashboard, over the same time range and data source. */
export function openDashboard(
  dashboard: keyof typeof UIDS,
  title: string,
  variables: Readonly<Record<string, LinkValue>> = {},
): DataLink {
  const query = Object.entries(variables).flatMap(([name, value]) =>
    value === KEEP ? `\${${name}:queryparam}` : [value].flat().map((one) => `var-${name}=${one}`),
  );
  return {
    title,
    url: `/d/${UIDS[dashboard]}?${[...query, 'var-datasource=${datasource}', '${__url_time_range}'].join('&')}`,
  };
}

/** A link to a page of the console. */
export function openConsole(path: string, title: string): DataLink {
  return { title, url: `\${console}${path}`, targetBlank: true };
}

/** Links as a panel's builder takes them. */
export function buildLinks(links: readonly DataLink[]): Builder<DashboardLink>[] {
  return links.map((link) => ({ build: () => link as unknown as DashboardLink }));
}

/** Links as a property of a table's columns. */
export function linksOf(...links: readonly DataLink[]): DynamicConfigValue[] {
  return [{ id: 'links', value: links }];
}
