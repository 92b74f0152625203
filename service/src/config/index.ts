export { type Address, addressUrl, formatAddress, isLoopback, isLoopbackUrl, parseAddress } from './address.ts';
export { formatDuration, parseDuration } from './duration.ts';
export { ConfigError } from './config-error.ts';
export type { ConfigSource, TocsinConfig } from './load.ts';
export { loadConfig, loadRuleGroups } from './loading.ts';
export type { ClickHouseConfig, ClickHouseTls } from './clickhouse-files.ts';
export type { WatchedFiles } from './source-files.ts';
export { formatProblems, type Problem } from './problem.ts';
export { API_ROLES, type ApiRole } from '../access/api-roles.ts';
export { CONSOLE_ROLES, type ConsoleRole } from '../access/console-roles.ts';
export type { AlertingConfig } from './schema/alerting/alerting.ts';
export type { TemplateFile } from './template-files.ts';
export type { EmailConfig } from './schema/alerting/channels/email.ts';
export type { DiscordConfig } from './schema/alerting/channels/discord.ts';
export type { ExecConfig } from './schema/alerting/channels/exec.ts';
export { type ChannelHttp, type ChannelTls, PLAIN_HTTP } from './schema/alerting/channels/http-config.ts';
export type { NtfyConfig } from './schema/alerting/channels/ntfy.ts';
export type { OpsgenieConfig } from './schema/alerting/channels/opsgenie.ts';
export type { PagerdutyConfig } from './schema/alerting/channels/pagerduty.ts';
export type { PushoverConfig } from './schema/alerting/channels/pushover.ts';
export type { SlackConfig } from './schema/alerting/channels/slack.ts';
export type { InhibitRule } from './schema/alerting/inhibit-rule.ts';
export type { TeamsConfig } from './schema/alerting/channels/teams.ts';
export type { TelegramConfig } from './schema/alerting/channels/telegram.ts';
export type { TwilioConfig } from './schema/alerting/channels/twilio.ts';
export type { WebhookConfig } from './schema/alerting/channels/webhook.ts';
export type { Receiver } from './schema/alerting/receiver.ts';
export type { Route } from './schema/alerting/route.ts';
export type { OnCallConfig } from './schema/oncall/oncall.ts';
export type { Escalation, EscalationTarget } from './schema/oncall/escalations.ts';
export type { OnCallSchedule } from './schema/oncall/schedules.ts';
export type { OnCallUser } from './schema/oncall/users.ts';
export type { InclusiveRange, NamedTimeInterval, TimeInterval } from './schema/alerting/time-interval.ts';
export { type Matcher, parseMatcher, readMatchers, type ReadMatchers } from './schema/matchers.ts';
export type { ExpectationSeverity, LatencyPhase, ValueTest } from './schema/monitors/expectations.ts';
export type { ConnectionSettings, TlsClientSettings } from './schema/monitors/http-connection.ts';
export type { FlowStep } from './schema/monitors/flow.ts';
export type { HttpExpectation } from './schema/monitors/http-expectation.ts';
export type {
  MultipartPart,
  OAuth2Settings,
  RequestAuth,
  RequestBody,
  RequestSettings,
} from './schema/monitors/http-request.ts';
export type { MaintenanceDay, MaintenanceTimes, MaintenanceWindow } from './schema/maintenance.ts';
export type { EveryKind, MonitorSchedule } from './schema/monitors/every-kind.ts';
export type { PingExpectation, RttMeasure } from './schema/monitors/icmp.ts';
export type { DomainExpectation } from './schema/monitors/domain.ts';
export type { MessageExpectation } from './schema/monitors/websocket.ts';
export type { LatencyLimit } from './schema/monitors/shared-expectation.ts';
export type { Monitor, MonitorKind, MonitorOf } from './schema/monitors/monitors.ts';
export type { Severity } from './schema/severity.ts';
export { expectedOfOpen, openListeners, type UnauthenticatedListener, wantsToken } from './schema/listeners.ts';
export { describeUrl, isSecretParameter } from './describe-url.ts';
export { targetOf } from './schema/monitors/target.ts';
export type { AlertRule, NoData, RuleGroup } from './schema/rules.ts';
export type { Slo } from './schema/slos.ts';
export { alertingPublicUrl, alertingUrl, clickhouseUrl, clickhouseUrls, collectorUrl, consoleUrl } from './urls.ts';
export { BUILT_IN_PROFILE, embeddedUsers } from './embedded-users.ts';
export type { EmbeddedProfile, EmbeddedUser } from './schema/clickhouse-users.ts';
