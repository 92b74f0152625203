import { type BatchObservableCallback, type Meter, type MeterProvider, metrics } from '@opentelemetry/api';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { SloStatus } from '../../src/slo/slo-status.ts';
import { observeSlos } from '../../src/slo/slo-telemetry.ts';

interface Point {
  readonly name: string;
  readonly value: number;
  readonly attributes: unknown;
}

/** Collects what batch callbacks observe. */
class Collecting implements MeterProvider {
  readonly #callbacks = new Set<BatchObservableCallback>();

  getMeter(): Meter {
    return {
      createObservableGauge: (name: string) => ({ name }),
      addBatchObservableCallback: (callback: BatchObservableCallback) => this.#callbacks.add(callback),
      removeBatchObservableCallback: (callback: BatchObservableCallback) => this.#callbacks.delete(callback),
    } as unknown as Meter;
  }

  collect(): Point[] {
    const points: Point[] = [];
    const observe = (gauge: { name: string }, value: number, attributes: unknown): void =>
      void points.push({ name: gauge.name.replace('tocsin.alerting.slo.', ''), value, attributes });
    for (const callback of this.#callbacks) void callback({ observe } as never);
    return points;
  }
}

const COUNTED: SloStatus = {
  name: 'checkout',
  target: 99.9,
  windowMs: 30 * 86_400_000,
  countedAtMs: 0,
  good: 995,
  total: 1_000,
  budgetRemaining: -4,
  isCovered: true,
  burnRates: [
    { windowMs: 300_000, rate: 2 },
    { windowMs: 3_600_000, rate: 5 },
  ],
};

const meters = new Collecting();
beforeEach(() => {
  metrics.disable();
  metrics.setGlobalMeterProvider(meters);
});
afterEach(() => metrics.disable());

test('every SLO is shown with what is left of its budget and its burn rates, as it was counted for the collection before', async () => {
  const stop = observeSlos(() => Promise.resolve([COUNTED]));
  expect(meters.collect()).toEqual([]);
  const slo = 'checkout';
  await vi.waitFor(() =>
    expect(meters.collect()).toEqual([
      { name: 'target', value: expect.closeTo(0.999, 9), attributes: { slo } },
      { name: 'good', value: 995, attributes: { slo } },
      { name: 'total', value: 1_000, attributes: { slo } },
      { name: 'budget.remaining', value: -4, attributes: { slo } },
      { name: 'burn_rate', value: 2, attributes: { slo, window: '5m' } },
      { name: 'burn_rate', value: 5, attributes: { slo, window: '1h' } },
    ]),
  );
  stop();
  expect(meters.collect()).toEqual([]);
});

test('one that could not be counted is not shown, and a slow question is asked once', async () => {
  const answers = Promise.withResolvers<readonly SloStatus[]>();
  let asked = 0;
  const stop = observeSlos(() => {
    asked++;
    return answers.promise;
  });
  meters.collect();
  meters.collect();
  expect(asked).toBe(1);
  const about = { target: 99, windowMs: 1, countedAtMs: 0 };
  answers.resolve([
    { ...about, name: 'away', error: 'unreachable: it is away' },
    { ...COUNTED, burnRates: [] },
  ]);
  await answers.promise;
  await vi.waitFor(() =>
    expect(new Set(meters.collect().map(({ attributes }) => attributes))).toEqual(new Set([{ slo: 'checkout' }])),
  );
  stop();
});
