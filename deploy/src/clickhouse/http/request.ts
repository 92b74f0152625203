import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { User } from '../access/users.ts';
import { ClickHouseException } from '../exception.ts';
import type { SessionRequest } from '../engine/client-sessions.ts';
import { type SessionState, TAG_SETTING } from '../engine/session.ts';
import type { NativeMethod } from './native-compression.ts';

/** What a request asks for, apart from its body. */
export interface QueryRequest {
  /** `query` of the URL; the body then continues it, or is an INSERT's data. */
  readonly query: string | undefined;
  readonly queryId: string;
  readonly defaultFormat: string;
  /** The revision of the Native protocol the client speaks, see native-hello.ts; `undefined` where it does not say. */
  readonly clientProtocolVersion: number | undefined;
  readonly state: SessionState;
  /** Whether the request names a database, or takes the session's. */
  readonly namesDatabase: boolean;
  /** The session that the request belongs to. */
  readonly session: SessionRequest | undefined;
  /** The state of a session that begins with this request: the method says nothing of the requests after it. */
  readonly sessionState: SessionState;
  /** Hold the whole result in memory before the first byte goes out. */
  readonly waitEndOfQuery: boolean;
  /** The encoding of the answer; `undefined` for none. */
  readonly encoding: ResponseEncoding | undefined;
  /** `compress=1`: the answer in ClickHouse's own blocks. */
  readonly native: NativeMethod | undefined;
  /** How often to tell of the progress, in headers, before the answer begins; `undefined` for never. */
  readonly progressIntervalMs: number | undefined;
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

/** In the URL of a request with multipart/form-data these say how a table of that name is read. */
const TABLE_SUFFIX = /_(format|structure|types)$/;
/** ClickHouse's `default_session_timeout` and `max_session_timeout`, in seconds. */
const SESSION_TIMEOUT_S = { usual: 60, most: 3_600 } as const;

/** The parameters in the URL of a request. */
export function parametersOfUrl(request: IncomingMessage): URLSearchParams {
  return new URL(request.url ?? '/', 'http://localhost').searchParams;
}

/** Whether a body with this request is in ClickHouse's own blocks. */
export function hasNativeBody(search: URLSearchParams): boolean {
  return isOn(search.get('decompress'));
}

/** `multipart/form-data`: the body brings parameters and tables. */
export function isForm(request: IncomingMessage): boolean {
  return request.method === 'POST' && /^multipart\/form-data\b/i.test(header(request, 'content-type') ?? '');
}

/**
 * Reads the parameters and the headers of a request of a user.
 * @param search of the URL, and of the form where the body is one
 * @throws ClickHouseException for what this server does not offer, and for settings that are not for this user
 */
export function readQueryRequest(
  request: IncomingMessage,
  user: User,
  search: URLSearchParams,
  defaultDatabase: string,
): QueryRequest {
  refuseUnsupported(search);
  const settings = new Map<string, string>();
  const parameters = new Map<string, string>();
  for (const [name, value] of search) {
    if (name.startsWith('param_')) parameters.set(name.slice('param_'.length), value);
    else if (!NOT_SETTINGS.has(name) && !HTTP_ONLY.test(name) && !(isForm(request) && TABLE_SUFFIX.test(name)))
      settings.set(name, value);
  }
  const database = search.get('database') || header(request, 'x-clickhouse-database');
  const named = database && database !== ENGINE_DEFAULT ? database : undefined;
  const defaultFormat = search.get('default_format') || header(request, 'x-clickhouse-format') || 'TabSeparated';
  if (!/^\w+$/.test(defaultFormat))
    throw ClickHouseException.of('BAD_ARGUMENTS', 'default_format is not the name of a format.');
  const sessionReadonly = readonlyOf(search);
  return {
    query: search.get('query') || undefined,
    queryId: search.get('query_id') || randomUUID(),
    defaultFormat,
    clientProtocolVersion: clientProtocolVersionOf(search),
    state: user.stateOf({
      database: named ?? defaultDatabase,
      readonly: request.method === 'GET' && sessionReadonly === 0 ? 2 : sessionReadonly,
      settings,
      parameters,
    }),
    namesDatabase: Boolean(database),
    session: sessionOf(search, user),
    sessionState: user.stateOf({
      database: defaultDatabase,
      readonly: sessionReadonly,
      settings: new Map(),
      parameters: new Map(),
    }),
    waitEndOfQuery: isOn(search.get('wait_end_of_query')),
    encoding: isOn(search.get('enable_http_compression')) ? encodingOf(header(request, 'accept-encoding')) : undefined,
    native: isOn(search.get('compress')) ? nativeMethodOf(search) : undefined,
    progressIntervalMs: progressIntervalOf(search),
  };
}

/** A GET may not write either, as in ClickHouse: readonly 2. */
function readonlyOf(search: URLSearchParams): 0 | 1 | 2 {
  const asked = search.get('readonly') ?? '0';
  if (asked !== '0' && asked !== '1' && asked !== '2')
    throw ClickHouseException.of('BAD_ARGUMENTS', 'readonly is 0, 1 or 2.');
  return Number(asked) as 0 | 1 | 2;
}

/** Source: src/Server/HTTPHandler.cpp, `parseSessionTimeout`. */
function sessionOf(search: URLSearchParams, { access }: User): SessionRequest | undefined {
  const id = search.get('session_id');
  if (!id) return undefined;
  const asked = search.get('session_timeout') ?? String(SESSION_TIMEOUT_S.usual);
  if (!/^\d{1,9}$/.test(asked))
    throw ClickHouseException.of('INVALID_SESSION_TIMEOUT', `Invalid session timeout: '${asked}'.`);
  const seconds = Number(asked);
  if (seconds > SESSION_TIMEOUT_S.most) {
    throw ClickHouseException.of(
      'INVALID_SESSION_TIMEOUT',
      `Session timeout '${seconds}' is larger than max_session_timeout: ${SESSION_TIMEOUT_S.most}. Maximum session timeout could be modified in configuration file.`,
    );
  }
  return {
    key: `${access.user}\n${id}`,
    timeoutMs: seconds * 1_000,
    mustExist: search.get('session_check') === '1',
    close: isOn(search.get('close_session')),
  };
}

/** The method of ClickHouse's own blocks follows the setting for its network. */
function nativeMethodOf(search: URLSearchParams): NativeMethod {
  const asked = (search.get('network_compression_method') ?? 'LZ4').toUpperCase();
  if (asked === 'ZSTD' || asked === 'NONE') return asked;
  return 'LZ4';
}

function progressIntervalOf(search: URLSearchParams): number | undefined {
  if (!isOn(search.get('send_progress_in_http_headers'))) return undefined;
  const asked = search.get('http_headers_progress_interval_ms') ?? '100';
  if (!/^\d{1,9}$/.test(asked))
    throw ClickHouseException.of('BAD_ARGUMENTS', 'http_headers_progress_interval_ms is not a number.');
  // Each look at the progress is a query.
  return Math.max(50, Number(asked));
}

function clientProtocolVersionOf(search: URLSearchParams): number | undefined {
  const asked = search.get('client_protocol_version');
  if (asked === null) return undefined;
  if (!/^\d{1,9}$/.test(asked))
    throw ClickHouseException.of('BAD_ARGUMENTS', 'client_protocol_version is not a number.');
  return Number(asked);
}

function refuseUnsupported(search: URLSearchParams): void {
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
