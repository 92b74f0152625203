import type { ClickHouseClient } from '@tocsin/service/clickhouse';
import { available, type Part } from '../part.ts';
import { runQuery } from '../queries/run-query.ts';
import { traceLogs } from '../queries/trace-logs.ts';
import { traceSpans } from '../queries/trace-spans.ts';
import type { TraceView } from './contract-types.ts';
import { layOutWaterfall } from './waterfall.ts';

/** Records of a trace may be written a little before and after its spans. */
const LOG_MARGIN_MS = 60_000;

/** A trace id as it is stored: 32 lowercase hex digits. @returns `undefined` for anything else */
export function readTraceId(text: string): string | undefined {
  return /^[0-9a-f]{32}$/i.test(text) ? text.toLowerCase() : undefined;
}

/** Loads a trace; the value is `undefined` where no span of it is stored. */
export async function loadTrace(clickhouse: ClickHouseClient, traceId: string): Promise<Part<TraceView | undefined>> {
  const spans = await runQuery(clickhouse, traceSpans, { trace_id: traceId });
  if (spans.status !== 'ok') return spans;
  const [first] = spans.value;
  if (!first) return available(undefined);
  const waterfall = layOutWaterfall(spans.value);
  const logs = await runQuery(clickhouse, traceLogs, {
    trace_id: traceId,
    from_ms: Math.floor(waterfall.startMs) - LOG_MARGIN_MS,
    to_ms: Math.ceil(waterfall.startMs + waterfall.durationMs) + LOG_MARGIN_MS,
  });
  return available({ traceId, waterfall, totalSpans: first.total, logs });
}
