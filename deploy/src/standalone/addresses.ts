import type { Address, TocsinConfig } from '@tocsin/service/config';
import { LISTEN_NAMES, type ListenName } from '@tocsin/service/invocation';

/** Whether a listener will be opened: that for heartbeats only where there is a job to call, the status page's where monitors are chosen. */
export function isListening(name: ListenName, { monitors, statusPage }: TocsinConfig): boolean {
  if (name === 'status_page.listen') return statusPage.groups.length > 0;
  return name !== 'checker.heartbeat.listen' || monitors.some(({ kind }) => kind === 'heartbeat');
}

/** The configured address of every setting. */
export function addressesOf(config: TocsinConfig): Readonly<Record<ListenName, Address>> {
  return {
    'collector.http': config.collector.http,
    'collector.grpc': config.collector.grpc,
    'clickhouse.http': config.clickhouse.http,
    'checker.http': config.checker.http,
    'checker.heartbeat.listen': config.checker.heartbeat.listen,
    'alerting.http': config.alerting.http,
    'console.http': config.console.http,
    'status_page.listen': config.statusPage.listen,
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
