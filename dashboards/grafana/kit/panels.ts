import {
  BigValueColorMode,
  BigValueGraphMode,
  GraphDrawStyle,
  LegendDisplayMode,
  LegendPlacement,
  SortOrder,
  StackingMode,
  TooltipDisplayMode,
  VisibilityMode,
} from '@grafana/grafana-foundation-sdk/common';
import {
  ReduceDataOptionsBuilder,
  StackingConfigBuilder,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import {
  type DynamicConfigValue,
  type Threshold,
  ThresholdsConfigBuilder,
  ThresholdsMode,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as TableBuilder } from '@grafana/grafana-foundation-sdk/table';
import { PanelBuilder as TimeseriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import { clickhouseQuery, DATASOURCE } from './clickhouse-query.ts';
import { buildLinks, type DataLink, linksOf, openConsole, openDashboard } from './links.ts';

/** What every panel says. `description` is what the reader sees behind the panel's (i). */
export interface PanelOptions {
  readonly title: string;
  readonly description: string;
  readonly sql: string;
  /** Grafana's unit id, as `s`, `percentunit`, `reqps`. */
  readonly unit?: string;
  /** Columns of the 24 of the grid. */
  readonly width: number;
  readonly height?: number;
  /** Where a click at a number leads: to what explains it. */
  readonly links: readonly DataLink[];
}

/** Lines over time. Several series are told apart by `seriesName`, as `${__field.labels.service}`. */
export function timeseries(options: PanelOptions & { readonly seriesName?: string }): TimeseriesBuilder {
  const panel = new TimeseriesBuilder()
    .title(options.title)
    .description(options.description)
    .datasource(DATASOURCE)
    .withTarget(clickhouseQuery(options.sql, 'series'))
    .span(options.width)
    .height(options.height ?? 8)
    .unit(options.unit ?? 'short')
    .dataLinks(buildLinks(options.links))
    .min(0)
    .lineWidth(2)
    .fillOpacity(8)
    .showPoints(VisibilityMode.Auto)
    .legend(
      new VizLegendOptionsBuilder()
        .displayMode(LegendDisplayMode.List)
        .placement(LegendPlacement.Bottom)
        .showLegend(true)
        .calcs([]),
    )
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending));
  return options.seriesName === undefined ? panel : panel.displayName(options.seriesName);
}

/** One number; its colour by thresholds. */
export function stat(options: PanelOptions & { readonly thresholds: readonly Threshold[] }): StatBuilder {
  return new StatBuilder()
    .title(options.title)
    .description(options.description)
    .datasource(DATASOURCE)
    .withTarget(clickhouseQuery(options.sql, 'table'))
    .span(options.width)
    .height(options.height ?? 4)
    .unit(options.unit ?? 'short')
    .dataLinks(buildLinks(options.links))
    .noValue('–')
    .thresholds(thresholds(options.thresholds))
    .colorMode(BigValueColorMode.Value)
    .graphMode(BigValueGraphMode.None)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']).values(false).fields(''));
}

/** Lines as stacked bars: counts by what they are. */
export function bars(options: PanelOptions & { readonly seriesName?: string }): TimeseriesBuilder {
  return timeseries(options)
    .drawStyle(GraphDrawStyle.Bars)
    .stacking(new StackingConfigBuilder().mode(StackingMode.Normal).group('A'))
    .fillOpacity(80)
    .lineWidth(0);
}

/** Rows as they are; the links are at every number. */
export function table(options: PanelOptions): TableBuilder {
  return new TableBuilder()
    .title(options.title)
    .description(options.description)
    .datasource(DATASOURCE)
    .withTarget(clickhouseQuery(options.sql, 'table'))
    .span(options.width)
    .height(options.height ?? 9)
    .filterable(true)
    .overrideByFieldType('number', linksOf(...options.links));
}

/** Thresholds on the value itself; the first has `value: null`. */
export function thresholds(steps: readonly Threshold[]): ThresholdsConfigBuilder {
  return new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps([...steps]);
}

/** Green below `warn`, yellow below `bad`, red from there on. */
export function greenUntil(warn: number, bad: number): Threshold[] {
  return [
    { value: null, color: 'green' },
    { value: warn, color: 'yellow' },
    { value: bad, color: 'red' },
  ];
}

/** Red below `warn`, yellow below `good`, green from there on. */
export function redUntil(warn: number, good: number): Threshold[] {
  return [
    { value: null, color: 'red' },
    { value: warn, color: 'yellow' },
    { value: good, color: 'green' },
  ];
}

/** No judgement by colour. */
export const PLAIN: readonly Threshold[] = [{ value: null, color: 'blue' }];

/** Properties of a table column: its unit. */
export function unitOf(unit: string): DynamicConfigValue[] {
  return [{ id: 'unit', value: unit }];
}

/** Properties of a table column: its width in pixels. */
export function widthOf(width: number): DynamicConfigValue[] {
  return [{ id: 'custom.width', value: width }];
}

/** Properties of a column of outcomes: coloured words. */
export function outcomeColours(): DynamicConfigValue[] {
  const options = {
    up: { text: 'Up', color: 'green', index: 0 },
    degraded: { text: 'Degraded', color: 'yellow', index: 1 },
    down: { text: 'Down', color: 'red', index: 2 },
    unknown: { text: 'Unknown', color: 'purple', index: 3 },
    silent: { text: 'Silent', color: 'purple', index: 4 },
    'never probed': { text: 'Never probed', color: 'text', index: 5 },
  };
  return [
    { id: 'mappings', value: [{ type: 'value', options }] },
    { id: 'custom.cellOptions', value: { type: 'color-text' } },
    ...widthOf(110),
  ];
}

/** Properties of a column of trace ids: into the trace dashboard, and into the console. */
export function traceLinks(): DynamicConfigValue[] {
  return [
    ...linksOf(
      openDashboard('trace', 'Trace in Grafana', { trace_id: '${__value.raw}' }),
      openConsole('/trace/${__value.raw}', 'Trace in the Tocsin console'),
    ),
    ...widthOf(290),
  ];
}

/** Properties of a column of names, each with a dashboard of its own. */
export function nameLinks(...links: readonly DataLink[]): DynamicConfigValue[] {
  return [...linksOf(...links), ...widthOf(160)];
}
