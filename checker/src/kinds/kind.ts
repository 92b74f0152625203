import type { SecureContext } from 'node:tls';
import type { Monitor } from '@tocsin/service/config';
import type { Clock } from '../clock.ts';
import type { RdapDirectory } from './domain/rdap-directory.ts';
import type { HeartbeatReader } from './heartbeat/heartbeat-book.ts';
import type { LocalNetwork } from '../net/on-link.ts';
import type { LookupFigures } from '../net/lookup/system-lookup.ts';
import type { Lookup } from '../net/resolve.ts';
import type { Observation } from '../probe-run.ts';
import type { Stalls } from '../stalls.ts';

/** How probes reach the world; shared by all runs. */
export interface Network {
  readonly lookup: Lookup;
  readonly lookupFigures?: () => LookupFigures;
  /** The authorities a target's certificate may come from. */
  readonly secureContext: SecureContext;
  readonly localNetworks: () => readonly LocalNetwork[];
  /** What jobs have called to say; absent where nobody listens. */
  readonly heartbeats?: HeartbeatReader;
  /** The system's DNS servers as `address`, `address:port` or `[IPv6]:port`; absent: those it is configured with. */
  readonly dnsServers?: () => readonly string[];
  /** Which RDAP servers there are; absent: what is known by heart or fetched for the run. */
  readonly rdap?: RdapDirectory;
  /** The program that pings, as a path; absent: the system's `ping`. */
  readonly pingProgram?: string;
  /** Whether connections to an address are forbidden (`checker.deny_private_addresses`); `undefined` where none is. */
  readonly isDenied?: ((address: string) => boolean) | undefined;
}

/** What one run of a probe is given. */
export interface ProbeContext {
  readonly clock: Clock;
  readonly network: Network;
  readonly stalls: Stalls;
  /** W3C trace context with the id of the run's root span; goes out with whatever can carry it. */
  readonly traceparent: string;
  /** What the monitor's configuration has that must not leave the checker. */
  readonly secrets: readonly string[];
  /** Aborted when the result is no longer wanted (shutdown, monitor removed). */
  readonly signal: AbortSignal;
}

/** A way to watch something: one folder below `kinds/` and one line in the registry. */
export interface ProbeKind<M extends Monitor = Monitor> {
  /** What is watched, for people and for `tocsin.monitor.target`; no secrets. */
  describeTarget(monitor: M): string;
  /**
   * Looks at the target once, within the monitor's `timeoutMs`.
   * @returns `undefined` where the signal ended it; never rejects for anything the network does
   */
  probe(monitor: M, context: ProbeContext): Promise<Observation | undefined>;
}
