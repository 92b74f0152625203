import { readFile } from 'node:fs/promises';
import { DASHBOARDS_FOLDER, generateDashboards } from '../../grafana/dashboards.ts';

/** A statement of a checked-in dashboard and the place it stands at. */
export interface DashboardQuery {
  readonly dashboard: string;
  /** The panel's title, or `variable NAME`. */
  readonly place: string;
  readonly panelType: string;
  readonly rawSql: string;
  /** The plugin's number: 0 series, 1 table, 2 logs, 3 trace; `undefined` for a variable. */
  readonly format: number | undefined;
}

/** The part of Grafana's dashboard JSON that the tests look at. */
export interface DashboardJson {
  readonly uid: string;
  readonly title: string;
  readonly panels: readonly {
    readonly id: number;
    readonly type: string;
    readonly title: string;
    readonly description?: string;
    readonly repeat?: string;
    readonly targets?: readonly { readonly rawSql: string; readonly format: number }[];
  }[];
  readonly templating: {
    readonly list: readonly { readonly name: string; readonly type: string; readonly query: unknown }[];
  };
}

/** The checked-in dashboards, by file name. */
export async function readDashboards(): Promise<ReadonlyMap<string, DashboardJson>> {
  const files = [...generateDashboards().keys()].map(async (name) => {
    const text = await readFile(new URL(name, DASHBOARDS_FOLDER), 'utf8');
    return [name, JSON.parse(text) as DashboardJson] as const;
  });
  return new Map(await Promise.all(files));
}

/** Every statement in them: of variables and of panels. */
export async function readQueries(): Promise<DashboardQuery[]> {
  return [...(await readDashboards())].flatMap(([dashboard, { panels, templating }]) => [
    ...templating.list
      .filter(({ type }) => type === 'query')
      .map(({ name, query }) => ({
        dashboard,
        place: `variable ${name}`,
        panelType: 'variable',
        rawSql: (query as { rawSql: string }).rawSql,
        format: undefined,
      })),
    ...panels.flatMap(({ title, type, targets = [] }) =>
      targets.map(({ rawSql, format }) => ({ dashboard, place: title, panelType: type, rawSql, format })),
    ),
  ]);
}
