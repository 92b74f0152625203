/** What a reason is told of. `outcome` is what it means where nothing else is configured (`severity: degraded` softens a `down`). */
interface ReasonEntry {
  readonly outcome: 'up' | 'down' | 'unknown';
  /** For people, as the README lists it. */
  readonly meaning: string;
}

/**
 * The closed set of reasons: the attribute `tocsin.probe.reason` of every run, the word in logs and alerts. A kind of probe that needs a
 * further one adds its line here and in the README (a test compares them).
 */
export const REASONS = {
  ok: { outcome: 'up', meaning: 'everything is as expected' },
  status_mismatch: { outcome: 'down', meaning: 'another status than the expected one' },
  body_mismatch: {
    outcome: 'down',
    meaning: 'the body lacks an expected text, has or may have one it must not, or is not what its encoding says',
  },
  header_mismatch: { outcome: 'down', meaning: 'a response header is not what is expected of it' },
  json_mismatch: {
    outcome: 'down',
    meaning: 'the body is not JSON, is nested too deeply, or a value in it is not what is expected of it',
  },
  certificate_expiring: { outcome: 'down', meaning: 'a certificate of the chain ends sooner than expected' },
  latency_exceeded: { outcome: 'down', meaning: 'all right, but later than expected' },
  redirect_limit: { outcome: 'down', meaning: 'more redirects than allowed' },
  redirect_invalid: { outcome: 'down', meaning: 'a redirect to something that is not an http(s) URL' },
  redirect_forbidden: { outcome: 'down', meaning: 'a redirect where `redirects: forbid` is set' },
  proxy_no_tunnel: { outcome: 'down', meaning: 'the proxy answers that it cannot reach the target' },
  extract_failed: { outcome: 'down', meaning: 'a response lacks the value that a later step of a flow needs' },
  dns_nxdomain: { outcome: 'down', meaning: 'the name does not exist or has no address' },
  dns_rcode_mismatch: { outcome: 'down', meaning: 'another response code of the DNS than the expected one' },
  dns_record_mismatch: { outcome: 'down', meaning: 'other records than the expected ones, or none' },
  dns_not_authenticated: {
    outcome: 'down',
    meaning: 'DNSSEC did not validate what it was expected to (or the other way round)',
  },
  connect_refused: { outcome: 'down', meaning: 'the target refuses connections' },
  connect_timeout: { outcome: 'down', meaning: 'no connection within the timeout' },
  host_unreachable: { outcome: 'down', meaning: 'a neighbour in our own network that does not answer' },
  tls_expired: { outcome: 'down', meaning: 'the certificate, or one it depends on, has expired' },
  tls_not_yet_valid: { outcome: 'down', meaning: 'the certificate is not valid yet' },
  tls_hostname_mismatch: { outcome: 'down', meaning: 'the certificate is for other names' },
  tls_self_signed: { outcome: 'down', meaning: 'the certificate is signed by itself alone' },
  tls_untrusted: {
    outcome: 'down',
    meaning: "from an authority that Node (or the monitor's `ca_file`) does not trust",
  },
  tls_handshake_failed: { outcome: 'down', meaning: 'no TLS on the other side, or none in common' },
  tls_version_too_old: { outcome: 'down', meaning: 'an older version of TLS than the expected one, or none' },
  tls_cipher_mismatch: { outcome: 'down', meaning: 'a cipher that is not among the expected ones' },
  tls_pin_mismatch: { outcome: 'down', meaning: 'another certificate or issuer than the expected one' },
  tls_expiring: { outcome: 'down', meaning: 'the certificate ends sooner than expected (degraded unless configured)' },
  starttls_refused: { outcome: 'down', meaning: 'no TLS on a connection that begins without' },
  dialogue_mismatch: { outcome: 'down', meaning: 'another answer than the expected one in a dialogue' },
  timeout: { outcome: 'down', meaning: 'no handshake, response or whole body within the timeout' },
  reset: { outcome: 'down', meaning: 'the connection was reset' },
  connection_closed: { outcome: 'down', meaning: 'the connection was closed before the response was whole' },
  protocol_error: { outcome: 'down', meaning: 'what came is not of the protocol' },
  packet_loss: { outcome: 'down', meaning: 'more pings without an answer than expected, or none with one' },
  domain_expired: { outcome: 'down', meaning: 'the registration of a domain has ended' },
  domain_expiring: {
    outcome: 'down',
    meaning: 'the registration of a domain ends sooner than expected (degraded unless configured)',
  },
  domain_not_found: { outcome: 'down', meaning: 'a domain that its registry does not know' },
  domain_on_hold: { outcome: 'down', meaning: 'a domain with a status that it must not have, as `client hold`' },
  domain_registrar_mismatch: { outcome: 'down', meaning: 'another registrar of a domain than the expected one' },
  grpc_not_serving: { outcome: 'down', meaning: 'a gRPC server or service that says it does not serve' },
  grpc_service_unknown: { outcome: 'down', meaning: 'a gRPC server that does not know the service' },
  grpc_unimplemented: { outcome: 'down', meaning: 'a gRPC server without the health protocol' },
  grpc_status: { outcome: 'down', meaning: 'another status of gRPC than OK' },
  heartbeat_missed: { outcome: 'down', meaning: 'a job did not call in time' },
  heartbeat_overrun: { outcome: 'down', meaning: 'a job that began did not end in time' },
  heartbeat_failed: { outcome: 'down', meaning: 'a job says that it failed' },
  heartbeat_waiting: { outcome: 'unknown', meaning: 'a job that never called yet' },
  heartbeat_unheard: { outcome: 'unknown', meaning: 'a call was due when nobody listened here' },
  ping_missing: { outcome: 'unknown', meaning: 'the program `ping` is not installed here' },
  ping_denied: { outcome: 'unknown', meaning: 'this checker may not send pings' },
  ping_failed: { outcome: 'unknown', meaning: 'the program `ping` does not do what it is asked' },
  rdap_unavailable: {
    outcome: 'unknown',
    meaning: 'the RDAP server of a registry is away, limits us, or does not say what is asked',
  },
  dns_unavailable: {
    outcome: 'unknown',
    meaning: 'our resolver fails, hangs or takes most of the time; no network here',
  },
  network_unreachable: { outcome: 'unknown', meaning: 'we have no route' },
  connectivity_lost: {
    outcome: 'unknown',
    meaning: 'none of the connectivity targets of this checker answers either',
  },
  local_resources: {
    outcome: 'unknown',
    meaning:
      'out of file descriptors, ports or memory here; the checker stood still; JSON that it cannot judge in time',
  },
  local_denied: { outcome: 'unknown', meaning: 'a firewall or policy here forbids the connection' },
  address_denied: {
    outcome: 'unknown',
    meaning: '`deny_private_addresses` forbids where the target, a redirect, a proxy or a token URL leads',
  },
  proxy_failed: { outcome: 'unknown', meaning: 'the configured proxy is away, refuses us or is no proxy' },
  token_failed: { outcome: 'unknown', meaning: 'the token URL gave no access token' },
  invalid_request: {
    outcome: 'unknown',
    meaning: 'the request cannot be made as configured (an impossible header, for one)',
  },
  internal_error: { outcome: 'unknown', meaning: 'a mistake of ours; the log says more' },
} as const satisfies Readonly<Record<string, ReasonEntry>>;
