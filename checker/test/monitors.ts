import type { HttpExpectation, Monitor, MonitorOf } from '@tocsin/service/config';
import { silentLogger } from '@tocsin/service/log';
import { createSecureContext } from 'node:tls';
import type { Network } from '../src/kinds/kind.ts';
import type { ResolvedAddress } from '../src/net/resolve.ts';
import { noteAuthorities } from '../src/net/verified-path.ts';
import { systemClock } from '../src/clock.ts';
import { probeOnce, type ProbeRun } from '../src/probe.ts';
import { runProbe } from '../src/run-probe.ts';

type Http = MonitorOf<'http'>['http'];
type Connection = MonitorOf<'http'>['connection'];

export interface MonitorParts extends Partial<Omit<Http, 'url' | 'body'>> {
  readonly name?: string;
  readonly timeoutMs?: number;
  readonly schedule?: Monitor['schedule'];
  readonly common?: Partial<Pick<Monitor, 'confirm' | 'recoverSuccesses' | 'dependsOn' | 'maintenance'>>;
  readonly body?: string | Http['body'];
  readonly connection?: Partial<Omit<Connection, 'tls'>>;
  readonly tls?: Partial<Connection['tls']>;
  /** Accepted status codes; empty means any 2xx. */
  readonly status?: readonly number[];
  readonly latencyMs?: number;
  readonly bodyContains?: readonly string[];
  /** Further expectations. */
  readonly expect?: readonly HttpExpectation[];
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
  const { method = 'GET', headers = {}, body, auth, redirects, maxRedirects = 5 } = parts;
  const { decompress = true, maxBodyBytes = 2 ** 20, connection = {}, tls = {} } = parts;
  return {
    name,
    kind: 'http',
    schedule,
    timeoutMs,
    ...COMMON,
    ...parts.common,
    http: {
      url,
      method,
      headers,
      body: typeof body === 'string' ? { type: 'text', text: body } : body,
      auth,
      redirects,
      maxRedirects,
      decompress,
      maxBodyBytes,
    },
    connection: makeConnection(connection, tls),
    expect: expectationsOf(parts),
  };
}

/** Connections as by default, with what a test says. */
export function makeConnection(parts: MonitorParts['connection'] = {}, tls: MonitorParts['tls'] = {}): Connection {
  return {
    proxy: undefined,
    version: 'auto',
    ip: 'auto',
    ...parts,
    tls: {
      caFile: undefined,
      certFile: undefined,
      keyFile: undefined,
      keyPassword: undefined,
      serverName: undefined,
      insecure: false,
      ...tls,
    },
  };
}

function expectationsOf({ status = [], latencyMs, bodyContains = [], expect = [] }: MonitorParts): HttpExpectation[] {
  const severity = 'down';
  const codes = status.map((code) => ({ from: code, to: code }));
  const ranges = codes.length === 0 ? [{ from: 200, to: 299 }] : codes;
  const tests = bodyContains.map((value) => ({ operator: 'contains', value, negated: false }) as const);
  return [
    ...(expect.some(({ subject }) => subject === 'status') ? [] : [{ severity, subject: 'status', ranges } as const]),
    ...(tests.length === 0 ? [] : [{ severity, subject: 'body', tests } as const]),
    ...expect,
    ...(latencyMs === undefined ? [] : [{ severity, subject: 'latency', phase: 'total', maxMs: latencyMs } as const]),
  ];
}

export interface NetworkParts {
  /** Names and what they resolve to; an error is thrown. Any other name is 127.0.0.1. */
  readonly names?: Readonly<Record<string, readonly ResolvedAddress[] | Promise<never> | string>>;
  /** Trusted authorities in PEM. */
  readonly ca?: string;
  readonly isDenied?: Network['isDenied'];
}

/** A network in which names are what the test says; connections are real. */
export function makeNetwork({ names = {}, ca, isDenied }: NetworkParts = {}): Network {
  const secureContext = createSecureContext(ca === undefined ? {} : { ca });
  if (ca !== undefined) noteAuthorities(secureContext, ca);
  return {
    isDenied,
    secureContext,
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

/**
 * As `probe`, in a process that never stands still: on a busy machine a verdict about time would else be that of the checker's own trouble
 * (`own-trouble.ts`), which has tests of its own.
 */
export async function probeUnhindered(monitor: Monitor, network: Network = makeNetwork()): Promise<ProbeRun> {
  const stalls = { totalMs: () => 0 };
  const { signal } = new AbortController();
  const environment = { clock: systemClock, network, stalls, log: silentLogger() };
  const run = await runProbe(environment, { monitor, latenessMs: 0, signal });
  if (!run) throw new Error('the run was ended');
  return run;
}

/** The phases of a run by name, as `resolve connect request transfer`. */
export function phaseNames(run: ProbeRun): string {
  return run.phases.map(({ name }) => name).join(' ');
}
