import type { ClickHouseClient } from '@clickhouse/client';

const DAY_MS = 86_400_000;

/** 80 days of a monitor's runs before today, as the rollup holds them: most days whole, every 17th with a few failures, one bad day. */
export async function seedProbeDays(client: ClickHouseClient, monitor: string, endMs: number): Promise<void> {
  const today = Math.floor(endMs / DAY_MS) * DAY_MS;
  const values = Array.from({ length: 80 }, (_, index) => index + 1).flatMap((ago) => {
    const failed = ago === 30 ? 900 : ago % 17 === 0 ? 40 : 0;
    const row = (Outcome: string, Runs: number) => ({
      Time: (today - ago * DAY_MS) / 1_000,
      Location: 'default',
      MonitorName: monitor,
      MonitorKind: 'http',
      Outcome,
      Reason: Outcome === 'up' ? 'ok' : 'timeout',
      InMaintenance: false,
      IsExcluded: false,
      Runs,
      DurationSum: Runs * 25_000_000,
      DurationBuckets: { 196: Runs },
    });
    return failed > 0 ? [row('up', 2_880 - failed), row('down', failed)] : [row('up', 2_880)];
  });
  await client.insert({ table: 'tocsin_probe_runs_1d', values, format: 'JSONEachRow' });
}
