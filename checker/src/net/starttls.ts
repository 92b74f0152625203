import { down, type Verdict } from '../verdict.ts';
import type { Conversation, Finder, Reception } from './conversation.ts';
import { judgeExchangeFailure } from './failure.ts';
import { ABORTED, done, judged, type Step } from './step.ts';

/** How a protocol changes to TLS on a connection that began in the clear. */
interface Upgrade {
  /** The turns in order: what is sent (nothing: the server speaks first), and what has to come back. */
  readonly turns: readonly Turn[];
}

interface Turn {
  readonly send?: string | Uint8Array | ((host: string) => string);
  /** Finds a whole answer. */
  readonly reply: Finder<Buffer>;
  readonly accept: (reply: Buffer) => boolean;
  /** Whether a refusal means that TLS is not offered rather than that this is another protocol. */
  readonly offers: boolean;
}

/** SMTP and FTP (RFC 5321, section 4.2.1): lines up to the one whose code is followed by a space. */
const numberedReply = wholeLines((line) => /^\d{3}(?: |$)/.test(line));
const oneLine = wholeLines(() => true);
const taggedReply = wholeLines((line) => line.startsWith('a '));
/** ManageSieve (RFC 5804, section 1.2): capabilities, then OK, NO or BYE. */
const sieveReply = wholeLines((line) => /^(?:OK|NO|BYE)\b/i.test(line));
const startsWith =
  (prefix: RegExp) =>
  (reply: Buffer): boolean =>
    prefix.test(reply.toString('latin1'));
const lastLineStartsWith =
  (prefix: RegExp) =>
  (reply: Buffer): boolean =>
    prefix.test(reply.toString('latin1').trimEnd().split('\n').at(-1) ?? '');

/** LDAP (RFC 4511, sections 4.12 and 4.14): an ExtendedRequest with the OID of StartTLS, message 1. */
const LDAP_START_TLS = Buffer.concat([
  Buffer.from([0x30, 0x1d, 0x02, 0x01, 0x01, 0x77, 0x18, 0x80, 0x16]),
  Buffer.from('1.3.6.1.4.1.1466.20037'),
]);
/** PostgreSQL protocol, "SSLRequest": length 8, code 80877103. */
const POSTGRES_SSL_REQUEST = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]);
/** MySQL protocol, "SSLRequest": CLIENT_PROTOCOL_41, CLIENT_SSL, CLIENT_SECURE_CONNECTION; 16 MiB packets; utf8mb4. */
const MYSQL_SSL_REQUEST = Buffer.concat([
  Buffer.from([32, 0, 0, 1, 0x00, 0x8a, 0x00, 0x00, 0, 0, 0, 1, 45]),
  Buffer.alloc(23),
]);

const xmppHeader = (host: string): string =>
  `<?xml version='1.0'?><stream:stream to='${host.replace(/[&'"<>]/g, '')}' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>`;

const UPGRADES = {
  /** RFC 3207. */
  smtp: {
    turns: [
      { reply: numberedReply, accept: startsWith(/^220/), offers: false },
      {
        send: 'EHLO tocsin.invalid\r\n',
        reply: numberedReply,
        accept: startsWith(/^250[\s\S]*^250[ -]STARTTLS\b/im),
        offers: true,
      },
      { send: 'STARTTLS\r\n', reply: numberedReply, accept: startsWith(/^220/), offers: true },
    ],
  },
  /** RFC 2595, section 3. */
  imap: {
    turns: [
      { reply: oneLine, accept: startsWith(/^\* OK/i), offers: false },
      { send: 'a STARTTLS\r\n', reply: taggedReply, accept: lastLineStartsWith(/^a OK/i), offers: true },
    ],
  },
  /** RFC 2595, section 4. */
  pop3: {
    turns: [
      { reply: oneLine, accept: startsWith(/^\+OK/i), offers: false },
      { send: 'STLS\r\n', reply: oneLine, accept: startsWith(/^\+OK/i), offers: true },
    ],
  },
  /** RFC 4217, section 4. */
  ftp: {
    turns: [
      { reply: numberedReply, accept: startsWith(/^220/), offers: false },
      { send: 'AUTH TLS\r\n', reply: numberedReply, accept: startsWith(/^234/), offers: true },
    ],
  },
  /** RFC 4642, section 2. */
  nntp: {
    turns: [
      { reply: oneLine, accept: startsWith(/^20[01]/), offers: false },
      { send: 'STARTTLS\r\n', reply: oneLine, accept: startsWith(/^382/), offers: true },
    ],
  },
  /** RFC 5804, section 2.2. */
  sieve: {
    turns: [
      { reply: sieveReply, accept: lastLineStartsWith(/^OK/i), offers: false },
      { send: 'STARTTLS\r\n', reply: sieveReply, accept: lastLineStartsWith(/^OK/i), offers: true },
    ],
  },
  ldap: {
    turns: [{ send: LDAP_START_TLS, reply: wholeBerMessage, accept: isLdapSuccess, offers: true }],
  },
  postgres: {
    turns: [{ send: POSTGRES_SSL_REQUEST, reply: oneByte, accept: startsWith(/^S/), offers: true }],
  },
  mysql: {
    turns: [
      { reply: wholeMysqlPacket, accept: offersMysqlTls, offers: true },
      // Nothing comes back: the handshake follows at once.
      { send: MYSQL_SSL_REQUEST, reply: nothing, accept: () => true, offers: true },
    ],
  },
  /** RFC 6120, section 5.4. */
  xmpp: {
    turns: [
      { send: xmppHeader, reply: until('</stream:features>'), accept: startsWith(/<starttls[\s>]/), offers: true },
      {
        send: "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>",
        reply: until('>'),
        accept: startsWith(/^\s*<proceed[\s/>]/),
        offers: true,
      },
    ],
  },
} as const satisfies Readonly<Record<string, Upgrade>>;

/** The protocols in which TLS is begun on a connection in the clear. */
export type StartTlsProtocol = keyof typeof UPGRADES;

/** Leads a conversation in `protocol` to where the TLS handshake begins. */
export async function startTls(
  talk: Conversation,
  protocol: StartTlsProtocol,
  { host, target }: { readonly host: string; readonly target: string },
): Promise<Step<true>> {
  const turns: readonly Turn[] = UPGRADES[protocol].turns;
  for (const { send, reply, accept, offers } of turns) {
    if (send !== undefined) talk.send(typeof send === 'function' ? send(host) : send);
    const reception = await talk.receive(reply);
    if (reception.status === 'aborted') return ABORTED;
    if (reception.status !== 'found') return judged(judgeSilence(reception, protocol, target));
    if (accept(reception.value)) continue;
    const found = showBytes(reception.value);
    if (!offers) return judged(down('protocol_error', `expected ${target} to speak ${protocol}, found ${found}`));
    return judged(down('starttls_refused', `expected ${target} to begin TLS (${protocol}), found ${found}`));
  }
  // What came in the clear must not be taken for what comes over TLS (CVE-2011-0411).
  if (talk.received.length > 0) {
    const found = showBytes(talk.received);
    return judged(down('protocol_error', `expected nothing of ${target} before the TLS handshake, found ${found}`));
  }
  return done(true);
}

function judgeSilence(
  reception: Exclude<Reception<Buffer>, { status: 'found' | 'aborted' }>,
  protocol: StartTlsProtocol,
  target: string,
): Verdict {
  if (reception.status === 'failed') return judgeExchangeFailure(target, 'request', reception.code);
  const found = reception.received.length === 0 ? 'nothing' : showBytes(reception.received);
  if (reception.status === 'overflow') {
    return down('protocol_error', `expected ${target} to speak ${protocol}, found ${found}`);
  }
  const sentence = `expected ${target} to begin TLS (${protocol}), found the connection closed after ${found}`;
  return down('connection_closed', sentence);
}

/** The beginning of what came, for a message: printable text quoted, anything else in hexadecimal. */
export function showBytes(bytes: Buffer): string {
  const start = bytes.subarray(0, 120);
  const more = bytes.length > start.length ? '…' : '';
  const text = start.toString('utf8');
  if (!/[^\t\r\n\x20-\x7e\u{a0}-\u{fffc}]/u.test(text)) return `${JSON.stringify(text)}${more}`;
  return `the bytes ${start.subarray(0, 24).toString('hex')}${bytes.length > 24 ? '…' : ''}`;
}

function wholeLines(isLast: (line: string) => boolean): Finder<Buffer> {
  return (received) => {
    for (let from = 0, to = received.indexOf(10); to >= 0; from = to + 1, to = received.indexOf(10, from)) {
      if (!isLast(received.toString('latin1', from, to).replace(/\r$/, ''))) continue;
      return { value: received.subarray(0, to + 1), takenBytes: to + 1 };
    }
    return undefined;
  };
}

function until(ending: string): Finder<Buffer> {
  return (received) => {
    const at = received.indexOf(ending);
    const end = at + ending.length;
    return at < 0 ? undefined : { value: received.subarray(0, end), takenBytes: end };
  };
}

function nothing(received: Buffer): { readonly value: Buffer; readonly takenBytes: number } {
  return { value: received.subarray(0, 0), takenBytes: 0 };
}

function oneByte(received: Buffer): ReturnType<Finder<Buffer>> {
  return received.length === 0 ? undefined : { value: received.subarray(0, 1), takenBytes: 1 };
}

/** A BER element (X.690): tag, short or long length, content. */
function wholeBerMessage(received: Buffer): ReturnType<Finder<Buffer>> {
  const [, first] = received;
  if (first === undefined) return undefined;
  const extra = first < 0x80 ? 0 : first & 0x7f;
  if (extra > 4 || received.length < 2 + extra) return extra > 4 ? oneByte(received) : undefined;
  const end = 2 + extra + (extra === 0 ? first : received.readUIntBE(2, extra));
  return received.length < end ? undefined : { value: received.subarray(0, end), takenBytes: end };
}

/** An ExtendedResponse (tag 0x78) whose resultCode (ENUMERATED) is 0. */
function isLdapSuccess(reply: Buffer): boolean {
  const at = reply.indexOf(0x78);
  const content = reply.subarray(at + 2 + ((reply[at + 1] ?? 0) < 0x80 ? 0 : (reply[at + 1] ?? 0) & 0x7f));
  return at > 0 && content[0] === 0x0a && content[1] === 1 && content[2] === 0;
}

function wholeMysqlPacket(received: Buffer): ReturnType<Finder<Buffer>> {
  if (received.length < 4) return undefined;
  const end = 4 + received.readUIntLE(0, 3);
  return received.length < end ? undefined : { value: received.subarray(0, end), takenBytes: end };
}

/** MySQL protocol, "HandshakeV10": version, NUL, thread id (4), salt (8), filler (1), lower capability flags (2). */
function offersMysqlTls(packet: Buffer): boolean {
  const version = packet.indexOf(0, 5);
  const flagsAt = version + 1 + 4 + 8 + 1;
  if (packet[4] !== 10 || version < 0 || packet.length < flagsAt + 2) return false;
  return (packet.readUInt16LE(flagsAt) & 0x0800) !== 0;
}
