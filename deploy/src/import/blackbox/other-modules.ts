import type { Fields } from '../fields.ts';
import { FileText, type Setting, type Settings } from '../imported.ts';
import { ipVersion, noteIpVersion, secretOf, tlsSettings } from './http-module.ts';

/** Which words begin TLS on a port. */
const STARTTLS: Readonly<Record<string, string>> = {
  25: 'smtp', 587: 'smtp', 143: 'imap', 110: 'pop3', 21: 'ftp', 119: 'nntp', 389: 'ldap', 5432: 'postgres', 3306: 'mysql', 5222: 'xmpp',
}; // prettier-ignore

/** The `tcp` part of a module. Source: blackbox_exporter's CONFIGURATION.md, `<tcp_probe>`. */
export function tcpSettings(tcp: Fields, target: string, notes: string[]): Settings {
  const steps = tcp.list('query_response');
  const startsTls = steps.some((step) => step.flag('starttls') === true);
  const port = /:(\d+)$/.exec(target)?.[1] ?? '';
  const protocol = protocolOf(steps) ?? STARTTLS[port];
  const tls = tlsSettings(tcp.at('tls_config'));
  const hasTls = tcp.flag('tls') === true;
  noteIpVersion(tcp, notes);
  if (startsTls && protocol === undefined) {
    notes.push(`starttls: say which protocol it is (starttls: smtp, imap …); the dialogue is left out`);
    for (const step of steps) step.ignore(...step.keys());
    return {};
  }
  if (startsTls) {
    // Our prober speaks the words before TLS itself; what comes after it is the dialogue.
    const after = steps.slice(steps.findIndex((step) => step.flag('starttls') === true) + 1);
    for (const step of steps) step.ignore(...step.keys());
    return { starttls: protocol, tls, dialogue: dialogueOf(after, notes) };
  }
  const secured = Object.values(tls).some((value) => value !== undefined) ? tls : true;
  return { ...(hasTls ? { tls: secured } : {}), dialogue: dialogueOf(steps, notes) };
}

/** The words of a protocol before TLS tell which one it is; PostgreSQL's are the bytes of its SSLRequest. */
const WORDS: readonly (readonly [protocol: string, words: RegExp])[] = [
  ['smtp', /^(?:EHLO|HELO)\b/im],
  ['pop3', /^STLS\b/im],
  ['ftp', /^AUTH TLS\b/im],
  ['imap', /^[A-Za-z0-9.]+ STARTTLS\b/im],
  ['postgres', /^0000000804d2162f$/],
];

function protocolOf(steps: readonly Fields[]): string | undefined {
  const said = steps.map((step) => {
    const send = step.raw('send');
    return send instanceof Uint8Array ? Buffer.from(send).toString('hex') : (step.text('send') ?? '');
  });
  return WORDS.find(([, words]) => said.some((send) => words.test(send)))?.[0];
}

function dialogueOf(steps: readonly Fields[], notes: string[]): Setting[] {
  const turns: Settings[] = [];
  for (const step of steps) {
    if (step.raw('send') instanceof Uint8Array) notes.push('bytes that are sent (!!binary)');
    // A group of the latest match; `$$` is a dollar sign.
    const expect = step.text('expect');
    const send = step.text('send')?.replace(/\$(?:\$|\{(\w+)\}|(\d+))/g, (_whole, named?: string, bare?: string) => {
      const group = named ?? bare;
      return group === undefined ? '$' : `{{${group}}}`;
    });
    // There a step expects and then sends; a turn of ours sends and then expects.
    if (expect !== undefined) {
      const last = turns.at(-1);
      if (last && last['expect'] === undefined) turns[turns.length - 1] = { ...last, expect };
      else turns.push({ expect });
    }
    // A line end is added there.
    if (send !== undefined) turns.push({ send: `${send}\n` });
  }
  return turns;
}

/** The `dns` part: there the target is the server. Source: CONFIGURATION.md, `<dns_probe>`. */
export function dnsSettings(dns: Fields, target: string, notes: string[]): Settings {
  const isOverTls = dns.flag('dns_over_tls') === true;
  const transport = dns.text('transport_protocol');
  const type = dns.text('query_type') || 'ANY';
  // Servers need not say what they have (RFC 8482); with us it is one type.
  const isAny = type === 'ANY';
  if (isAny) notes.push('the type ANY: A is asked for');
  noteIpVersion(dns, notes);
  if (dns.has('source_ip_address')) notes.push('source_ip_address');
  dns.ignore('source_ip_address');
  const answer = dns.at('validate_answer_rrs');
  for (const section of ['validate_authority_rrs', 'validate_additional_rrs'])
    if (dns.has(section)) notes.push(section);
  dns.ignore('validate_authority_rrs', 'validate_additional_rrs');
  const rcodes = dns.texts('valid_rcodes');
  return {
    dns: dns.text('query_name') ?? '',
    type: isAny ? 'A' : type,
    server: target,
    transport: isOverTls ? 'tls' : transport,
    recursion: dns.flag('recursion_desired') === false ? false : undefined,
    tls: isOverTls ? tlsSettings(dns.at('tls_config')) : undefined,
    expect: { rcode: rcodes, ...recordTests(answer, notes) },
  };
}

/** A pattern there is looked for in the whole line of a record (`example.org.\t300\tIN\tA\t192.0.2.1`), with us in its data. */
function recordTests(answer: Fields, notes: string[]): Settings {
  const patterns = (key: string): readonly string[] =>
    answer.texts(key).filter((pattern) => {
      const isOfData = !/^\^|[\t]|\\[ts]|\bIN\b/.test(pattern);
      if (!isOfData)
        notes.push(`${key} ${JSON.stringify(pattern)}: with us a pattern looks at the data of a record alone`);
      return isOfData;
    });
  const all = patterns('fail_if_not_matches_regexp');
  const any = patterns('fail_if_none_matches_regexp');
  if (all.length > 0) notes.push('fail_if_not_matches_regexp: there every record has to match, with us one');
  return {
    records_not_match: patterns('fail_if_matches_regexp'),
    records_match: [...all, ...(any.length > 0 ? [any.map((pattern) => `(?:${pattern})`).join('|')] : [])],
  };
}

/** The `icmp` part: how the packets look is the system's ping's. */
export function icmpSettings(icmp: Fields, notes: string[]): Settings {
  // It sends one; `payload_size` 0 is its own default.
  return { count: 1, size: icmp.number('payload_size') || undefined, ...ipVersion(icmp, notes) };
}

/** The `grpc` part. Source: CONFIGURATION.md, `<grpc_probe>`. */
export function grpcSettings(grpc: Fields, notes: string[]): Settings {
  const tls = tlsSettings(grpc.at('tls_config'));
  const hasSettings = Object.values(tls).some((value) => value !== undefined);
  noteIpVersion(grpc, notes);
  return {
    service: grpc.text('service'),
    tls: grpc.flag('tls') === true ? (hasSettings ? tls : true) : undefined,
    metadata: grpc.map('metadata'),
  };
}

/** The `websocket` part; a target without a scheme is ws there. Source: CONFIGURATION.md, `<websocket_probe>`. */
export function webSocketSettings(webSocket: Fields, target: string, notes: string[]): Settings {
  const http = webSocket.at('http_config');
  const basic = http.at('basic_auth');
  const bearer = secretOf(http.at('authorization'), 'credentials') ?? secretOf(http, 'bearer_token');
  const steps = webSocket.list('query_response');
  const sends = steps.flatMap((step) => step.text('send') ?? []);
  const expects = steps.flatMap((step) => step.text('expect') ?? []);
  const url = /^wss?:\/\//.test(target) ? target : `ws://${target.replace(/^http(s?):\/\//, '')}`;
  const scheme = target.startsWith('https:') ? url.replace('ws:', 'wss:') : url;
  const [user, password] = [basic.text('username'), basic.text('password') ?? ''];
  if (basic.has('password_file')) notes.push('basic_auth.password_file: "${file:PATH}" in the URL');
  basic.ignore('password_file');
  const userinfo = user === undefined ? '' : `${encodeURIComponent(user)}:${encodeURIComponent(password)}@`;
  if (expects.length > 1 || sends.length > 1) notes.push('the order of what is sent and awaited: all is sent at once');
  if (sends.some((send) => /\$\{?\d/.test(send))) notes.push('groups of an answer in what is sent next');
  return {
    websocket: scheme.replace('://', `://${userinfo}`),
    headers: { ...webSocket.map('headers'), ...(bearer === undefined ? {} : { Authorization: asBearer(bearer) }) },
    tls: tlsSettings(http.at('tls_config')),
    proxy: http.text('proxy_url'),
    send: sends.length === 0 ? undefined : sends,
    expect: expects.length === 0 ? {} : { message_matches: expects.at(-1) },
  };
}

function asBearer(secret: string | FileText): Setting {
  return secret instanceof FileText ? new FileText(secret.path, 'Bearer ') : `Bearer ${secret}`;
}
