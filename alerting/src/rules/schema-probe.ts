import { ClickHouseError } from '@clickhouse/client';
import type { ClickHouseClient } from '@tocsin/service/clickhouse';

/** Tells whether Tocsin's tables are still being made. */
export interface SchemaProbe {
  /** Whether the database has no schema yet, or was given a part of it within the last minute. */
  isMissing(): Promise<boolean>;
}

/** What ClickHouse says of a query whose tables, columns or views are not there. Source: ClickHouse, `system.errors`. */
export const SCHEMA_CODES: ReadonlySet<string> = new Set([
  '46', // UNKNOWN_FUNCTION: a view with parameters
  '47', // UNKNOWN_IDENTIFIER
  '60', // UNKNOWN_TABLE
  '81', // UNKNOWN_DATABASE
]);
const NO_TABLE: ReadonlySet<string> = new Set(['60', '81']);
/** While the newest migration is younger than this another may be on its way. */
const SETTLED_AFTER_S = 60;
/** One answer serves all rules that fail at the same time. */
const BELIEVED_MS = 2_000;

const QUERY = "SELECT count() AS applied, dateDiff('second', max(AppliedAt), now64(3)) AS age_s FROM tocsin_migrations";

export function createSchemaProbe(client: ClickHouseClient): SchemaProbe {
  let last: { readonly askedMs: number; readonly answer: Promise<boolean> } | undefined;
  return {
    isMissing() {
      const nowMs = performance.now();
      if (!last || nowMs - last.askedMs > BELIEVED_MS) last = { askedMs: nowMs, answer: ask(client) };
      return last.answer;
    },
  };
}

async function ask(client: ClickHouseClient): Promise<boolean> {
  try {
    const answer = await client.query({ query: QUERY, format: 'JSONEachRow' });
    const [row] = await answer.json<{ applied: string | number; age_s: string | number }>();
    return Number(row?.applied ?? 0) === 0 || Number(row?.age_s) < SETTLED_AFTER_S;
  } catch (error) {
    // Whatever else is wrong, it is not for a lack of the schema that one may wait.
    return error instanceof ClickHouseError && NO_TABLE.has(error.code);
  }
}
