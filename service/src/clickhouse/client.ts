import { Agent } from 'node:https';
import { ClickHouseLogLevel, type ClickHouseSettings, createClient } from '@clickhouse/client';
import { clickhouseUrls, type TocsinConfig } from '../config/index.ts';
import type { Logger } from '../log/logger.ts';
import { type ClickHouseClient, createFailoverClient } from './failover-client.ts';

export type { ClickHouseClient } from './failover-client.ts';
export { isServerTrouble, NoAnswerError } from './server-trouble.ts';
export { parseServerVersion, type ServerVersion } from './server-version.ts';

/** How a service uses ClickHouse. */
export interface ClickHouseUse {
  /** The service's name; shows up in `system.query_log`. */
  readonly application: string;
  /** Refuse writes and DDL in this client's queries. Only the collector writes. */
  readonly readonly: boolean;
  /** Time limit of one request in milliseconds; default 30 000. */
  readonly requestTimeoutMs?: number;
  /** The most connections at once to each server; default 10. */
  readonly maxConnections?: number;
  /** Told when a server fails, and that certificates are not checked. */
  readonly log?: Logger;
}

/** Makes the client for the ClickHouse of this configuration, one server or several. Nothing is sent before the first query. */
export function createClickHouse(config: TocsinConfig, use: ClickHouseUse): ClickHouseClient {
  const urls = clickhouseUrls(config);
  if (config.clickhouse.tls?.insecureSkipVerify)
    use.log?.warn({ urls: urls.map(withoutUser) }, 'clickhouse: certificates are NOT checked (insecure_skip_verify)');
  const servers = urls.map((url) => ({ name: withoutUser(url), client: createSingle(config, use, url) }));
  const [only] = servers;
  if (only && servers.length === 1) return only.client;
  return createFailoverClient({ servers, first: Math.floor(Math.random() * servers.length), log: use.log });
}

function createSingle(config: TocsinConfig, use: ClickHouseUse, url: string): ClickHouseClient {
  const maxConnections = use.maxConnections ?? 10;
  const login = addressAndUser(config, url);
  return createClient({
    ...login,
    database: config.clickhouse.database,
    application: `tocsin-${use.application}`,
    request_timeout: use.requestTimeoutMs ?? 30_000,
    max_open_connections: maxConnections,
    // The client would print text of its own to the console; errors reach the caller, who logs them.
    log: { level: ClickHouseLogLevel.OFF },
    clickhouse_settings: settingsOf(config, use),
    ...(url.startsWith('https:') ? tlsOptions(config, login, maxConnections) : {}),
  });
}

/** Over a cluster, joins and `IN` between Distributed tables need to be global, and inserts wait until every shard has its rows. */
function settingsOf(config: TocsinConfig, use: ClickHouseUse): ClickHouseSettings {
  const isCluster = config.clickhouse.cluster !== undefined;
  const global: ClickHouseSettings = isCluster ? { distributed_product_mode: 'global' } : {};
  if (use.readonly) return { ...global, readonly: '1' };
  const distributed: ClickHouseSettings = {
    distributed_foreground_insert: 1,
    insert_distributed_timeout: '0',
    parallel_distributed_insert_select: '0',
    // A host that is down takes its turn at DDL when it is back; the others do not wait for it longer than this.
    distributed_ddl_output_mode: 'null_status_on_timeout',
    distributed_ddl_task_timeout: '20',
  };
  return { ...global, ...(isCluster ? distributed : {}) };
}

/** A certificate without a password is how its owner logs in; beside one, it only opens the connection. */
function tlsOptions({ clickhouse: { tls } }: TocsinConfig, { username, password }: Login, maxSockets: number) {
  if (!tls) return {};
  const { ca, cert, key, insecureSkipVerify } = tls;
  const agent = new Agent({
    keepAlive: true,
    maxSockets,
    rejectUnauthorized: !insecureSkipVerify,
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  });
  const byCertificate = cert !== undefined && password === '';
  return {
    http_agent: agent,
    set_basic_auth_header: !byCertificate,
    ...(byCertificate
      ? { http_headers: { 'X-ClickHouse-User': username, 'X-ClickHouse-SSL-Certificate-Auth': 'on' } }
      : {}),
  };
}

interface Login {
  readonly url: string | URL;
  readonly username: string;
  readonly password: string;
}

/** Who is named in the URL goes before who is named beside it. The client does the same, but prints a warning of its own. */
function addressAndUser({ clickhouse: { user, password } }: TocsinConfig, url: string): Login {
  const parsed = URL.parse(url);
  if (!parsed || (parsed.username === '' && parsed.password === '')) return { url, username: user, password };
  const username = parsed.username === '' ? user : decodeURIComponent(parsed.username);
  const inUrl = parsed.password === '' ? password : decodeURIComponent(parsed.password);
  parsed.username = '';
  parsed.password = '';
  return { url: parsed, username, password: inUrl };
}

function withoutUser(url: string): string {
  return URL.parse(url)?.origin ?? url;
}
