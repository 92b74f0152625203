import { openConnection, resolveHost } from '../../net/dial.ts';
import { judgeDistrust, judgeExchangeFailure, judgeHandshakeFailure } from '../../net/failure.ts';
import { hostOf } from '../../net/resolve.ts';
import { ABORTED, done, judged, type Step } from '../../net/step.ts';
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
  const { url } = visit.request;
  const endpoint = { host: hostOf(url), port: portOf(url) };
  const addresses = await resolveHost(endpoint.host, visit);
  if (addresses.status !== 'done') return { result: addresses };
  const connected = await openConnection(endpoint, addresses.value, visit);
  if (connected.status !== 'done') return { result: connected };
  const { socket, address: peerAddress } = connected.value;
  if (url.protocol !== 'https:') return { result: await talk(visit, socket), peerAddress };
  const secured = await secure(visit, socket);
  const { notAfterUnixS, tlsProtocol } = secured;
  const result = secured.step.status === 'done' ? await talk(visit, secured.step.value) : secured.step;
  return { result, peerAddress, notAfterUnixS, tlsProtocol };
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
  return { step: done(outcome.socket), notAfterUnixS, tlsProtocol };
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
