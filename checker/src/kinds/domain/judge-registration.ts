import type { DomainExpectation } from '@tocsin/service/config';
import { down, unknown, unmet, up, type Verdict, worstOf } from '../../verdict.ts';
import type { Registration } from './registration.ts';

const DAY_S = 86_400;

/** Compares a registration with what is expected of it. One that has expired is down whatever that is. */
export function judgeRegistration(
  registration: Registration,
  expected: readonly DomainExpectation[],
  nowUnixS: number,
): Verdict {
  const { domain, expiresUnixS } = registration;
  const verdicts = expected.flatMap((each) => judgeOne(each, registration, nowUnixS) ?? []);
  if (expiresUnixS === undefined) return worstOf(up(`${domain} is registered`), ...verdicts);
  const until = new Date(expiresUnixS * 1_000).toISOString();
  if (expiresUnixS <= nowUnixS)
    return down('domain_expired', `expected ${domain} to be registered, found that it expired on ${until}`);
  const days = Math.floor((expiresUnixS - nowUnixS) / DAY_S);
  return worstOf(up(`${domain} is registered for ${days} more days, until ${until}`), ...verdicts);
}

function judgeOne(
  expected: DomainExpectation,
  { domain, statuses, expiresUnixS, registrar }: Registration,
  nowUnixS: number,
): Verdict | undefined {
  const { severity } = expected;
  switch (expected.subject) {
    case 'status': {
      const found = statuses.filter((status) => expected.refused.includes(status));
      if (found.length === 0) return undefined;
      const sentence = `expected ${domain} not to be on ${expected.refused.join(' or ')}, found ${found.join(', ')}`;
      return unmet(severity, 'domain_on_hold', sentence);
    }
    case 'registrar': {
      const isWanted = expected.allowed.some((part) => registrar.some((name) => contains(name, part)));
      if (isWanted) return undefined;
      const found = registrar.length === 0 ? 'none' : registrar.join(', ');
      const sentence = `expected ${expected.allowed.join(' or ')} as the registrar of ${domain}, found ${found}`;
      return unmet(severity, 'domain_registrar_mismatch', sentence);
    }
    case 'days': {
      if (expiresUnixS === undefined) {
        const sentence = `expected the registry of ${domain} to say when it expires, found that it does not`;
        return unknown('rdap_unavailable', sentence);
      }
      const days = (expiresUnixS - nowUnixS) / DAY_S;
      if (days >= expected.min) return undefined;
      const until = new Date(expiresUnixS * 1_000).toISOString();
      const sentence = `expected ${domain} to be registered for ${expected.min} more days, found ${days.toFixed(1)} (until ${until})`;
      return unmet(severity, 'domain_expiring', sentence);
    }
  }
}

function contains(name: string, part: string): boolean {
  return name.toLowerCase().includes(part.toLowerCase());
}
