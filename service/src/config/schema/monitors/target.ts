import { formatAddress } from '../../address.ts';
import { formatDuration } from '../../duration.ts';
import type { Monitor } from './monitors.ts';

/** What a monitor watches, as its configuration names it. */
export function targetOf(monitor: Monitor): string {
  switch (monitor.kind) {
    case 'flow':
      return monitor.flow[0]?.request.url ?? '';
    case 'http':
      return monitor.http.url;
    case 'tcp':
      return formatAddress(monitor.tcp);
    case 'grpc':
    case 'tls':
      return formatAddress(monitor.endpoint);
    case 'websocket':
      return monitor.url;
    case 'icmp':
      return monitor.host;
    case 'domain':
      return monitor.domain;
    case 'heartbeat':
      return monitor.expected.type === 'cron' ? monitor.expected.expression : formatDuration(monitor.expected.periodMs);
    case 'dns':
      return `${monitor.query.name} ${monitor.query.type}`;
  }
}
