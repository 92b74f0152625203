import { Fields } from '../fields.ts';
import type { Settings } from '../imported.ts';
import { makeToken } from '../heartbeat-token.ts';
import { headersOf, httpTarget, type Reading } from './http-target.ts';

const joined = (host: string | undefined, port: string | undefined): string =>
  `${host?.includes(':') === true ? `[${host}]` : (host ?? '')}:${port ?? ''}`;

/** The part of our settings that says what a monitor looks at. Types without a kind of ours become what our schema refuses, with a note. */
export function targetOf(type: string, row: Fields, reading: Reading): Settings {
  const { notes } = reading;
  const [host, port] = [row.text('hostname') || undefined, row.text('port') || undefined];
  switch (type) {
    case 'http':
    case 'keyword':
    case 'json-query':
      return httpTarget(type, row, reading);
    case 'port':
      return { tcp: joined(host, port), ...portSecurity(row, port, notes) };
    case 'ping':
      return {
        icmp: host ?? '',
        count: row.number('ping_count') || 1,
        size: row.text('packet_size') === '56' ? undefined : row.number('packet_size') || undefined,
      };
    case 'dns':
      return dnsTarget(row, host, port, notes);
    case 'push':
      return pushTarget(row, notes);
    case 'grpc-keyword':
      return grpcTarget(row, notes);
    case 'websocket-upgrade':
      return webSocketTarget(row, notes);
    case 'smtp':
      notes.push('smtp: the dialogue waits for the greeting');
      row.ignore('smtp_security');
      return {
        tcp: joined(host, port ?? '25'),
        ...(row.text('smtp_security') === 'secure' ? { tls: true } : {}),
        ...(row.text('smtp_security') === 'starttls' ? { starttls: 'smtp' } : { dialogue: [{ expect: '^220' }] }),
      };
    case 'docker':
      notes.push(`the container ${row.text('docker_container') ?? ''}: probe what it serves`);
      row.ignore('docker_host');
      return { docker: row.text('docker_container') ?? '' };
    default:
      return {
        [type || 'type']: host === undefined ? (row.text('url') ?? '').replace(/^https:\/\/$/, '') : joined(host, port),
      };
  }
}

const STARTTLS_BY_PORT: Readonly<Record<string, string>> = {
  '21': 'ftp', '25': 'smtp', '110': 'pop3', '143': 'imap', '389': 'ldap', '587': 'smtp', '5222': 'xmpp',
}; // prettier-ignore

/** TLS is spoken there only to look at the certificate. */
function portSecurity(row: Fields, port: string | undefined, notes: string[]): Settings {
  const security = row.text('smtp_security');
  if (row.flag('expiry_notification') !== true || (security !== 'secure' && security !== 'starttls')) {
    row.ignore('smtp_security');
    return {};
  }
  notes.push('its certificate: it is judged as TLS here; a monitor of kind `tls` tells days before it ends');
  if (security === 'secure') return { tls: true };
  const starttls = STARTTLS_BY_PORT[port ?? ''];
  if (starttls === undefined) notes.push('STARTTLS: which protocol it is (`starttls:`)');
  return { starttls };
}

function webSocketTarget(row: Fields, notes: string[]): Settings {
  const url = URL.parse(row.text('url') ?? '');
  const method = row.text('auth_method') || 'none';
  const [user, password, bearer] = [row.text('basic_auth_user'), row.text('basic_auth_pass'), row.text('bearer_token')];
  row.ignore('auth_workstation', 'auth_domain');
  if (url && method === 'basic') Object.assign(url, { username: user ?? '', password: password ?? '' });
  else if (!['none', 'null', 'bearer'].includes(method)) notes.push(`authentication by ${method}`);
  const codes = row.text('accepted_statuscodes_json') ?? '';
  // 1000 is how a connection ends well.
  if (!/^(?:|\["1000"\]|\["200-299"\])$/.test(codes)) notes.push(`codes of the close ${codes}`);
  return {
    websocket: url?.href ?? row.text('url') ?? '',
    headers: { ...headersOf(row, notes), ...(method === 'bearer' ? { Authorization: `Bearer ${bearer ?? ''}` } : {}) },
    subprotocols: row
      .text('ws_subprotocol')
      ?.split(',')
      .map((name) => name.trim())
      .filter((name) => name !== ''),
    tls: { insecure: row.flag('ignore_tls') === true ? true : undefined },
  };
}

function dnsTarget(row: Fields, host: string | undefined, port: string | undefined, notes: string[]): Settings {
  const servers = (row.text('dns_resolve_server') ?? '').split(',').map((server) => server.trim());
  const [server = '', ...more] = servers;
  if (more.length > 0) notes.push(`servers beside the first: ${more.join(', ')}`);
  const own = server.includes(':') ? `[${server}]` : server;
  return {
    dns: host ?? '',
    type: row.text('dns_resolve_type') || 'A',
    server: server === '' ? undefined : port === undefined || port === '53' ? own : `${own}:${port}`,
    expect: dnsCondition(row, notes),
  };
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
/** A record there is its name alone; ours may have a priority before it. */
const CONDITIONS: Readonly<Record<string, (value: string) => string>> = {
  equals: (value) => `(?:^|[ "])${escaped(value.replace(/\.$/, ''))}\\.?"?$`,
  contains: escaped,
  starts_with: (value) => `(?:^|[ "])${escaped(value)}`,
  ends_with: (value) => `${escaped(value)}"?$`,
};

/** A single condition is an expectation of ours; of several each might be met by another record. */
function dnsCondition(row: Fields, notes: string[]): Settings {
  const text = row.text('conditions') ?? '[]';
  if (text === '' || text === '[]') return {};
  const [first, ...more] = parseList(text).map((entry) => new Fields(entry));
  const pattern = CONDITIONS[first?.text('operator') ?? ''];
  if (first && more.length === 0 && pattern && first.text('variable') === 'record')
    return { records_match: pattern(first.text('value') ?? '') };
  notes.push(`the conditions ${text}`);
  return {};
}

function parseList(text: string): readonly unknown[] {
  try {
    const parsed: unknown = JSON.parse(text);
    return Array.isArray(parsed) ? parsed : [];
  } catch (error) {
    if (error instanceof SyntaxError) return [];
    throw error;
  }
}

function pushTarget(row: Fields, notes: string[]): Settings {
  const { token, note } = makeToken(row.text('push_token') ?? '');
  notes.push('jobs call another URL: /ping/TOKEN at `checker.heartbeat` (docs/configuration.md)', ...note);
  return { heartbeat: token };
}

/** With us gRPC is asked by its health protocol; another method there is another question. */
function grpcTarget(row: Fields, notes: string[]): Settings {
  const method = `${row.text('grpc_service_name') ?? ''}/${row.text('grpc_method') ?? ''}`;
  const keyword = row.text('keyword') || undefined;
  const isHealth = /(?:^|\.)Health\/[Cc]heck$/.test(method);
  if (!isHealth) notes.push(`the method ${method}: the health protocol is asked instead`);
  if (keyword !== undefined && !(isHealth && /SERVING/.test(keyword)))
    notes.push(`the keyword ${JSON.stringify(keyword)}`);
  row.ignore('grpc_protobuf', 'grpc_body', 'invert_keyword');
  const metadata = Object.entries(headersOf(row, notes, 'grpc_metadata'));
  const [, secure, address = ''] = /^(?:(?:grpc|http)(s)?:\/\/)?(.*)$/s.exec(row.text('grpc_url') ?? '') ?? [];
  return {
    grpc: address,
    metadata: Object.fromEntries(metadata.map(([key, value]) => [key.toLowerCase(), value])),
    tls: secure !== undefined || row.flag('grpc_enable_tls') === true ? true : undefined,
  };
}
