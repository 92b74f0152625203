import type { SegmentRequest } from '../journal/segment.ts';

/** Requests of a segment that lie one after the other and go into a table together. */
export interface Part {
  readonly requests: readonly SegmentRequest[];
  /** ClickHouse's deduplication token for it. */
  readonly token: string;
  /** What the segment's progress knows it by: table, offset, number of requests. */
  readonly key: string;
}

/** A segment as one part. */
export function wholeSegment(segment: string, table: string, requests: readonly SegmentRequest[]): Part {
  return { requests, token: `${segment}:${table}`, key: keyOf(table, requests) };
}

/**
 * Cuts a part of two requests or more in halves of about the same size, always at the same place. The first half takes over the token:
 * should the attempt at the whole, which was given up, reach ClickHouse after all, then it finds its token used and writes nothing.
 */
export function halve(segment: string, table: string, { requests, token }: Part): readonly [Part, Part] {
  const totalBytes = requests.reduce((sum, { bodyBytes }) => sum + bodyBytes, 0);
  let bytes = 0;
  let count = 0;
  while (count < requests.length - 1 && (count === 0 || bytes < totalBytes / 2)) {
    bytes += requests[count]?.bodyBytes ?? 0;
    count += 1;
  }
  const [first, second] = [requests.slice(0, count), requests.slice(count)];
  const secondToken = `${segment}:${table}:${second.at(0)?.offset}+${second.length}`;
  return [
    { requests: first, token, key: keyOf(table, first) },
    { requests: second, token: secondToken, key: keyOf(table, second) },
  ];
}

function keyOf(table: string, requests: readonly SegmentRequest[]): string {
  return `${table} ${requests.at(0)?.offset ?? 0} ${requests.length}`;
}
