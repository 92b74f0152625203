import { randomInt } from 'node:crypto';
import {
  type Answer,
  AUTHENTIC_DATA,
  AUTHORITATIVE_ANSWER,
  decode,
  encode,
  RECURSION_DESIRED,
  type RecordType,
  TRUNCATED_RESPONSE,
} from 'dns-packet';
import type { MonitorOf } from '@tocsin/service/config';
import { showRecord } from './records.ts';

export type DnsQuery = MonitorOf<'dns'>['query'];

/** A query that is to be sent. */
export interface QueryMessage {
  readonly id: number;
  readonly bytes: Buffer;
}

/** A record of an answer that is of the type that was asked for. */
export interface DnsRecord {
  /** As zone files write it, without name, time and type. */
  readonly text: string;
  readonly ttlS: number;
}

export interface DnsAnswer {
  readonly rcode: string;
  readonly truncated: boolean;
  readonly authoritative: boolean;
  /** The server says that it has validated the answer by DNSSEC (the AD flag). */
  readonly authenticated: boolean;
  /** Those of the type that was asked for. */
  readonly records: readonly DnsRecord[];
  /** Every record of the answer section in words, aliases included. */
  readonly section: readonly string[];
}

/** What bytes from the server are. `other`: not an answer to this query, so nothing that says anything about it. */
export type Decoded =
  | { readonly status: 'answer'; readonly answer: DnsAnswer }
  | { readonly status: 'other' }
  | { readonly status: 'malformed' };

/** RFC 9460: types that the library knows by number only. */
const BY_NUMBER: Readonly<Record<string, number>> = {
  SVCB: 64,
  HTTPS: 65,
  SMIMEA: 53,
  OPENPGPKEY: 61,
  URI: 256,
  LOC: 29,
};

function libraryType(type: string): RecordType {
  const number = /^TYPE(\d+)$/.exec(type)?.[1] ?? BY_NUMBER[type];
  // The library names types that it does not know so, both ways; its own types do not tell of that.
  return (number === undefined ? type : `UNKNOWN_${number}`) as RecordType;
}

/** The size of UDP answers we take. Source: DNS flag day 2020; RFC 6891 (EDNS), section 6.2.3. */
const UDP_PAYLOAD_BYTES = 1_232;

/** A query with a random id and EDNS. */
export function encodeQuery({ name, type, recursion, dnssec }: DnsQuery): QueryMessage {
  const id = randomInt(0x1_0000);
  const bytes = encode({
    type: 'query',
    id,
    flags: (recursion ? RECURSION_DESIRED : 0) | AUTHENTIC_DATA,
    questions: [{ name: plainName(name), type: libraryType(type), class: 'IN' }],
    additionals: [
      {
        type: 'OPT',
        name: '.',
        udpPayloadSize: UDP_PAYLOAD_BYTES,
        extendedRcode: 0,
        ednsVersion: 0,
        flags: dnssec ? 0x8000 : 0,
        flag_do: dnssec,
        options: [],
      },
    ],
  });
  return { id, bytes };
}

/** Reads what a server sent. The id and the question must be the query's: anybody can send to a UDP port. RFC 5452, section 9.1. */
export function decodeAnswer(bytes: Buffer, query: DnsQuery, id: number): Decoded {
  if (bytes.length < 12 || bytes.readUInt16BE(0) !== id || (bytes.readUInt16BE(2) & 0x8000) === 0)
    return { status: 'other' };
  try {
    const packet = decode(bytes);
    const [question] = packet.questions ?? [];
    const wanted = libraryType(query.type);
    const rcode = rcodeOf(bytes, packet.additionals ?? []);
    // A server that cannot read the query may leave the question out.
    const isBare = question === undefined && (rcode === 'FORMERR' || rcode === 'NOTIMP');
    if (!isBare && (question?.type !== wanted || !sameName(question.name, query.name))) return { status: 'other' };
    const flags = packet.flags ?? 0;
    const answers = packet.answers ?? [];
    return {
      status: 'answer',
      answer: {
        rcode,
        truncated: (flags & TRUNCATED_RESPONSE) !== 0,
        authoritative: (flags & AUTHORITATIVE_ANSWER) !== 0,
        authenticated: (flags & AUTHENTIC_DATA) !== 0,
        records: answers.flatMap((record) =>
          record.type === wanted && record.type !== 'OPT' ? [{ text: showRecord(record), ttlS: record.ttl ?? 0 }] : [],
        ),
        section: answers.map((record) => `${record.name} ${record.type} ${showRecord(record)}`),
      },
    };
  } catch (error) {
    // The library throws many kinds of errors, of which none but these words is its interface: the bytes make no sense.
    if (error instanceof Error) return { status: 'malformed' };
    throw error;
  }
}

const RCODES = [
  'NOERROR',
  'FORMERR',
  'SERVFAIL',
  'NXDOMAIN',
  'NOTIMP',
  'REFUSED',
  'YXDOMAIN',
  'YXRRSET',
  'NXRRSET',
  'NOTAUTH',
  'NOTZONE',
];

/** The code with the upper bits that EDNS adds. RFC 6891, section 6.1.3. */
function rcodeOf(bytes: Buffer, additionals: readonly Answer[]): string {
  const edns = additionals.find((record) => record.type === 'OPT');
  const code = (edns?.type === 'OPT' ? edns.extendedRcode << 4 : 0) | (bytes.readUInt16BE(2) & 0x0f);
  return RCODES[code] ?? (code === 16 ? 'BADVERS' : `RCODE${code}`);
}

function plainName(name: string): string {
  return name === '.' ? '.' : name.replace(/\.$/, '');
}

function sameName(one: string, other: string): boolean {
  return plainName(one).toLowerCase() === plainName(other).toLowerCase();
}
