import { addressUrl } from './address.ts';
import type { TocsinConfig } from './load.ts';

/** The ClickHouse servers that every service of this configuration uses, one at least; any of them will do. */
export function clickhouseUrls(config: TocsinConfig): readonly string[] {
  return [config.clickhouse.url ?? addressUrl(config.clickhouse.http)].flat();
}

/** The first of them, for people to look at. */
export function clickhouseUrl(config: TocsinConfig): string {
  return clickhouseUrls(config)[0] ?? '';
}

/** Where OTLP over HTTP goes: the collector of this configuration, or what stands before several. */
export function collectorUrl(config: TocsinConfig): string {
  return config.collector.url?.replace(/\/$/, '') ?? ownCollectorUrl(config);
}

/** Where a collector itself listens for OTLP over HTTP, as its own machine reaches it. */
export function ownCollectorUrl(config: TocsinConfig): string {
  const url = addressUrl(config.collector.http);
  return config.collector.tls ? url.replace(/^http:/, 'https:') : url;
}

/** Alerting's API as the console reaches it. */
export function alertingUrl(config: TocsinConfig): string {
  return addressUrl(config.alerting.http);
}

/** Alerting's API as people reach it: what acknowledge and silence links begin with. */
export function alertingPublicUrl(config: TocsinConfig): string {
  return (config.alerting.url ?? addressUrl(config.alerting.http)).replace(/\/$/, '');
}

/** The console as people reach it: what links in messages begin with. */
export function consoleUrl(config: TocsinConfig): string {
  return (config.console.url ?? addressUrl(config.console.http)).replace(/\/$/, '');
}
