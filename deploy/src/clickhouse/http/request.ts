import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { ClickHouseException } from '../exception.ts';
import { type SessionState, TAG_SETTING } from '../engine/session.ts';

/** What a request asks for, apart from its body. */
export interface QueryRequest {
  /** `query` of the URL; the body then continues it, or is an INSERT's data. */
  readonly query: string | undefined;
  readonly queryId: string;
  readonly defaultFormat: string;
  /** The revision of the Native protocol the client speaks, see native-hello.ts; `undefined` where it does not say. */
  readonly clientProtocolVersion: number | undefined;
  readonly state: SessionState;
  /** Hold the whole result in memory before the first byte goes out. */
  readonly waitEndOfQuery: boolean;
  /** The encoding of the answer; `undefined` for none. */
  readonly encoding: ResponseEncoding | undefined;
}

export type ResponseEncoding = 'gzip' | 'deflate' | 'br' | 'zstd';
const ENCODINGS: readonly ResponseEncoding[] = ['br', 'gzip', 'zstd', 'deflate'];

/** Parameters of ClickHouse's HTTP interface that are no settings of a query. */
const NOT_SETTINGS = new Set([
  'query',
  'query_id',
  'database',
  'default_format',
  'client_protocol_version',
  'user',
  'password',
  'quota_key',
  'role',
  'readonly',
  'wait_end_of_query',
  'buffer_size',
  'enable_http_compression',
  'compress',
  'decompress',
  'session_id',
  'session_timeout',
  'session_check',
  'close_session',
  'stacktrace',
  TAG_SETTING,
]);
/** What clients name that name nothing else. In the engine it is a view of the file system: ours takes its place. */
const ENGINE_DEFAULT = 'default';
/** Shape of the answer over HTTP; they mean nothing to the engine in process. */
const HTTP_ONLY =
  /^(http_|send_progress_in_http_headers$|add_http_cors_header$|cancel_http_readonly_queries_on_client_close$)/;

/**
 * Reads the URL and the headers of a request. User and password are accepted as they are: there are no users inside yet.
 * @throws ClickHouseException for what this server does not offer
 */
export function readQueryRequest(request: IncomingMessage, defaultDatabase: string): QueryRequest {
  const search = new URL(request.url ?? '/', 'http://localhost').searchParams;
  refuseUnsupported(search);
  const settings = new Map<string, string>();
  const parameters = new Map<string, string>();
  for (const [name, value] of search) {
    if (name.startsWith('param_')) parameters.set(name.slice('param_'.length), value);
    else if (!NOT_SETTINGS.has(name) && !HTTP_ONLY.test(name)) settings.set(name, value);
  }
  const database = search.get('database') || header(request, 'x-clickhouse-database') || ENGINE_DEFAULT;
  const defaultFormat = search.get('default_format') || header(request, 'x-clickhouse-format') || 'TabSeparated';
  if (!/^\w+$/.test(defaultFormat))
    throw ClickHouseException.of('BAD_ARGUMENTS', 'default_format is not the name of a format.');
  return {
    query: search.get('query') || undefined,
    queryId: search.get('query_id') || randomUUID(),
    defaultFormat,
    clientProtocolVersion: clientProtocolVersionOf(search),
    state: {
      database: database === ENGINE_DEFAULT ? defaultDatabase : database,
      readonly: readonlyOf(search, request.method),
      settings,
      parameters,
    },
    waitEndOfQuery: isOn(search.get('wait_end_of_query')),
    encoding: isOn(search.get('enable_http_compression')) ? encodingOf(header(request, 'accept-encoding')) : undefined,
  };
}

/** GET may not write, as in ClickHouse: readonly 2. */
function readonlyOf(search: URLSearchParams, method: string | undefined): 0 | 1 | 2 {
  const asked = search.get('readonly') ?? '0';
  if (asked !== '0' && asked !== '1' && asked !== '2')
    throw ClickHouseException.of('BAD_ARGUMENTS', 'readonly is 0, 1 or 2.');
  const level = Number(asked) as 0 | 1 | 2;
  return level === 0 && (method === 'GET' || method === 'HEAD') ? 2 : level;
}

function clientProtocolVersionOf(search: URLSearchParams): number | undefined {
  const asked = search.get('client_protocol_version');
  if (asked === null) return undefined;
  if (!/^\d{1,9}$/.test(asked))
    throw ClickHouseException.of('BAD_ARGUMENTS', 'client_protocol_version is not a number.');
  return Number(asked);
}

function refuseUnsupported(search: URLSearchParams): void {
  for (const name of ['compress', 'decompress']) {
    if (isOn(search.get(name))) throw unsupported(`${name}=1 (ClickHouse's own block compression)`);
  }
  if (search.has('session_id')) throw unsupported('session_id');
  // The guard reads ClickHouse's own language only.
  if (search.has('dialect')) throw unsupported('other dialects');
}

function unsupported(what: string): ClickHouseException {
  return ClickHouseException.of('NOT_IMPLEMENTED', `The embedded ClickHouse does not offer ${what}.`);
}

function isOn(value: string | null): boolean {
  return value !== null && value !== '' && value !== '0' && value !== 'false';
}

/** The first of our encodings that the client accepts. */
function encodingOf(accepted: string | undefined): ResponseEncoding | undefined {
  const names = new Set((accepted ?? '').split(',').map((part) => part.split(';')[0]?.trim().toLowerCase()));
  return ENCODINGS.find((encoding) => names.has(encoding));
}

function header(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}
