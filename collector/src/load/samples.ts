import type { SealedSegment, SegmentRequest } from '../journal/segment.ts';
import { readPart } from '../journal/segment-walk.ts';
import { readRecords } from '../otlp/records.ts';
import { scanRequest } from '../otlp/scan.ts';
import type { Sample } from './attempts.ts';

const DAY_NS = 86_400_000_000_000n;
/** ClickHouse's DateTime64(9) ends here; what is beyond is stored as something else. */
const LATEST_NS = 2n ** 63n - 1n;
/** Each is a condition of one query. */
const MAX_DAYS = 50;
const MAX_BYTES = 64 * 2 ** 20;

/**
 * One row of each day that these requests would put into a table. As a day's rows are written as one part, none of these rows being
 * there proves that none is.
 * @returns `undefined` where that cannot be said: too many days, times out of range, nothing readable
 */
export async function sampleDays(
  { path, signal }: SealedSegment,
  table: string,
  requests: readonly SegmentRequest[],
): Promise<readonly Sample[] | undefined> {
  const kind = table.startsWith('otel_metrics_') ? table.slice('otel_metrics_'.length) : undefined;
  const days = new Map<bigint, Sample>();
  for (const { bodyOffset, bodyBytes } of requests) {
    if (bodyBytes > MAX_BYTES) return undefined;
    const body = await readPart(path, bodyOffset, bodyBytes);
    if (scanRequest(signal, body).status !== 'ok') return undefined;
    for (const { service, timeNs, kind: ofKind } of readRecords(signal, body)) {
      if (kind !== undefined && kind !== ofKind) continue;
      if (timeNs > LATEST_NS) return undefined;
      const day = timeNs / DAY_NS;
      if (!days.has(day)) days.set(day, { service, timeNs });
      if (days.size > MAX_DAYS) return undefined;
    }
  }
  return days.size === 0 ? undefined : [...days.values()];
}
