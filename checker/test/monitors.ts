import type { Monitor, MonitorOf } from '@tocsin/service/config';
import { createSecureContext } from 'node:tls';
import type { Network } from '../src/kinds/kind.ts';
import type { ResolvedAddress } from '../src/net/resolve.ts';
import { probeOnce, type ProbeRun } from '../src/probe.ts';

type Http = MonitorOf<'http'>['http'];
type Expect = MonitorOf<'http'>['expect'];

export interface MonitorParts extends Partial<Pick<Http, 'method' | 'headers' | 'body'>>, Partial<Expect> {
  readonly name?: string;
  readonly timeoutMs?: number;
  readonly schedule?: Monitor['schedule'];
  readonly common?: Partial<Pick<Monitor, 'confirm' | 'recoverSuccesses' | 'dependsOn' | 'maintenance'>>;
}

/** What every monitor has, as the configuration's defaults make it. */
const COMMON = {
  confirm: { failures: 2, withinMs: 30_000, retryAfterMs: 5_000 },
  recoverSuccesses: 1,
  dependsOn: [],
  maintenance: [],
} as const;

/** An HTTP monitor as the configuration makes it, with what a test says and defaults for the rest. */
export function makeMonitor(url: string, parts: MonitorParts = {}): MonitorOf<'http'> {
  const { name = 'shop', timeoutMs = 5_000, schedule = { type: 'interval', intervalMs: 10_000 } } = parts;
  const { method = 'GET', headers = {}, body, status = [], latencyMs, bodyContains = [] } = parts;
  return {
    name,
    kind: 'http',
    schedule,
    timeoutMs,
    ...COMMON,
    ...parts.common,
    http: { url, method, headers, body },
    expect: { status, latencyMs, bodyContains },
  };
}

export interface NetworkParts {
  /** Names and what they resolve to; an error is thrown. Any other name is 127.0.0.1. */
  readonly names?: Readonly<Record<string, readonly ResolvedAddress[] | Promise<never> | string>>;
  /** Trusted authorities in PEM. */
  readonly ca?: string;
  readonly isDenied?: Network['isDenied'];
}

/** A network in which names are what the test says; connections are real. */
export function makeNetwork({ names = {}, ca, isDenied = () => false }: NetworkParts = {}): Network {
  return {
    isDenied,
    secureContext: createSecureContext(ca === undefined ? {} : { ca }),
    localNetworks: () => [
      { address: '127.0.0.1', cidr: '127.0.0.1/8' },
      { address: '192.0.2.7', cidr: '192.0.2.7/24' },
    ],
    async lookup(hostname) {
      const known = names[hostname] ?? [{ address: '127.0.0.1', family: 4 }];
      if (typeof known !== 'string') return known;
      throw Object.assign(new Error(`getaddrinfo ${known} ${hostname}`), { code: known });
    },
  };
}

/** Runs a monitor once and wants a result. */
export async function probe(monitor: Monitor, network: Network = makeNetwork()): Promise<ProbeRun> {
  const run = await probeOnce(monitor, { network });
  if (!run) throw new Error('the run was ended');
  return run;
}

/** The phases of a run by name, as `resolve connect request transfer`. */
export function phaseNames(run: ProbeRun): string {
  return run.phases.map(({ name }) => name).join(' ');
}
