import type { Fields } from '../fields.ts';
import type { Settings } from '../imported.ts';

/** `http`, `keyword` and `json-query`: one request with expectations. */
export function httpTarget(type: string, row: Fields, notes: string[]): Settings {
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
    headers: headersOf(row, notes),
    body: isSent ? body : undefined,
    ...authOf(row, notes),
    ...(redirects === 0 ? { redirects: 'stop' } : { max_redirects: Math.min(20, redirects) }),
    tls: { insecure: row.flag('ignore_tls') === true ? true : undefined },
    expect: { status: statusesOf(row, notes), ...answerOf(type, row, notes) },
  };
}

function headersOf(row: Fields, notes: string[]): Settings {
  const text = row.text('headers');
  if (!text) return {};
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed))
      return Object.fromEntries(Object.entries(parsed).map(([name, value]) => [name, String(value)]));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  notes.push('headers that are not a JSON object');
  return {};
}

function authOf(row: Fields, notes: string[]): Settings {
  const method = row.text('auth_method') || 'none';
  const [username, password] = [row.text('basic_auth_user'), row.text('basic_auth_pass')];
  row.ignore('auth_workstation', 'auth_domain', 'oauth_auth_method');
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
