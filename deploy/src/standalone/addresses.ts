import type { Address, TocsinConfig } from '@tocsin/service/config';
import { LISTEN_NAMES, type ListenName } from '@tocsin/service/invocation';

/** The configured address of every setting. */
export function addressesOf(config: TocsinConfig): Readonly<Record<ListenName, Address>> {
  return {
    'collector.http': config.collector.http,
    'collector.grpc': config.collector.grpc,
    'clickhouse.http': config.clickhouse.http,
    'checker.http': config.checker.http,
    'alerting.http': config.alerting.http,
    'console.http': config.console.http,
  };
}

/** `--listen NAME=ADDRESS` for every address: each service also learns where the others are. */
export function listenFlags(
  addresses: Readonly<Record<ListenName, Address>>,
  chosen: ReadonlyMap<ListenName, Address>,
): string[] {
  return LISTEN_NAMES.flatMap((name) => {
    const { host, port } = chosen.get(name) ?? addresses[name];
    return ['--listen', `${name}=${host.includes(':') ? `[${host}]` : host}:${port}`];
  });
}
