import { readFile } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import type { Signal } from '../signal.ts';
import { decodeFrame, FRAME_BYTES } from './frame.ts';

/** One request inside a segment. Offsets are bytes from the segment's start; `offset` is where its frame begins. */
export interface SegmentRequest {
  readonly offset: number;
  readonly bodyOffset: number;
  readonly bodyBytes: number;
  readonly items: number;
  readonly self: boolean;
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

/** Walks the frames of a segment and checks every sum; stops at the first thing that is not whole. */
export function walkSegment(bytes: Buffer): SegmentWalk {
  const requests: SegmentRequest[] = [];
  let offset = 0;
  for (;;) {
    const frame = decodeFrame(bytes, offset);
    if (!frame) break;
    const bodyOffset = offset + FRAME_BYTES;
    const end = bodyOffset + frame.bodyBytes;
    if (end > bytes.byteLength || crc32(bytes.subarray(bodyOffset, end)) !== frame.bodyCrc) break;
    requests.push({ offset, bodyOffset, bodyBytes: frame.bodyBytes, items: frame.items, self: frame.self });
    offset = end;
  }
  return { requests, soundBytes: offset };
}

/** Reads a segment's bytes: only those that count. */
export async function readSegment(segment: Pick<SealedSegment, 'path' | 'sizeBytes'>): Promise<Buffer> {
  const bytes = await readFile(segment.path);
  return bytes.subarray(0, segment.sizeBytes);
}
