import type { RequestKey, Signal } from '../signal.ts';

/** One request inside a segment. Offsets are bytes from the segment's start; `offset` is where its frame begins. */
export interface SegmentRequest {
  readonly offset: number;
  readonly bodyOffset: number;
  readonly bodyBytes: number;
  readonly items: number;
  readonly self: boolean;
  /** Of a request of metrics, as long as it is known from writing it: the fields that its metrics have (`findMetricFields`). */
  readonly metricFields?: number;
  /** Only a walk over the file tells it. */
  readonly key?: RequestKey;
}

/** A segment that is complete: it will not grow and is ready to be loaded. */
export interface SealedSegment {
  /** Unique for ever, also over data directories; sorts by creation. ClickHouse knows an insert by it. */
  readonly name: string;
  readonly signal: Signal;
  readonly path: string;
  /** The bytes that count. The file may be longer when a write failed at its end. */
  readonly sizeBytes: number;
  /** When the segment was begun, in milliseconds since the epoch. */
  readonly createdAtMs: number;
  /** Its requests, as long as it is known from writing them; otherwise a walk over the file finds them. */
  readonly requests?: readonly SegmentRequest[];
}

/** What a walk over a segment's bytes found. */
export interface SegmentWalk {
  readonly requests: readonly SegmentRequest[];
  /** The bytes up to the end of the last whole request. */
  readonly soundBytes: number;
}
