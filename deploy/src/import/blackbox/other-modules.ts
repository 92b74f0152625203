import type { Fields } from '../fields.ts';
import type { Setting, Settings } from '../imported.ts';
import { ipVersion, tlsSettings } from './http-module.ts';

/** Which words begin TLS on a port. */
const STARTTLS: Readonly<Record<string, string>> = {
  25: 'smtp', 587: 'smtp', 143: 'imap', 110: 'pop3', 21: 'ftp', 119: 'nntp', 389: 'ldap', 5432: 'postgres', 3306: 'mysql', 5222: 'xmpp',
}; // prettier-ignore

/** The `tcp` part of a module. Source: blackbox_exporter's CONFIGURATION.md, `<tcp_probe>`. */
export function tcpSettings(tcp: Fields, target: string, notes: string[]): Settings {
  const steps = tcp.list('query_response');
  const startsTls = steps.some((step) => step.flag('starttls') === true);
  const port = /:(\d+)$/.exec(target)?.[1] ?? '';
  const protocol = STARTTLS[port];
  const tls = tlsSettings(tcp.at('tls_config'));
  const hasTls = tcp.flag('tls') === true;
  tcp.ignore('preferred_ip_protocol', 'ip_protocol_fallback');
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

function dialogueOf(steps: readonly Fields[], notes: string[]): Setting[] {
  const turns: Settings[] = [];
  for (const step of steps) {
    const [expect, send] = [step.text('expect'), step.text('send')];
    if (/\$\{\d+\}/.test(send ?? '')) notes.push('groups of an answer in what is sent next');
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
  dns.ignore('preferred_ip_protocol', 'ip_protocol_fallback', 'source_ip_address');
  const answer = dns.at('validate_answer_rrs');
  for (const section of ['validate_authority_rrs', 'validate_additional_rrs'])
    if (dns.has(section)) notes.push(section);
  dns.ignore('validate_authority_rrs', 'validate_additional_rrs');
  const rcodes = dns.texts('valid_rcodes');
  return {
    dns: dns.text('query_name') ?? '',
    type: dns.text('query_type') ?? 'ANY',
    server: target,
    transport: isOverTls ? 'tls' : transport,
    recursion: dns.flag('recursion_desired') === false ? false : undefined,
    tls: isOverTls ? tlsSettings(dns.at('tls_config')) : undefined,
    expect: {
      rcode: rcodes,
      records_not_match: answer.texts('fail_if_matches_regexp'),
      records_match: answer.texts('fail_if_not_matches_regexp'),
    },
  };
}

/** The `icmp` part: how the packets look is the system's ping's. */
export function icmpSettings(icmp: Fields): Settings {
  const notes: string[] = [];
  // It sends one; `payload_size` 0 is its own default.
  return { count: 1, size: icmp.number('payload_size') || undefined, ...ipVersion(icmp, notes) };
}

/** The `grpc` part. Source: CONFIGURATION.md, `<grpc_probe>`. */
export function grpcSettings(grpc: Fields): Settings {
  const tls = tlsSettings(grpc.at('tls_config'));
  const hasSettings = Object.values(tls).some((value) => value !== undefined);
  grpc.ignore('preferred_ip_protocol', 'ip_protocol_fallback');
  return {
    service: grpc.text('service'),
    tls: grpc.flag('tls') === true ? (hasSettings ? tls : true) : undefined,
    metadata: grpc.map('metadata'),
  };
}
