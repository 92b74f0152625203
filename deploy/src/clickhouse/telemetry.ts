import { metrics, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { Engine, LaneName, Work } from './engine/engine.ts';
import type { Spool } from './engine/spool.ts';
import { ClickHouseException } from './exception.ts';

const LANE = 'tocsin.clickhouse.lane';

/**
 * The engine with its statements and lanes, and the spool, seen as metrics and spans (scope `tocsin.clickhouse`). An INSERT
 * makes no span: the collector's `load` span tells of it already, and the span would have to be inserted too, for ever.
 */
export function withTelemetry(engine: Engine, spool: Spool): Engine {
  const meter = metrics.getMeter('tocsin.clickhouse');
  const duration = meter.createHistogram('tocsin.clickhouse.statement.duration', {
    unit: 's',
    description: 'Statements from their arrival in a lane to their end, by lane and outcome',
  });
  const lanes = Object.entries(engine.lanes) as [LaneName, Engine['lanes'][LaneName]][];
  meter.createObservableGauge('tocsin.clickhouse.lane.running', { unit: '{statement}' }).addCallback((gauge) => {
    for (const [name, { stats }] of lanes) gauge.observe(stats.running, { [LANE]: name });
  });
  meter.createObservableGauge('tocsin.clickhouse.lane.waiting', { unit: '{statement}' }).addCallback((gauge) => {
    for (const [name, { stats }] of lanes) gauge.observe(stats.waiting, { [LANE]: name });
  });
  meter.createObservableCounter('tocsin.clickhouse.lane.refused', { unit: '{statement}' }).addCallback((counter) => {
    for (const [name, { stats }] of lanes) counter.observe(stats.refused, { [LANE]: name });
  });
  meter.createObservableGauge('tocsin.clickhouse.session.open', { unit: '{session}' }).addCallback((gauge) => {
    gauge.observe(engine.clientSessions.open);
  });
  meter.createObservableCounter('tocsin.clickhouse.session.refused', { unit: '{session}' }).addCallback((counter) => {
    counter.observe(engine.clientSessions.refused);
  });
  meter.createObservableGauge('tocsin.clickhouse.spool.size', { unit: 'By' }).addCallback((gauge) => {
    gauge.observe(spool.stats.bytes);
  });

  return {
    ...engine,
    async run(work, use) {
      const begin = performance.now();
      const endSpan = work.lane === 'insert' ? undefined : startSpan(work);
      let failure: { readonly error: unknown } | undefined;
      try {
        return await engine.run(work, use);
      } catch (error) {
        failure = { error };
        throw error;
      } finally {
        duration.record((performance.now() - begin) / 1_000, {
          [LANE]: work.lane,
          'tocsin.clickhouse.outcome': failure ? 'failed' : 'ok',
        });
        endSpan?.(failure);
      }
    },
  };
}

/** Behind blanks, brackets and comments. */
const FIRST_WORD = /^(?:[\s(]|--[^\n]*\n|\/\*.*?\*\/)*([A-Za-z]{1,20})/s;

/** The text stays out of it: a statement may hold what nobody should read. Source: semantic conventions for database spans. */
function startSpan({ lane, statement }: Work): (failure: { readonly error: unknown } | undefined) => void {
  const verb = FIRST_WORD.exec(statement)?.[1]?.toUpperCase() ?? 'statement';
  const span = trace.getTracer('tocsin.clickhouse').startSpan(verb, {
    kind: SpanKind.SERVER,
    attributes: { 'db.system.name': 'clickhouse', 'db.operation.name': verb, [LANE]: lane },
  });
  return (failure) => {
    if (failure) {
      const code = failure.error instanceof ClickHouseException ? String(failure.error.code) : '_OTHER';
      span.setAttributes({ 'db.response.status_code': code, 'error.type': code });
      span.setStatus({ code: SpanStatusCode.ERROR });
    }
    span.end();
  };
}
