import { hostOf, interleaveFamilies, literalAddress, type ResolvedAddress } from '../../net/resolve.ts';
import { connectFirst } from '../../net/connect.ts';
import {
  judgeConnectFailure,
  judgeDistrust,
  judgeExchangeFailure,
  judgeHandshakeFailure,
  judgeLookupFailure,
} from '../../net/failure.ts';
import { isConnected, isOnLink } from '../../net/on-link.ts';
import { shakeHands } from '../../net/tls.ts';
import type { PhaseRecorder } from '../../phases.ts';
import type { Verdict } from '../../verdict.ts';
import type { Network } from '../kind.ts';
import { type Answer, exchange, type ExchangeOptions } from './exchange.ts';
import type { HttpRequest } from './request.ts';
import type { Socket } from 'node:net';

/** One request at one place: the configured URL or where a redirect led. */
export interface Visit {
  readonly request: HttpRequest;
  readonly hop: number;
  readonly network: Network;
  readonly recorder: PhaseRecorder;
  readonly signal: AbortSignal;
  readonly wantsBody: ExchangeOptions['wantsBody'];
}

/** What a visit came to, and what was learned on the way. */
export interface Visited {
  readonly result:
    | { readonly status: 'answered'; readonly answer: Answer }
    | { readonly status: 'judged'; readonly verdict: Verdict }
    | { readonly status: 'aborted' };
  readonly peerAddress?: string | undefined;
  readonly notAfterUnixS?: number | undefined;
  readonly tlsProtocol?: string | undefined;
}

/** What stopped a step, or what the next one goes on with. */
type Step<T> = { readonly go: T } | { readonly stop: Visited['result'] };

const ABORTED = { stop: { status: 'aborted' } } as const;

/** The host and port that messages name. */
export function targetOf(url: URL): string {
  return `${url.hostname}:${portOf(url)}`;
}

export function portOf(url: URL): number {
  if (url.port !== '') return Number(url.port);
  return url.protocol === 'https:' ? 443 : 80;
}

/** Resolves, connects, shakes hands and exchanges over a connection of its own, taking down each phase. */
export async function visitOnce(visit: Visit): Promise<Visited> {
  const addresses = await resolveHost(visit);
  if ('stop' in addresses) return { result: addresses.stop };
  const connected = await openConnection(visit, addresses.go);
  if ('stop' in connected) return { result: connected.stop };
  const { socket, address: peerAddress } = connected.go;
  if (visit.request.url.protocol !== 'https:') return { result: await talk(visit, socket), peerAddress };
  const secured = await secure(visit, socket);
  const { notAfterUnixS, tlsProtocol } = secured;
  const result = 'stop' in secured.step ? secured.step.stop : await talk(visit, secured.step.go);
  return { result, peerAddress, notAfterUnixS, tlsProtocol };
}

function judged(verdict: Verdict): { readonly stop: Visited['result'] } {
  return { stop: { status: 'judged', verdict } };
}

async function resolveHost({ request, hop, network, recorder, signal }: Visit): Promise<Step<ResolvedAddress[]>> {
  const host = hostOf(request.url);
  const literal = literalAddress(host);
  if (literal) return { go: [literal] };
  recorder.begin('resolve', hop);
  const { promise: aborted, resolve: abort } = Promise.withResolvers<'aborted'>();
  const onAbort = (): void => abort('aborted');
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    const found = signal.aborted ? 'aborted' : await Promise.race([network.lookup(host), aborted]);
    if (found === 'aborted') return ABORTED;
    recorder.end();
    return { go: interleaveFamilies(found) };
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    return judged(judgeLookupFailure(host, String(error.code), isConnected(network.localNetworks())));
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

async function openConnection(
  { request, hop, network, recorder, signal }: Visit,
  addresses: readonly ResolvedAddress[],
): Promise<Step<{ readonly socket: Socket; readonly address: string }>> {
  recorder.begin('connect', hop);
  const outcome = await connectFirst(addresses, { port: portOf(request.url), signal });
  if (outcome.status === 'aborted') return ABORTED;
  if (outcome.status === 'failed') {
    const isNeighbour = (address: string): boolean => isOnLink(address, network.localNetworks());
    return judged(judgeConnectFailure(targetOf(request.url), outcome.attempts, isNeighbour));
  }
  recorder.end({ 'network.peer.address': outcome.address });
  return { go: outcome };
}

async function secure(
  { request, hop, network, recorder, signal }: Visit,
  socket: Socket,
): Promise<{ readonly step: Step<Socket> } & Pick<Visited, 'notAfterUnixS' | 'tlsProtocol'>> {
  const hostname = hostOf(request.url);
  recorder.begin('tls', hop);
  const outcome = await shakeHands(socket, { hostname, secureContext: network.secureContext, signal });
  if (outcome.status === 'aborted') return { step: ABORTED };
  if (outcome.status === 'failed') return { step: judged(judgeHandshakeFailure(targetOf(request.url), outcome.code)) };
  const { notAfterUnixS, names, protocol: tlsProtocol } = outcome.certificate;
  if (outcome.status === 'distrusted') {
    return { step: judged(judgeDistrust(hostname, outcome.code, names, notAfterUnixS)), notAfterUnixS, tlsProtocol };
  }
  recorder.end();
  return { step: { go: outcome.socket }, notAfterUnixS, tlsProtocol };
}

async function talk({ request, hop, recorder, signal, wantsBody }: Visit, socket: Socket): Promise<Visited['result']> {
  let phase: 'request' | 'transfer' = 'request';
  recorder.begin(phase, hop);
  const onFirstByte = (): void => {
    phase = 'transfer';
    recorder.begin(phase, hop);
  };
  const outcome = await exchange(socket, request, { signal, wantsBody, onFirstByte });
  if (outcome.status !== 'failed') {
    if (outcome.status === 'answered') recorder.end();
    return outcome;
  }
  return { status: 'judged', verdict: judgeExchangeFailure(targetOf(request.url), phase, outcome.code) };
}
