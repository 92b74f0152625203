import { createSecureContext } from 'node:tls';
import type { Monitor } from '@tocsin/service/config';
import { type Logger, silentLogger } from '@tocsin/service/log';
import { systemClock } from './clock.ts';
import type { Network } from './kinds/kind.ts';
import { readLocalNetworks } from './net/on-link.ts';
import { isPrivateAddress } from './net/private-addresses.ts';
import { createSystemLookup } from './net/lookup/system-lookup.ts';
import type { ProbeRun } from './probe-run.ts';
import { runProbe } from './run-probe.ts';
import { measureStalls } from './stalls.ts';

export type { AttributeMap } from './attributes.ts';
export type { Hop, Observation, ProbeRun } from './probe-run.ts';
export type { Phase, PhaseName } from './phases.ts';
export type { Evidence } from './evidence.ts';
export { type DownReason, type Outcome, OUTCOMES, type Reason, type UnknownReason, type Verdict } from './verdict.ts';
export { REASONS } from './reasons-table.ts';

/** What the configuration says of the network. */
export interface NetworkOptions {
  readonly denyPrivateAddresses?: boolean;
}

/** This machine's network with the authorities that Node trusts. */
export function createSystemNetwork({ denyPrivateAddresses }: NetworkOptions = {}): Network {
  const { lookup, servers, figures } = createSystemLookup();
  return {
    lookup,
    dnsServers: servers,
    lookupFigures: figures,
    secureContext: createSecureContext(),
    localNetworks: readLocalNetworks,
    isDenied: denyPrivateAddresses === true ? isPrivateAddress : undefined,
  };
}

export interface ProbeOnceOptions {
  readonly signal?: AbortSignal;
  readonly network?: Network;
  readonly log?: Logger;
}

/**
 * Runs one monitor's probe now and sends nothing anywhere: what a command line shows.
 * @returns `undefined` where the signal ended it
 */
export async function probeOnce(monitor: Monitor, options: ProbeOnceOptions = {}): Promise<ProbeRun | undefined> {
  const { signal = new AbortController().signal, network = createSystemNetwork(), log = silentLogger() } = options;
  const stalls = measureStalls(systemClock);
  try {
    return await runProbe({ clock: systemClock, network, stalls, log }, { monitor, latenessMs: 0, signal });
  } finally {
    stalls.stop();
  }
}
