import type { IncomingMessage } from 'node:http';
import { ClickHouseException } from '../exception.ts';

/** Who a request says that it comes from. */
export interface Claim {
  readonly user: string;
  readonly password: string;
}

/** Who asks without a name. Source: ClickHouse, "HTTP Interface". */
const DEFAULT_USER = 'default';

/**
 * Reads user and password from `X-ClickHouse-User` and `-Key`, from basic authentication, or from `user` and `password` in the URL.
 * Source: ClickHouse's src/Server/HTTP/authenticateUserByHTTP.cpp.
 * @throws ClickHouseException AUTHENTICATION_FAILED where two of these ways are mixed or the header is not understood
 */
export function readClaim({ headers, url }: Pick<IncomingMessage, 'headers' | 'url'>): Claim {
  const { authorization } = headers;
  const user = single(headers['x-clickhouse-user']);
  const password = single(headers['x-clickhouse-key']);
  const search = new URL(url ?? '/', 'http://localhost').searchParams;
  const byHeaders = user !== undefined || password !== undefined;
  const byBasic = authorization !== undefined && authorization !== '' && !/^never$/i.test(authorization);
  const byUrl = search.has('user') || search.has('password');
  if (byHeaders && byBasic) throw mixed('X-ClickHouse HTTP headers and Authorization HTTP header');
  if (byHeaders && byUrl) throw mixed('X-ClickHouse HTTP headers and authentication via parameters');
  if (byBasic && byUrl) throw mixed('Authorization HTTP header and authentication via parameters');
  if (byBasic) return readBasic(authorization);
  if (byHeaders) return { user: user || DEFAULT_USER, password: password ?? '' };
  return { user: search.get('user') || DEFAULT_USER, password: search.get('password') ?? '' };
}

function readBasic(authorization: string): Claim {
  const encoded = /^basic\s+(\S*)\s*$/i.exec(authorization)?.[1];
  if (encoded === undefined) {
    throw ClickHouseException.of(
      'AUTHENTICATION_FAILED',
      "Invalid authentication: the scheme of the Authorization HTTP header is not 'Basic'.",
    );
  }
  const [, user = '', password = ''] = /^([^:]*):?(.*)$/s.exec(Buffer.from(encoded, 'base64').toString('utf8')) ?? [];
  return { user: user || DEFAULT_USER, password };
}

function mixed(what: string): ClickHouseException {
  return ClickHouseException.of(
    'AUTHENTICATION_FAILED',
    `Invalid authentication: it is not allowed to use ${what} simultaneously.`,
  );
}

function single(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}
