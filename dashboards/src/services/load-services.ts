import type { ClickHouseClient } from '@tocsin/service/clickhouse';
import { stepsOf, viewServiceLines } from '../home/service-lines.ts';
import { available, type Part } from '../part.ts';
import { runQuery } from '../queries/run-query.ts';
import { serviceEdges } from '../queries/service-edges.ts';
import { serviceErrors } from '../queries/service-errors.ts';
import { serviceInstances } from '../queries/service-instances.ts';
import { serviceLines } from '../queries/service-lines.ts';
import { serviceOperations, type ServiceOperationsRow } from '../queries/service-operations.ts';
import { serviceSteps } from '../queries/service-steps.ts';
import { serviceTotals, type ServiceTotalsRow } from '../queries/service-totals.ts';
import { serviceVersions } from '../queries/service-versions.ts';
import type { Comparison, ServiceDetails, ServiceGraph, ServicesList, ServiceTotals } from './contract-types.ts';
import { graphOf, viewGraph } from './service-graph.ts';
import { readServiceName, showServiceName } from './service-name.ts';

/** Unix ms. */
export interface TimeWindow {
  readonly from: number;
  readonly to: number;
}

/** Instances are counted from the spans themselves, the newest of so many. */
const INSTANCE_SPANS = 400_000;
const MINUTE_MS = 60_000;
/** A deployment is compared over so long before and after it, where it is so long ago. */
const COMPARED_MS = 60 * MINUTE_MS;

/** All services and who calls whom. */
export async function loadServices(clickhouse: ClickHouseClient, { from, to }: TimeWindow): Promise<ServicesList> {
  const steps = stepsOf(from, to);
  const [totals, lines, graph] = await Promise.all([
    runQuery(clickhouse, serviceTotals, { from_ms: from, to_ms: to }),
    runQuery(clickhouse, serviceLines, { from_ms: steps.fromMs, to_ms: steps.toMs, step_s: steps.stepMs / 1_000 }),
    loadGraph(clickhouse, { from, to }),
  ]);
  const seconds = (to - Math.floor(from / MINUTE_MS) * MINUTE_MS) / 1_000;
  return {
    services: map(totals, (rows) => rows.map((row) => viewTotals(row, seconds))),
    lines: map(lines, (rows) => viewServiceLines(rows, steps)),
    graph,
  };
}

/** One service, all its parts at once. @param name as people see it */
export async function loadService(
  clickhouse: ClickHouseClient,
  name: string,
  { from, to }: TimeWindow,
): Promise<ServiceDetails> {
  const service = readServiceName(name);
  const steps = stepsOf(from, to);
  const time = { service, from_ms: from, to_ms: to };
  const operationsAsked = runQuery(clickhouse, serviceOperations, time);
  const [operations, stepRows, versions, graph, instances, errors] = await Promise.all([
    operationsAsked,
    runQuery(clickhouse, serviceSteps, {
      service,
      from_ms: steps.fromMs,
      to_ms: steps.toMs,
      step_s: steps.stepMs / 1_000,
    }),
    runQuery(clickhouse, serviceVersions, { service }),
    loadGraph(clickhouse, { from, to }),
    operationsAsked.then((asked) => loadInstances(clickhouse, service, { from, to }, asked)),
    runQuery(clickhouse, serviceErrors, time),
  ]);
  return {
    name,
    fromMs: from,
    toMs: to,
    operations,
    steps: map(stepRows, (rows) => ({ ...steps, rows })),
    versions,
    graph: map(graph, (whole) => graphOf(whole, name)),
    instances,
    errors,
  };
}

/** A service before and after a moment, as long each, an hour at most. */
export async function compareVersions(
  clickhouse: ClickHouseClient,
  asked: { readonly name: string; readonly version: string; readonly environment: string; readonly at: number },
  nowMs: number,
): Promise<Part<Comparison>> {
  // The rollup's rows are minutes: the one of the deployment belongs to neither side.
  const minuteMs = Math.floor(asked.at / MINUTE_MS) * MINUTE_MS;
  const lengthMs = Math.min(
    Math.max(Math.floor((nowMs - minuteMs - MINUTE_MS) / MINUTE_MS), 1) * MINUTE_MS,
    COMPARED_MS,
  );
  const before = { fromMs: minuteMs - lengthMs, toMs: minuteMs };
  const after = { fromMs: minuteMs + MINUTE_MS, toMs: minuteMs + MINUTE_MS + lengthMs };
  const service = readServiceName(asked.name);
  const ask = ({ fromMs, toMs }: typeof before) =>
    runQuery(clickhouse, serviceOperations, { service, from_ms: fromMs, to_ms: toMs });
  const [beforeRows, afterRows] = await Promise.all([ask(before), ask(after)]);
  if (beforeRows.status !== 'ok') return beforeRows;
  if (afterRows.status !== 'ok') return afterRows;
  return available({
    version: asked.version,
    environment: asked.environment,
    atMs: asked.at,
    before: { ...before, operations: beforeRows.value },
    after: { ...after, operations: afterRows.value },
  });
}

async function loadGraph(clickhouse: ClickHouseClient, { from, to }: TimeWindow): Promise<Part<ServiceGraph>> {
  return map(await runQuery(clickhouse, serviceEdges, { from_ms: from, to_ms: to }), viewGraph);
}

/** The end of the range in which there are about as many spans as may be read. */
async function loadInstances(
  clickhouse: ClickHouseClient,
  service: string,
  { from, to }: TimeWindow,
  operations: Part<readonly ServiceOperationsRow[]>,
): Promise<ServiceDetails['instances']> {
  if (operations.status !== 'ok') return operations;
  const spans = operations.value.reduce((sum, { requests }) => sum + requests, 0);
  const share = Math.min(1, INSTANCE_SPANS / Math.max(spans, 1));
  const sinceMs = Math.floor(to - (to - from) * share);
  const rows = await runQuery(clickhouse, serviceInstances, { service, from_ms: sinceMs, to_ms: to });
  return map(rows, (value) => ({ sinceMs, rows: value }));
}

function viewTotals(row: ServiceTotalsRow, seconds: number): ServiceTotals {
  return {
    name: showServiceName(row.service),
    spans: row.spans,
    requests: row.requests,
    requestsPerSecond: row.requests / seconds,
    errorShare: row.requests > 0 ? row.errors / row.requests : undefined,
    p50Ms: row.p50_ms ?? undefined,
    p99Ms: row.p99_ms ?? undefined,
    operations: row.operations,
  };
}

function map<Value, Other>(part: Part<Value>, view: (value: Value) => Other): Part<Other> {
  return part.status === 'ok' ? available(view(part.value)) : part;
}
