import type { ClickHouseClient } from '@clickhouse/client';
import { seedProbeHour } from './probe-hour.ts';
import { seedShopHour } from './shop-hour.ts';

/** What of the seeded hour the tests name. */
export interface Seeded {
  readonly failedShopTraceId: string;
  readonly failedProbeTraceId: string;
}

/** Fills the tables with an hour that ends at `endMs`: a shop, its stock, and probes. */
export async function seedHour(client: ClickHouseClient, endMs: number): Promise<Seeded> {
  const shop = seedShopHour(endMs);
  const probes = seedProbeHour(endMs);
  const insert = (table: string, values: readonly Record<string, unknown>[]) =>
    client.insert({ table, values: [...values], format: 'JSONEachRow' });
  await insert('otel_traces', [...shop.spans, ...probes.spans]);
  await insert('otel_logs', shop.logs);
  await insert('otel_metrics_gauge', probes.gauges);
  await insert('otel_metrics_sum', probes.sums);
  return { failedShopTraceId: shop.failedTraceId, failedProbeTraceId: probes.failedTraceId };
}
