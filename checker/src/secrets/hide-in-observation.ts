import type { AttributeMap } from '../attributes.ts';
import type { Evidence } from '../evidence.ts';
import type { Observation } from '../probe-run.ts';
import { hideSecrets } from './hide-secrets.ts';

/** Names of places, by which results are found: never the target's words. */
const PLACES = new Set(['server.address', 'network.peer.address', 'tocsin.probe.domain.name', 'dns.question.name']);

/** What a kind found out, with every secret blacked out in whatever is told of it: the last gate before spans, log and terminal. */
export function hideInObservation(observation: Observation, secrets: readonly string[]): Observation {
  if (secrets.length === 0) return observation;
  const { verdict, attributes, evidence, hops, phases } = observation;
  const hide = (text: string): string => hideSecrets(text, secrets);
  return {
    ...observation,
    verdict: { ...verdict, message: hide(verdict.message) },
    attributes: hideIn(attributes, hide),
    phases: phases.map((phase) => ({ ...phase, attributes: hideIn(phase.attributes, hide) })),
    ...(evidence === undefined ? {} : { evidence: hideIn(evidence, hide) as Evidence }),
    ...(hops === undefined
      ? {}
      : { hops: hops.map((hop) => ({ ...hop, name: hide(hop.name), attributes: hideIn(hop.attributes, hide) })) }),
  };
}

function hideIn(attributes: AttributeMap, hide: (text: string) => string): AttributeMap {
  const entries = Object.entries(attributes);
  const isTold = entries.some(([name, value]) => typeof value === 'string' && !PLACES.has(name));
  if (!isTold) return attributes;
  return Object.fromEntries(
    entries.map(([name, value]) => [name, typeof value === 'string' && !PLACES.has(name) ? hide(value) : value]),
  );
}
