import { readFile } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { decodeFrame } from '../../src/journal/frame.ts';
import type { SealedSegment, SegmentRequest, SegmentWalk } from '../../src/journal/segment.ts';

/** Walks the frames of a segment and checks every sum; stops at the first thing that is not whole. */
export function walkSegment(bytes: Buffer): SegmentWalk {
  const requests: SegmentRequest[] = [];
  let offset = 0;
  for (;;) {
    const frame = decodeFrame(bytes, offset);
    if (!frame) break;
    const bodyOffset = offset + frame.frameBytes;
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
