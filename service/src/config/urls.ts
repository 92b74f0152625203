import { addressUrl } from './address.ts';
import type { TocsinConfig } from './load.ts';

/** The ClickHouse that every service of this configuration uses. */
export function clickhouseUrl(config: TocsinConfig): string {
  return config.clickhouse.url ?? addressUrl(config.clickhouse.http);
}

/** Where OTLP over HTTP goes: the collector of this configuration. */
export function collectorUrl(config: TocsinConfig): string {
  return addressUrl(config.collector.http);
}

/** Alerting's API as the console reaches it. */
export function alertingUrl(config: TocsinConfig): string {
  return addressUrl(config.alerting.http);
}

/** The console as people reach it: what links in messages begin with. */
export function consoleUrl(config: TocsinConfig): string {
  return (config.console.url ?? addressUrl(config.console.http)).replace(/\/$/, '');
}
