import { logHistogram } from '../src/queries/log-histogram.ts';
import { logMinutes } from '../src/queries/log-minutes.ts';
import { logRecords } from '../src/queries/log-records.ts';
import { logServices } from '../src/queries/log-services.ts';
import { metricExponentialBuckets } from '../src/queries/metric-exponential-buckets.ts';
import { metricGaugeSeries } from '../src/queries/metric-gauge-series.ts';
import { metricHistogramBuckets } from '../src/queries/metric-histogram-buckets.ts';
import { metricNames } from '../src/queries/metric-names.ts';
import { metricShape } from '../src/queries/metric-shape.ts';
import { metricSumIncreases } from '../src/queries/metric-sum-increases.ts';
import { metricSumLevels } from '../src/queries/metric-sum-levels.ts';
import { monitorExpiry } from '../src/queries/monitor-expiry.ts';
import { monitorOwnDays } from '../src/queries/monitor-own-days.ts';
import { monitorPhaseRollup } from '../src/queries/monitor-phase-rollup.ts';
import { monitorPhaseSteps } from '../src/queries/monitor-phase-steps.ts';
import { monitorResponseRollup } from '../src/queries/monitor-response-rollup.ts';
import { monitorResponseSteps } from '../src/queries/monitor-response-steps.ts';
import { monitorRunList } from '../src/queries/monitor-run-list.ts';
import { signalKeys } from '../src/queries/signal-keys.ts';
import { signalValues } from '../src/queries/signal-values.ts';
import type { Asked } from './statements.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const monitorOf = ({ options }: Asked): string => options.monitor[0] ?? '';
const NO_FILTERS = { is_keys: [], is_values: [], not_keys: [], not_values: [], part_keys: [], part_values: [] };
const hour = ({ nowMs }: Asked) => ({ from_ms: nowMs - HOUR_MS, to_ms: nowMs });
const logs = (asked: Asked) => ({
  ...hour(asked),
  ...NO_FILTERS,
  words: ['error'],
  no_words: ['health'],
  services: [asked.options.service[0] ?? ''],
  severities: [],
  trace_id: '',
});
const metric = (asked: Asked, name: string, by: readonly string[]) => ({
  ...hour(asked),
  ...NO_FILTERS,
  metric: name,
  step_s: 60,
  by,
  limit: 20,
});

/** The statements of the pages of a monitor, of logs and of metrics. */
export const PAGE_STATEMENTS = [
  {
    statement: monitorOwnDays,
    bind: (asked: Asked) => ({
      monitor: monitorOf(asked),
      since_ms: asked.nowMs - 90 * DAY_MS,
      now_ms: asked.nowMs,
    }),
  },
  {
    statement: monitorRunList,
    bind: (asked: Asked) => ({ ...hour(asked), monitor: monitorOf(asked), is_all: false, limit: 100 }),
  },
  {
    statement: monitorResponseSteps,
    bind: (asked: Asked) => ({ ...hour(asked), monitor: monitorOf(asked), step_s: 60 }),
  },
  {
    statement: monitorResponseRollup,
    bind: (asked: Asked) => ({
      monitor: monitorOf(asked),
      from_ms: asked.nowMs - 7 * DAY_MS,
      to_ms: asked.nowMs,
      step_s: 3_600,
      is_days: false,
    }),
  },
  {
    statement: monitorPhaseSteps,
    bind: (asked: Asked) => ({ ...hour(asked), monitor: monitorOf(asked), step_s: 60 }),
  },
  {
    statement: monitorPhaseRollup,
    bind: (asked: Asked) => ({
      monitor: monitorOf(asked),
      from_ms: asked.nowMs - 7 * DAY_MS,
      to_ms: asked.nowMs,
      step_s: 3_600,
      is_days: false,
    }),
  },
  {
    statement: monitorExpiry,
    bind: (asked: Asked) => ({ monitor: monitorOf(asked), since_ms: asked.nowMs - 2 * DAY_MS, now_ms: asked.nowMs }),
  },
  {
    statement: logRecords,
    bind: (asked: Asked) => ({ ...logs(asked), before_ns: '0', before_id: '0', limit: 200 }),
  },
  { statement: logHistogram, bind: (asked: Asked) => ({ ...logs(asked), step_s: 60 }) },
  {
    statement: logMinutes,
    bind: (asked: Asked) => ({ ...hour(asked), step_s: 60, services: [], severities: [] }),
  },
  { statement: logServices, bind: hour },
  {
    statement: signalKeys,
    bind: ({ nowMs }: Asked) => ({ signal: 'logs', name: '', from_ms: nowMs - HOUR_MS }),
  },
  {
    statement: signalValues,
    bind: ({ nowMs }: Asked) => ({
      signal: 'logs',
      name: '',
      key: 'service.name',
      part: '',
      from_ms: nowMs - HOUR_MS,
    }),
  },
  { statement: metricNames, bind: ({ nowMs }: Asked) => ({ words: ['probe'], from_ms: nowMs - HOUR_MS }) },
  { statement: metricShape, bind: (asked: Asked) => ({ ...hour(asked), metric: 'tocsin.probe.runs' }) },
  {
    statement: metricGaugeSeries,
    bind: (asked: Asked) => ({ ...metric(asked, 'tocsin.probe.duration', ['tocsin.probe.phase']), how: 'avg' }),
  },
  {
    statement: metricSumLevels,
    bind: (asked: Asked) => ({ ...metric(asked, 'tocsin.probe.runs', []), how: 'sum' }),
  },
  {
    statement: metricSumIncreases,
    bind: (asked: Asked) => metric(asked, 'tocsin.probe.runs', ['tocsin.monitor.name']),
  },
  {
    statement: metricHistogramBuckets,
    bind: (asked: Asked) => metric(asked, 'tocsin.dashboards.query.duration', ['tocsin.query']),
  },
  {
    statement: metricExponentialBuckets,
    bind: (asked: Asked) => metric(asked, 'http.server.request.duration', ['service.name']),
  },
];
