import type { Fields } from '../fields.ts';
import type { Setting, Settings } from '../imported.ts';
import type { KumaDatabase } from './database.ts';

/** What a row is read with. */
export interface Reading {
  readonly notes: string[];
  readonly database: KumaDatabase;
}

/** `http`, `keyword` and `json-query`: one request with expectations. */
export function httpTarget(type: string, row: Fields, { notes, database }: Reading): Settings {
  const redirects = row.number('maxredirects') ?? 10;
  const method = row.text('method') || undefined;
  const body = row.text('body') || undefined;
  const isSent = body !== undefined && method !== undefined && !['GET', 'HEAD'].includes(method);
  if (body !== undefined && !isSent) notes.push('a body of a GET');
  if (redirects > 20) notes.push(`more than 20 redirects (${redirects})`);
  for (const file of ['tls_ca', 'tls_cert', 'tls_key'])
    if (row.text(file)) notes.push(`${file}: write it to a file, and name that in tls:`);
  return {
    http: row.text('url') ?? '',
    method: method === 'GET' ? undefined : method,
    headers: { ...(isSent ? contentTypeOf(row) : {}), ...headersOf(row, notes) },
    body: isSent ? body : undefined,
    ...authOf(row, notes),
    ...(redirects === 0 ? { redirects: 'stop' } : { max_redirects: Math.min(20, redirects) }),
    proxy: proxyOf(row, database, notes),
    ip: { ipv4: '4', ipv6: '6' }[row.text('ip_family') ?? ''],
    tls: { insecure: row.flag('ignore_tls') === true ? true : undefined },
    expect: expectationsOf(type, row, { notes, database }),
  };
}

function expectationsOf(type: string, row: Fields, { notes, database }: Reading): Setting {
  const answer = { status: statusesOf(row, notes), ...answerOf(type, row, notes) };
  const tells = row.flag('expiry_notification') === true && /^https:/i.test(row.text('url') ?? '');
  return tells ? [answer, { certificate_days: database.certificateDays, severity: 'degraded' }] : answer;
}

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  json: 'application/json', form: 'application/x-www-form-urlencoded', xml: 'text/xml; charset=utf-8',
}; // prettier-ignore

/** What it says of a body unless the headers do. */
function contentTypeOf(row: Fields): Settings {
  const named = Object.keys(headersOf(row, [])).some((name) => name.toLowerCase() === 'content-type');
  const type = CONTENT_TYPES[row.text('http_body_encoding') || 'json'];
  return named || type === undefined ? {} : { 'Content-Type': type };
}

function proxyOf(row: Fields, { proxies }: KumaDatabase, notes: string[]): string | undefined {
  const id = row.number('proxy_id');
  if (id === undefined) return undefined;
  const proxy = proxies.get(id);
  if (proxy && /^https?$/.test(proxy.protocol)) {
    const { protocol, host, port, credentials } = proxy;
    return `${protocol}://${credentials === undefined ? '' : `${credentials}@`}${host}:${port}`;
  }
  notes.push(`the proxy ${proxy ? `${proxy.protocol}://${proxy.host}:${proxy.port}` : `number ${id}`}`);
  return undefined;
}

export function headersOf(row: Fields, notes: string[], column = 'headers'): Settings {
  const text = row.text(column);
  if (!text) return {};
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed))
      return Object.fromEntries(Object.entries(parsed).map(([name, value]) => [name, String(value)]));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  notes.push(`${column} that are not a JSON object`);
  return {};
}

function authOf(row: Fields, notes: string[]): Settings {
  const method = row.text('auth_method') || 'none';
  const [username, password] = [row.text('basic_auth_user'), row.text('basic_auth_pass')];
  row.ignore('auth_workstation', 'auth_domain', 'oauth_auth_method', 'bearer_token', 'http_body_encoding');
  switch (method) {
    case 'basic':
      return { basic: { username: username ?? '', password: password ?? '' } };
    case 'oauth2-cc':
      return {
        oauth2: {
          token_url: row.text('oauth_token_url'),
          client_id: row.text('oauth_client_id'),
          client_secret: row.text('oauth_client_secret'),
          scopes: (row.text('oauth_scopes') ?? '').split(' ').filter((scope) => scope !== ''),
          audience: row.text('oauth_audience') || undefined,
          credentials_in: row.text('oauth_auth_method') === 'client_secret_post' ? 'body' : undefined,
        },
      };
    case 'bearer':
      return { bearer: row.text('bearer_token') ?? '' };
    case 'none':
    case 'null':
    case 'mtls':
      // Before 1.9 there was a user without a method.
      return username ? { basic: { username, password: password ?? '' } } : {};
    default:
      notes.push(`authentication by ${method}`);
      return {};
  }
}

function statusesOf(row: Fields, notes: string[]): readonly string[] | undefined {
  const text = row.text('accepted_statuscodes_json');
  if (!text) return undefined;
  try {
    const list: unknown = JSON.parse(text);
    if (Array.isArray(list) && list.length > 0) return list.map(String);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  notes.push(`accepted status codes ${text}`);
  return undefined;
}

const OPERATORS: Readonly<Record<string, string>> = {
  '==': 'equals', '!=': 'not_equals', '<': 'less_than', '>': 'greater_than', contains: 'contains',
}; // prettier-ignore

function answerOf(type: string, row: Fields, notes: string[]): Settings {
  const keyword = row.text('keyword') ?? '';
  const isInverted = row.flag('invert_keyword') === true;
  if (type === 'keyword') return { [isInverted ? 'body_not_contains' : 'body_contains']: keyword };
  if (type !== 'json-query') return {};
  const path = row.text('json_path') ?? '$';
  const value = row.text('expected_value') ?? '';
  const operator = row.text('json_path_operator') || '==';
  const test = OPERATORS[operator];
  // Paths there are JSONata; plain ones mean the same as JSONPath.
  const isPlain = /^(?:\$\.?)?[A-Za-z_]\w*(?:\.[A-Za-z_]\w*|\[\d+\])*$/.test(path) || path === '$';
  if (!isPlain || test === undefined) {
    notes.push(`the query ${path} ${operator} ${value} (JSONata)`);
    return {};
  }
  return { json: { path: path.startsWith('$') ? path : `$.${path}`, [test]: value } };
}
