import type { ClickHouseClient } from '@tocsin/service/clickhouse';
import { available, type Part } from '../part.ts';
import { monitorPhaseRollup } from '../queries/monitor-phase-rollup.ts';
import { monitorPhaseSteps } from '../queries/monitor-phase-steps.ts';
import { monitorResponseRollup } from '../queries/monitor-response-rollup.ts';
import { monitorResponseSteps } from '../queries/monitor-response-steps.ts';
import { monitorRunList } from '../queries/monitor-run-list.ts';
import { runQuery } from '../queries/run-query.ts';
import type { MonitorHistory, MonitorRuns } from './contract-types.ts';
import { historySteps, viewHistory, viewPhases } from './history.ts';

/** So many runs are shown at once. */
const RUNS = 50;

/** Unix ms. */
interface TimeRange {
  readonly from: number;
  readonly to: number;
}

/** A monitor over a time. @param intervalMs between its runs, where they come evenly */
export async function loadHistory(
  clickhouse: ClickHouseClient,
  monitor: string,
  range: TimeRange,
  intervalMs: number | undefined,
): Promise<Part<MonitorHistory>> {
  const steps = historySteps(range, intervalMs);
  const raw = { monitor, from_ms: steps.fromMs, to_ms: steps.toMs, step_s: steps.stepMs / 1_000 };
  const rolledUp = { ...raw, is_days: steps.source === 'days' };
  const isRaw = steps.source === 'runs';
  const [rows, phases] = await Promise.all([
    isRaw ? runQuery(clickhouse, monitorResponseSteps, raw) : runQuery(clickhouse, monitorResponseRollup, rolledUp),
    isRaw ? runQuery(clickhouse, monitorPhaseSteps, raw) : runQuery(clickhouse, monitorPhaseRollup, rolledUp),
  ]);
  if (rows.status !== 'ok') return rows;
  return available({
    ...viewHistory(rows.value, steps),
    phases: phases.status === 'ok' ? available(viewPhases(phases.value, steps)) : phases,
  });
}

/** Runs of a monitor: all, or those that did not find it up. */
export async function loadRuns(
  clickhouse: ClickHouseClient,
  monitor: string,
  { from, to }: TimeRange,
  isAll: boolean,
): Promise<Part<MonitorRuns>> {
  const rows = await runQuery(clickhouse, monitorRunList, {
    monitor,
    from_ms: from,
    to_ms: to,
    is_all: isAll,
    limit: RUNS + 1,
  });
  if (rows.status !== 'ok') return rows;
  const runs = rows.value.slice(0, RUNS);
  const last = runs.at(-1);
  // Two runs of different locations may begin in the same millisecond: the next page may show one of them again, but leaves none out.
  return available({ runs, ...(rows.value.length > RUNS && last && { next: Math.ceil(last.at_ms) }) });
}
