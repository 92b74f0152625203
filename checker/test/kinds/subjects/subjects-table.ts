import type { MonitorKind } from '@tocsin/service/config';
import type { ContractSubject } from '../contract.ts';
import { dnsSubject } from './dns.ts';
import { domainSubject } from './domain.ts';
import { flowSubject } from './flow.ts';
import { grpcSubject } from './grpc.ts';
import { heartbeatSubject } from './heartbeat.ts';
import { httpSubject } from './http.ts';
import { icmpSubject } from './icmp.ts';
import { tcpSubject } from './tcp.ts';
import { tlsSubject } from './tls.ts';
import { websocketSubject } from './websocket.ts';

/** What every kind brings to the contract. A kind that is not here does not compile. */
export const SUBJECTS = {
  http: httpSubject,
  domain: domainSubject,
  websocket: websocketSubject,
  tcp: tcpSubject,
  tls: tlsSubject,
  grpc: grpcSubject,
  dns: dnsSubject,
  icmp: icmpSubject,
  flow: flowSubject,
  heartbeat: heartbeatSubject,
} satisfies { readonly [K in MonitorKind]: ContractSubject<K> };
