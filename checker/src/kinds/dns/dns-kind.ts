import { getServers } from 'node:dns';
import type { MonitorOf } from '@tocsin/service/config';
import { type Endpoint, openConnection, resolveHost, showEndpoint } from '../../net/dial.ts';
import { judgeConnectFailure, judgeExchangeFailure } from '../../net/failure.ts';
import { isOnLink } from '../../net/on-link.ts';
import { literalAddress, type ResolvedAddress } from '../../net/resolve.ts';
import { ABORTED, done, judged, type Step } from '../../net/step.ts';
import { cutText } from '../../secrets/hide-secrets.ts';
import { down, unknown, up, type Verdict, worstOf } from '../../verdict.ts';
import type { ProbeKind } from '../kind.ts';
import { type Look, lookOnce } from '../look.ts';
import { secureTarget } from '../target-tls.ts';
import { askStream } from './ask-stream.ts';
import { type Asked, askUdp } from './ask-udp.ts';
import { judgeAnswer, withDefaults } from './judge-answer.ts';
import { type DnsAnswer, encodeQuery } from './message.ts';

type DnsMonitor = MonitorOf<'dns'>;
type Transport = DnsMonitor['transport'];

/** A name in the DNS: asked of one server, over a transport of choice. */
export const dnsKind: ProbeKind<DnsMonitor> = {
  describeTarget: ({ query, server }) => `${query.name} ${query.type}${server === undefined ? '' : ` @${server.host}`}`,
  async probe(monitor, context) {
    const { query, server, transport, timeoutMs, expect } = monitor;
    const endpoint = endpointOf(server ?? systemServer(context.network.dnsServers ?? getServers), transport);
    const target = `${query.name} ${query.type} at ${showEndpoint(endpoint)}`;
    const seen = await lookOnce({ target, timeoutMs, latency: expect.latency }, context, (look) =>
      ask(monitor, endpoint, look),
    );
    if (seen === undefined || server !== undefined) return seen;
    return { ...seen, verdict: discountOwnResolver(seen.verdict, seen.attributes['dns.response_code']) };
  },
};

/** A resolver that the system uses does not say of the name that it is down by not working. */
function discountOwnResolver(verdict: Verdict, rcode: unknown): Verdict {
  const gaveUp = rcode === 'SERVFAIL' || rcode === 'REFUSED';
  const isAnswer = verdict.reason.startsWith('dns_') || verdict.reason === 'latency_exceeded';
  if (verdict.outcome === 'up' || verdict.outcome === 'unknown' || (isAnswer && !gaveUp)) return verdict;
  return unknown('dns_unavailable', `the checker's resolver is not available: ${verdict.message}`);
}

/** The first server of the system. */
function systemServer(servers: () => readonly string[]): Endpoint {
  const [first = '127.0.0.1'] = servers();
  const [, bracketed, host, port] = /^(?:\[(.+)\]|([^:]+))(?::(\d+))?$/.exec(first) ?? [];
  return { host: bracketed ?? host ?? first, port: Number(port ?? 0) };
}

function endpointOf({ host, port }: Endpoint, transport: Transport): Endpoint {
  return { host, port: port === 0 ? (transport === 'tls' ? 853 : 53) : port };
}

async function ask(monitor: DnsMonitor, endpoint: Endpoint, look: Look): Promise<Step<Verdict>> {
  const { query, server, transport } = monitor;
  look.attributes['dns.question.name'] = query.name;
  look.attributes['dns.question.type'] = query.type;
  look.attributes['server.address'] = endpoint.host;
  look.attributes['server.port'] = endpoint.port;
  // The system's own resolver is where it is; that the targets may not be private does not concern it.
  const own = server === undefined ? literalAddress(endpoint.host) : undefined;
  const addresses = own ? done([own]) : await resolveHost(endpoint.host, look);
  if (addresses.status !== 'done') return addresses;
  const [first] = addresses.value;
  let asked: Step<Asked> =
    first && transport === 'udp'
      ? await overUdp(first, monitor, endpoint, look)
      : await overStream(addresses.value, monitor, endpoint, look);
  if (
    asked.status === 'done' &&
    asked.value.status === 'answered' &&
    asked.value.answer.truncated &&
    transport === 'udp'
  ) {
    // RFC 7766, section 5: what does not fit into a datagram is asked for over TCP.
    look.attributes['tocsin.probe.dns.truncated'] = true;
    look.recorder.end();
    asked = await overStream(addresses.value, monitor, endpoint, look);
  }
  return asked.status === 'done' ? judge(asked.value, monitor, endpoint, look) : asked;
}

async function overUdp(
  address: ResolvedAddress,
  { query }: DnsMonitor,
  endpoint: Endpoint,
  look: Look,
): Promise<Step<Asked>> {
  look.attributes['network.peer.address'] = address.address;
  look.attributes['network.transport'] = 'udp';
  look.recorder.begin('request', 0);
  const asked = await askUdp(address, endpoint.port, { query, message: encodeQuery(query), signal: look.signal });
  if (asked.status !== 'failed') return done(asked);
  const { network } = look;
  const isNeighbour = (each: string): boolean => isOnLink(each, network.localNetworks());
  const attempt = { address: address.address, code: asked.code, afterMs: 0 };
  return judged(judgeConnectFailure(showEndpoint(endpoint), [attempt], isNeighbour));
}

async function overStream(
  addresses: readonly ResolvedAddress[],
  { query, transport, tls }: DnsMonitor,
  endpoint: Endpoint,
  look: Look,
): Promise<Step<Asked>> {
  look.attributes['network.transport'] = 'tcp';
  const connected = await openConnection(endpoint, addresses, look);
  if (connected.status !== 'done') return connected;
  const { socket, address } = connected.value;
  look.attributes['network.peer.address'] = address;
  const secured: Step<typeof socket> =
    transport === 'tls'
      ? (await secureTarget(look, socket, { endpoint, settings: tls, alpn: ['dot'] })).step
      : done(socket);
  if (secured.status !== 'done') return secured;
  try {
    look.recorder.begin('request', 0);
    return done(await askStream(secured.value, { query, message: encodeQuery(query), signal: look.signal }));
  } finally {
    secured.value.destroy();
    socket.destroy();
  }
}

function judge(asked: Asked, { query, expect }: DnsMonitor, endpoint: Endpoint, look: Look): Step<Verdict> {
  const target = showEndpoint(endpoint);
  switch (asked.status) {
    case 'aborted':
      return ABORTED;
    case 'failed':
      return judged(judgeExchangeFailure(target, 'request', asked.code));
    case 'malformed':
      return judged(down('protocol_error', `expected a DNS message of ${target}, found bytes that are none`));
    case 'answered':
      return done(judgeAll(asked.answer, query, expect.answer, look));
  }
}

function judgeAll(
  answer: DnsAnswer,
  { name, type }: DnsMonitor['query'],
  expected: DnsMonitor['expect']['answer'],
  look: Look,
): Verdict {
  const { records, rcode } = answer;
  look.attributes['dns.response_code'] = rcode;
  look.attributes['dns.answers'] = cutText(records.map(({ text }) => text).join(', '), 1_024);
  look.attributes['tocsin.probe.dns.authenticated'] = answer.authenticated;
  look.evidence['answer'] = answer.section.join('\n');
  const question = `${name} ${type}`;
  const verdicts = withDefaults(expected).flatMap((each) => judgeAnswer(each, answer, question) ?? []);
  const fine = up(
    records.length === 0
      ? rcode
      : `${records.length} records: ${records
          .slice(0, 3)
          .map(({ text }) => cutText(text, 80))
          .join(', ')}`,
  );
  return worstOf(fine, ...verdicts);
}
