import type { LogSearch } from '../../../../src/logs/contract-types.ts';
import type { LogRecordRow } from '../../../../src/queries/log-records.ts';
import type { TimeWindow } from '../../state/time-range.ts';
import { isSeverity } from './severity.ts';

/** What the URL asks for. Pure. */
export function readSearch(query: URLSearchParams, { fromMs, toMs }: TimeWindow): LogSearch {
  const trace = query.get('trace')?.trim() ?? '';
  const q = query.get('q') ?? '';
  return {
    from: Math.floor(fromMs),
    to: Math.ceil(toMs),
    ...(q !== '' && { q }),
    service: query.getAll('service'),
    severity: query.getAll('severity').filter(isSeverity),
    where: query.getAll('where'),
    ...(trace !== '' && { trace }),
  };
}

/** The place of a record: records that say the same at the same time share it. */
export function keyOf({ at_ns, id }: LogRecordRow): string {
  return `${at_ns}.${id}`;
}

/** Records that are followed. */
export interface Tail {
  /** Newest first. */
  readonly records: readonly LogRecordRow[];
  /** Older ones that were let go, for there is room for so many only. */
  readonly dropped: number;
  /** More came at once than are asked for: some were never seen. */
  readonly missed: boolean;
}

/** Adds what came to what is there: each once, newest first, so many at most. Pure. */
export function growTail(
  tail: Tail,
  came: { readonly records: readonly LogRecordRow[]; readonly hasMore: boolean },
  limit: number,
): Tail {
  const known = new Set(tail.records.map(keyOf));
  const fresh = came.records.filter((record) => !known.has(keyOf(record)));
  // Where nothing that came was known, what lies between was not seen.
  const missed = tail.missed || (came.hasMore && tail.records.length > 0 && fresh.length === came.records.length);
  if (fresh.length === 0) return missed === tail.missed ? tail : { ...tail, missed };
  const all = [...fresh, ...tail.records].toSorted(byNewest);
  return { records: all.slice(0, limit), dropped: tail.dropped + Math.max(0, all.length - limit), missed };
}

function byNewest(a: LogRecordRow, b: LogRecordRow): number {
  return a.at_ns.length === b.at_ns.length ? (a.at_ns < b.at_ns ? 1 : -1) : b.at_ns.length - a.at_ns.length;
}
