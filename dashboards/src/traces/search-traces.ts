import type { ClickHouseClient } from '@tocsin/service/clickhouse';
import { available, type Part } from '../part.ts';
import { runQuery } from '../queries/run-query.ts';
import { spanHeat, type SpanHeatRow } from '../queries/span-heat.ts';
import { type SearchParameters, TRACES_LIMIT, traceMatches, type TraceMatchesRow } from '../queries/trace-matches.ts';
import { traceSummaries, type TraceSummariesRow } from '../queries/trace-summaries.ts';
import { type Band, bandsOfDuration, bandsOfTime, countBy, type Growth } from './bands.ts';
import type { TraceHit, TraceSearch } from './contract-types.ts';

/** What is searched for, where and in which order. */
export interface Search {
  readonly parameters: SearchParameters;
  readonly band: Band;
  readonly sort: 'newest' | 'slowest';
  /** The time of the picture, Unix ms: it stays when the search goes on before an earlier one. */
  readonly window: { readonly fromMs: number; readonly toMs: number };
}

/** After so long no further band is begun, in ms: what was found is shown, and where the search ended. */
const PATIENCE_MS = 700;
/** Where the rollup knows how many match, the first band has enough of them; otherwise it is a guess that grows fast. */
const PLAIN: Growth = { first: 2_000, factor: 8 };
const SELECTIVE: Growth = { first: 250_000, factor: 8 };
/** The most columns of the picture. */
const COLUMNS = 80;
const STEPS_MINUTES = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1_440, 2_880, 10_080];

/** Searches band by band, until there are enough traces, all was looked through, or patience ends. */
export async function searchTraces(
  clickhouse: ClickHouseClient,
  search: Search,
  nowMs: () => number,
): Promise<Part<TraceSearch>> {
  const { parameters, window } = search;
  const startedMs = nowMs();
  const stepMs = stepOf(window.toMs - window.fromMs);
  const heat = await runQuery(clickhouse, spanHeat, {
    from_ms: window.fromMs,
    to_ms: window.toMs,
    step_s: stepMs / 1_000,
    services: parameters.services,
    operations: parameters.operations,
  });
  if (heat.status !== 'ok') return heat;
  const bands = bandsOf(search, heat.value, stepMs);
  const found = new Map<string, TraceMatchesRow>();
  let done = 0;
  for (const band of bands) {
    if (found.size >= TRACES_LIMIT || (done > 0 && nowMs() - startedMs > PATIENCE_MS)) break;
    const rows = await runQuery(clickhouse, traceMatches, { ...parameters, ...bind(band), sort: search.sort });
    if (rows.status !== 'ok') return rows;
    for (const row of rows.value) found.set(row.trace_id, joined(found.get(row.trace_id), row));
    done++;
  }
  const rows = [...found.values()].slice(0, TRACES_LIMIT);
  const wholes = await loadWholes(clickhouse, rows);
  const rest = restOf(search.sort, rows, found.size, bands, done);
  return available({
    traces: rows.map((row) => viewHit(row, wholes.status === 'ok' ? wholes.value.get(row.trace_id) : undefined)),
    heat: {
      stepMs,
      cells: heat.value.map(({ at_ms, half, spans, errors }) => [at_ms, half, spans, errors] as const),
    },
    ...(rest && { rest }),
    wholes: wholes.status === 'ok' ? available(wholes.value.size) : wholes,
  });
}

function stepOf(lengthMs: number): number {
  const wanted = lengthMs / 60_000 / COLUMNS;
  return (STEPS_MINUTES.find((minutes) => minutes >= wanted) ?? 10_080) * 60_000;
}

function bandsOf({ parameters, band, sort }: Search, heat: readonly SpanHeatRow[], stepMs: number): readonly Band[] {
  const isSelective =
    parameters.root === 1 ||
    [parameters.span_keys, parameters.resource_keys, parameters.other_keys].some(({ length }) => length > 0);
  const growth = isSelective ? SELECTIVE : PLAIN;
  const count = ({ spans, errors }: SpanHeatRow): number =>
    parameters.status === 'error' ? errors : parameters.status === 'ok' ? spans - errors : spans;
  const rows = heat.filter(({ half }) => 2 ** ((half + 1) / 2) > band.minNs && 2 ** (half / 2) < band.maxNs);
  return sort === 'slowest'
    ? bandsOfDuration(
        band,
        countBy(rows, ({ half }) => half, count),
        growth,
      )
    : bandsOfTime(
        band,
        countBy(
          rows.filter(({ at_ms }) => at_ms < band.toMs),
          ({ at_ms }) => at_ms,
          count,
        ),
        stepMs,
        growth,
      );
}

function bind({ fromMs, toMs, minNs, maxNs }: Band) {
  return { from_ms: fromMs, to_ms: toMs, min_ns: String(BigInt(minNs)), max_ns: String(BigInt(maxNs)) };
}

function joined(before: TraceMatchesRow | undefined, row: TraceMatchesRow): TraceMatchesRow {
  if (!before) return row;
  const longest = row.duration_ms > before.duration_ms ? row : before;
  return { ...longest, matched: before.matched + row.matched };
}

/** Where the search ended, when something was left out. */
function restOf(
  sort: Search['sort'],
  rows: readonly TraceMatchesRow[],
  found: number,
  bands: readonly Band[],
  done: number,
): TraceSearch['rest'] {
  const last = bands[done - 1];
  const isFull = found >= TRACES_LIMIT;
  if (!last || (!isFull && done === bands.length)) return undefined;
  if (sort === 'slowest')
    return { belowMs: isFull ? Math.min(...rows.map(({ duration_ms }) => duration_ms)) : last.minNs / 1e6 };
  return { untilMs: isFull ? Math.ceil(Math.min(...rows.map(({ at_ms }) => at_ms))) : last.fromMs };
}

async function loadWholes(
  clickhouse: ClickHouseClient,
  rows: readonly TraceMatchesRow[],
): Promise<Part<ReadonlyMap<string, TraceSummariesRow>>> {
  if (rows.length === 0) return available(new Map());
  const summaries = await runQuery(clickhouse, traceSummaries, {
    trace_ids: rows.map(({ trace_id }) => trace_id),
    from_ms: Math.floor(Math.min(...rows.map(({ at_ms }) => at_ms))),
    to_ms: Math.ceil(Math.max(...rows.map(({ at_ms }) => at_ms))),
  });
  return summaries.status === 'ok' ? available(new Map(summaries.value.map((one) => [one.trace_id, one]))) : summaries;
}

function viewHit(row: TraceMatchesRow, whole: TraceSummariesRow | undefined): TraceHit {
  return {
    traceId: row.trace_id,
    atMs: row.at_ms,
    durationMs: row.duration_ms,
    service: row.service,
    name: row.name,
    isError: row.status === 'Error',
    matched: row.matched,
    whole: whole && {
      service: whole.service,
      name: whole.name,
      startMs: whole.start_ms,
      durationMs: whole.duration_ms,
      spans: whole.spans,
      errors: whole.errors,
      services: whole.services,
    },
  };
}
