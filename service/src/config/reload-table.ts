import type { TocsinConfig } from './load.ts';

type Inside<Prefix extends string, Value> = `${Prefix}.${keyof Value & string}`;
type Sections = Pick<TocsinConfig, 'collector' | 'clickhouse' | 'checker' | 'alerting' | 'console'>;
/** Where a value is in the parsed configuration. */
type Place =
  | { [Name in keyof Sections]: Inside<Name, Sections[Name]> }[keyof Sections]
  | Inside<'collector.journal', TocsinConfig['collector']['journal']>
  | Inside<'collector.load', TocsinConfig['collector']['load']>
  | Inside<'collector.deadLetters', TocsinConfig['collector']['deadLetters']>
  | Inside<'collector.accept', TocsinConfig['collector']['accept']>
  | Inside<'clickhouse.disk', TocsinConfig['clickhouse']['disk']>
  | Inside<'checker.buffer', TocsinConfig['checker']['buffer']>
  | Inside<'checker.heartbeat', TocsinConfig['checker']['heartbeat']>
  | Inside<'statusPage', TocsinConfig['statusPage']>
  | 'unauthenticatedListeners';

/**
 * The settings that services read at their start only, each with where its value is: a reload leaves them as they are. All others take effect at
 * once. A name stands for what is below it too.
 */
export const AT_START = {
  'collector.http': 'collector.http',
  'collector.grpc': 'collector.grpc',
  'collector.url': 'collector.url',
  'collector.max_request_size': 'collector.maxRequestBytes',
  'collector.max_concurrent_requests': 'collector.maxConcurrentRequests',
  'collector.request_timeout': 'collector.requestTimeoutMs',
  'collector.auth': 'collector.auth',
  'collector.tls': 'collector.tls',
  'collector.cors.origins': 'collector.corsOrigins',
  'collector.accept.past': 'collector.accept.pastMs',
  'collector.accept.future': 'collector.accept.futureMs',
  'collector.journal.max_size': 'collector.journal.maxBytes',
  'collector.journal.segment_size': 'collector.journal.segmentBytes',
  'collector.journal.segment_age': 'collector.journal.segmentAgeMs',
  'collector.journal.load_lanes': 'collector.journal.loadLanes',
  'collector.journal.min_free_disk': 'collector.journal.minFreeBytes',
  'collector.load.timeout': 'collector.load.timeoutMs',
  'collector.load.max_timeout': 'collector.load.maxTimeoutMs',
  'collector.dead_letters.max_size': 'collector.deadLetters.maxBytes',
  'clickhouse.url': 'clickhouse.url',
  'clickhouse.http': 'clickhouse.http',
  'clickhouse.user': 'clickhouse.user',
  'clickhouse.password': 'clickhouse.password',
  // The file's text takes the place of the password.
  'clickhouse.password_file': 'clickhouse.password',
  'clickhouse.tls': 'clickhouse.tls',
  'clickhouse.database': 'clickhouse.database',
  'clickhouse.cluster': 'clickhouse.cluster',
  'clickhouse.disk.drop_oldest': 'clickhouse.disk.dropOldest',
  'clickhouse.disk.low_water': 'clickhouse.disk.lowWaterBytes',
  'clickhouse.disk.high_water': 'clickhouse.disk.highWaterBytes',
  'clickhouse.users': 'clickhouse.users',
  'clickhouse.profiles': 'clickhouse.profiles',
  'checker.http': 'checker.http',
  'checker.location': 'checker.location',
  'checker.max_concurrency': 'checker.maxConcurrency',
  'checker.max_concurrency_per_host': 'checker.maxConcurrencyPerHost',
  'checker.connectivity': 'checker.connectivity',
  'checker.buffer.max_size': 'checker.buffer.maxBytes',
  'checker.deny_private_addresses': 'checker.denyPrivateAddresses',
  'checker.heartbeat.listen': 'checker.heartbeat.listen',
  'checker.heartbeat.hosts': 'checker.heartbeat.hosts',
  'console.http': 'console.http',
  'console.url': 'console.url',
  'status_page.listen': 'statusPage.listen',
  'alerting.http': 'alerting.http',
  'alerting.hosts': 'alerting.hosts',
  unauthenticated_listeners: 'unauthenticatedListeners',
} as const satisfies Readonly<Record<string, Place>>;

/** The settings that a reload applies. A name stands for what is below it too. */
export const LIVE = [
  'collector.keys',
  'collector.retention',
  'console.grafana_url',
  'console.users',
  'console.tokens',
  'console.session_age',
  'status_page.hosts',
  'status_page.url',
  'status_page.name',
  'status_page.description',
  'status_page.footer',
  'status_page.homepage',
  'status_page.logo_file',
  'status_page.color',
  'status_page.timezone',
  'status_page.monitors',
  'status_page.groups',
  'status_page.maintenance',
  'status_page.maintenance_ahead',
  'alerting.api',
  'alerting.config_file',
  'alerting.global',
  'alerting.route',
  'alerting.receivers',
  'alerting.inhibit_rules',
  'alerting.time_intervals',
  'alerting.mute_time_intervals',
  'alerting.templates',
  'alerting.fallback',
  'alerting.max_messages_per_minute',
  'alerting.allow_exec',
  'alerting.chart_urls',
  'alerting.url',
  'oncall',
  'defaults',
  'monitors',
  'monitor_files',
  'maintenance',
  'rule_files',
  'shipped_rules',
  'slos',
] as const;

/** Which service says that a setting has changed: one for each section, for all of them read the file. */
export const SAID_BY: Readonly<Record<string, string>> = {
  collector: 'collector',
  clickhouse: 'collector',
  unauthenticated_listeners: 'collector',
  checker: 'checker',
  console: 'dashboards',
  status_page: 'dashboards',
  alerting: 'alerting',
};
