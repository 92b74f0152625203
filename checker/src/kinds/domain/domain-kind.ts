import type { MonitorOf } from '@tocsin/service/config';
import { parseJson } from '../../expect/json-path.ts';
import { judgeTimeout } from '../../net/failure.ts';
import { done, judged, type Step } from '../../net/step.ts';
import { PhaseRecorder } from '../../phases.ts';
import { down, unknown, type Verdict } from '../../verdict.ts';
import type { Network, ProbeContext, ProbeKind } from '../kind.ts';
import { type Look, lookOnce } from '../look.ts';
import { askRdap, type RdapAnswer } from './ask-rdap.ts';
import { judgeRegistration } from './judge-registration.ts';
import { RdapDirectory } from './rdap-directory.ts';
import { readRegistration } from './registration.ts';
import { readPause } from './retry-after.ts';

type DomainMonitor = MonitorOf<'domain'>;

const BOOTSTRAP_URL = 'https://data.iana.org/rdap/dns.json';

/** The directory of a network that brings none, as that of a single probe. */
const directories = new WeakMap<Network, RdapDirectory>();

/** The registration of a domain, asked of its registry by RDAP. What the registry itself does wrong is not the domain's doing. */
export const domainKind: ProbeKind<DomainMonitor> = {
  describeTarget: ({ domain }) => domain,
  probe(monitor, context) {
    const { domain, timeoutMs, expect } = monitor;
    return lookOnce({ target: domain, timeoutMs, latency: expect.latency }, context, (look) => visit(monitor, look));
  },
};

async function visit(monitor: DomainMonitor, look: Look): Promise<Step<Verdict>> {
  const { domain, connection, timeoutMs } = monitor;
  look.attributes['tocsin.probe.domain.name'] = domain;
  const directory = directoryOf(look.context);
  const server = monitor.rdapServer ?? (await findServer(monitor, directory, look));
  if (server === undefined) {
    const zone = domain.split('.').at(-1);
    const sentence = `expected IANA to name an RDAP server for .${zone}, found none (rdap_server can name it)`;
    return judged(unknown('rdap_unavailable', sentence));
  }
  const url = new URL(`domain/${domain}`, server.endsWith('/') ? server : `${server}/`);
  look.attributes['server.address'] = url.hostname;
  const refuse = (at: URL): Verdict | undefined => {
    const pausedUntil = directory.pausedUntil(at.origin);
    return pausedUntil === undefined ? undefined : judgePause(at, pausedUntil);
  };
  const { network, recorder, hop, signal, context } = look;
  const family = connection.ip === 'auto' ? undefined : connection.ip === '4' ? 4 : 6;
  const { traceparent } = context;
  const asked = await askRdap(url, { network, recorder, hop, signal, family, connection, traceparent, refuse });
  if (asked.status === 'done') return judgeAnswer(asked.value, monitor, look);
  // The rest of the run is the registry's doing or ours, never the domain's.
  const verdict =
    asked.status === 'judged' ? asked.verdict : judgeTimeout(url.host, recorder.current ?? 'connect', timeoutMs);
  return judged(verdict.outcome === 'unknown' ? verdict : unknown('rdap_unavailable', verdict.message));
}

function directoryOf({ network, clock }: ProbeContext): RdapDirectory {
  if (network.rdap) return network.rdap;
  const known = directories.get(network) ?? new RdapDirectory({ clock });
  directories.set(network, known);
  return known;
}

/** The fetching of IANA's list is no phase of the run: it serves all of them. */
function findServer({ domain, connection }: DomainMonitor, directory: RdapDirectory, look: Look) {
  const { network, context } = look;
  const fetchBootstrap = async (signal: AbortSignal): Promise<string | undefined> => {
    const recorder = new PhaseRecorder(context.clock);
    const fetched = await askRdap(new URL(BOOTSTRAP_URL), { network, recorder, hop: 0, signal, connection });
    return fetched.status === 'done' && fetched.value.statusCode === 200 ? fetched.value.text : undefined;
  };
  return directory.find(domain, fetchBootstrap, look.signal);
}

function judgePause({ host }: URL, untilUnixMs: number): Verdict {
  const until = new Date(untilUnixMs).toISOString();
  return unknown(
    'rdap_unavailable',
    `expected an answer of ${host}, found that it wants no more questions until ${until}`,
  );
}

function judgeAnswer(
  { statusCode, text, retryAfter, contentType, url }: RdapAnswer,
  { domain, expect }: DomainMonitor,
  look: Look,
): Step<Verdict> {
  look.attributes['http.response.status_code'] = statusCode;
  const nowUnixMs = look.context.clock.wallMs();
  // A page is a web server's word, not a registry's.
  if (statusCode === 404 && !contentType.includes('html')) {
    // Registries know what is registered with them, not what is below that.
    const hint = domain.split('.').length > 2 ? ' (a registry knows no name below a registered one)' : '';
    return done(
      down('domain_not_found', `expected ${domain} to be registered, found that ${url.host} does not know it${hint}`),
    );
  }
  if (statusCode === 429 || (statusCode === 503 && retryAfter !== undefined)) {
    const untilUnixMs = nowUnixMs + readPause(retryAfter, nowUnixMs);
    directoryOf(look.context).pause(url.origin, untilUnixMs);
    return judged(judgePause(url, untilUnixMs));
  }
  look.evidence['body'] = text;
  const refuse = (found: string): Step<Verdict> =>
    judged(unknown('rdap_unavailable', `expected ${url.host} to tell of ${domain} by RDAP, found ${found}`));
  if (statusCode !== 200) return refuse(`status ${statusCode}`);
  const parsed = parseJson(text);
  const registration = parsed.status === 'json' ? readRegistration(parsed.value) : undefined;
  if (!registration) return refuse('something else than a domain');
  if (registration.domain !== '' && registration.domain !== domain)
    return refuse(`another domain: ${registration.domain}`);
  const { expiresUnixS, statuses, registrar } = registration;
  if (expiresUnixS !== undefined) look.gauges['tocsin.probe.domain.not_after'] = expiresUnixS;
  Object.assign(look.attributes, {
    'tocsin.probe.domain.status': statuses.join(', '),
    'tocsin.probe.domain.registrar': registrar.join(', '),
    ...(expiresUnixS === undefined
      ? {}
      : { 'tocsin.probe.domain.expires': new Date(expiresUnixS * 1_000).toISOString() }),
  });
  return done(judgeRegistration({ ...registration, domain }, expect.registration, nowUnixMs / 1_000));
}
