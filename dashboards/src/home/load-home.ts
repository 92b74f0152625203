import type { ApiSources } from '../api/endpoints.ts';
import type { Overview } from '../overview/overview-types.ts';
import { available, type Part } from '../part.ts';
import { monitorDays } from '../queries/monitor-days.ts';
import { probedServices } from '../queries/probed-services.ts';
import { runQuery } from '../queries/run-query.ts';
import { serviceLines } from '../queries/service-lines.ts';
import type { DayView, Home, ServiceLines } from './contract-types.ts';
import { firstDayMs, viewDays } from './days.ts';
import { loadOnCall } from './on-call.ts';
import { stepsOf, viewServiceLines } from './service-lines.ts';
import { findUnwatched } from './unwatched.ts';

type Sources = Pick<ApiSources, 'clickhouse' | 'alerting' | 'config' | 'overview' | 'now'>;

/** So many runs of probes are asked which services they went through: the newest of each monitor and location. */
const ASKED_RUNS = 2_000;
/** A span of the application may be a little older than the probe's, by another clock. */
const MARGIN_MS = 60_000;

/** Asks for all of it at once; each part fails alone. Times in Unix ms. */
export async function loadHome(sources: Sources, range: { readonly from: number; readonly to: number }): Promise<Home> {
  const nowMs = sources.now();
  const [days, services, onCall, unwatched] = await Promise.all([
    loadDays(sources, nowMs),
    loadServices(sources, range),
    loadOnCall(sources.alerting),
    sources.overview(nowMs).then((overview) => loadUnwatched(sources, overview)),
  ]);
  return { days, services, onCall, unwatched };
}

async function loadDays(
  { clickhouse, config }: Sources,
  nowMs: number,
): Promise<Part<Readonly<Record<string, readonly DayView[]>>>> {
  if (config().monitors.length === 0) return available({});
  const rows = await runQuery(clickhouse, monitorDays, { since_ms: firstDayMs(nowMs), now_ms: nowMs });
  return rows.status === 'ok' ? available(viewDays(rows.value, nowMs)) : rows;
}

async function loadServices(
  { clickhouse }: Sources,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<Part<ServiceLines>> {
  const steps = stepsOf(from, to);
  const rows = await runQuery(clickhouse, serviceLines, {
    from_ms: steps.fromMs,
    to_ms: steps.toMs,
    step_s: steps.stepMs / 1_000,
  });
  return rows.status === 'ok' ? available(viewServiceLines(rows.value, steps)) : rows;
}

async function loadUnwatched(
  { clickhouse, config }: Sources,
  { services, monitors }: Overview,
): Promise<Part<readonly string[]>> {
  if (services.status !== 'ok') return services;
  if (monitors.status !== 'ok') return monitors;
  const seen = services.value.services.filter(({ sent }) => sent.spans > 0).map(({ name }) => name);
  const runs = monitors.value
    .flatMap(({ locations }) => locations.flatMap(({ last }) => last ?? []))
    .filter(({ traceId }) => traceId !== '')
    .slice(0, ASKED_RUNS);
  if (runs.length === 0 || seen.length === 0) return available(findUnwatched(seen, [], config()));
  const times = runs.map(({ atMs }) => atMs);
  const probed = await runQuery(clickhouse, probedServices, {
    trace_ids: runs.map(({ traceId }) => traceId),
    from_ms: Math.floor(Math.min(...times)) - MARGIN_MS,
    to_ms: Math.ceil(Math.max(...times)) + MARGIN_MS,
  });
  if (probed.status !== 'ok') return probed;
  return available(
    findUnwatched(
      seen,
      probed.value.map(({ service }) => service),
      config(),
    ),
  );
}
