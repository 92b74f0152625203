import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { Readable } from 'node:stream';
import { ClickHouseError, type ClickHouseSettings } from '@clickhouse/client';
import { type ClickHouseClient, NoAnswerError } from '@tocsin/service/clickhouse';
import { SEGMENT_HEADER } from '@tocsin/service/segment-handover';
import type { SentStatements } from './sent-statements.ts';
import { BEGIN_BY, type LoadStatement } from './statements/statement.ts';

/** Why an insert is to be tried again. */
export type RetryReason =
  | 'unreachable'
  | 'overloaded'
  | 'timeout'
  | 'memory'
  | 'schema'
  | 'denied'
  | 'server_error'
  | 'disk'
  | 'dead_letters_full'
  | 'aborted';

/**
 * How an insert ended. `refused`: the data itself is at fault, and no further attempt will change that; nothing of it has been written.
 * `too_much`: it took too long or too much memory; whether it was written is not known.
 */
export type InsertOutcome =
  | { readonly status: 'ok' }
  | {
      readonly status: 'retryable';
      readonly reason: RetryReason;
      readonly message: string;
      /** The statement began after the time it had for that. */
      readonly isTooLate?: boolean;
    }
  | { readonly status: 'too_much'; readonly reason: 'timeout' | 'memory'; readonly message: string }
  | { readonly status: 'refused'; readonly code: number; readonly message: string };

/** One attempt to put framed requests into a table. */
export interface Insert {
  readonly statement: LoadStatement;
  /** Opens the data, from its beginning. */
  readonly open: () => Readable;
  /** The file whose first bytes, this many, are the data. */
  readonly file?: { readonly path: string; readonly sizeBytes: number } | undefined;
  /** Names the data for deduplication. */
  readonly token: string;
  /** The attempt is given up after this many milliseconds. */
  readonly limitMs: number;
  readonly signal: AbortSignal;
}

/** Puts framed requests into a table. */
export type InsertData = (insert: Insert) => Promise<InsertOutcome>;

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
  36, // BAD_ARGUMENTS
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

/** FUNCTION_THROW_IF_VALUE_IS_NON_ZERO: the statement began too late, and has done nothing. */
const TOO_LATE_CODE = 395;
/** 202 TOO_MANY_SIMULTANEOUS_QUERIES, 242 TABLE_IS_READ_ONLY, 243 NOT_ENOUGH_SPACE, 252 TOO_MANY_PARTS. */
const OVERLOAD_CODES: ReadonlySet<number> = new Set([202, 242, 243, 252, TOO_LATE_CODE]);
/** 159 TIMEOUT_EXCEEDED, 241 MEMORY_LIMIT_EXCEEDED: less at once may do. */
const TOO_MUCH_CODES: ReadonlyMap<number, 'timeout' | 'memory'> = new Map([
  [159, 'timeout'],
  [241, 'memory'],
]);
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

/** A view has refused what its table has taken: the request is in, so it must not be condemned. */
const IN_A_VIEW = /pushing to view/i;

/** More rows than any INSERT has: see `min_insert_block_size_rows` below. */
const ALL_ROWS = String(10 ** 12);
/** Of an answer that should be empty: enough for an error's text. */
const MAX_ANSWER_BYTES = 2 ** 16;

/**
 * Makes the inserter that speaks to a ClickHouse over HTTP.
 * @param handsOver the ClickHouse is the embedded one, which has the journal on its own disk: whole segments are named to it, not sent
 */
export function createInserter(client: ClickHouseClient, sent: SentStatements, handsOver = false): InsertData {
  return async (insert) => {
    let beginByMs: number;
    try {
      beginByMs = await sent.beginBy(insert.limitMs);
    } catch (error) {
      return insert.signal.aborted ? STOPPED : retryable(classify(error));
    }
    const segment = handsOver ? await nameOfWhole(insert.file) : undefined;
    const onUnanswered = (): void => sent.noteUnanswered(insert.token, beginByMs);
    const outcome = await send({ client, insert, segment, beginByMs, onUnanswered });
    if (outcome.status === 'retryable' && outcome.isTooLate === true) sent.forgetClock();
    return outcome;
  };
}

/** 107 FILE_DOESNT_EXIST: the embedded ClickHouse does not find the segment that was named. */
function isNotFound(error: unknown): boolean {
  return error instanceof ClickHouseError && error.code === '107';
}

/** The name of a file that holds the data and nothing else: after a failed write there may be more in it. */
async function nameOfWhole(file: Insert['file']): Promise<string | undefined> {
  if (!file) return undefined;
  const found = await stat(file.path).catch(() => undefined);
  return found?.size === file.sizeBytes ? basename(file.path) : undefined;
}

const STOPPED = { status: 'retryable', reason: 'aborted', message: 'stopped' } as const;

/** The data has not been sent: nothing can be wrong with it. */
function retryable(outcome: ReturnType<typeof classify>): InsertOutcome {
  if (outcome.status === 'retryable') return outcome;
  return { status: 'retryable', reason: 'server_error', message: outcome.message };
}

/** One statement on its way. */
interface Sending {
  readonly client: ClickHouseClient;
  readonly insert: Insert;
  /** The segment that is named in place of its bytes. */
  readonly segment: string | undefined;
  readonly beginByMs: number;
  /** Called where ClickHouse has not said how the statement ended. */
  readonly onUnanswered: () => void;
}

async function send(sending: Sending): Promise<InsertOutcome> {
  const { client, insert, segment, beginByMs, onUnanswered } = sending;
  const { statement, open, token, limitMs, signal } = insert;
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(new NoAnswerError(`no answer within ${limitMs / 1_000} s`)), limitMs);
  const data = segment === undefined ? open() : Readable.from([]);
  // The client reads the stream; what happens to it after an attempt has ended is of no interest.
  data.on('error', () => undefined);
  try {
    const { stream, response_headers: headers } = await client.exec({
      query: statement.sql,
      query_params: { [BEGIN_BY]: beginByMs },
      values: data,
      abort_signal: AbortSignal.any([signal, limit.signal]),
      clickhouse_settings: settingsFor(statement, token),
      ...(segment === undefined ? {} : { http_headers: { [SEGMENT_HEADER]: segment } }),
    });
    const answer = await readAnswer(stream);
    if (headers['x-clickhouse-query-id'] === undefined && headers['x-clickhouse-summary'] === undefined) {
      onUnanswered();
      const message = `what answers at the URL is not ClickHouse: ${answer.slice(0, 200)}`;
      return { status: 'retryable', reason: 'unreachable', message };
    }
    const failure = parseException(answer);
    return failure ? classify(failure) : { status: 'ok' };
  } catch (error) {
    if (!(error instanceof ClickHouseError)) onUnanswered();
    // It looks elsewhere, or has no right to read there: then the bytes go over the wire, as to any other ClickHouse.
    if (segment !== undefined && isNotFound(error)) return await send({ ...sending, segment: undefined });
    if (signal.aborted) return STOPPED;
    if (limit.signal.aborted) {
      return { status: 'too_much', reason: 'timeout', message: `no answer within ${limitMs / 1_000} s` };
    }
    return classify(error);
  } finally {
    clearTimeout(timer);
    data.destroy();
  }
}

function settingsFor(statement: LoadStatement, token: string): ClickHouseSettings {
  return {
    format_schema_source: 'string',
    format_schema: statement.proto,
    format_schema_message_name: statement.message,
    insert_deduplication_token: token,
    deduplicate_blocks_in_dependent_materialized_views: 1,
    async_insert: 0,
    // Machine code for expressions that run once on one block costs more than it saves.
    compile_expressions: 0,
    compile_aggregate_expressions: 0,
    compile_sort_description: 0,
    // Joining the steps of the plan into one expression takes 11 ms of an INSERT's CPU, for types as long as these.
    query_plan_merge_expressions: 0,
    // The first merge makes them: what has not been merged is small enough to be read without.
    materialize_skip_indexes_on_insert: 0,
    // One stream in, and all of it one block. It makes an INSERT whole: what can be wrong with the data is found before the first row
    // is written, each day's rows are one part that is there or is not, and a retry has the same blocks, which are what is deduplicated.
    max_insert_threads: '1',
    min_insert_block_size_rows: ALL_ROWS,
    min_insert_block_size_bytes: '0',
    // A few clocks that are wrong must not hold up everyone else's data; times of thousands of days are no telemetry, and as
    // many parts would take minutes.
    max_partitions_per_insert_block: String(MAX_DAYS),
    throw_on_max_partitions_per_insert_block: 1,
    wait_end_of_query: 1,
  };
}

async function readAnswer(stream: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    bytes += chunk.byteLength;
    if (bytes <= MAX_ANSWER_BYTES) chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

/** ClickHouse can fail after it has begun to answer 200: the exception is in the body then. */
function parseException(answer: string): ClickHouseError | undefined {
  const [, code, message] = /Code: (\d+)\. DB::Exception: ([^]*)/.exec(answer) ?? [];
  return code === undefined ? undefined : new ClickHouseError({ code, message: message ?? '', type: '' });
}

/** Tells an error of the client apart by ClickHouse's code; without one ClickHouse was not reached, or not to the end. */
export function classify(error: unknown): Exclude<InsertOutcome, { status: 'ok' }> {
  const message = error instanceof Error ? error.message : String(error);
  if (!(error instanceof ClickHouseError)) return { status: 'retryable', reason: 'unreachable', message };
  const code = Number(error.code);
  const isContent = CONTENT_CODES.has(code) || (code === 252 && TOO_MANY_DAYS.test(message));
  if (isContent && !IN_A_VIEW.test(message)) return { status: 'refused', code, message };
  const tooMuch = TOO_MUCH_CODES.get(code);
  if (tooMuch) return { status: 'too_much', reason: tooMuch, message: `code ${code}: ${message}` };
  const outcome = { status: 'retryable', reason: retryReason(code), message: `code ${code}: ${message}` } as const;
  return code === TOO_LATE_CODE ? { ...outcome, isTooLate: true } : outcome;
}

function retryReason(code: number): RetryReason {
  if (OVERLOAD_CODES.has(code)) return 'overloaded';
  if (SCHEMA_CODES.has(code)) return 'schema';
  if (DENIED_CODES.has(code)) return 'denied';
  return 'server_error';
}
