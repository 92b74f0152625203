import type { Socket } from 'node:net';
import type { Network } from '../kinds/kind.ts';
import type { PhaseRecorder } from '../phases.ts';
import { down, unknown } from '../verdict.ts';
import { type ConnectAttempt, connectFirst } from './connect.ts';
import { judgeConnectFailure, judgeLookupFailure } from './failure.ts';
import { isConnected, isOnLink } from './on-link.ts';
import { interleaveFamilies, literalAddress, type ResolvedAddress } from './resolve.ts';
import { ABORTED, done, judged, type Step } from './step.ts';

/** What a step on the way to a target is given: the run's own things and the stop of the run it belongs to. */
export interface DialOptions {
  readonly network: Network;
  readonly recorder: PhaseRecorder;
  readonly hop: number;
  readonly signal: AbortSignal;
  /** Only addresses of this family; absent means either. */
  readonly family?: 4 | 6 | undefined;
}

/** Where a connection goes. */
export interface Endpoint {
  /** A name or an address, IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
}

/** A host and port for messages. */
export function showEndpoint({ host, port }: Endpoint): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/**
 * Looks a host up (phase `resolve`; none for an address), in the order in which the addresses are to be tried. Addresses that the
 * configuration denies are left out; whoever connects must connect to one of these and never look the name up again.
 */
export async function resolveHost(host: string, options: DialOptions): Promise<Step<readonly ResolvedAddress[]>> {
  const literal = literalAddress(host);
  const found = literal ? done([literal]) : await lookUp(host, options);
  return found.status === 'done' ? chooseAddresses(host, found.value, options) : found;
}

async function lookUp(host: string, options: DialOptions): Promise<Step<readonly ResolvedAddress[]>> {
  const { network, recorder, hop, signal, family } = options;
  recorder.begin('resolve', hop);
  const { promise: aborted, resolve: abort } = Promise.withResolvers<'aborted'>();
  const onAbort = (): void => abort('aborted');
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    const found = signal.aborted ? 'aborted' : await Promise.race([network.lookup(host, family), aborted]);
    if (found === 'aborted') return ABORTED;
    recorder.end();
    return done(interleaveFamilies(found));
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    return judged(judgeLookupFailure(host, String(error.code), isConnected(network.localNetworks())));
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

function chooseAddresses(
  host: string,
  addresses: readonly ResolvedAddress[],
  { network, family }: DialOptions,
): Step<readonly ResolvedAddress[]> {
  const ofFamily = family === undefined ? addresses : addresses.filter((entry) => entry.family === family);
  if (ofFamily.length === 0) {
    const wanted = family === undefined ? 'an address' : `an IPv${family} address`;
    const found = addresses.length === 0 ? 'none' : `only IPv${family === 4 ? 6 : 4} addresses`;
    return judged(down('dns_nxdomain', `expected ${host} to have ${wanted}, found ${found}`));
  }
  const allowed = ofFamily.filter(({ address }) => !network.isDenied?.(address));
  if (allowed.length > 0) return done(allowed);
  const shown = ofFamily.map(({ address }) => address).slice(0, 3);
  const found = literalAddress(host) ? host : `${shown.join(', ')} for ${host}`;
  return judged(unknown('address_denied', `expected a public address (deny_private_addresses), found ${found}`));
}

/** A connection that is open. */
export interface OpenConnection {
  readonly socket: Socket;
  readonly address: string;
}

/** Opens a TCP connection to one of the addresses of a host (phase `connect`); every attempt is told in the phase's attributes. */
export async function openConnection(
  endpoint: Endpoint,
  addresses: readonly ResolvedAddress[],
  { network, recorder, hop, signal }: DialOptions,
): Promise<Step<OpenConnection>> {
  recorder.begin('connect', hop);
  const outcome = await connectFirst(addresses, { port: endpoint.port, signal });
  if (outcome.status === 'aborted') return ABORTED;
  if (outcome.status === 'failed') {
    const isNeighbour = (address: string): boolean => isOnLink(address, network.localNetworks());
    return judged(judgeConnectFailure(showEndpoint(endpoint), outcome.attempts, isNeighbour));
  }
  const { socket, address, attempts } = outcome;
  const tried = attempts.length === 0 ? {} : { 'tocsin.probe.attempts': describeAttempts(attempts) };
  recorder.end({ 'network.peer.address': address, ...tried });
  return done({ socket, address });
}

/** As `[::1] ENETUNREACH after 1ms`. */
function describeAttempts(attempts: readonly ConnectAttempt[]): string {
  return attempts.map(({ address, code, afterMs }) => `${address} ${code} after ${Math.round(afterMs)}ms`).join(', ');
}
