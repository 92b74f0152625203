import { loadConfig, type TocsinConfig } from '@tocsin/service/config';

const defaults = await loadConfig({ file: undefined, env: {}, workingDir: import.meta.dirname });

/** The default configuration for a ClickHouse at the URL, with short-lived segments; everything is kept for ever. */
export function testConfig(url: string, database: string): TocsinConfig {
  const { collector, clickhouse } = defaults;
  return {
    ...defaults,
    clickhouse: { ...clickhouse, url, database },
    collector: {
      ...collector,
      journal: { ...collector.journal, segmentAgeMs: 100 },
      retention: { tracesMs: 0, metricsMs: 0, logsMs: 0, rollupsMs: 0 },
    },
  };
}
