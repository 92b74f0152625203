import { ClickHouseError } from '@clickhouse/client';

/** ClickHouse's error codes that say that this server cannot now, and another one may. Source: ClickHouse, Common/ErrorCodes.cpp. */
const SERVER_CODES: ReadonlySet<string> = new Set([
  '198', // DNS_ERROR
  '202', // TOO_MANY_SIMULTANEOUS_QUERIES
  '209', // SOCKET_TIMEOUT
  '210', // NETWORK_ERROR
  '225', // NO_ZOOKEEPER
  '236', // ABORTED: the server is shutting down
  '242', // TABLE_IS_READ_ONLY: the replica has lost Keeper
  '243', // NOT_ENOUGH_SPACE
  '279', // ALL_CONNECTION_TRIES_FAILED
  '319', // UNKNOWN_STATUS_OF_INSERT
  '999', // KEEPER_EXCEPTION
]);

/** The reason to break off a request whose server should have answered by now. */
export class NoAnswerError extends Error {
  override readonly name = 'NoAnswerError';
}

/**
 * Whether an error is the server's own trouble rather than the statement's. Everything that is not an answer of ClickHouse is: refused, reset,
 * timed out, a proxy's error page. What the caller broke off is not, unless it was with `NoAnswerError`.
 */
export function isServerTrouble(error: unknown, signal: AbortSignal | undefined): boolean {
  if (signal?.aborted) return signal.reason instanceof NoAnswerError;
  return !(error instanceof ClickHouseError) || SERVER_CODES.has(error.code);
}

/** Whether the time for the request ran out: a heavy statement may be as guilty of that as the server. */
export function isTimeout(error: unknown): boolean {
  return error instanceof Error && !(error instanceof ClickHouseError) && /timeout/i.test(error.message);
}
