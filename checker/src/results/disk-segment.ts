import { crc32 } from 'node:zlib';

/**
 * A file of the buffer: a head (`TSB2`, length and checksum of the rest of it, the producer's UUID, the envelope) and batches: a mark, which is
 * a frame with the top bit in its length that holds the batch's sequence in 64 bits, and the frames of its payloads (length and checksum of
 * the payload, the payload). All numbers are little-endian, of 32 bits unless said. A batch ends where the next begins, or with the file.
 * What follows the last whole frame was being written when the process died. Files of earlier versions (`TSB1`) have no producer and no marks.
 */
const MAGIC = Buffer.from('TSB2');
const MAGIC_WITHOUT_BATCHES = Buffer.from('TSB1');
const HEAD_BYTES = 12;
const PRODUCER_BYTES = 16;
export const FRAME_HEAD_BYTES = 8;
const MARK = 0x8000_0000;
const SEQUENCE_BYTES = 8;
export const MARK_BYTES = FRAME_HEAD_BYTES + SEQUENCE_BYTES;
/** Whatever claims to be larger is damage. */
const MAX_FRAME_BYTES = 16 * 2 ** 20;

/** @param producer a UUID */
export function encodeSegmentHead(producer: string, envelope: Uint8Array): Buffer {
  const rest = Buffer.concat([Buffer.from(producer.replaceAll('-', ''), 'hex'), envelope]);
  const head = Buffer.alloc(HEAD_BYTES);
  MAGIC.copy(head);
  head.writeUInt32LE(rest.length, 4);
  head.writeUInt32LE(crc32(rest), 8);
  return Buffer.concat([head, rest]);
}

/** The mark before the first payload of a batch. */
export function encodeMark(sequence: number): Buffer {
  const mark = Buffer.allocUnsafe(MARK_BYTES);
  mark.writeBigUInt64LE(BigInt(sequence), FRAME_HEAD_BYTES);
  mark.writeUInt32LE((MARK | SEQUENCE_BYTES) >>> 0, 0);
  mark.writeUInt32LE(crc32(mark.subarray(FRAME_HEAD_BYTES)), 4);
  return mark;
}

export function encodeFrameHead(payload: Uint8Array): Buffer {
  const head = Buffer.allocUnsafe(FRAME_HEAD_BYTES);
  head.writeUInt32LE(payload.length, 0);
  head.writeUInt32LE(crc32(payload), 4);
  return head;
}

/** What the head of a file says. */
export interface SegmentHead {
  /** Whose batches these are: a UUID; `undefined` in a file of an earlier version. */
  readonly producer: string | undefined;
  readonly envelope: Buffer;
  /** Where the frames begin. */
  readonly endBytes: number;
}

/** @returns `undefined` where the head is damaged */
export function readSegmentHead(bytes: Buffer): SegmentHead | undefined {
  if (bytes.length < HEAD_BYTES) return undefined;
  const magic = bytes.subarray(0, MAGIC.length);
  const producerBytes = magic.equals(MAGIC) ? PRODUCER_BYTES : 0;
  if (producerBytes === 0 && !magic.equals(MAGIC_WITHOUT_BATCHES)) return undefined;
  const endBytes = HEAD_BYTES + bytes.readUInt32LE(4);
  if (bytes.length < endBytes || endBytes < HEAD_BYTES + producerBytes) return undefined;
  const rest = Buffer.from(bytes.subarray(HEAD_BYTES, endBytes));
  if (crc32(rest) !== bytes.readUInt32LE(8)) return undefined;
  const producer = producerBytes === 0 ? undefined : writeUuid(rest.subarray(0, producerBytes));
  return { producer, envelope: rest.subarray(producerBytes), endBytes };
}

function writeUuid(bytes: Buffer): string {
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** Whole frames of one batch. */
export interface Frames {
  /** Of the batch, where its mark is at the beginning. */
  readonly sequence: number | undefined;
  readonly payloads: readonly Buffer[];
  /** Where the last of them ends; 0 where there is none. */
  readonly endBytes: number;
  /** What follows is damaged, not only cut off; or else where the frame ends that is cut off. */
  readonly next: 'damaged' | number | undefined;
}

/** Reads whole frames from the beginning of `bytes` up to the mark of the next batch. */
export function readBatch(bytes: Buffer, maxFrames = Infinity): Frames {
  const payloads: Buffer[] = [];
  let sequence: number | undefined;
  let at = 0;
  let endBytes = 0;
  const end = (next: Frames['next']): Frames => ({ sequence, payloads, endBytes, next });
  while (payloads.length < maxFrames && at + FRAME_HEAD_BYTES <= bytes.length) {
    const length = bytes.readUInt32LE(at);
    const isMark = length >= MARK;
    if (isMark && at > 0) return end(undefined);
    const sizeBytes = isMark ? length - MARK : length;
    if (sizeBytes === 0 || sizeBytes > MAX_FRAME_BYTES || (isMark && sizeBytes !== SEQUENCE_BYTES))
      return end('damaged');
    const nextAt = at + FRAME_HEAD_BYTES + sizeBytes;
    if (nextAt > bytes.length) return end(nextAt);
    const payload = bytes.subarray(at + FRAME_HEAD_BYTES, nextAt);
    if (crc32(payload) !== bytes.readUInt32LE(at + 4)) return end('damaged');
    at = nextAt;
    if (isMark) sequence = Number(payload.readBigUInt64LE(0));
    else {
      payloads.push(payload);
      endBytes = at;
    }
  }
  return end(undefined);
}

/** Counts the whole frames at the beginning of `bytes`, over all batches. */
export function countFrames(bytes: Buffer): { readonly count: number; readonly endBytes: number } {
  let count = 0;
  let endBytes = 0;
  for (;;) {
    const batch = readBatch(bytes.subarray(endBytes));
    if (batch.payloads.length === 0) return { count, endBytes };
    count += batch.payloads.length;
    endBytes += batch.endBytes;
  }
}
