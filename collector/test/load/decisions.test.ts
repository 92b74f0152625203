import { ClickHouseError } from '@clickhouse/client';
import { expect, test } from 'vitest';
import type { SealedSegment } from '../../src/journal/segment.ts';
import { backOffMs } from '../../src/load/back-off.ts';
import { classify } from '../../src/load/insert-segment.ts';
import { presentKinds } from '../../src/load/present-kinds.ts';
import { findMetricFields } from '../../src/otlp/metric-fields.ts';
import { SegmentQueue } from '../../src/load/segment-queue.ts';
import { METRIC_KINDS } from '../../src/load/statements/metric-kinds.ts';
import { logsStatement } from '../../src/load/statements/logs.ts';
import { metricStatements } from '../../src/load/statements/metrics.ts';
import { tracesStatement } from '../../src/load/statements/traces.ts';
import type { Signal } from '../../src/signal.ts';
import { encodeRequest } from './otlp.ts';

test('waits double up to a limit, which is lower while ClickHouse is away', () => {
  expect([1, 2, 3, 7, 100].map((failures) => backOffMs(failures, false, 0))).toEqual([200, 400, 800, 10_000, 10_000]);
  expect([1, 2, 3, 7, 100].map((failures) => backOffMs(failures, true, 0))).toEqual([200, 400, 800, 1_000, 1_000]);
  expect(backOffMs(100, true, 0.99)).toBeGreaterThanOrEqual(800);
});

function segment(name: string, signal: Signal): SealedSegment {
  return { name, signal, path: name, sizeBytes: 1, createdAtMs: 0 };
}

test('lanes take the oldest segment that nobody has', () => {
  const queue = new SegmentQueue();
  const sealed = [segment('1', 'traces'), segment('2', 'logs'), segment('3', 'traces')];
  expect([0, 0, 0, 0].map((now) => queue.claim(sealed, now)?.name)).toEqual(['1', '2', '3', undefined]);
  queue.succeed(sealed[1]!);
  expect(queue.claim(sealed, 0)?.name).toBe('2');
});

test('after a failure the signal waits, starts again with the same segment, and the other signals go on', () => {
  const queue = new SegmentQueue();
  const sealed = [segment('1', 'traces'), segment('2', 'traces'), segment('3', 'logs')];
  const first = queue.claim(sealed, 0)!;
  expect(queue.fail(first, 0, false, () => 500)).toBe(1);
  expect(queue.claim(sealed, 0)?.name).toBe('3');
  expect(queue.claim(sealed, 499)).toBeUndefined();
  expect(queue.nextResumeAtMs(499)).toBe(500);
  expect(queue.claim(sealed, 500)?.name).toBe('1');
  expect(queue.fail(first, 500, false, (failures) => failures * 1_000)).toBe(2);
  expect(queue.nextResumeAtMs(500)).toBe(2_500);
  queue.succeed(queue.claim(sealed, 2_500)!);
  expect(queue.nextResumeAtMs(0)).toBeUndefined();
});

test('a segment that fails while others succeed lets them pass and is tried ever more seldom', () => {
  const queue = new SegmentQueue();
  const poison = segment('1', 'traces');
  const wait = (): number => 200;
  queue.fail(queue.claim([poison], 0)!, 0, true, wait);
  let tries = 1;
  for (let now = 200; now < 3_600_000; now += 200) {
    const good = segment(`2-${now}`, 'traces');
    // One lane and a new segment every 200 ms: it is always the new one that goes first.
    const [first, second] = [queue.claim([poison, good], now), queue.claim([poison, good], now)];
    expect(first).toBe(good);
    queue.succeed(good);
    if (second !== poison) continue;
    tries += 1;
    queue.fail(poison, now, true, () => 0);
  }
  expect(tries).toBeGreaterThan(10);
  expect(tries).toBeLessThan(25);
});

test('lanes that fail at the same time count as one failure', () => {
  const queue = new SegmentQueue();
  const sealed = [segment('1', 'traces'), segment('2', 'traces')];
  const [one, two] = [queue.claim(sealed, 0)!, queue.claim(sealed, 0)!];
  expect(queue.fail(one, 10, true, () => 500)).toBe(1);
  expect(queue.fail(two, 11, true, () => 500)).toBe(1);
});

test('only errors about the data condemn it; everything else is tried again', () => {
  const error = (code: string): ClickHouseError => new ClickHouseError({ message: 'm', code, type: 'T' });
  expect(classify(error('444'))).toMatchObject({ status: 'refused', code: 444 });
  expect(classify(error('33'))).toMatchObject({ status: 'refused' });
  expect(classify(error('252'))).toMatchObject({ status: 'retryable', reason: 'overloaded' });
  expect(classify(error('241'))).toMatchObject({ status: 'too_much', reason: 'memory' });
  expect(classify(error('159'))).toMatchObject({ status: 'too_much', reason: 'timeout' });
  const inView = new ClickHouseError({ message: 'while pushing to view otel.x', code: '70', type: 'T' });
  expect(classify(inView)).toMatchObject({ status: 'retryable', reason: 'server_error' });
  expect(classify(error('60'))).toMatchObject({ status: 'retryable', reason: 'schema' });
  expect(classify(error('516'))).toMatchObject({ status: 'retryable', reason: 'denied' });
  expect(classify(error('1001'))).toMatchObject({ status: 'retryable', reason: 'server_error' });
  expect(classify(new Error('connect ECONNREFUSED'))).toMatchObject({ status: 'retryable', reason: 'unreachable' });
});

test('the kinds of metric in a request are found without reading its points', () => {
  const point = { data_points: [{ as_int: '1', attributes: [{ key: 'k', value: { string_value: 'v' } }] }] };
  const request = (...metrics: readonly object[]): Uint8Array =>
    encodeRequest('metrics', { resource_metrics: [{ resource: {}, scope_metrics: [{ scope: {}, metrics }] }] });
  const gauge = request({ name: 'g', description: 'd', unit: 'u', gauge: point });
  const sum = request({ name: 's', sum: point }, { name: 'q', summary: {} });
  const kindsOf = (...requests: readonly Uint8Array[]): readonly string[] =>
    presentKinds(requests.reduce((fields, bytes) => fields | findMetricFields(bytes), 0));
  expect(kindsOf(gauge)).toEqual(['gauge']);
  expect(kindsOf(gauge, sum)).toEqual(['gauge', 'sum', 'summary']);
  expect(kindsOf(new Uint8Array())).toEqual([]);
  expect(kindsOf(gauge.subarray(0, gauge.byteLength - 1), sum)).toEqual(METRIC_KINDS);
});

test('a statement and its schema fit the request line that every HTTP server accepts', () => {
  for (const { sql, proto } of [tracesStatement, logsStatement, ...Object.values(metricStatements)]) {
    expect(encodeURIComponent(sql).length + encodeURIComponent(proto).length).toBeLessThan(12_000);
  }
});
