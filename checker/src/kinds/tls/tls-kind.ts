import type { TLSSocket } from 'node:tls';
import type { MonitorOf } from '@tocsin/service/config';
import { showEndpoint } from '../../net/dial.ts';
import { done, type Step } from '../../net/step.ts';
import type { PeerCertificate } from '../../net/tls.ts';
import { up, type Verdict, worstOf } from '../../verdict.ts';
import type { ProbeKind } from '../kind.ts';
import { type Look, lookOnce, reach } from '../look.ts';
import { agreeOnTls, secureTarget } from '../target-tls.ts';
import { judgeHandshake } from './judge-tls.ts';

type TlsMonitor = MonitorOf<'tls'>;

/** The TLS of a port: certificate, version and cipher. Nothing is sent over it. */
export const tlsKind: ProbeKind<TlsMonitor> = {
  describeTarget: ({ endpoint, starttls }) => `${starttls ?? 'tls'}://${showEndpoint(endpoint)}`,
  probe(monitor, context) {
    const { endpoint, timeoutMs, expect } = monitor;
    return lookOnce({ target: showEndpoint(endpoint), timeoutMs, latency: expect.latency }, context, (look) =>
      visit(monitor, look),
    );
  },
};

async function visit(monitor: TlsMonitor, look: Look): Promise<Step<Verdict>> {
  const { endpoint, starttls, tls, alpn } = monitor;
  const reached = await reach(endpoint, look);
  if (reached.status !== 'done') return reached;
  const socket = reached.value;
  if (starttls !== undefined) {
    const agreed = await agreeOnTls(look, socket, starttls, endpoint);
    if (agreed.status !== 'done') return agreed;
  }
  const { step, certificate } = await secureTarget(look, socket, { endpoint, settings: tls, alpn });
  if (certificate) describe(certificate, look);
  if (step.status !== 'done') return step;
  try {
    return done(judge(monitor, step.value, certificate, look));
  } finally {
    step.value.destroy();
    socket.destroy();
  }
}

function describe({ chain, alpn, distrust }: PeerCertificate, { attributes }: Look): void {
  const [leaf] = chain;
  if (leaf) {
    attributes['tls.server.subject'] = oneLine(leaf.subject);
    attributes['tls.server.issuer'] = oneLine(leaf.issuer);
    attributes['tls.server.hash.sha256'] = leaf.fingerprint256.replaceAll(':', '');
    attributes['tls.server.not_before'] = leaf.validFromDate.toISOString();
    attributes['tls.server.not_after'] = leaf.validToDate.toISOString();
    attributes['tocsin.probe.tls.chain'] = chain.map(({ subject }) => oneLine(subject)).join(' < ');
  }
  if (alpn !== '') attributes['tls.next_protocol'] = alpn;
  if (distrust !== undefined) attributes['tocsin.probe.tls.distrust'] = distrust;
}

function judge(
  { endpoint, expect }: TlsMonitor,
  socket: TLSSocket,
  certificate: PeerCertificate | undefined,
  look: Look,
): Verdict {
  const cipher = socket.getCipher();
  look.attributes['tls.cipher'] = cipher.standardName;
  // What counts is the path that clients take, not an old certificate beside it; where nothing was verified (`insecure`), all of it.
  const trustedUntilUnixS = certificate?.verifiedUntilUnixS ?? certificate?.notAfterUnixS;
  if (trustedUntilUnixS !== undefined) look.tlsNotAfterUnixS = trustedUntilUnixS;
  const nowUnixS = look.context.clock.wallMs() / 1_000;
  const shown = {
    protocol: certificate?.protocol ?? '',
    ciphers: [cipher.standardName, cipher.name],
    leaf: certificate?.chain[0],
    trustedUntilUnixS,
  };
  const target = showEndpoint(endpoint);
  const days = trustedUntilUnixS === undefined ? '?' : Math.floor((trustedUntilUnixS - nowUnixS) / 86_400);
  const fine = up(`${shown.protocol}, ${cipher.standardName}, valid for ${days} more days`);
  return worstOf(fine, ...expect.handshake.flatMap((each) => judgeHandshake(each, shown, target, nowUnixS) ?? []));
}

function oneLine(name: string): string {
  return name.replaceAll('\n', ', ');
}
