import { fileURLToPath } from 'node:url';
import { loadRuleGroups } from '@tocsin/service/config';
import { SEEN_WINDOW_MS, rateSinceMs } from '../src/overview/services.ts';
import { configReloads } from '../src/queries/config-reloads.ts';
import { deployments } from '../src/queries/deployments.ts';
import { monitorAvailability } from '../src/queries/monitor-availability.ts';
import { monitorDays } from '../src/queries/monitor-days.ts';
import { monitorPhases } from '../src/queries/monitor-phases.ts';
import { monitorRuns } from '../src/queries/monitor-runs.ts';
import { monitorUptime } from '../src/queries/monitor-uptime.ts';
import { monitorVerdicts } from '../src/queries/monitor-verdicts.ts';
import { probedServices } from '../src/queries/probed-services.ts';
import { serviceLines } from '../src/queries/service-lines.ts';
import { servicesSeen } from '../src/queries/services-seen.ts';
import { knownKeys } from '../src/queries/known-keys.ts';
import { knownOperations } from '../src/queries/known-operations.ts';
import { knownServices } from '../src/queries/known-services.ts';
import { knownValues } from '../src/queries/known-values.ts';
import { serviceEdges } from '../src/queries/service-edges.ts';
import { serviceErrors } from '../src/queries/service-errors.ts';
import { serviceInstances } from '../src/queries/service-instances.ts';
import { serviceOperations } from '../src/queries/service-operations.ts';
import { serviceSteps } from '../src/queries/service-steps.ts';
import { serviceTotals } from '../src/queries/service-totals.ts';
import { serviceVersions } from '../src/queries/service-versions.ts';
import { spanDetails } from '../src/queries/span-details.ts';
import { spanHeat } from '../src/queries/span-heat.ts';
import { spanValue } from '../src/queries/span-value.ts';
import { traceMatches } from '../src/queries/trace-matches.ts';
import { traceSummaries } from '../src/queries/trace-summaries.ts';
import { LONGEST_NS } from '../src/traces/bands.ts';
import { bindConditions, readCondition } from '../src/traces/read-where.ts';
import { statusRows } from '../src/queries/status-rows.ts';
import { traceLogs } from '../src/queries/trace-logs.ts';
import { traceSpans } from '../src/queries/trace-spans.ts';
import { expandMacros, type QueryContext } from '../test/grafana/expand-macros.ts';
import {
  type DashboardQuery,
  nameOf,
  readDashboards,
  readQueries,
  variablesOf,
} from '../test/grafana/read-dashboards.ts';
import { PAGE_STATEMENTS } from './page-statements.ts';
import { BUDGET_MS, BUDGETS_MS } from './budgets-table.ts';

/** What the queries are asked about. Times in Unix ms. */
export interface Asked {
  readonly nowMs: number;
  readonly traceId: string;
  readonly traceAtMs: number;
  /** Monitors, services and operations that there are. */
  readonly options: Readonly<Record<'monitor' | 'service' | 'operation', readonly string[]>>;
}

/** A query that something of Tocsin makes. */
export interface BenchQuery {
  /** As `console: services_seen`, `services.json: Rate (timeseries)`, `rule: HighLatency`. */
  readonly name: string;
  readonly budgetMs: number;
  ask(asked: Asked): { readonly sql: string; readonly parameters: Readonly<Record<string, unknown>> };
}

const SHIPPED = fileURLToPath(new URL('../../alerting/rules/shipped.yaml', import.meta.url));
const HOUR_MS = 3_600_000;
const LOOKBACK_MS = 20 * 60_000;

const hour = ({ nowMs }: Asked) => ({ from_ms: nowMs - HOUR_MS, to_ms: nowMs });
const oneService = ({ options }: Asked): string => options.service[0] ?? '';
const oneSpan = ({ traceId, traceAtMs }: Asked) => ({
  trace_id: traceId,
  span_id: '',
  at_ns: String(BigInt(traceAtMs) * 1_000_000n),
});
/** The whole hour for one value of an attribute that few spans have: the search's last band. */
const bindSearch = (asked: Asked) => ({
  ...hour(asked),
  services: [],
  operations: [],
  status: '',
  root: 0,
  ...bindConditions([readCondition('enduser.id=u4711')].filter((one) => one !== undefined)),
  min_ns: '0',
  max_ns: String(BigInt(LONGEST_NS)),
  sort: 'newest',
});

/** The statements of the console, with what it binds; a test holds that none of `src/queries` is missing. */
const CONSOLE = [
  {
    statement: servicesSeen,
    bind: ({ nowMs }: Asked) => ({
      since_ms: nowMs - SEEN_WINDOW_MS,
      rate_since_ms: rateSinceMs(nowMs),
      now_ms: nowMs,
    }),
  },
  { statement: monitorRuns, bind: ({ nowMs }: Asked) => ({ since_ms: nowMs - LOOKBACK_MS, now_ms: nowMs }) },
  { statement: monitorPhases, bind: ({ nowMs }: Asked) => ({ since_ms: nowMs - LOOKBACK_MS, now_ms: nowMs }) },
  { statement: monitorAvailability, bind: ({ nowMs }: Asked) => ({ since_ms: nowMs - 24 * HOUR_MS, now_ms: nowMs }) },
  { statement: monitorDays, bind: ({ nowMs }: Asked) => ({ since_ms: nowMs - 90 * 24 * HOUR_MS, now_ms: nowMs }) },
  {
    statement: serviceLines,
    bind: ({ nowMs }: Asked) => ({ from_ms: nowMs - HOUR_MS, to_ms: nowMs, step_s: 60 }),
  },
  {
    statement: probedServices,
    bind: ({ traceId, traceAtMs }: Asked) => ({
      trace_ids: [traceId],
      from_ms: traceAtMs - LOOKBACK_MS,
      to_ms: traceAtMs + 60_000,
    }),
  },
  { statement: monitorVerdicts, bind: ({ nowMs }: Asked) => ({ now_ms: nowMs }) },
  {
    statement: monitorUptime,
    bind: ({ nowMs, options }: Asked) => ({ monitor: options.monitor[0] ?? '', now_ms: nowMs }),
  },
  { statement: statusRows, bind: ({ nowMs, options }: Asked) => ({ monitors: options.monitor, now_ms: nowMs }) },
  { statement: configReloads, bind: ({ nowMs }: Asked) => ({ now_ms: nowMs }) },
  {
    statement: deployments,
    bind: ({ nowMs }: Asked) => ({ from_ms: nowMs - 24 * HOUR_MS, to_ms: nowMs, service: '' }),
  },
  { statement: traceSpans, bind: ({ traceId }: Asked) => ({ trace_id: traceId }) },
  {
    statement: traceLogs,
    bind: ({ traceId, traceAtMs }: Asked) => ({
      trace_id: traceId,
      from_ms: traceAtMs - 60_000,
      to_ms: traceAtMs + 60_000,
    }),
  },
  ...PAGE_STATEMENTS,
  { statement: spanDetails, bind: oneSpan },
  { statement: spanValue, bind: (asked: Asked) => ({ ...oneSpan(asked), place: 'span', part: 1, item: 1 }) },
  { statement: traceMatches, bind: bindSearch },
  {
    statement: traceSummaries,
    bind: ({ traceId, traceAtMs }: Asked) => ({ trace_ids: [traceId], from_ms: traceAtMs, to_ms: traceAtMs }),
  },
  { statement: spanHeat, bind: (asked: Asked) => ({ ...hour(asked), step_s: 60, services: [], operations: [] }) },
  { statement: knownServices, bind: hour },
  { statement: knownOperations, bind: (asked: Asked) => ({ ...hour(asked), services: [oneService(asked)] }) },
  { statement: knownKeys, bind: ({ nowMs }: Asked) => ({ from_ms: nowMs - HOUR_MS }) },
  {
    statement: knownValues,
    bind: ({ nowMs }: Asked) => ({ source: 'span', key: 'http.route', from_ms: nowMs - HOUR_MS }),
  },
  { statement: serviceTotals, bind: hour },
  { statement: serviceEdges, bind: hour },
  { statement: serviceOperations, bind: (asked: Asked) => ({ ...hour(asked), service: oneService(asked) }) },
  { statement: serviceSteps, bind: (asked: Asked) => ({ ...hour(asked), service: oneService(asked), step_s: 60 }) },
  { statement: serviceVersions, bind: (asked: Asked) => ({ service: oneService(asked) }) },
  {
    statement: serviceInstances,
    bind: (asked: Asked) => ({ service: oneService(asked), from_ms: asked.nowMs - LOOKBACK_MS, to_ms: asked.nowMs }),
  },
  { statement: serviceErrors, bind: (asked: Asked) => ({ ...hour(asked), service: oneService(asked) }) },
];

/** Every query of the console, of the Grafana dashboards over their hour, and of the shipped rules. */
export async function readStatements(): Promise<readonly BenchQuery[]> {
  const console = CONSOLE.map(({ statement, bind }) =>
    named(`console: ${statement.name}`, (asked) => ({ sql: statement.sql, parameters: bind(asked) })),
  );
  const dashboards = await readDashboards();
  const grafana = (await readQueries()).map((query) =>
    named(nameOf(query), (asked) => {
      const dashboard = dashboards.get(query.dashboard);
      if (!dashboard) throw new Error(`there is no ${query.dashboard}`);
      return {
        sql: expandMacros(query.rawSql, contextOf(query, variablesOf(dashboard, asked.options), asked)),
        parameters: {},
      };
    }),
  );
  const rules = (await loadRuleGroups(SHIPPED)).flatMap((group) =>
    group.rules.map(({ alert, sql }) =>
      named(`rule: ${alert}`, ({ nowMs }) => ({ sql, parameters: { now: (nowMs / 1_000).toFixed(3) } })),
    ),
  );
  return [...console, ...grafana, ...rules];
}

function named(name: string, ask: BenchQuery['ask']): BenchQuery {
  return { name, budgetMs: BUDGETS_MS[name] ?? BUDGET_MS, ask };
}

/** Panels of a trace are asked for the trace of the round; all else as it is when the dashboard opens. */
function contextOf(
  { place, dashboard }: DashboardQuery,
  opened: QueryContext['variables'],
  asked: Asked,
): QueryContext {
  const isOfTrace = dashboard === 'trace.json' || ['Trace', 'Its log records'].includes(place);
  return {
    fromMs: asked.nowMs - HOUR_MS,
    toMs: asked.nowMs,
    intervalMs: 15_000,
    variables: { ...opened, ...(isOfTrace ? { trace_id: [asked.traceId] } : {}) },
    options: asked.options,
  };
}
