import type { AttributeValue } from '../../attributes.ts';
import { collectEvidence, type Evidence } from '../../evidence.ts';
import { joinCertificates } from '../../net/tls.ts';
import { hostOf } from '../../net/resolve.ts';
import { discountOwnTrouble } from '../../own-trouble.ts';
import type { Hop, KindGauges, Observation } from '../../probe-run.ts';
import { noteEnds } from '../target-tls.ts';
import { describeUrl } from '@tocsin/service/config';
import type { Verdict } from '../../verdict.ts';
import { readBodyText, wholeOrCut } from './body.ts';
import type { Journey, Stop } from './journey.ts';
import type { Judgement } from './judge-response.ts';
import { readLocation } from './redirect.ts';
import { endpointOf } from './route.ts';

/** A journey that is over. */
export interface EndedJourney {
  readonly journey: Journey;
  readonly judgement: Judgement;
  /** The configured URL, of a flow the first step's. */
  readonly url: URL;
  readonly method: string;
  readonly timeoutMs: number;
  readonly maxBodyBytes: number;
}

/** Headers of a response that tell why it is what it is. */
const TELLING_HEADERS = [
  'content-type',
  'content-length',
  'location',
  'server',
  'via',
  'retry-after',
  'www-authenticate',
  'x-request-id',
  'cf-ray',
] as const;

/** What a journey becomes: a verdict without our own trouble in it, phases, hops, attributes, evidence; no secrets. */
export async function reportJourney(ended: EndedJourney): Promise<Observation> {
  const { journey, url, method } = ended;
  const { recorder, stops, secrets } = journey;
  const judged = discount(ended);
  const verdict = { ...judged, message: journey.hide(judged.message) + noteDistrust(journey) };
  const [first] = stops;
  const certificates = stops.flatMap(({ visited }) => visited.certificate ?? []);
  const [certificate] = certificates;
  const joined = joinCertificates(certificates);
  const last = stops.at(-1)?.visited;
  const gauges: KindGauges = {};
  const attributes: Record<string, AttributeValue> = {
    'http.request.method': method,
    'url.full': journey.hide(describeUrl(url)),
    'server.address': hostOf(url),
    'server.port': endpointOf(url).port,
  };
  if (first?.visited.peerAddress !== undefined) attributes['network.peer.address'] = first.visited.peerAddress;
  if (first?.visited.version !== undefined) attributes['network.protocol.version'] = first.visited.version;
  if (certificate) {
    attributes['tls.protocol.version'] = certificate.protocol.replace(/^TLSv/, '');
    if (certificate.distrust !== undefined) attributes['tocsin.probe.tls.distrust'] = certificate.distrust;
  }
  if (last?.step.status === 'done') attributes['http.response.status_code'] = last.step.value.statusCode;
  const redirects = stops.length - new Set(stops.map(({ step }) => step)).size;
  if (redirects > 0) attributes['tocsin.probe.redirects'] = redirects;
  const evidence = verdict.outcome === 'up' ? {} : await gatherEvidence(ended);
  if (joined) noteEnds(joined, { gauges, attributes });
  const notAfterUnixS = joined?.notAfterUnixS;
  return {
    verdict,
    phases: recorder.phases,
    attributes,
    ...(Object.keys(evidence).length === 0 ? {} : { evidence: collectEvidence(evidence, secrets) }),
    ...(stops.length > 1
      ? { hops: stops.map((stop, at) => describeHop(stop, journey, at === stops.length - 1 ? verdict : undefined)) }
      : {}),
    ...(notAfterUnixS === undefined ? {} : { tlsNotAfterUnixS: notAfterUnixS }),
    ...(Object.keys(gauges).length === 0 ? {} : { gauges }),
  };
}

/** A certificate that is not judged is said aloud. */
function noteDistrust({ stops }: Journey): string {
  const distrust = stops.map(({ visited }) =>
    visited.step.status === 'done' ? visited.certificate?.distrust : undefined,
  );
  const code = distrust.find((each) => each !== undefined);
  return code === undefined ? '' : ` (insecure: the certificate is not acceptable, ${code})`;
}

function discount({ journey, judgement, timeoutMs }: EndedJourney): Verdict {
  const { recorder, limit } = journey;
  const { verdict, late } = judgement;
  if (verdict.outcome === 'down' || verdict.outcome === 'unknown') recorder.fail();
  else recorder.end();
  const lookups = recorder.phases.filter(({ name }) => name === 'resolve');
  return discountOwnTrouble(verdict, {
    totalMs: recorder.elapsedMs(),
    stalledMs: limit.stalledMs(),
    resolveMs: late && late.phase !== 'total' ? 0 : lookups.reduce((sumMs, { durationMs }) => sumMs + durationMs, 0),
    timeoutMs,
    latencyMs: late?.maxMs,
  });
}

function describeHop(
  { visited, startOffsetMs, durationMs, step }: Stop,
  { hide }: Journey,
  verdict: Verdict | undefined,
): Hop {
  const { request, version, peerAddress } = visited;
  const answer = visited.step.status === 'done' ? visited.step.value : undefined;
  const failed = verdict !== undefined && verdict.outcome !== 'up';
  const attributes: Record<string, AttributeValue> = {
    'http.request.method': request.method,
    'url.full': hide(describeUrl(request.url)),
    'server.address': hostOf(request.url),
    'server.port': endpointOf(request.url).port,
  };
  if (step !== undefined) attributes['tocsin.probe.step'] = step;
  if (peerAddress !== undefined) attributes['network.peer.address'] = peerAddress;
  if (version !== undefined) attributes['network.protocol.version'] = version;
  if (answer) attributes['http.response.status_code'] = answer.statusCode;
  const location = answer?.headers.location;
  const to = location === undefined ? undefined : URL.parse(readLocation(location), request.url);
  if (to) attributes['http.response.header.location'] = hide(describeUrl(to));
  const name = `${request.method} ${answer?.statusCode ?? (failed ? verdict.reason : 'none')}`;
  return { name: step === undefined ? name : `step ${step} ${name}`, startOffsetMs, durationMs, failed, attributes };
}

async function gatherEvidence({ journey, maxBodyBytes }: EndedJourney): Promise<Evidence> {
  const step = journey.stops.at(-1)?.visited.step;
  if (step?.status !== 'done') return {};
  const { headers } = step.value;
  const from = journey.stops.at(-1)?.visited.request.url;
  const body = await readBodyText(step.value, { maxBodyBytes, decompress: true });
  const texts: Record<string, string> = body.status === 'text' ? { body: wholeOrCut(body) } : {};
  for (const name of TELLING_HEADERS) {
    const value = headers[name];
    if (value !== undefined)
      texts[`header.${name}`] = name === 'location' ? describeLocation(String(value), from) : String(value);
  }
  return texts;
}

/** A location is relative mostly, and may hold credentials either way. */
function describeLocation(value: string, from: URL | undefined): string {
  const url = URL.parse(readLocation(value), from);
  return url ? describeUrl(url) : value;
}
