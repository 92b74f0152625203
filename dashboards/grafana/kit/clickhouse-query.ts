import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog';
import type { DataSourceRef } from '@grafana/grafana-foundation-sdk/common';

/** The plugin that queries ClickHouse. */
export const CLICKHOUSE_PLUGIN = 'grafana-clickhouse-datasource';

/** The data source chosen in the dashboard's first variable. */
export const DATASOURCE: DataSourceRef = { type: CLICKHOUSE_PLUGIN, uid: '${datasource}' };

/**
 * How the plugin's backend hands rows over: as series (first a time, then text columns as labels and numbers as values), as they are,
 * as log records, or as a trace. Source: sqlds, `FormatQueryOption`.
 */
export const FORMATS = { series: 0, table: 1, logs: 2, trace: 3 } as const;
export type ResultFormat = keyof typeof FORMATS;

/** A query as the plugin's SQL editor stores it (plugin 4.x, `CHSqlQuery`). */
export interface ClickHouseQuery extends Dataquery {
  readonly refId: string;
  readonly datasource: DataSourceRef;
  readonly editorType: 'sql';
  readonly rawSql: string;
  readonly format: number;
  readonly pluginVersion: string;
}

/** The plugin version whose macros the statements are written for. */
export const PLUGIN_VERSION = '4.20.0';

/** A target of a panel: a statement with the plugin's macros. The foundation SDK has no builder for this plugin. */
export function clickhouseQuery(rawSql: string, format: ResultFormat, refId = 'A'): Builder<Dataquery> {
  const query: Omit<ClickHouseQuery, '_implementsDataqueryVariant'> = {
    refId,
    datasource: DATASOURCE,
    editorType: 'sql',
    rawSql,
    format: FORMATS[format],
    pluginVersion: PLUGIN_VERSION,
  };
  return { build: () => query as ClickHouseQuery };
}
