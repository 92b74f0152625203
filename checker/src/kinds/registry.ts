import type { Monitor, MonitorKind, MonitorOf } from '@tocsin/service/config';
import { dnsKind } from './dns/dns-kind.ts';
import { domainKind } from './domain/domain-kind.ts';
import { flowKind } from './flow/flow-kind.ts';
import { grpcKind } from './grpc/grpc-kind.ts';
import { heartbeatKind } from './heartbeat/heartbeat-kind.ts';
import { httpKind } from './http/http-kind.ts';
import { icmpKind } from './icmp/icmp-kind.ts';
import type { ProbeKind } from './kind.ts';
import { tcpKind } from './tcp/tcp-kind.ts';
import { tlsKind } from './tls/tls-kind.ts';
import { webSocketKind } from './websocket/websocket-kind.ts';

/** Every kind of monitor; one that the configuration knows and this table lacks does not compile. */
const kinds = {
  http: httpKind,
  flow: flowKind,
  tcp: tcpKind,
  tls: tlsKind,
  dns: dnsKind,
  heartbeat: heartbeatKind,
  grpc: grpcKind,
  websocket: webSocketKind,
  icmp: icmpKind,
  domain: domainKind,
} satisfies { readonly [K in MonitorKind]: ProbeKind<MonitorOf<K>> };

/** The kind of a monitor, which takes monitors of that kind only. */
export function kindOf<M extends Monitor>(monitor: M): ProbeKind<M> {
  // The table maps each word to the kind for its monitors; the compiler cannot follow that through a union.
  return kinds[monitor.kind] as unknown as ProbeKind<M>;
}
