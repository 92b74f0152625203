import { VisibilityMode } from '@grafana/grafana-foundation-sdk/common';
import { MappingType, PanelBuilder, type ValueMapping } from '@grafana/grafana-foundation-sdk/dashboard';
import {
  PanelBuilder as HeatmapBuilder,
  HeatmapColorOptionsBuilder,
  HeatmapColorMode,
  YAxisConfigBuilder,
} from '@grafana/grafana-foundation-sdk/heatmap';
import { PanelBuilder as LogsBuilder } from '@grafana/grafana-foundation-sdk/logs';
import { PanelBuilder as NodeGraphBuilder } from '@grafana/grafana-foundation-sdk/nodegraph';
import { PanelBuilder as StateTimelineBuilder } from '@grafana/grafana-foundation-sdk/statetimeline';
import { clickhouseQuery, DATASOURCE } from './clickhouse-query.ts';
import { buildLinks, type DataLink } from './links.ts';
import type { PanelOptions } from './panels.ts';

/** Spans of one trace as a waterfall. */
export function traceView(options: Omit<PanelOptions, 'unit' | 'links'>): PanelBuilder {
  return new PanelBuilder()
    .type('traces')
    .title(options.title)
    .description(options.description)
    .datasource(DATASOURCE)
    .withTarget(clickhouseQuery(options.sql, 'trace'))
    .span(options.width)
    .height(options.height ?? 16);
}

/** Log records, which may be unfolded. */
export function logs(options: Omit<PanelOptions, 'unit' | 'links'>): LogsBuilder {
  return new LogsBuilder()
    .title(options.title)
    .description(options.description)
    .datasource(DATASOURCE)
    .withTarget(clickhouseQuery(options.sql, 'logs'))
    .span(options.width)
    .height(options.height ?? 12)
    .showTime(true)
    .wrapLogMessage(true)
    .enableLogDetails(true);
}

/** Counts by time and bucket. The statement's label `le` is the upper bound of the bucket; counts are those of the bucket alone. */
export function heatmap(options: PanelOptions): HeatmapBuilder {
  return new HeatmapBuilder()
    .title(options.title)
    .description(options.description)
    .datasource(DATASOURCE)
    .withTarget(clickhouseQuery(options.sql, 'series'))
    .span(options.width)
    .height(options.height ?? 9)
    .displayName('${__field.labels.le}')
    .dataLinks(buildLinks(options.links))
    .calculate(false)
    .yAxis(new YAxisConfigBuilder().unit(options.unit ?? 's'))
    .color(new HeatmapColorOptionsBuilder().mode(HeatmapColorMode.Scheme).scheme('Oranges').steps(64))
    .cellGap(1);
}

/** Words and colours of numbers. */
export function wordsOf(words: Readonly<Record<string, readonly [text: string, color: string]>>): ValueMapping[] {
  const options = Object.entries(words).map(
    ([value, [text, color]], index) => [value, { text, color, index }] as const,
  );
  return [{ type: MappingType.ValueToText, options: Object.fromEntries(options) }];
}

/** A line of colours for each series; `words` name its numbers. */
export function stateTimeline(
  options: PanelOptions & { readonly seriesName: string; readonly words: ValueMapping[] },
): StateTimelineBuilder {
  return new StateTimelineBuilder()
    .title(options.title)
    .description(options.description)
    .datasource(DATASOURCE)
    .withTarget(clickhouseQuery(options.sql, 'series'))
    .span(options.width)
    .height(options.height ?? 7)
    .displayName(options.seriesName)
    .dataLinks(buildLinks(options.links))
    .showValue(VisibilityMode.Never)
    .mergeValues(true)
    .rowHeight(0.8)
    .mappings(options.words);
}

/** Services and what they call. */
export function nodeGraph(options: {
  readonly title: string;
  readonly description: string;
  readonly nodesSql: string;
  readonly edgesSql: string;
  readonly links: readonly DataLink[];
}): NodeGraphBuilder {
  return new NodeGraphBuilder()
    .title(options.title)
    .description(options.description)
    .datasource(DATASOURCE)
    .withTarget(clickhouseQuery(options.nodesSql, 'table', 'nodes'))
    .withTarget(clickhouseQuery(options.edgesSql, 'table', 'edges'))
    .span(24)
    .height(14)
    .dataLinks(buildLinks(options.links))
    .nodes({
      build: () => ({
        mainStatUnit: 'reqps',
        secondaryStatUnit: 'percentunit',
        arcs: [
          { field: 'arc__failed', color: 'red' },
          { field: 'arc__good', color: 'green' },
        ],
      }),
    })
    .edges({ build: () => ({ mainStatUnit: 'reqps', secondaryStatUnit: 'percentunit' }) });
}

/** The alerts of an Alertmanager, by group. Grafana asks it itself: there is no query. */
export function alertGroups(options: { readonly title: string; readonly description: string }): PanelBuilder {
  return new PanelBuilder()
    .type('alertGroups')
    .title(options.title)
    .description(options.description)
    .options({ alertmanager: 'Tocsin alerts', labels: '', expandAll: false })
    .span(24)
    .height(9);
}
