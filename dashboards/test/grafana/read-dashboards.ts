import { readFile } from 'node:fs/promises';
import { DASHBOARDS_FOLDER, generateDashboards } from '../../grafana/dashboards.ts';
import type { QueryContext } from './expand-macros.ts';

/** A statement of a checked-in dashboard and the place it stands at. */
export interface DashboardQuery {
  readonly dashboard: string;
  /** The panel's title, or `variable NAME`, or `annotation NAME`. */
  readonly place: string;
  /** Of panels that have several. */
  readonly refId: string;
  readonly panelType: string;
  readonly rawSql: string;
  /** The plugin's number: 0 series, 1 table, 2 logs, 3 trace; `undefined` for a variable. */
  readonly format: number | undefined;
}

interface Target {
  readonly refId: string;
  readonly rawSql: string;
  readonly format: number;
}

interface Link {
  readonly title: string;
  readonly url: string;
}

/** A panel, as far as the tests look at it. */
export interface PanelJson {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly repeat?: string;
  readonly targets?: readonly Target[];
  readonly options?: { readonly alertmanager?: string };
  readonly gridPos?: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly fieldConfig?: {
    readonly defaults?: { readonly links?: readonly Link[] };
    readonly overrides?: readonly {
      readonly matcher: { readonly id: string; readonly options?: unknown };
      readonly properties: readonly { readonly id: string; readonly value?: unknown }[];
    }[];
  };
}

/** A variable, as far as the tests look at it. */
export interface VariableJson {
  readonly name: string;
  readonly type: string;
  readonly query: unknown;
  readonly includeAll?: boolean;
  readonly current?: { readonly value?: string | readonly string[] };
}

/** The part of Grafana's dashboard JSON that the tests look at. */
export interface DashboardJson {
  readonly uid: string;
  readonly title: string;
  readonly panels: readonly PanelJson[];
  readonly templating: { readonly list: readonly VariableJson[] };
  readonly annotations?: { readonly list?: readonly { readonly name: string; readonly target?: Target }[] };
}

/** The checked-in dashboards, by file name. */
export async function readDashboards(): Promise<ReadonlyMap<string, DashboardJson>> {
  const files = [...generateDashboards().keys()].map(async (name) => {
    const text = await readFile(new URL(name, DASHBOARDS_FOLDER), 'utf8');
    return [name, JSON.parse(text) as DashboardJson] as const;
  });
  return new Map(await Promise.all(files));
}

/** Every statement in them: of variables, of annotations and of panels. */
export async function readQueries(): Promise<DashboardQuery[]> {
  return [...(await readDashboards())].flatMap(([dashboard, { panels, templating, annotations }]) => [
    ...templating.list
      .filter(({ type }) => type === 'query')
      .map(({ name, query }) => ({
        dashboard,
        place: `variable ${name}`,
        refId: 'A',
        panelType: 'variable',
        rawSql: (query as { rawSql: string }).rawSql,
        format: undefined,
      })),
    ...(annotations?.list ?? []).flatMap(({ name, target }) =>
      target === undefined
        ? []
        : [
            {
              dashboard,
              place: `annotation ${name}`,
              refId: 'A',
              panelType: 'annotation',
              rawSql: target.rawSql,
              format: target.format,
            },
          ],
    ),
    ...panels.flatMap(({ title, type, targets = [] }) =>
      targets.map(({ rawSql, format, refId }) => ({ dashboard, place: title, refId, panelType: type, rawSql, format })),
    ),
  ]);
}

/** A statement's name for people: `services.json: Rate (timeseries)`. */
export function nameOf({ dashboard, place, refId, panelType }: DashboardQuery): string {
  if (panelType === 'variable' || panelType === 'annotation') return `${dashboard}: ${place}`;
  return `${dashboard}: ${place} (${refId === 'A' ? panelType : `${panelType}, ${refId}`})`;
}

/**
 * What the variables of a dashboard are when it opens: all where there is an "all", else the first value that there is.
 * @param options the values of variables that statements fill
 */
export function variablesOf(
  { templating }: DashboardJson,
  options: Readonly<Record<string, readonly string[]>>,
): QueryContext['variables'] {
  const chosen = templating.list
    .filter(({ type }) => type !== 'datasource')
    .map(({ name, type, current }): [string, '$__all' | readonly string[]] => {
      const value = [current?.value ?? ''].flat();
      if (value.includes('$__all')) return [name, '$__all'];
      return [name, type === 'query' && value.join(',') === '' ? (options[name] ?? []).slice(0, 1) : value];
    });
  return Object.fromEntries(chosen);
}
