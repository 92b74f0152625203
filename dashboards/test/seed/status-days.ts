import type { ClickHouseClient } from '@clickhouse/client';
import { pointRow, timestamp } from './rows.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

/** A monitor of 90 days: an hour's runs are written as one point each outcome. */
interface Life {
  readonly monitor: string;
  /** Runs of an hour that failed, of 120. */
  readonly failed: (day: number, hour: number) => number;
  readonly ms: (day: number, hour: number) => number;
  readonly days: number;
}

const LIVES: readonly Life[] = [
  {
    monitor: 'shop',
    days: 90,
    failed: (day, hour) => (day === 20 && hour < 3 ? 120 : day === 41 && hour === 9 ? 6 : 0),
    ms: wave(110),
  },
  { monitor: 'pay', days: 60, failed: (day, hour) => (day === 5 && hour === 14 ? 20 : 0), ms: wave(240) },
  { monitor: 'partner', days: 90, failed: () => 0, ms: wave(45) },
  { monitor: 'hidden-ledger', days: 90, failed: (day) => (day % 7 === 0 ? 60 : 0), ms: wave(900) },
];

function wave(base: number): Life['ms'] {
  return (day, hour) => base * (1 + 0.35 * Math.sin((hour / 24) * 2 * Math.PI) + 0.1 * Math.sin(day * 5 + hour));
}

/** Fills the rollups through the tables that feed them with 90 days that end an hour before `endMs`. */
export async function seedStatusDays(client: ClickHouseClient, endMs: number): Promise<void> {
  await seedLives(client, endMs, LIVES);
}

/** The same for many monitors that are up, and the lists by which a checker says so now. */
export async function seedStatusFleet(
  client: ClickHouseClient,
  endMs: number,
  monitors: readonly string[],
): Promise<void> {
  const lives = monitors.map((monitor, index) => ({ monitor, failed: () => 0, ms: wave(50 + index * 7), days: 90 }));
  await seedLives(client, endMs, lives);
  const values = Array.from({ length: 120 }, (_, index) => endMs - index * 30_000).flatMap((atMs) => [
    pointRow('tocsin.checker.blind', atMs, 0, {}),
    ...monitors.flatMap((monitor) => {
      const common = { 'tocsin.monitor.name': monitor, 'tocsin.monitor.kind': 'http' };
      return [
        pointRow('tocsin.monitor.interval', atMs, 30, common),
        pointRow('tocsin.monitor.up', atMs, 1, { ...common, 'tocsin.monitor.state': 'up' }),
      ];
    }),
  ]);
  await client.insert({ table: 'otel_metrics_gauge', values, format: 'JSONEachRow' });
}

async function seedLives(client: ClickHouseClient, endMs: number, lives: readonly Life[]): Promise<void> {
  const endHour = Math.floor(endMs / HOUR_MS) - 1;
  const values: Record<string, unknown>[] = [];
  for (const { monitor, days, failed, ms } of lives) {
    // Once a day and hour of the last week by the hour, before it every third hour.
    for (let hoursAgo = 0; hoursAgo < days * 24; hoursAgo += hoursAgo < 8 * 24 ? 1 : 3) {
      const atMs = (endHour - hoursAgo) * HOUR_MS + 1_800_000;
      const day = Math.floor((endMs - atMs) / DAY_MS);
      const hour = new Date(atMs).getUTCHours();
      const bad = failed(day, hour);
      for (const [outcome, runs] of [
        ['up', 120 - bad],
        ['down', bad],
      ] as const) {
        if (runs === 0) continue;
        const attributes = {
          'tocsin.monitor.name': monitor,
          'tocsin.monitor.kind': 'http',
          'tocsin.probe.outcome': outcome,
          'tocsin.probe.reason': outcome === 'up' ? 'ok' : 'status_mismatch',
        };
        const row = pointRow('tocsin.probe.runs', atMs, runs, attributes);
        values.push({
          ...row,
          StartTimeUnix: timestamp(atMs - ms(day, hour)),
          AggregationTemporality: 1,
          IsMonotonic: true,
        });
      }
    }
  }
  await client.insert({ table: 'otel_metrics_sum', values, format: 'JSONEachRow' });
}
