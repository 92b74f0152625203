import type { ClickHouseClient } from '@clickhouse/client';
import { timestamp } from './rows.ts';

const MINUTE_MS = 60_000;
/** A value that telemetry may have, and that must stay text. */
export const HOSTILE = '<img src=x onerror="document.title=1">\u202egnp.exe';
export const BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1];

type Row = Record<string, unknown>;

/**
 * An hour of a shop's metrics, a point a minute from two instances, ending at `endMs`. Counter `shop.requests` (cumulative; `b` begins anew half an hour before the end) rises by 60 a
 * minute and instance on `/cart`, by 30 on `/checkout`; `shop.orders` (delta) by 12; `shop.carts` goes up and down around 5; `shop.memory` is 100 MiB; the histogram
 * `http.server.request.duration` (cumulative) has nine of ten requests in (0.025, 0.05] s and one in (0.25, 0.5]; the exponential one `shop.payload` (delta) all in (1024, 1117].
 */
export async function seedMetricHour(client: ClickHouseClient, endMs: number): Promise<void> {
  const tables: Record<string, Row[]> = { gauge: [], sum: [], histogram: [], exponential_histogram: [] };
  for (const instance of ['a', 'b'])
    for (let minute = 0; minute < 60; minute++) addMinute(tables, instance, minute, endMs);
  for (const [table, values] of Object.entries(tables))
    await client.insert({ table: `otel_metrics_${table}`, values, format: 'JSONEachRow' });
}

function addMinute(tables: Record<string, Row[]>, instance: string, minute: number, endMs: number): void {
  const atMs = endMs - (60 - minute) * MINUTE_MS + 5_000;
  const isAnew = instance === 'b' && minute >= 30;
  const startMs = isAnew ? endMs - 30 * MINUTE_MS : endMs - 24 * 60 * MINUTE_MS;
  const minutes = isAnew ? minute - 29 : minute + 1_000;
  const point = (name: string, unit: string, attributes: Record<string, string>, rest: Row): Row => ({
    ServiceName: 'shop',
    MetricName: name,
    MetricUnit: unit,
    MetricDescription: `What ${name} measures.`,
    ResourceAttributes: { 'service.name': 'shop', 'service.instance.id': instance },
    Attributes: attributes,
    StartTimeUnix: timestamp(startMs),
    TimeUnix: timestamp(atMs),
    ...rest,
  });
  const sum = (
    name: string,
    value: number,
    attributes: Record<string, string>,
    temporality: number,
    monotonic = true,
  ) =>
    tables['sum']?.push(
      point(name, '{request}', attributes, {
        Value: value,
        AggregationTemporality: temporality,
        IsMonotonic: monotonic,
        ...(temporality === 1 && { StartTimeUnix: timestamp(atMs - MINUTE_MS) }),
      }),
    );
  sum('shop.requests', minutes * 60, { 'http.route': '/cart' }, 2);
  sum('shop.requests', minutes * 30, { 'http.route': '/checkout' }, 2);
  sum('shop.orders', 12, { hostile: HOSTILE }, 1);
  sum('shop.carts', 5 + (minute % 3) - 1, {}, 2, false);
  tables['gauge']?.push(point('shop.memory', 'By', { pool: 'heap' }, { Value: 100 * 2 ** 20 }));
  tables['histogram']?.push(
    point(
      'http.server.request.duration',
      's',
      { 'http.route': '/cart' },
      {
        Count: minutes * 10,
        Sum: minutes * 0.7,
        BucketCounts: [0, 0, 0, minutes * 9, 0, 0, minutes, 0, 0],
        ExplicitBounds: BOUNDS,
        AggregationTemporality: 2,
      },
    ),
  );
  tables['exponential_histogram']?.push(
    point(
      'shop.payload',
      'By',
      {},
      {
        Count: 5,
        Sum: 5_300,
        // At scale 5 bucket 320 begins at 2^(320/32) = 1024; 320 to 323 are bucket 80 of scale 3.
        Scale: 5,
        PositiveOffset: 320,
        PositiveBucketCounts: [2, 1, 1, 1],
        AggregationTemporality: 1,
        StartTimeUnix: timestamp(atMs - MINUTE_MS),
      },
    ),
  );
}
