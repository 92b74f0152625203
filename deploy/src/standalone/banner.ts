import { clickhouseUrls, consoleUrl, type TocsinConfig } from '@tocsin/service/config';
import type { Endpoints } from './launcher.ts';

/** What people are told once everything runs. */
export interface BannerFacts {
  readonly version: string;
  readonly config: TocsinConfig;
  readonly configFile: string | undefined;
  readonly dataDir: string;
  readonly endpoints: Endpoints;
  readonly tookMs: number;
  /** `name: reason` of each service that runs but cannot do its work yet. */
  readonly notReady: readonly string[];
}

/** Writes what listens where, how to point an app at it, and where things are. */
export function formatBanner({
  version,
  config,
  configFile,
  dataDir,
  endpoints,
  tookMs,
  notReady,
}: BannerFacts): string {
  const at = (name: string): string => endpoints[name] ?? '';
  const otlp = at('collector.http');
  const embedded = endpoints['clickhouse.http'];
  const heartbeats = endpoints['checker.heartbeat.listen'];
  const statusPage = endpoints['status_page.listen'];
  const database = `database ${config.clickhouse.database}`;
  const console = config.console.url === undefined ? at('console.http') : consoleUrl(config);
  const rows: readonly (readonly [string, string, string])[] = [
    ['OTLP over HTTP', otlp, 'collector.http: /v1/traces, /v1/metrics, /v1/logs'],
    ['OTLP over gRPC', at('collector.grpc'), 'collector.grpc'],
    ['Console', console, 'console.http'],
    ['Alerts', at('alerting.http'), "alerting.http: Alertmanager's API"],
    embedded === undefined
      ? ['ClickHouse', clickhouseUrls(config).join(' '), `clickhouse.url, ${database}`]
      : ['ClickHouse', embedded, `clickhouse.http: embedded, ${database}`],
    ['Checker', at('checker.http'), 'checker.http: health only'],
    ...(heartbeats === undefined
      ? []
      : [['Heartbeats', heartbeats, 'checker.heartbeat.listen: jobs call /ping/TOKEN'] as const]),
    ...(statusPage === undefined ? [] : [['Status page', statusPage, 'status_page.listen: for the public'] as const]),
  ];
  const left = Math.max(...rows.map(([label]) => label.length));
  const middle = Math.max(...rows.map(([, url]) => url.length));
  const counts = `${count(config.monitors.length, 'monitor')}, ${count(config.ruleGroups.length, 'rule group')}`;
  const silent = config.alerting.route === undefined;
  return [
    '',
    `Tocsin ${version} is ready, after ${(tookMs / 1_000).toFixed(1)} s.`,
    ...notReady.map((line) => `  Not ready yet: ${line}`),
    '',
    ...rows.map(([label, url, note]) => `  ${label.padEnd(left)}  ${url.padEnd(middle)}  ${note}`),
    '',
    '  Point an app with an OpenTelemetry SDK at it:',
    `    export OTEL_EXPORTER_OTLP_ENDPOINT=${otlp}`,
    '    export OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf',
    '    export OTEL_SERVICE_NAME=my-app',
    '',
    `  Configuration  ${configFile ?? 'none (all defaults; write a tocsin.yaml or give --config FILE)'}: ${counts}`,
    ...(silent ? ['                 alerting.route is not set: alerts are shown, nobody is told'] : []),
    `  Data           ${dataDir}`,
    '  Stop           Ctrl-C',
    '',
  ].join('\n');
}

function count(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? '' : 's'}`;
}
