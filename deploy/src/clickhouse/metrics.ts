import { metrics } from '@opentelemetry/api';
import type { Engine, LaneName } from './engine/engine.ts';
import type { Spool } from './engine/spool.ts';

const LANE = 'tocsin.clickhouse.lane';

/** The engine with its statements and lanes, and the spool, seen as metrics (meter `tocsin.clickhouse`). */
export function withMetrics(engine: Engine, spool: Spool): Engine {
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
  meter.createObservableGauge('tocsin.clickhouse.spool.size', { unit: 'By' }).addCallback((gauge) => {
    gauge.observe(spool.stats.bytes);
  });

  return {
    ...engine,
    async run(work, use) {
      const begin = performance.now();
      let outcome = 'failed';
      try {
        const result = await engine.run(work, use);
        outcome = 'ok';
        return result;
      } finally {
        duration.record((performance.now() - begin) / 1_000, {
          [LANE]: work.lane,
          'tocsin.clickhouse.outcome': outcome,
        });
      }
    },
  };
}
