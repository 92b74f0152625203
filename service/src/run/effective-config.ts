import {
  type Address,
  type ConfigSource,
  expectedOfOpen,
  formatAddress,
  openListeners,
  type TocsinConfig,
} from '../config/index.ts';
import { readConfigApart } from '../reading/read-apart.ts';
import { type Invocation, InvocationError, type ListenName } from './invocation.ts';

/**
 * The configuration with the addresses of `--listen` in it.
 * @throws ConfigError as `loadConfig`, InvocationError where a flag opens to others what asks for no password
 */
export async function loadEffectiveConfig(
  invocation: Invocation,
  source: Omit<ConfigSource, 'file'>,
): Promise<TocsinConfig> {
  return makeEffective(await readConfigApart({ ...source, file: invocation.configFile }), invocation);
}

/** A configuration that was read already, with the addresses of `--listen` in it. @throws InvocationError as `loadEffectiveConfig` */
export function makeEffective(config: TocsinConfig, invocation: Invocation): TocsinConfig {
  const effective = applyListen(config, invocation.listen);
  for (const [listener, address] of openListeners(effective)) {
    if (!config.unauthenticatedListeners.includes(listener))
      throw new InvocationError(
        `--listen ${listener}: expected ${expectedOfOpen(listener)}, found ${formatAddress(address)}`,
      );
  }
  return effective;
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
    checker: {
      ...config.checker,
      http: at('checker.http', config.checker.http),
      heartbeat: {
        ...config.checker.heartbeat,
        listen: at('checker.heartbeat.listen', config.checker.heartbeat.listen),
      },
    },
    alerting: { ...config.alerting, http: at('alerting.http', config.alerting.http) },
    console: { ...config.console, http: at('console.http', config.console.http) },
  });
}
