import type { X509Certificate } from 'node:crypto';
import { isIP, type Socket } from 'node:net';
import { connect, type SecureContext, type TLSSocket } from 'node:tls';

export interface HandshakeOptions {
  /** The name the certificate must be for; also sent as SNI unless it is an address. */
  readonly hostname: string;
  /** The trusted authorities. One for all runs: to make one costs more than a probe. */
  readonly secureContext: SecureContext;
  readonly signal: AbortSignal;
}

export type HandshakeOutcome =
  | { readonly status: 'secured'; readonly socket: TLSSocket; readonly certificate: PeerCertificate }
  /** The handshake went through and the certificate is not acceptable; the connection is closed, nothing was sent. */
  | { readonly status: 'distrusted'; readonly code: string; readonly certificate: PeerCertificate }
  | { readonly status: 'failed'; readonly code: string }
  | { readonly status: 'aborted' };

/** What is told of the chain that the server presented. */
export interface PeerCertificate {
  /** The earliest end of validity of the certificates the server presented, Unix time in seconds. */
  readonly notAfterUnixS: number | undefined;
  /** `subjectAltName` of the server's own certificate, as `DNS:example.com, IP Address:127.0.0.1`. */
  readonly names: string;
  readonly protocol: string;
}

/**
 * Performs the TLS handshake on a connection. The certificate is judged here, after the handshake, so that its dates are known
 * of one that is refused too.
 */
export function shakeHands(socket: Socket, options: HandshakeOptions): Promise<HandshakeOutcome> {
  const { hostname, secureContext, signal } = options;
  return new Promise((resolve) => {
    const secure = connect({
      socket,
      secureContext,
      host: hostname,
      servername: isIP(hostname) === 0 ? hostname : '',
      ALPNProtocols: ['http/1.1'],
      rejectUnauthorized: false,
    });
    const settle = (outcome: HandshakeOutcome): void => {
      signal.removeEventListener('abort', onAbort);
      secure.off('error', onError);
      if (outcome.status !== 'secured') {
        secure.on('error', () => {});
        secure.destroy();
        socket.destroy();
      }
      resolve(outcome);
    };
    const onError = (error: NodeJS.ErrnoException): void =>
      settle({ status: 'failed', code: error.code ?? error.message });
    const onAbort = (): void => settle({ status: 'aborted' });
    secure.once('error', onError);
    secure.once('secureConnect', () => {
      const certificate = describePeer(secure);
      if (secure.authorized) settle({ status: 'secured', socket: secure, certificate });
      else settle({ status: 'distrusted', code: String(secure.authorizationError), certificate });
    });
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
  });
}

function describePeer(socket: TLSSocket): PeerCertificate {
  const leaf = socket.getPeerX509Certificate();
  const ends: number[] = [];
  const seen = new Set<string>();
  for (let link: X509Certificate | undefined = leaf; link && !seen.has(link.fingerprint256);) {
    seen.add(link.fingerprint256);
    ends.push(link.validToDate.getTime() / 1_000);
    link = link.issuerCertificate;
  }
  return {
    notAfterUnixS: ends.length === 0 ? undefined : Math.min(...ends),
    names: leaf?.subjectAltName ?? '',
    protocol: socket.getProtocol() ?? '',
  };
}
