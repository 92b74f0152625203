import { hash } from 'node:crypto';
import type { Fields } from '../fields.ts';
import type { Settings } from '../imported.ts';
import { httpTarget } from './http-target.ts';

/** A heartbeat's token with us. */
const TOKEN = /^[A-Za-z0-9_-]{16,128}$/;

const joined = (host: string | undefined, port: string | undefined): string =>
  `${host?.includes(':') === true ? `[${host}]` : (host ?? '')}:${port ?? ''}`;

/** The part of our settings that says what a monitor looks at. Types without a kind of ours become what our schema refuses, with a note. */
export function targetOf(type: string, row: Fields, notes: string[]): Settings {
  const [host, port] = [row.text('hostname') || undefined, row.text('port') || undefined];
  switch (type) {
    case 'http':
    case 'keyword':
    case 'json-query':
      return httpTarget(type, row, notes);
    case 'port':
      return { tcp: joined(host, port) };
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
      return {
        websocket: row.text('url') ?? '',
        subprotocols: row
          .text('ws_subprotocol')
          ?.split(',')
          .map((name) => name.trim())
          .filter((name) => name !== ''),
      };
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
      return { [type || 'type']: row.text('url') || joined(host, port) };
  }
}

function dnsTarget(row: Fields, host: string | undefined, port: string | undefined, notes: string[]): Settings {
  const servers = (row.text('dns_resolve_server') ?? '').split(',').map((server) => server.trim());
  const [server = '', ...more] = servers;
  if (more.length > 0) notes.push(`servers beside the first: ${more.join(', ')}`);
  const own = server.includes(':') ? `[${server}]` : server;
  return {
    dns: host ?? '',
    type: row.text('dns_resolve_type') ?? 'A',
    server: server === '' ? undefined : port === undefined || port === '53' ? own : `${own}:${port}`,
  };
}

/** Tokens of ours are longer than some there; then one is made from it. */
function pushTarget(row: Fields, notes: string[]): Settings {
  const token = row.text('push_token') ?? '';
  notes.push('jobs call another URL: /ping/TOKEN at `checker.heartbeat` (docs/configuration.md)');
  if (TOKEN.test(token)) return { heartbeat: token };
  const longer = hash('sha256', token).slice(0, 32);
  notes.push(`the push token is too short; ${longer} stands for it`);
  return { heartbeat: longer };
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
  const metadata = row.text('grpc_metadata') || undefined;
  if (metadata !== undefined && metadata !== '{}') notes.push('grpc_metadata');
  const [, secure, address = ''] = /^(?:(?:grpc|http)(s)?:\/\/)?(.*)$/s.exec(row.text('grpc_url') ?? '') ?? [];
  return { grpc: address, tls: secure !== undefined || row.flag('grpc_enable_tls') === true ? true : undefined };
}
