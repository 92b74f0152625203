import { readFileSync } from 'node:fs';
import { type Meter, type MeterProvider, type MetricOptions, metrics } from '@opentelemetry/api';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { observeCertificate } from '../src/server/certificate.ts';
import { createLoadTelemetry } from '../src/load/telemetry.ts';
import { createUpkeepTelemetry } from '../src/schema/upkeep-telemetry.ts';
import { createIntakeTelemetry, REPEAT_REASONS } from '../src/server/telemetry.ts';

type Row = readonly [name: string, kind: string, unit: string | undefined];

const KINDS = {
  createCounter: 'counter',
  createObservableCounter: 'counter',
  createObservableGauge: 'gauge',
  createHistogram: 'histogram',
} as const;

/** Notes which instruments are made. */
class NotingMeters implements MeterProvider {
  readonly made: Row[] = [];

  getMeter(): Meter {
    const make = (kind: string) => (metric: string, options: MetricOptions) => {
      this.made.push([metric, kind, options.unit]);
      return { addCallback: () => undefined };
    };
    const makers = Object.entries(KINDS).map(([method, kind]) => [method, make(kind)]);
    return { ...Object.fromEntries(makers), addBatchObservableCallback: () => undefined } as unknown as Meter;
  }
}

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');
const meters = new NotingMeters();

beforeEach(() => {
  metrics.disable();
  metrics.setGlobalMeterProvider(meters);
});
afterEach(() => metrics.disable());

test('the README lists every metric of the collector with its kind and unit, and rules that there are', () => {
  createIntakeTelemetry(() => 0);
  createLoadTelemetry({
    journal: { stats: () => expect.unreachable() },
    deadLetters: { stats: () => expect.unreachable() },
    parts: () => [],
    now: Date.now,
  });
  createUpkeepTelemetry();
  observeCertificate(() => expect.unreachable());
  const text = read('../README.md');
  const lines = [...text.matchAll(/^\| `([a-z_.]+)` *\| (counter|gauge|histogram) *\| `(.+?)` *\|.*\| ([^|]*)\|$/gm)];
  const documented = lines.map(([, name, kind, unit]) => [`tocsin.collector.${name}`, kind, unit]);
  expect(documented.toSorted()).toEqual(meters.made.toSorted());
  const rules = new Set(
    [...read('../../alerting/rules/shipped.yaml').matchAll(/- alert: (\w+)/g)].map(([, name]) => name),
  );
  const named = lines.flatMap(([, , , , cell = '']) => [...cell.matchAll(/`(\w+)`/g)].map(([, rule]) => rule));
  expect(named.length).toBeGreaterThan(20);
  expect(named.filter((rule) => !rules.has(rule))).toEqual([]);
});

test('the README lists the reasons why a request is not stored again, and no rule takes them for refusals', () => {
  const [, cell = ''] = /^\| `requests` \(`outcome=repeated`\) *\| ([^|]*)\|$/m.exec(read('../README.md')) ?? [];
  expect([...cell.matchAll(/`(\w+)`/g)].map(([, reason]) => reason)).toEqual(REPEAT_REASONS);
  const rules = read('../../alerting/rules/shipped.yaml');
  const [, left = ''] = /FROM increases WHERE reason NOT IN \(([^)]*)\)/.exec(rules) ?? [];
  for (const reason of REPEAT_REASONS) expect(left).toContain(`'${reason}'`);
});
