import type { Answer } from 'dns-packet';
import { showServiceBinding } from './service-binding.ts';

/** Records whose data is a name or an address. */
const PLAIN = new Set(['A', 'AAAA', 'CNAME', 'DNAME', 'NS', 'PTR']);

/** A record's data in the form of zone files (RFC 1035, section 5; for types unknown here RFC 3597, section 5). Names without the last dot. */
export function showRecord(record: Answer): string {
  if (record.type === 'OPT') return '';
  if (PLAIN.has(record.type) && typeof record.data === 'string') return record.data;
  switch (record.type) {
    case 'MX':
      return `${record.data.preference ?? 0} ${record.data.exchange}`;
    case 'TXT':
      return [record.data]
        .flat()
        .map((part) => part.toString())
        .join('');
    case 'SRV':
      return `${record.data.priority ?? 0} ${record.data.weight ?? 0} ${record.data.port} ${record.data.target}`;
    case 'SOA': {
      const { mname, rname, serial, refresh, retry, expire, minimum } = record.data;
      return [mname, rname, serial, refresh, retry, expire, minimum].join(' ');
    }
    case 'CAA':
      return `${record.data.flags ?? 0} ${record.data.tag} "${record.data.value}"`;
    case 'DS': {
      const { keyTag, algorithm, digestType, digest } = record.data;
      return `${keyTag} ${algorithm} ${digestType} ${digest.toString('hex').toUpperCase()}`;
    }
    case 'DNSKEY':
      return `${record.data.flags} 3 ${record.data.algorithm} ${record.data.key.toString('base64')}`;
    case 'TLSA': {
      const { usage, selector, matchingType, certificate } = record.data;
      return `${usage} ${selector} ${matchingType} ${certificate.toString('hex').toUpperCase()}`;
    }
    case 'SSHFP':
      return `${record.data.algorithm} ${record.data.hash} ${record.data.fingerprint.toUpperCase()}`;
    default:
      return showOther(record.type, record.data);
  }
}

function showOther(type: string, data: unknown): string {
  if (Buffer.isBuffer(data)) {
    if (type === 'UNKNOWN_64' || type === 'UNKNOWN_65') return showServiceBinding(data);
    return `\\# ${data.length} ${data.toString('hex').toUpperCase()}`;
  }
  if (typeof data === 'string') return data;
  if (typeof data !== 'object' || data === null) return String(data);
  return Object.values(data)
    .map((part: unknown) => (Buffer.isBuffer(part) ? part.toString('hex').toUpperCase() : String(part)))
    .join(' ');
}
