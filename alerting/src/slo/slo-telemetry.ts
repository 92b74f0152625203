import { type BatchObservableCallback, metrics, type ObservableGauge } from '@opentelemetry/api';
import { formatDuration } from '@tocsin/service/config';
import type { SloStatus } from './slo-status.ts';

/**
 * Shows every SLO as gauges on the meter `tocsin.alerting`, attribute `slo`: what dashboards read. What is shown is what was counted for the collection
 * before, so that one never waits for ClickHouse; what could not be counted is not shown.
 * @param readStatus counts the SLOs; it is asked at each collection and has to remember what it counted
 * @returns a function that ends it
 */
export function observeSlos(readStatus: () => Promise<readonly SloStatus[]>): () => void {
  const meter = metrics.getMeter('tocsin.alerting');
  const gauge = (name: string, unit: string, description: string): ObservableGauge =>
    meter.createObservableGauge(`tocsin.alerting.slo.${name}`, { unit, description });
  const target = gauge('target', '1', 'The part that has to be good');
  const good = gauge('good', '{event}', 'What was good over the window of the SLO');
  const total = gauge('total', '{event}', 'All there was over the window of the SLO');
  const remaining = gauge('budget.remaining', '1', 'What is left of the error budget: 1 all of it, below 0 overspent');
  const burnRate = gauge('burn_rate', '1', 'How many times faster than allowed the budget goes, by window');
  const all = [target, good, total, remaining, burnRate];
  let known: readonly SloStatus[] = [];
  let isReading = false;
  const read = async (): Promise<void> => {
    isReading = true;
    try {
      known = await readStatus();
    } finally {
      isReading = false;
    }
  };
  const observe: BatchObservableCallback = (result) => {
    for (const { name, target: percent, error, ...counted } of known) {
      if (error !== undefined) continue;
      const slo = { slo: name };
      result.observe(target, percent / 100, slo);
      result.observe(good, counted.good ?? 0, slo);
      result.observe(total, counted.total ?? 0, slo);
      result.observe(remaining, counted.budgetRemaining ?? 1, slo);
      for (const { windowMs, rate } of counted.burnRates ?? [])
        result.observe(burnRate, rate, { ...slo, window: formatDuration(windowMs) });
    }
    if (!isReading) void read();
  };
  meter.addBatchObservableCallback(observe, all);
  return () => meter.removeBatchObservableCallback(observe, all);
}
