import { Readable } from 'node:stream';
import { ClickHouseError } from '@clickhouse/client';
import type { ClickHouseClient } from '@tocsin/service/clickhouse';
import type { LoadStatement } from './statements/statement.ts';

/** Why an insert is to be tried again. */
export type RetryReason = 'unreachable' | 'overloaded' | 'schema' | 'denied' | 'server_error' | 'disk' | 'aborted';

/** How an insert ended. `refused`: the data itself is at fault, and no further attempt will change that. */
export type InsertOutcome =
  | { readonly status: 'ok' }
  | { readonly status: 'retryable'; readonly reason: RetryReason; readonly message: string }
  | { readonly status: 'refused'; readonly code: number; readonly message: string };

/** Puts bytes of framed requests into a table; `token` names them for deduplication. */
export type InsertBytes = (
  statement: LoadStatement,
  bytes: Uint8Array,
  token: string,
  signal: AbortSignal,
) => Promise<InsertOutcome>;

/**
 * ClickHouse's error codes for data it cannot read or convert (its source, Common/ErrorCodes.cpp). Every other
 * error may pass: it is retried for ever, since data that is kept can still be loaded.
 */
const CONTENT_CODES: ReadonlySet<number> = new Set([
  6, // CANNOT_PARSE_TEXT
  26, // CANNOT_PARSE_QUOTED_STRING
  27, // CANNOT_PARSE_INPUT_ASSERTION_FAILED
  32, // ATTEMPT_TO_READ_AFTER_EOF
  33, // CANNOT_READ_ALL_DATA
  36, // BAD_ARGUMENTS: here, two values in one `oneof`
  38, // CANNOT_PARSE_DATE
  41, // CANNOT_PARSE_DATETIME
  69, // ARGUMENT_OUT_OF_BOUND
  70, // CANNOT_CONVERT_TYPE
  72, // CANNOT_PARSE_NUMBER
  117, // INCORRECT_DATA
  128, // TOO_LARGE_ARRAY_SIZE
  131, // TOO_LARGE_STRING_SIZE
  190, // SIZES_OF_ARRAYS_DONT_MATCH
  321, // VALUE_IS_OUT_OF_RANGE_OF_DATA_TYPE
  407, // DECIMAL_OVERFLOW
  436, // PROTOBUF_BAD_CAST
  444, // UNKNOWN_PROTOBUF_FORMAT
]);

/** 202 TOO_MANY_SIMULTANEOUS_QUERIES, 241 MEMORY_LIMIT_EXCEEDED, 242 TABLE_IS_READ_ONLY, 243 NOT_ENOUGH_SPACE, 252 TOO_MANY_PARTS, 159 TIMEOUT_EXCEEDED. */
const OVERLOAD_CODES: ReadonlySet<number> = new Set([159, 202, 241, 242, 243, 252]);
/** 16 NO_SUCH_COLUMN_IN_TABLE, 47 UNKNOWN_IDENTIFIER, 60 UNKNOWN_TABLE, 81 UNKNOWN_DATABASE. */
const SCHEMA_CODES: ReadonlySet<number> = new Set([16, 47, 60, 81]);
/** 164 READONLY, 497 ACCESS_DENIED, 516 AUTHENTICATION_FAILED. */
const DENIED_CODES: ReadonlySet<number> = new Set([164, 497, 516]);

/** The most partitions, that is days, of the data of one INSERT. */
const MAX_DAYS = 1_000;

/**
 * 252 TOO_MANY_PARTS has two meanings that no code tells apart: the table has too many (it passes), or the INSERT would make too
 * many (it does not; nothing has been written then).
 */
const TOO_MANY_DAYS = /partitions for single INSERT block/i;

/** Makes the inserter that speaks to a ClickHouse over HTTP. */
export function createInserter(client: ClickHouseClient): InsertBytes {
  return async (statement, bytes, token, signal) => {
    try {
      const { stream } = await client.exec({
        query: statement.sql,
        values: Readable.from([bytes], { objectMode: false }),
        abort_signal: signal,
        clickhouse_settings: {
          format_schema_source: 'string',
          format_schema: statement.proto,
          format_schema_message_name: statement.message,
          input_format_protobuf_oneof_presence: 1,
          insert_deduplication_token: token,
          deduplicate_blocks_in_dependent_materialized_views: 1,
          async_insert: 0,
          // One stream in, blocks in the same order at every attempt: their numbers are part of what is deduplicated.
          max_insert_threads: '1',
          // A few clocks that are wrong must not hold up everyone else's data; times of thousands of days are no telemetry, and as
          // many parts would take minutes.
          max_partitions_per_insert_block: String(MAX_DAYS),
          throw_on_max_partitions_per_insert_block: 1,
          wait_end_of_query: 1,
        },
      });
      for await (const _ of stream) continue;
      return { status: 'ok' };
    } catch (error) {
      if (signal.aborted) return { status: 'retryable', reason: 'aborted', message: 'stopped' };
      return classify(error);
    }
  };
}

/** Tells an error of the client apart by ClickHouse's code; without one ClickHouse was not reached, or not to the end. */
export function classify(error: unknown): InsertOutcome {
  const message = error instanceof Error ? error.message : String(error);
  if (!(error instanceof ClickHouseError)) return { status: 'retryable', reason: 'unreachable', message };
  const code = Number(error.code);
  if (CONTENT_CODES.has(code) || (code === 252 && TOO_MANY_DAYS.test(message)))
    return { status: 'refused', code, message };
  return { status: 'retryable', reason: retryReason(code), message: `code ${code}: ${message}` };
}

function retryReason(code: number): RetryReason {
  if (OVERLOAD_CODES.has(code)) return 'overloaded';
  if (SCHEMA_CODES.has(code)) return 'schema';
  if (DENIED_CODES.has(code)) return 'denied';
  return 'server_error';
}
