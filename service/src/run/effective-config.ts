import { type Address, type ConfigSource, loadConfig, type TocsinConfig } from '../config/index.ts';
import type { Invocation, ListenName } from './invocation.ts';

/**
 * The configuration with the addresses of `--listen` in it.
 * @throws ConfigError as `loadConfig`
 */
export async function loadEffectiveConfig(
  invocation: Invocation,
  source: Omit<ConfigSource, 'file'>,
): Promise<TocsinConfig> {
  const config = await loadConfig({ ...source, file: invocation.configFile });
  return applyListen(config, invocation.listen);
}

/** The configuration with some addresses replaced. */
export function applyListen(config: TocsinConfig, listen: ReadonlyMap<ListenName, Address>): TocsinConfig {
  const at = (name: ListenName, configured: Address): Address => listen.get(name) ?? configured;
  return Object.freeze({
    ...config,
    collector: {
      ...config.collector,
      http: at('collector.http', config.collector.http),
      grpc: at('collector.grpc', config.collector.grpc),
    },
    clickhouse: { ...config.clickhouse, http: at('clickhouse.http', config.clickhouse.http) },
    checker: { ...config.checker, http: at('checker.http', config.checker.http) },
    alerting: { ...config.alerting, http: at('alerting.http', config.alerting.http) },
    console: { ...config.console, http: at('console.http', config.console.http) },
  });
}
