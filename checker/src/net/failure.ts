import { formatDuration } from '@tocsin/service/config';
import type { PhaseName } from '../phases.ts';
import { down, type DownReason, unknown, type UnknownReason, type Verdict } from '../verdict.ts';
import type { FailedAttempt } from './connect.ts';

/** The codes that are our own trouble in whatever phase they come. */
const LOCAL_TROUBLE: Readonly<Record<string, keyof typeof TROUBLE_WORDS>> = {
  EMFILE: 'local_resources',
  ENFILE: 'local_resources',
  ENOMEM: 'local_resources',
  ENOBUFS: 'local_resources',
  EAGAIN: 'local_resources',
  EADDRNOTAVAIL: 'local_resources',
  EADDRINUSE: 'local_resources',
  EAI_MEMORY: 'local_resources',
  EACCES: 'local_denied',
  EPERM: 'local_denied',
  ENETUNREACH: 'network_unreachable',
  ENETDOWN: 'network_unreachable',
  EAFNOSUPPORT: 'network_unreachable',
};

const TROUBLE_WORDS = {
  local_resources: 'the checker ran out of a resource of its own machine',
  local_denied: "the checker's own machine forbids the connection",
  network_unreachable: 'the checker has no route to the target',
  dns_unavailable: "the checker's resolver is not available",
  invalid_request: 'the request cannot be made as configured',
  internal_error: 'the checker failed',
} as const satisfies Partial<Record<UnknownReason, string>>;

/** A code that means trouble of our own wherever it comes, or `undefined`. */
function localTrouble(code: string): Verdict | undefined {
  const reason = LOCAL_TROUBLE[code];
  return reason && unknown(reason, `${TROUBLE_WORDS[reason]} (${code})`);
}

/**
 * Why a name has no addresses. NXDOMAIN is the target's doing, a resolver that does not work is ours.
 * @param connected whether this machine is part of a network; without one macOS calls every name unknown
 */
export function judgeLookupFailure(host: string, code: string, connected: boolean): Verdict {
  const ours = localTrouble(code);
  if (ours) return ours;
  const absent = code === 'ENOTFOUND' || code === 'ENODATA' || code === 'EAI_NONAME' || code === 'EAI_NODATA';
  if (absent && connected) {
    return down('dns_nxdomain', `expected ${host} to have an address, found none (${code})`);
  }
  return unknown('dns_unavailable', `${TROUBLE_WORDS.dns_unavailable}: ${host} could not be looked up (${code})`);
}

/**
 * Why no address of a target took a connection. What any one address says of the target outweighs our trouble with the others
 * (no IPv6 here, refused over IPv4: refused).
 * @param isNeighbour whether an address is in a network of this machine
 */
export function judgeConnectFailure(
  target: string,
  attempts: readonly FailedAttempt[],
  isNeighbour: (address: string) => boolean,
): Verdict {
  const verdicts = attempts.map(({ address, code }) => judgeAttempt(target, address, code, isNeighbour));
  return (
    verdicts.find(({ outcome }) => outcome === 'down') ??
    verdicts[0] ??
    down('dns_nxdomain', `expected ${target} to have an address, found none`)
  );
}

function judgeAttempt(
  target: string,
  address: string,
  code: string,
  isNeighbour: (address: string) => boolean,
): Verdict {
  const ours = localTrouble(code);
  if (ours) return ours;
  const at = target.includes(address) ? target : `${target} (${address})`;
  switch (code) {
    case 'ECONNREFUSED':
      return down('connect_refused', `expected a connection to ${at}, found it refused`);
    case 'ETIMEDOUT':
      return down('connect_timeout', `expected a connection to ${at}, found no answer`);
    case 'EHOSTUNREACH':
    case 'EHOSTDOWN':
      return isNeighbour(address)
        ? down('host_unreachable', `expected a connection to ${at}, found no such host on the network (${code})`)
        : unknown('network_unreachable', `${TROUBLE_WORDS.network_unreachable} ${at} (${code})`);
    case 'ECONNRESET':
      return down('reset', `expected a connection to ${at}, found it reset`);
    default:
      return unknown('internal_error', `${TROUBLE_WORDS.internal_error} to connect to ${at} (${code})`);
  }
}

const DISTRUST: Readonly<Record<string, DownReason>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: 'tls_self_signed',
  CERT_HAS_EXPIRED: 'tls_expired',
  CERT_NOT_YET_VALID: 'tls_not_yet_valid',
  ERR_TLS_CERT_ALTNAME_INVALID: 'tls_hostname_mismatch',
  HOSTNAME_MISMATCH: 'tls_hostname_mismatch',
};

/** Why a certificate is not acceptable. `code` is OpenSSL's or Node's verification code. */
export function judgeDistrust(host: string, code: string, names: string, notAfterUnixS: number | undefined): Verdict {
  const reason = DISTRUST[code] ?? 'tls_untrusted';
  const until = notAfterUnixS === undefined ? '' : ` on ${new Date(notAfterUnixS * 1_000).toISOString()}`;
  switch (reason) {
    case 'tls_expired':
      return down(reason, `expected a valid certificate for ${host}, found one that expired${until}`);
    case 'tls_not_yet_valid':
      return down(reason, `expected a valid certificate for ${host}, found one that is not valid yet`);
    case 'tls_hostname_mismatch':
      return down(reason, `expected a certificate for ${host}, found one for ${names === '' ? 'no name' : names}`);
    case 'tls_self_signed':
      return down(reason, `expected a certificate for ${host} from a trusted authority, found a self-signed one`);
    default:
      return down(reason, `expected a certificate for ${host} from a trusted authority, found ${code}`);
  }
}

/** Why a TLS handshake did not come to its end. */
export function judgeHandshakeFailure(target: string, code: string): Verdict {
  const ours = localTrouble(code);
  if (ours) return ours;
  if (code === 'ECONNRESET' || code === 'EPIPE') {
    return down('reset', `expected a TLS handshake with ${target}, found the connection reset`);
  }
  if (code === 'ERR_SSL_UNSUPPORTED_PROTOCOL' || code === 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION') {
    return down('tls_version_too_old', `expected TLS 1.2 or newer of ${target}, found only older versions (${code})`);
  }
  return down('tls_handshake_failed', `expected a TLS handshake with ${target}, found ${code}`);
}

/** Why a request got no whole response. `code` is undici's, llhttp's or the system's. */
export function judgeExchangeFailure(target: string, phase: 'request' | 'transfer', code: string): Verdict {
  const ours = localTrouble(code);
  if (ours) return ours;
  const wanted = phase === 'request' ? `a response from ${target}` : `the whole response of ${target}`;
  switch (code) {
    case 'ECONNRESET':
    case 'EPIPE':
      return down('reset', `expected ${wanted}, found the connection reset`);
    case 'UND_ERR_SOCKET':
      return down('connection_closed', `expected ${wanted}, found the connection closed`);
    case 'UND_ERR_INVALID_ARG':
    case 'UND_ERR_NOT_SUPPORTED':
      return unknown('invalid_request', `${TROUBLE_WORDS.invalid_request}: a header or the path is not valid`);
    case 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED':
      // TLS 1.3 tells only after the handshake that a certificate of the client is missing (RFC 8446, section 6.2).
      return down(
        'tls_handshake_failed',
        `expected ${wanted}, found that it wants a certificate of the client (${code})`,
      );
    default:
      if (/^ERR_SSL_.*ALERT/.test(code))
        return down('tls_handshake_failed', `expected ${wanted}, found an alert of TLS (${code})`);
      return down('protocol_error', `expected ${wanted}, found something else (${code})`);
  }
}

const AWAITED: Readonly<Record<PhaseName, string>> = {
  resolve: 'an address',
  connect: 'a connection',
  starttls: 'an agreement to begin TLS',
  tls: 'a TLS handshake',
  request: 'a response',
  upgrade: 'an answer to the WebSocket handshake',
  transfer: 'the whole response',
  dialogue: 'what was awaited',
  ping: 'an answer to a ping',
};

/** What it means that the time was up while a run was in `phase`. A resolver that hangs is our own trouble. */
export function judgeTimeout(target: string, phase: PhaseName, timeoutMs: number): Verdict {
  const sentence = `expected ${AWAITED[phase]} of ${target} within ${formatDuration(timeoutMs)}, found none`;
  if (phase === 'resolve') return unknown('dns_unavailable', `${TROUBLE_WORDS.dns_unavailable}: ${sentence}`);
  return down(phase === 'connect' ? 'connect_timeout' : 'timeout', sentence);
}
