import { ClickHouseError } from '@clickhouse/client';
import { metrics, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { ClickHouseClient } from '@tocsin/service/clickhouse';
import { available, type Part, type Unavailable, unavailable, type UnavailableReason } from '../part.ts';
import type { Statement } from './statement-types.ts';

const tracer = trace.getTracer('tocsin.dashboards');
const durations = metrics.getMeter('tocsin.dashboards').createHistogram('tocsin.dashboards.query.duration', {
  description: 'Time a statement of the console took, by statement and outcome.',
  unit: 's',
});

/** ClickHouse's error codes for a table or database that does not exist. */
const MISSING = new Set(['46', '60', '81']);

/**
 * Runs a statement and gives its rows, or says why there are none: a page is shown either way.
 * @throws only for what is neither an answer nor a failure of ClickHouse or of the way to it
 */
export async function runQuery<Parameters extends Readonly<Record<string, unknown>>, Row>(
  client: ClickHouseClient,
  statement: Statement<Parameters, Row>,
  parameters: Parameters,
): Promise<Part<Row[]>> {
  const startedMs = performance.now();
  return tracer.startActiveSpan(`query ${statement.name}`, { kind: SpanKind.CLIENT }, async (span) => {
    span.setAttributes({
      'db.system.name': 'clickhouse',
      'db.operation.name': 'SELECT',
      'db.query.summary': statement.name,
    });
    let outcome: UnavailableReason | 'ok' = 'query_failed';
    try {
      const result = await client.query({
        query: statement.sql,
        query_params: parameters,
        format: 'JSONEachRow',
      });
      const rows = await result.json<Row>();
      outcome = 'ok';
      return available(rows);
    } catch (error) {
      const part = describeFailure(error);
      outcome = part.reason;
      span.setStatus({ code: SpanStatusCode.ERROR, message: part.message });
      span.setAttribute('error.type', part.reason);
      return part;
    } finally {
      const attributes = { 'tocsin.query': statement.name, 'tocsin.outcome': outcome };
      durations.record((performance.now() - startedMs) / 1_000, attributes);
      span.end();
    }
  });
}

function describeFailure(error: unknown): Unavailable {
  if (error instanceof ClickHouseError) {
    const message = MISSING.has(error.code)
      ? 'The tables are not there yet: the collector makes them when it first reaches ClickHouse.'
      : `ClickHouse refused the query (code ${error.code}).`;
    return unavailable(MISSING.has(error.code) ? 'no_tables' : 'query_failed', message);
  }
  if (error instanceof Error && /timeout/i.test(error.message)) {
    return unavailable('timeout', 'ClickHouse did not answer in time.');
  }
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (/^E[A-Z_]+$|^UND_ERR/.test(code)) return unavailable('unreachable', `ClickHouse cannot be reached (${code}).`);
  throw new Error('a query failed in a way that is not known', { cause: error });
}
