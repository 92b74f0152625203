import { KEPT_TABLES, type KeptTable } from '../retention-table.ts';

/** A partition of a table as `system.parts` tells it. */
export interface Partition {
  readonly table: string;
  /** As people read it: `2026-11-22`. */
  readonly partition: string;
  /** As `DROP PARTITION ID` takes it. */
  readonly id: string;
  readonly bytes: number;
}

/** The fullest disk that holds telemetry, and what is on it. Bytes. */
export interface DiskState {
  readonly disk: string;
  readonly freeBytes: number;
  readonly totalBytes: number;
  /** Of parts that are out of use and will be removed within minutes. */
  readonly pendingBytes: number;
  readonly partitions: readonly Partition[];
}

/** When to begin and when to end, in bytes that are free. */
export interface Marks {
  readonly lowWaterBytes: number;
  readonly highWaterBytes: number;
}

/** What to do about a disk, and why. */
export type DropDecision =
  | { readonly action: 'none'; readonly reason: 'enough_free' }
  | { readonly action: 'none'; readonly reason: 'nothing_old' }
  | { readonly action: 'drop'; readonly partition: Partition };

/**
 * Decides which partition goes. Below the low-water mark it begins and goes on up to the high-water mark; what was dropped and is still
 * being removed counts as free. The oldest day goes first, whatever the signal; of one day the larger; a companion after what it belongs to; rollups, which are small
 * and meant for years, when nothing else is left. What reaches to today or beyond stays.
 * @param hasBegun whether an earlier decision was below the low-water mark and none since above the high one
 * @param now milliseconds since the epoch; days are UTC
 */
export function decideDrop(state: DiskState, marks: Marks, hasBegun: boolean, now: number): DropDecision {
  const freeBytes = state.freeBytes + state.pendingBytes;
  const limit = hasBegun ? marks.highWaterBytes : marks.lowWaterBytes;
  if (freeBytes >= limit) return { action: 'none', reason: 'enough_free' };
  const today = new Date(now).toISOString().slice(0, 10);
  const [oldest] = state.partitions.flatMap((partition) => rank(partition, today)).toSorted(compare);
  return oldest ? { action: 'drop', partition: oldest.partition } : { action: 'none', reason: 'nothing_old' };
}

interface Ranked {
  readonly partition: Partition;
  readonly isRollup: boolean;
  /** The day on which it counts as old as a day of the tables it belongs to. */
  readonly day: string;
  readonly isCompanion: boolean;
}

function rank(partition: Partition, today: string): readonly Ranked[] {
  const kept = KEPT_TABLES.find(({ table }) => table === partition.table);
  const lastDay = kept && lastDayOf(kept, partition.partition);
  if (!kept || lastDay === undefined) return [];
  const outlives = kept.outlivesDays ?? 0;
  const day = plusDays(lastDay, outlives);
  if (day >= today) return [];
  return [{ partition, day, isRollup: kept.follows === 'rollups', isCompanion: outlives > 0 }];
}

function compare(a: Ranked, b: Ranked): number {
  return (
    Number(a.isRollup) - Number(b.isRollup) ||
    a.day.localeCompare(b.day) ||
    Number(a.isCompanion) - Number(b.isCompanion) ||
    b.partition.bytes - a.partition.bytes ||
    a.partition.table.localeCompare(b.partition.table)
  );
}

/** The last day, as `2026-11-22`, whose rows a partition may hold; `undefined` for a key of another form. */
export function lastDayOf({ partition: span }: Pick<KeptTable, 'partition'>, value: string): string | undefined {
  if (span === 'none') return undefined;
  if (span === 'month') {
    const match = /^(\d{4})-?(\d{2})(?:-01)?$/.exec(value);
    if (!match) return undefined;
    const end = new Date(Date.UTC(Number(match[1]), Number(match[2]), 0));
    return end.toISOString().slice(0, 10);
  }
  if (!/^\d{4}-\d{2}-\d{2}$/.test(value)) return undefined;
  return span === 'day' ? value : plusDays(value, 6);
}

function plusDays(day: string, days: number): string {
  return new Date(Date.parse(day) + days * 86_400_000).toISOString().slice(0, 10);
}
