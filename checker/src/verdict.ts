/** Why a run failed: the target's doing. The words are the attribute `tocsin.probe.reason`. */
export const FAIL_REASONS = [
  'status_mismatch',
  'body_mismatch',
  'latency_exceeded',
  'redirect_limit',
  'redirect_invalid',
  'dns_nxdomain',
  'connect_refused',
  'connect_timeout',
  'host_unreachable',
  'tls_expired',
  'tls_not_yet_valid',
  'tls_hostname_mismatch',
  'tls_untrusted',
  'tls_handshake_failed',
  'timeout',
  'reset',
  'connection_closed',
  'protocol_error',
] as const;

/** Why a run says nothing about the target: trouble on our side. */
export const UNKNOWN_REASONS = [
  'dns_unavailable',
  'network_unreachable',
  'local_resources',
  'local_denied',
  'invalid_request',
  'internal_error',
] as const;

export type FailReason = (typeof FAIL_REASONS)[number];
export type UnknownReason = (typeof UNKNOWN_REASONS)[number];
export type Outcome = Verdict['outcome'];

/** What a run came to. `message` is a sentence with what was expected and what was found, free of secrets. */
export type Verdict =
  | { readonly outcome: 'pass'; readonly reason: 'ok'; readonly message: string }
  | { readonly outcome: 'fail'; readonly reason: FailReason; readonly message: string }
  | { readonly outcome: 'unknown'; readonly reason: UnknownReason; readonly message: string };

export function pass(message: string): Verdict {
  return { outcome: 'pass', reason: 'ok', message };
}

export function fail(reason: FailReason, message: string): Verdict {
  return { outcome: 'fail', reason, message };
}

export function unknown(reason: UnknownReason, message: string): Verdict {
  return { outcome: 'unknown', reason, message };
}
