import { type Attributes, type Meter, type MeterProvider, metrics, type ObservableCallback } from '@opentelemetry/api';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Engine, Work } from '../../src/clickhouse/engine/engine.ts';
import { createLane } from '../../src/clickhouse/engine/lane.ts';
import type { Spool } from '../../src/clickhouse/engine/spool.ts';
import { withTelemetry } from '../../src/clickhouse/telemetry.ts';

type Point = readonly [metric: string, value: number, attributes: Attributes | undefined];

/** Keeps what is recorded, and asks what can be observed. */
class ReadMeters implements MeterProvider {
  readonly recorded: Point[] = [];
  readonly #observed = new Map<string, ObservableCallback>();

  getMeter(): Meter {
    const observable = (name: string) => ({
      addCallback: (callback: ObservableCallback) => void this.#observed.set(name, callback),
    });
    const histogram = (name: string) => ({
      record: (value: number, attributes?: Attributes) => void this.recorded.push([name, value, attributes]),
    });
    return {
      createHistogram: histogram,
      createObservableGauge: observable,
      createObservableCounter: observable,
    } as unknown as Meter;
  }

  read(): Point[] {
    const points: Point[] = [];
    for (const [name, callback] of this.#observed)
      void callback({ observe: (value, attributes) => void points.push([name, value, attributes]) });
    return points;
  }
}

let meters: ReadMeters;
beforeEach(() => {
  meters = new ReadMeters();
  metrics.disable();
  metrics.setGlobalMeterProvider(meters);
});
afterEach(() => metrics.disable());

it('what runs, waits and is refused in each lane, and what is spooled, are metrics', async () => {
  const lane = (name: string) => createLane({ name, concurrency: 1, maxWaiting: 1 });
  const lanes = { read: lane('read'), insert: lane('insert'), control: lane('control') };
  const never = new AbortController().signal;
  const engine = {
    lanes,
    clientSessions: { open: 3, refused: 2 },
    run: (work: Work, use: () => Promise<unknown>) => lanes[work.lane].run(use, never),
  } as unknown as Engine;
  const told = withTelemetry(engine, { stats: { bytes: 7 } } as unknown as Spool);
  const { promise, resolve } = Promise.withResolvers<void>();
  const work = { lane: 'read', statement: 'SELECT 1' } as Work;
  const first = told.run(work, () => promise);
  const second = told.run(work, () => Promise.resolve());
  await expect(told.run(work, () => Promise.resolve())).rejects.toMatchObject({ code: 202 });

  const of = (name: string, value: number): Point => [name, value, { 'tocsin.clickhouse.lane': 'read' }];
  const points = meters.read();
  expect(points).toEqual(
    expect.arrayContaining([
      of('tocsin.clickhouse.lane.running', 1),
      of('tocsin.clickhouse.lane.waiting', 1),
      of('tocsin.clickhouse.lane.refused', 1),
      ['tocsin.clickhouse.lane.refused', 0, { 'tocsin.clickhouse.lane': 'insert' }],
      ['tocsin.clickhouse.session.open', 3, undefined],
      ['tocsin.clickhouse.session.refused', 2, undefined],
      ['tocsin.clickhouse.spool.size', 7, undefined],
    ]),
  );
  resolve();
  await Promise.all([first, second]);
  expect(meters.read()).toEqual(
    expect.arrayContaining([of('tocsin.clickhouse.lane.running', 0), of('tocsin.clickhouse.lane.waiting', 0)]),
  );
  const outcomes = meters.recorded.map(([, , attributes]) => attributes?.['tocsin.clickhouse.outcome']);
  expect(outcomes.toSorted()).toEqual(['failed', 'ok', 'ok']);
});
