import type { ClickHouseClient } from '@clickhouse/client';
import { HOSTILE } from './metric-hour.ts';
import { hexId, logRow } from './rows.ts';

const MINUTE_MS = 60_000;

/**
 * An hour of log records of a warehouse that ends at `endMs`: a minute one of each severity but `fatal`, all of one moment (`parcel 17 packed` and so on, attribute `parcel.id`), an error
 * without a number, and at the end one whose every field is hostile, of trace `abc…`.
 */
export async function seedLogHour(client: ClickHouseClient, endMs: number): Promise<void> {
  const values: Record<string, unknown>[] = [];
  const add = (
    atMs: number,
    severity: string,
    number: number,
    body: string,
    more: Record<string, unknown> = {},
  ): void =>
    void values.push({
      ...logRow('warehouse', atMs, body, '', ''),
      SeverityText: severity,
      SeverityNumber: number,
      ...more,
    });
  for (let minute = 0; minute < 60; minute++) {
    const atMs = endMs - (60 - minute) * MINUTE_MS + 2_000;
    const LogAttributes = { 'parcel.id': String(minute), 'parcel.hall': minute % 2 === 0 ? 'north' : 'south' };
    add(atMs, 'INFO', 9, `parcel ${minute} packed`, { LogAttributes });
    add(atMs, 'DEBUG', 5, `scale says ${minute} kg`, { LogAttributes });
    add(atMs, 'TRACE', 1, `belt moves`, { LogAttributes });
    add(atMs, 'WARN', 13, `belt slow`, { LogAttributes });
    if (minute >= 50) add(atMs, 'ERROR', 17, `Belt stopped: motor ${minute} too hot`, { LogAttributes });
  }
  add(endMs - 30_000, 'Error', 0, 'without a number');
  add(endMs - 20_000, HOSTILE, 21, HOSTILE.repeat(3), {
    TraceId: hexId(0xabc, 32),
    ServiceName: HOSTILE,
    ResourceAttributes: { 'service.name': HOSTILE },
    LogAttributes: { [HOSTILE]: 'v'.repeat(200_000) },
    EventName: HOSTILE,
  });
  await client.insert({ table: 'otel_logs', values, format: 'JSONEachRow' });
}
