import type { Socket } from 'node:net';
import type { SecureContext, TLSSocket } from 'node:tls';
import type { TlsClientSettings } from '@tocsin/service/config';
import { Conversation } from '../net/conversation.ts';
import { type Endpoint, showEndpoint } from '../net/dial.ts';
import { secureConnection } from '../net/secure.ts';
import { type StartTlsProtocol, startTls } from '../net/starttls.ts';
import type { Step } from '../net/step.ts';
import { TlsContexts } from '../net/tls-context.ts';
import type { PeerCertificate } from '../net/tls.ts';
import type { AttributeValue } from '../attributes.ts';
import type { KindGauges } from '../probe-run.ts';
import type { Network } from './kind.ts';
import type { Look } from './look.ts';

/** The contexts made for a network, by its own: what monitors bring is read once, not at every run. */
const contexts = new WeakMap<SecureContext, TlsContexts>();

/** What secure contexts of a network's monitors are kept in. */
export function tlsContextsOf({ secureContext }: Network): TlsContexts {
  const known = contexts.get(secureContext) ?? new TlsContexts(secureContext);
  contexts.set(secureContext, known);
  return known;
}

/** The authorities and certificate of a monitor's settings, the network's where it brings none. */
export function findSecureContext(network: Network, settings: TlsClientSettings): Promise<Step<SecureContext>> {
  return tlsContextsOf(network).find(settings);
}

/** Both ends of a certificate's validity (of all that was presented, and of the path that was verified) as gauges and as attributes of the root span. */
export function noteEnds(
  { notAfterUnixS, verifiedUntilUnixS }: PeerCertificate,
  { gauges, attributes }: { readonly gauges: KindGauges; readonly attributes: Record<string, AttributeValue> },
): void {
  const ends = {
    'tocsin.probe.tls.earliest_not_after': notAfterUnixS,
    'tocsin.probe.tls.verified_not_after': verifiedUntilUnixS,
  } as const;
  for (const name of Object.keys(ends) as (keyof typeof ends)[]) {
    const unixS = ends[name];
    if (unixS === undefined) continue;
    gauges[name] = unixS;
    attributes[name] = new Date(unixS * 1_000).toISOString();
  }
}

/** Writes down what a handshake showed: version, ends of validity, and that the certificate was not judged. */
export function noteCertificate(look: Look, certificate: PeerCertificate, insecure: boolean): void {
  look.tlsNotAfterUnixS = certificate.notAfterUnixS;
  noteEnds(certificate, look);
  look.attributes['tls.protocol.version'] = certificate.protocol.replace(/^TLSv/, '');
  if (insecure) look.attributes['tocsin.probe.tls.insecure'] = true;
}

export interface TargetTls {
  readonly endpoint: Endpoint;
  readonly settings: TlsClientSettings;
  readonly alpn?: readonly string[];
}

/** The connection with TLS, and what is known of the certificate even where it is refused. */
export interface SecuredTarget {
  readonly step: Step<TLSSocket>;
  readonly certificate?: PeerCertificate;
}

/** Makes an open connection one with TLS, and writes down version and end of validity. Phase `tls`. */
export async function secureTarget(
  look: Look,
  socket: Socket,
  { endpoint, settings, alpn = [] }: TargetTls,
): Promise<SecuredTarget> {
  const context = await findSecureContext(look.network, settings);
  if (context.status !== 'done') {
    socket.destroy();
    return { step: context };
  }
  const { serverName, insecure } = settings;
  const options = { endpoint, secureContext: context.value, serverName, insecure, alpn };
  const secured = await secureConnection(socket, options, look);
  const { certificate } = secured;
  if (certificate) noteCertificate(look, certificate, insecure);
  return secured;
}

/** Says what a protocol asks for before TLS. Phase `starttls`. */
export async function agreeOnTls(
  look: Look,
  socket: Socket,
  protocol: StartTlsProtocol,
  endpoint: Endpoint,
): Promise<Step<true>> {
  look.recorder.begin('starttls', 0);
  const talk = new Conversation(socket, look.signal);
  try {
    const agreed = await startTls(talk, protocol, { host: endpoint.host, target: showEndpoint(endpoint) });
    if (agreed.status === 'done') look.recorder.end();
    else {
      look.evidence['received'] = talk.received.toString('utf8');
      socket.destroy();
    }
    return agreed;
  } finally {
    talk.release();
  }
}
