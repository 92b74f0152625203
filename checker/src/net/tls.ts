import type { X509Certificate } from 'node:crypto';
import { isIP, type Socket } from 'node:net';
import { connect, type SecureContext, type TLSSocket } from 'node:tls';
import { authoritiesOf, findVerifiedEnd } from './verified-path.ts';

export interface HandshakeOptions {
  /** The name the certificate must be for; also sent as SNI unless it is an address. */
  readonly hostname: string;
  /** The trusted authorities and our own certificate. One for many runs: to make one costs more than a probe. */
  readonly secureContext: SecureContext;
  readonly signal: AbortSignal;
  /** The protocols offered by ALPN, the preferred first. */
  readonly alpn?: readonly string[];
  /** Goes on with a certificate that is not acceptable; `certificate.distrust` tells why it is not. */
  readonly insecure?: boolean;
}

export type HandshakeOutcome =
  | { readonly status: 'secured'; readonly socket: TLSSocket; readonly certificate: PeerCertificate }
  /** The handshake went through and the certificate is not acceptable; the connection is closed, nothing was sent. */
  | { readonly status: 'distrusted'; readonly code: string; readonly certificate: PeerCertificate }
  | { readonly status: 'failed'; readonly code: string }
  | { readonly status: 'aborted' };

/** What is told of the chain that the server presented, and of the session. */
export interface PeerCertificate {
  /** The earliest end of validity of the certificates the server presented, Unix time in seconds. */
  readonly notAfterUnixS: number | undefined;
  /** The end of the path to a trusted authority (`findVerifiedEnd`); `undefined` where the certificate is not acceptable. */
  readonly verifiedUntilUnixS: number | undefined;
  /** `subjectAltName` of the server's own certificate, as `DNS:example.com, IP Address:127.0.0.1`. */
  readonly names: string;
  /** As `TLSv1.3`. */
  readonly protocol: string;
  /** What ALPN chose, as `h2`; empty where it chose nothing. */
  readonly alpn: string;
  /** OpenSSL's or Node's code of why the certificate is not acceptable, where it is not. */
  readonly distrust: string | undefined;
  /** The certificates from the server's own up, as they were presented. */
  readonly chain: readonly X509Certificate[];
}

/**
 * What is told of several servers on one way (redirects) as if they were one: the first to end, and the oldest version. What is of one server
 * alone is the first one's.
 */
export function joinCertificates(certificates: readonly PeerCertificate[]): PeerCertificate | undefined {
  const [first] = certificates;
  if (!first) return undefined;
  const earliest = (ends: readonly (number | undefined)[]): number => Math.min(...ends.map((end) => end ?? Infinity));
  const notAfterUnixS = earliest(certificates.map((each) => each.notAfterUnixS));
  const verified = certificates.map((each) => each.verifiedUntilUnixS);
  const [protocol = ''] = certificates.map((each) => each.protocol.replace(/^TLSv1$/, 'TLSv1.0')).toSorted();
  return {
    ...first,
    notAfterUnixS: Number.isFinite(notAfterUnixS) ? notAfterUnixS : undefined,
    verifiedUntilUnixS: verified.includes(undefined) ? undefined : earliest(verified),
    protocol: protocol.replace(/^TLSv1\.0$/, 'TLSv1'),
  };
}

/**
 * Performs the TLS handshake on a connection. The certificate is judged here, after the handshake, so that its dates are known
 * of one that is refused too.
 */
export function shakeHands(socket: Socket, options: HandshakeOptions): Promise<HandshakeOutcome> {
  const { hostname, secureContext, signal, alpn = ['http/1.1'], insecure = false } = options;
  return new Promise((resolve) => {
    const secure = connect({
      socket,
      secureContext,
      host: hostname,
      servername: isIP(hostname) === 0 ? hostname : '',
      ...(alpn.length === 0 ? {} : { ALPNProtocols: [...alpn] }),
      rejectUnauthorized: false,
    });
    const settle = (outcome: HandshakeOutcome): void => {
      signal.removeEventListener('abort', onAbort);
      secure.off('error', onError);
      // Stays: an error that comes before the next user of the socket listens must not crash us.
      secure.on('error', () => {});
      if (outcome.status !== 'secured') {
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
      const certificate = describePeer(secure, secureContext);
      const { distrust } = certificate;
      if (distrust === undefined || insecure) settle({ status: 'secured', socket: secure, certificate });
      else settle({ status: 'distrusted', code: distrust, certificate });
    });
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
  });
}

function describePeer(socket: TLSSocket, context: SecureContext): PeerCertificate {
  const leaf = socket.getPeerX509Certificate();
  const chain: X509Certificate[] = [];
  const seen = new Set<string>();
  for (let link: X509Certificate | undefined = leaf; link && !seen.has(link.fingerprint256);) {
    seen.add(link.fingerprint256);
    chain.push(link);
    link = link.issuerCertificate;
  }
  const ends = chain.map(({ validToDate }) => validToDate.getTime() / 1_000);
  return {
    notAfterUnixS: ends.length === 0 ? undefined : Math.min(...ends),
    verifiedUntilUnixS: socket.authorized ? findVerifiedEnd(chain, authoritiesOf(context)) : undefined,
    names: leaf?.subjectAltName ?? '',
    protocol: socket.getProtocol() ?? '',
    alpn: socket.alpnProtocol === false ? '' : (socket.alpnProtocol ?? ''),
    distrust: socket.authorized ? undefined : String(socket.authorizationError),
    chain,
  };
}
