import type { ClickHouseClient } from '@tocsin/service/clickhouse';
import { stepsOver } from '../filters/time-steps.ts';
import { available, type Part } from '../part.ts';
import { logHistogram } from '../queries/log-histogram.ts';
import type { LogParameters } from '../queries/log-match.ts';
import { logMinutes } from '../queries/log-minutes.ts';
import { logRecords } from '../queries/log-records.ts';
import { runQuery } from '../queries/run-query.ts';
import type { LogHistogram, LogPage } from './contract-types.ts';

const BARS = 100;
const MINUTE_MS = 60_000;

/** The newest records before a place. */
export async function loadRecords(
  clickhouse: ClickHouseClient,
  parameters: LogParameters,
  before: string | undefined,
  limit: number,
): Promise<Part<LogPage>> {
  const [before_ns = '0', before_id = '0'] = before?.split('.') ?? [];
  const part = await runQuery(clickhouse, logRecords, { ...parameters, before_ns, before_id, limit: limit + 1 });
  if (part.status !== 'ok') return part;
  const records = part.value.slice(0, limit);
  const last = records.at(-1);
  return available({
    records,
    ...(part.value.length > limit && last && { next: `${last.at_ns}.${last.id}` }),
  });
}

/** Records by step and severity; from the rollup where it knows enough and its minutes are fine enough. */
export async function loadHistogram(
  clickhouse: ClickHouseClient,
  parameters: LogParameters,
): Promise<Part<LogHistogram>> {
  const range = { from: parameters.from_ms, to: parameters.to_ms };
  const steps = stepsOver(range, BARS, 1_000);
  const step_s = steps.stepMs / 1_000;
  const part =
    isOfKindsOnly(parameters) && steps.stepMs >= MINUTE_MS
      ? await runQuery(clickhouse, logMinutes, {
          from_ms: steps.fromMs,
          to_ms: steps.toMs,
          step_s,
          services: parameters.services,
          severities: parameters.severities,
        })
      : await runQuery(clickhouse, logHistogram, { ...parameters, step_s });
  return part.status === 'ok' ? available({ ...steps, rows: part.value }) : part;
}

/** Whether nothing is asked but services and severities. Pure. */
export function isOfKindsOnly(parameters: LogParameters): boolean {
  const { words, no_words, trace_id, is_keys, not_keys, part_keys } = parameters;
  return trace_id === '' && [words, no_words, is_keys, not_keys, part_keys].every(({ length }) => length === 0);
}
