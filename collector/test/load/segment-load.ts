import { buffer } from 'node:stream/consumers';
import { join } from 'node:path';
import type { Insert } from '../../src/load/insert-segment.ts';
import { LoadProgress } from '../../src/load/load-progress.ts';
import type { SegmentLoad } from '../../src/load/load-segment.ts';

/** What loading one segment needs, with parts that are not expected to be used. */
export async function segmentLoad(
  directory: string,
  segment: string,
  parts: Pick<SegmentLoad, 'insert'> & Partial<SegmentLoad>,
): Promise<SegmentLoad> {
  const unexpected = (): Promise<never> => Promise.reject(new Error('not to be used here'));
  return {
    attempts: { end: unexpected, isAbsent: unexpected },
    keep: unexpected,
    progress: await LoadProgress.open(join(directory, 'journal'), segment),
    limitMs: 10_000,
    now: Date.now,
    onSplit: () => undefined,
    signal: new AbortController().signal,
    ...parts,
  };
}

/** The data of an attempt. */
export function readInsert({ open }: Insert): Promise<Buffer> {
  return buffer(open());
}
