import { writeConfirm, writeDuration } from '../durations.ts';
import { Fields } from '../fields.ts';
import type { Imported, ImportedMonitor } from '../imported.ts';
import type { KumaDatabase } from './database.ts';
import { targetOf } from './target.ts';

/** Columns that say nothing about a probe, or what is said of them is said once for all. */
const IRRELEVANT = [
  'id', 'user_id', 'weight', 'created_date', 'description', 'resend_interval', 'parent', 'domain_expiry_notification', 'notificationIDList', 'path',
  'dns_last_result', 'manual_status', 'save_response', 'save_error_response', 'response_max_length', 'ping_numeric', 'ping_per_request_timeout',
]; // prettier-ignore

/** Translates what Uptime Kuma's database has. */
export function importKuma(database: KumaDatabase): Imported {
  const { monitors, notifications, maintenances, statusPages } = database;
  const told = monitors.filter((row) => row['domain_expiry_notification'] === 1 && isWeb(row)).length;
  const groups = monitors.filter(({ type }) => type === 'group').map(({ name }) => String(name));
  const counted = (count: number, what: string): string[] => (count > 0 ? [`${count} ${what}`] : []);
  return {
    monitors: monitors.filter(({ type }) => type !== 'group').map((row) => importRow(row, database)),
    notes: [
      ...counted(
        groups.length,
        `${groups.length === 1 ? 'group' : 'groups'} (${groups.join(', ')}): names say what belongs together`,
      ),
      ...counted(notifications, 'notifications: say in `alerting:` who is told and how (docs/configuration.md)'),
      ...counted(maintenances, 'maintenances: see `maintenance:` in docs/configuration.md'),
      ...counted(statusPages, 'status pages'),
      ...counted(told, 'monitors that tell of the end of their domain: a monitor of kind `domain` does'),
    ],
  };
}

/** Whose domain it looks at. */
function isWeb({ type }: Readonly<Record<string, unknown>>): boolean {
  return HTTP.includes(String(type));
}

function importRow(columns: Readonly<Record<string, unknown>>, database: KumaDatabase): ImportedMonitor {
  const row = new Fields(columns);
  const notes: string[] = [];
  const name = row.text('name') || `monitor ${row.text('id') ?? ''}`;
  const intervalMs = Math.max(1, row.number('interval') ?? 60) * 1_000;
  // 0 is four fifths of the interval there.
  const timeoutMs = (row.number('timeout') || Math.round(intervalMs / 1_250)) * 1_000;
  const retries = row.number('maxretries') ?? 0;
  const retryMs = (row.number('retry_interval') || intervalMs / 1_000) * 1_000;
  const type = row.text('type') ?? '';
  const isUpsideDown = row.flag('upside_down') === true;
  const isActive = row.flag('active') !== false;
  const target = targetOf(type, row, { notes, database });
  const isHeartbeat = target['heartbeat'] !== undefined;
  const settings = {
    name,
    ...target,
    ...(isHeartbeat
      ? { period: writeDuration(intervalMs), grace: retries > 0 ? writeDuration(retries * retryMs) : undefined }
      : {
          interval: writeDuration(intervalMs),
          timeout: writeDuration(timeoutMs),
          confirm: writeConfirm(retries + 1, retryMs, timeoutMs),
        }),
  };
  if (isUpsideDown) notes.push('upside down: with us a target that answers is up');
  const isKnown = KINDS.includes(type);
  const why = isUpsideDown
    ? 'it is upside down there'
    : !isActive
      ? 'it is paused there'
      : isKnown
        ? undefined
        : `Tocsin does not take it (it has no kind for ${type || 'nothing'})`;
  row.ignore(...IRRELEVANT);
  const rest = isKnown ? row.unread().filter((column) => isMeant(columns[column], column, type)) : [];
  return { settings, notes: [...notes, ...rest], ...(why === undefined ? {} : { commentedBecause: why }) };
}

/** Every row has the columns of all types: what is empty, a default, or of another type says nothing. */
function isMeant(value: unknown, column: string, type: string): boolean {
  if (value === null || value === '' || value === 0 || value === '0' || value === '[]' || value === '{}') return false;
  const owner = OWNERS.find(([prefix]) => column.startsWith(prefix));
  return owner === undefined ? !DEFAULTED.has(column) : owner[1].includes(type);
}

const HTTP = ['http', 'keyword', 'json-query'];
/** Types that are a kind of ours. */
const KINDS = [...HTTP, 'port', 'ping', 'dns', 'push', 'grpc-keyword', 'websocket-upgrade', 'smtp'];
/** Which types have columns of a prefix. */
const OWNERS: readonly (readonly [prefix: string, types: readonly string[]])[] = [
  ['dns_', ['dns']],
  ['docker_', ['docker']],
  ['grpc_', ['grpc-keyword']],
  ['mqtt_', ['mqtt']],
  ['database_', ['sqlserver', 'postgres', 'mysql', 'mongodb', 'redis']],
  ['radius_', ['radius']],
  ['kafka_', ['kafka-producer']],
  ['game', ['gamedig']],
  ['rabbitmq_', ['rabbitmq']],
  ['snmp_', ['snmp']],
  ['smtp_', ['smtp', 'port']],
  ['ntp_', ['ntp']],
  ['system_service_name', ['system-service', 'pm2']],
  ['location', ['globalping']],
  ['subtype', ['globalping']],
  ['protocol', ['globalping']],
  ['expected_tls_alert', ['port']],
  ['screenshot_delay', ['real-browser']],
  ['bearer_token', [...HTTP, 'websocket-upgrade']],
  ['ip_family', HTTP],
  ['proxy_id', HTTP],
  ['cache_bust', HTTP],
  ['http_body_encoding', HTTP],
  ['expiry_notification', [...HTTP, 'port']],
  ['conditions', KINDS],
  ['ws_', ['websocket-upgrade']],
  ['ping_', ['ping']],
  ['remote_browser', ['real-browser']],
  ['json_path', ['json-query', 'snmp', 'mqtt']],
  ['oauth_', HTTP],
  ['auth_', [...HTTP, 'websocket-upgrade']],
  ['basic_auth_', [...HTTP, 'websocket-upgrade']],
  ['tls_', HTTP],
  ['accepted_statuscodes', [...HTTP, 'websocket-upgrade']],
  ['maxredirects', HTTP],
  ['method', HTTP],
  ['url', HTTP],
];
const DEFAULTED = new Set(['packet_size', 'port', 'hostname', 'push_token', 'keyword', 'gamedig_given_port_only', 'retry_only_on_status_code_failure']); // prettier-ignore
