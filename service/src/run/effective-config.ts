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
 * The configuration as the files say it, without the addresses of `--listen` (`applyListen`): what has changed in them is told by this.
 * @throws ConfigError as `loadConfig`, InvocationError where a flag opens to others what asks for no password
 */
export async function loadFileConfig(
  invocation: Invocation,
  source: Omit<ConfigSource, 'file'>,
): Promise<TocsinConfig> {
  const config = await readConfigApart({ ...source, file: invocation.configFile });
  refuseOpenFlags(config, invocation);
  return config;
}

/** @throws InvocationError where a flag opens to others what asks for no password */
export function refuseOpenFlags(config: TocsinConfig, invocation: Invocation): void {
  const effective = applyListen(config, invocation.listen);
  for (const [listener, address] of openListeners(effective)) {
    if (!config.unauthenticatedListeners.includes(listener))
      throw new InvocationError(
        `--listen ${listener}: expected ${expectedOfOpen(listener)}, found ${formatAddress(address)}`,
      );
  }
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
    statusPage: { ...config.statusPage, listen: at('status_page.listen', config.statusPage.listen) },
  });
}
