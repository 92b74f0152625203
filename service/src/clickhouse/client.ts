import { type ClickHouseClient, ClickHouseLogLevel, createClient } from '@clickhouse/client';
import { clickhouseUrl, type TocsinConfig } from '../config/index.ts';

export type { ClickHouseClient } from '@clickhouse/client';

/** How a service uses ClickHouse. */
export interface ClickHouseUse {
  /** The service's name; shows up in `system.query_log`. */
  readonly application: string;
  /** Refuse writes and DDL in this client's queries. Only the collector writes. */
  readonly readonly: boolean;
  /** Time limit of one request in milliseconds; default 30 000. */
  readonly requestTimeoutMs?: number;
  /** The most connections at once; default 10. */
  readonly maxConnections?: number;
}

/** Makes the client for the ClickHouse of this configuration. Nothing is sent before the first query. */
export function createClickHouse(config: TocsinConfig, use: ClickHouseUse): ClickHouseClient {
  return createClient({
    url: clickhouseUrl(config),
    username: config.clickhouse.user,
    password: config.clickhouse.password,
    database: config.clickhouse.database,
    application: `tocsin-${use.application}`,
    request_timeout: use.requestTimeoutMs ?? 30_000,
    max_open_connections: use.maxConnections ?? 10,
    // The client would print text of its own to the console; errors reach the caller, who logs them.
    log: { level: ClickHouseLogLevel.OFF },
    clickhouse_settings: use.readonly ? { readonly: '1' } : {},
  });
}
