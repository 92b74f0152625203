import { openConnection, resolveHost } from '../../net/dial.ts';
import { judgeExchangeFailure } from '../../net/failure.ts';
import { hostOf } from '../../net/resolve.ts';
import { secureConnection } from '../../net/secure.ts';
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
  const { secureContext } = visit.network;
  const { step, certificate } = await secureConnection(socket, { endpoint, secureContext }, visit);
  const result = step.status === 'done' ? await talk(visit, step.value) : step;
  return { result, peerAddress, notAfterUnixS: certificate?.notAfterUnixS, tlsProtocol: certificate?.protocol };
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
