import type { Socket } from 'node:net';
import type { SecureContext, TLSSocket } from 'node:tls';
import { type DialOptions, type Endpoint, showEndpoint } from './dial.ts';
import { judgeDistrust, judgeHandshakeFailure } from './failure.ts';
import { ABORTED, done, judged, type Step } from './step.ts';
import { type PeerCertificate, shakeHands } from './tls.ts';

/** How TLS is spoken on a connection that is open. */
export interface SecureOptions {
  readonly endpoint: Endpoint;
  readonly secureContext: SecureContext;
  /** The name to ask for instead of the endpoint's host. */
  readonly serverName?: string | undefined;
  readonly insecure?: boolean | undefined;
  readonly alpn?: readonly string[] | undefined;
}

/** What became of the handshake, and of the certificate as far as one came. */
export interface Secured {
  readonly step: Step<TLSSocket>;
  readonly certificate?: PeerCertificate;
}

/** Performs the TLS handshake (phase `tls`) and judges the certificate. A connection that is not good is closed. */
export async function secureConnection(
  socket: Socket,
  { endpoint, secureContext, serverName, insecure, alpn }: SecureOptions,
  { recorder, hop, signal }: Pick<DialOptions, 'recorder' | 'hop' | 'signal'>,
): Promise<Secured> {
  const hostname = serverName ?? endpoint.host;
  recorder.begin('tls', hop);
  const outcome = await shakeHands(socket, {
    hostname,
    secureContext,
    signal,
    ...(alpn === undefined ? {} : { alpn }),
    ...(insecure === undefined ? {} : { insecure }),
  });
  if (outcome.status === 'aborted') return { step: ABORTED };
  if (outcome.status === 'failed') return { step: judged(judgeHandshakeFailure(showEndpoint(endpoint), outcome.code)) };
  const { certificate } = outcome;
  if (outcome.status === 'distrusted') {
    const { names, notAfterUnixS } = certificate;
    return { step: judged(judgeDistrust(hostname, outcome.code, names, notAfterUnixS)), certificate };
  }
  recorder.end({ 'tls.protocol.version': certificate.protocol.replace(/^TLSv/, '') });
  return { step: done(outcome.socket), certificate };
}
