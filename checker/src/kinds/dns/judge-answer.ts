import type { MonitorOf } from '@tocsin/service/config';
import { loadRe2 } from '@tocsin/service/late-libraries';
import { cutText } from '../../secrets/hide-secrets.ts';
import { unmet, type Verdict } from '../../verdict.ts';
import type { DnsAnswer, DnsRecord } from './message.ts';

export type DnsExpectation = MonitorOf<'dns'>['expect']['answer'][number];

/** Without an expectation about the code it must be NOERROR, and without one about records there must be one. */
export function withDefaults(expected: readonly DnsExpectation[]): readonly DnsExpectation[] {
  const codes = expected.filter(({ subject }) => subject === 'rcode');
  const others = expected.filter(({ subject }) => subject !== 'rcode');
  const code = { subject: 'rcode', allowed: ['NOERROR'], severity: 'down' } as const;
  const isCounted = others.some(({ subject }) => subject === 'count' || subject === 'contains' || subject === 'equals');
  const some = { subject: 'count', min: 1, max: undefined, severity: 'down' } as const;
  if (codes.length > 0) return [...codes, ...others];
  return [code, ...(isCounted ? [] : [some]), ...others];
}

/**
 * Why an answer is not what is expected.
 * @returns `undefined` where it is
 */
export function judgeAnswer(expected: DnsExpectation, answer: DnsAnswer, question: string): Verdict | undefined {
  const { records } = answer;
  const wrong = (wanted: string, found: string): Verdict =>
    unmet(expected.severity, 'dns_record_mismatch', `expected ${question} to have ${wanted}, found ${found}`);
  switch (expected.subject) {
    case 'rcode': {
      if (expected.allowed.includes(answer.rcode)) return undefined;
      const reason = answer.rcode === 'NXDOMAIN' ? 'dns_nxdomain' : 'dns_rcode_mismatch';
      return unmet(
        expected.severity,
        reason,
        `expected ${expected.allowed.join(' or ')} for ${question}, found ${answer.rcode}`,
      );
    }
    case 'authenticated':
      if (answer.authenticated === expected.is) return undefined;
      return unmet(
        expected.severity,
        'dns_not_authenticated',
        `expected the answer for ${question} ${expected.is ? 'validated by DNSSEC' : 'not validated'}, found ${answer.authenticated ? 'it is' : 'it is not'} (AD flag)`,
      );
    case 'contains':
      return records.some(({ text }) => sameData(text, expected.wanted))
        ? undefined
        : wrong(expected.wanted, show(records));
    case 'equals': {
      const isWanted = ({ text }: DnsRecord): boolean => expected.wanted.some((wanted) => sameData(text, wanted));
      const isThere = (wanted: string): boolean => records.some(({ text }) => sameData(text, wanted));
      if (records.every(isWanted) && expected.wanted.every(isThere)) return undefined;
      return wrong(`exactly ${expected.wanted.join(', ')}`, show(records));
    }
    case 'matches': {
      const pattern = loadRe2().RE2JS.compile(expected.wanted);
      const matching = records.filter(({ text }) => pattern.matcher(text).find());
      if (matching.length > 0 !== expected.negated) return undefined;
      const wanted = `${expected.negated ? 'no record' : 'a record'} that matches ${JSON.stringify(expected.wanted)}`;
      return wrong(wanted, show(expected.negated ? matching : records));
    }
    case 'count':
      if (isWithin(records.length, expected)) return undefined;
      return wrong(`${showRange(expected)} records`, `${records.length}: ${show(records)}`);
    case 'ttl': {
      const outside = records.find(({ ttlS }) => !isWithin(ttlS, expected));
      return outside && wrong(`a time to live of ${showRange(expected)} s`, `${outside.ttlS} s of ${outside.text}`);
    }
  }
}

function isWithin(
  value: number,
  { min = 0, max = Infinity }: { readonly min?: number | undefined; readonly max?: number | undefined },
): boolean {
  return value >= min && value <= max;
}

function showRange({ min, max }: { readonly min?: number | undefined; readonly max?: number | undefined }): string {
  if (max === undefined) return `at least ${min}`;
  return min === undefined ? `at most ${max}` : `${min} to ${max}`;
}

/** Names are the same in any case and with or without the last dot; addresses of IPv6 however they are shortened. */
function sameData(one: string, other: string): boolean {
  return one === other || normal(one) === normal(other);
}

function normal(text: string): string {
  const plain = text.toLowerCase().replace(/\.$/, '');
  return (/^[0-9a-f:.]*:[0-9a-f:.]*$/.test(plain) ? URL.parse(`http://[${plain}]/`)?.hostname : undefined) ?? plain;
}

function show(records: readonly DnsRecord[]): string {
  if (records.length === 0) return 'no such record';
  const shown = records.slice(0, 5).map(({ text }) => cutText(text, 120));
  return shown.join(', ') + (records.length > shown.length ? ', …' : '');
}
