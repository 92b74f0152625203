import { embeddedCredentials } from '../clickhouse/embedded-credentials.ts';
import type { TocsinConfig } from '../config/index.ts';

/**
 * The configuration with the user and password of the embedded ClickHouse in `clickhouse`, where no URL of another is configured: the collector's,
 * which alone may write, or the readers'. So every client that a service makes of its configuration is let in.
 */
export function withEmbeddedLogin(config: TocsinConfig, service: string, dataDir: string): TocsinConfig {
  // The embedded ClickHouse itself is asked, and asks nobody.
  if (config.clickhouse.url !== undefined || service === 'clickhouse') return config;
  const { writer, reader } = embeddedCredentials(dataDir);
  const { user, password } = service === 'collector' ? writer : reader;
  return Object.freeze({ ...config, clickhouse: Object.freeze({ ...config.clickhouse, user, password }) });
}
