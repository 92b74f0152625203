import { ClickHouseError } from '@clickhouse/client';
import type { ClickHouseClient } from '@tocsin/service/clickhouse';
import type { Expression, ExpressionFailure, ExpressionResult } from './expression.ts';
import { createSchemaProbe, SCHEMA_CODES, type SchemaProbe } from './schema-probe.ts';
import { readSamples, type SqlResult } from './sql-result.ts';

/** How long ClickHouse may work on one rule. */
const MAX_EXECUTION_TIME_S = 15;

/** The most bytes of an answer, before it is JSON: it is read into memory whole. */
const MAX_RESULT_BYTES = 32 * 2 ** 20;

/** ClickHouse's error codes that tell more than "the query is wrong". Source: ClickHouse, `system.errors`. */
const REASON_OF_CODE: Readonly<Record<string, ExpressionFailure>> = {
  '158': 'too_many_rows', // TOO_MANY_ROWS
  '159': 'timeout', // TIMEOUT_EXCEEDED
  '160': 'timeout', // TOO_SLOW
  '192': 'unreachable', // UNKNOWN_USER
  '193': 'unreachable', // WRONG_PASSWORD
  '194': 'unreachable', // REQUIRED_PASSWORD
  '396': 'too_many_rows', // TOO_MANY_ROWS_OR_BYTES
  '516': 'unreachable', // AUTHENTICATION_FAILED
};

/**
 * Rules in ClickHouse SQL. `{now:DateTime64(9)}` is bound to the evaluation time, as Unix seconds, which no time zone changes. The client
 * must be readonly; its request time-out should be above the execution limit of 15 s. It is closed by `stop()`.
 */
export function createSqlExpression(
  client: ClickHouseClient,
  { maxExecutionTimeS = MAX_EXECUTION_TIME_S }: { readonly maxExecutionTimeS?: number } = {},
): Expression {
  const schema = createSchemaProbe(client);
  return {
    async evaluate(sql, nowMs, limit) {
      const answer = await query({ client, schema, maxExecutionTimeS }, sql, nowMs, limit);
      if (answer.status === 'failed') return answer;
      if (answer.result.data.length > limit) return tooMany(limit);
      return readSamples(answer.result);
    },
    stop: () => client.close(),
  };
}

type Answer = { readonly status: 'ok'; readonly result: SqlResult } | Extract<ExpressionResult, { status: 'failed' }>;

interface Asking {
  readonly client: ClickHouseClient;
  readonly schema: SchemaProbe;
  readonly maxExecutionTimeS: number;
}

async function query(
  { client, schema, maxExecutionTimeS }: Asking,
  sql: string,
  nowMs: number,
  limit: number,
): Promise<Answer> {
  try {
    const answer = await client.query({
      // A line break, so that a comment at the end of the rule does not swallow the format.
      query: `${sql.trim().replace(/;$/, '')}\n`,
      format: 'JSONCompact',
      query_params: { now: unixSeconds(nowMs) },
      clickhouse_settings: {
        max_execution_time: maxExecutionTimeS,
        // Of the result alone: `max_result_rows` would be asked of every subquery too.
        limit: String(limit + 1),
        max_result_bytes: String(MAX_RESULT_BYTES),
        result_overflow_mode: 'throw',
        output_format_json_quote_denormals: 1,
      },
    });
    const { meta = [], data } = await answer.json<unknown[]>();
    return { status: 'ok', result: { meta, data } };
  } catch (error) {
    if (error instanceof ClickHouseError) {
      const isEarly = SCHEMA_CODES.has(error.code) && (await schema.isMissing());
      return serverFailure(error, limit, isEarly);
    }
    if (error instanceof SyntaxError)
      return { status: 'failed', reason: 'invalid_result', message: 'the answer is not the JSON that was asked for' };
    // Everything else the client throws is about reaching the server: refused, reset, timed out, not ClickHouse at all.
    if (error instanceof Error) return { status: 'failed', reason: 'unreachable', message: describe(error) };
    throw error;
  }
}

function serverFailure(error: ClickHouseError, limit: number, isEarly: boolean): Answer {
  const reason = isEarly ? 'schema_missing' : (REASON_OF_CODE[error.code] ?? 'query_error');
  if (reason === 'too_many_rows') return error.message.includes('max bytes') ? TOO_LARGE : tooMany(limit);
  return { status: 'failed', reason, message: `${error.message.trim()} (${error.type ?? error.code})` };
}

const TOO_LARGE: Answer = {
  status: 'failed',
  reason: 'too_many_rows',
  message: `the result has more than ${MAX_RESULT_BYTES / 2 ** 20} MiB`,
};

function tooMany(limit: number): Extract<ExpressionResult, { status: 'failed' }> {
  return { status: 'failed', reason: 'too_many_rows', message: `the result has more than ${limit} rows` };
}

/** A connection error that tried several addresses has its text in `errors`. */
function describe(error: Error): string {
  if (error instanceof AggregateError && error.message === '')
    return error.errors.map((inner) => (inner instanceof Error ? inner.message : String(inner))).join('; ');
  return error.message.slice(0, 500) || error.name;
}

/** `1700000000.123`: exact, where a division by 1000 would not always be. */
function unixSeconds(nowMs: number): string {
  const whole = Math.floor(nowMs / 1_000);
  return `${String(whole).padStart(10, '0')}.${String(Math.floor(nowMs - whole * 1_000)).padStart(3, '0')}`;
}
