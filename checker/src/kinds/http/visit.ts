import type { IncomingHttpHeaders } from 'node:http';
import { showEndpoint } from '../../net/dial.ts';
import { judgeExchangeFailure } from '../../net/failure.ts';
import { ABORTED, done, judged, type Step } from '../../net/step.ts';
import type { PeerCertificate } from '../../net/tls.ts';
import { type Answer, exchange, type ExchangeOptions } from './exchange.ts';
import { exchangeHttp2 } from './exchange-h2.ts';
import type { HttpRequest } from './request.ts';
import { endpointOf, openRoute, type Route, type RouteOptions } from './route.ts';

/** One request at one place: the configured URL or where a redirect led. */
export interface Visit extends RouteOptions {
  readonly request: HttpRequest;
  readonly maxBodyBytes: number;
  readonly wantsBody: ExchangeOptions['wantsBody'];
}

/** What a visit came to, and what was learned on the way. */
export interface Visited {
  readonly request: HttpRequest;
  readonly step: Step<Answer>;
  readonly headers?: IncomingHttpHeaders;
  readonly peerAddress?: string | undefined;
  readonly certificate?: PeerCertificate | undefined;
  readonly version?: Route['version'] | undefined;
}

/** The host and port that messages name. */
export function targetOf(url: URL): string {
  return showEndpoint(endpointOf(url));
}

/** Resolves, connects, shakes hands and exchanges over a connection of its own, taking down each phase. */
export async function visitOnce(visit: Visit): Promise<Visited> {
  const { request } = visit;
  const { step, peerAddress, certificate } = await openRoute(request.url, visit);
  const learned = { request, peerAddress, certificate };
  if (step.status !== 'done') return { ...learned, step };
  return { ...learned, version: step.value.version, step: await talk(visit, step.value) };
}

async function talk(visit: Visit, { socket, version, proxy }: Route): Promise<Step<Answer>> {
  const { request, hop, recorder, signal, wantsBody, maxBodyBytes } = visit;
  let phase: 'request' | 'transfer' = 'request';
  recorder.begin(phase, hop);
  const onFirstByte = (): void => {
    phase = 'transfer';
    recorder.begin(phase, hop);
  };
  const options = { signal, wantsBody, onFirstByte, maxBodyBytes, proxy };
  const outcome = await (version === '2' ? exchangeHttp2 : exchange)(socket, request, options);
  if (outcome.status === 'aborted') return ABORTED;
  if (outcome.status === 'failed') return judged(judgeExchangeFailure(targetOf(request.url), phase, outcome.code));
  recorder.end();
  return done(outcome.answer);
}
