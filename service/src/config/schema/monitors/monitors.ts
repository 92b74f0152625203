import { z } from 'zod';
import { nearestOf } from '../../known-keys.ts';
import { ALWAYS, isGiven, isMapping, type Mapping, mappingsIn, refuseIn, textAt } from '../cross-checks.ts';
import { dnsMonitor } from './dns.ts';
import { domainMonitor } from './domain.ts';
import { flowMonitor } from './flow.ts';
import { grpcMonitor } from './grpc.ts';
import { heartbeatMonitor } from './heartbeat.ts';
import { httpMonitor } from './http.ts';
import { icmpMonitor } from './icmp.ts';
import { tcpMonitor } from './tcp.ts';
import { tlsMonitor } from './tls.ts';
import { webSocketMonitor } from './websocket.ts';

/** The key of a monitor's kind names its target. Beside another kind's, `tls` says how that one speaks TLS. */
const KINDS = ['http', 'flow', 'tcp', 'tls', 'dns', 'heartbeat', 'grpc', 'websocket', 'icmp', 'domain'] as const;

/** One entry of `monitors`. */
const monitor = z.preprocess(
  nameKind,
  z.discriminatedUnion(
    'kind',
    [
      httpMonitor,
      flowMonitor,
      tcpMonitor,
      tlsMonitor,
      dnsMonitor,
      heartbeatMonitor,
      grpcMonitor,
      webSocketMonitor,
      icmpMonitor,
      domainMonitor,
    ],
    {
      error: () => `expected one of the keys ${KINDS.join(', ')}`,
    },
  ),
);

/** Says by the key that names the target which kind a monitor is. */
function nameKind(value: unknown, context: z.RefinementCtx): unknown {
  if (!isMapping(value)) return value;
  const refuse = refuseIn(context);
  const given = KINDS.filter((key) => isGiven(value, key));
  const [kind, other] = given.length > 1 ? given.filter((key) => key !== 'tls') : given;
  if (kind === undefined) refuse([], `a target: one of the keys ${KINDS.join(', ')}${hintAt(value)}`);
  else if (other !== undefined) refuse([other], `one target a monitor (it has ${kind} as well)`);
  if (isGiven(value, 'kind')) context.addIssue({ code: 'unrecognized_keys', keys: ['kind'], input: value });
  return { ...value, kind };
}

/** A key that is nearly a kind's. */
function hintAt(value: Mapping): string {
  for (const key of Object.keys(value)) {
    const kind = key === 'name' ? undefined : nearestOf(key, KINDS);
    if (kind !== undefined) return ` (${JSON.stringify(key)} may be meant as ${JSON.stringify(kind)})`;
  }
  return '';
}

/** One thing to watch. */
export type Monitor = Readonly<z.output<typeof monitor>>;
export type MonitorKind = Monitor['kind'];
/** A monitor of one kind. */
export type MonitorOf<K extends MonitorKind> = Extract<Monitor, { readonly kind: K }>;

export const monitors = z.array(monitor).superRefine((list: unknown, context) => {
  const refuse = refuseIn(context);
  const seen = new Map<string, number>();
  for (const [index, entry] of mappingsIn(list)) {
    const name = textAt(entry, 'name');
    if (name === undefined) continue;
    const first = seen.get(name);
    if (first === undefined) seen.set(name, index);
    else refuse([index, 'name'], `a name of its own (monitors[${first}] has this one)`);
  }
}, ALWAYS);
