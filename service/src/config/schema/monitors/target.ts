import { formatAddress } from '../../address.ts';
import { describeUrl } from '../../describe-url.ts';
import { formatDuration } from '../../duration.ts';
import type { Monitor } from './monitors.ts';

/** What a monitor watches, as its configuration names it, for people: credentials in URLs are left out. */
export function targetOf(monitor: Monitor): string {
  switch (monitor.kind) {
    case 'flow':
      return showUrl(monitor.flow[0]?.request.url ?? '');
    case 'http':
      return showUrl(monitor.http.url);
    case 'tcp':
      return formatAddress(monitor.tcp);
    case 'grpc':
    case 'tls':
      return formatAddress(monitor.endpoint);
    case 'websocket':
      return showUrl(monitor.url);
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

function showUrl(text: string): string {
  const url = URL.parse(text);
  return url ? describeUrl(url) : text;
}
