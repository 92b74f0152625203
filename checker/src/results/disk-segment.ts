import { crc32 } from 'node:zlib';

/**
 * A file of the buffer: a head (`TSB1`, length and checksum of the envelope, the envelope) and frames (length and checksum of
 * the payload, the payload). All numbers are 32 bits, little-endian. What follows the last whole frame was being written when the process died.
 */
const MAGIC = Buffer.from('TSB1');
const HEAD_BYTES = 12;
export const FRAME_HEAD_BYTES = 8;
/** Whatever claims to be larger is damage. */
const MAX_FRAME_BYTES = 16 * 2 ** 20;

export function encodeSegmentHead(envelope: Uint8Array): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  MAGIC.copy(head);
  head.writeUInt32LE(envelope.length, 4);
  head.writeUInt32LE(crc32(envelope), 8);
  return Buffer.concat([head, envelope]);
}

export function encodeFrameHead(payload: Uint8Array): Buffer {
  const head = Buffer.allocUnsafe(FRAME_HEAD_BYTES);
  head.writeUInt32LE(payload.length, 0);
  head.writeUInt32LE(crc32(payload), 4);
  return head;
}

/** @returns the envelope and where the frames begin; `undefined` where the head is damaged */
export function readSegmentHead(bytes: Buffer): { readonly envelope: Buffer; readonly endBytes: number } | undefined {
  if (bytes.length < HEAD_BYTES || !bytes.subarray(0, 4).equals(MAGIC)) return undefined;
  const endBytes = HEAD_BYTES + bytes.readUInt32LE(4);
  if (bytes.length < endBytes) return undefined;
  const envelope = Buffer.from(bytes.subarray(HEAD_BYTES, endBytes));
  return crc32(envelope) === bytes.readUInt32LE(8) ? { envelope, endBytes } : undefined;
}

/** Whole frames at the beginning of `bytes`. */
export interface Frames {
  readonly payloads: readonly Buffer[];
  /** Where the last of them ends. */
  readonly endBytes: number;
  /** What follows is damaged, not only cut off; or else how many bytes its frame has. */
  readonly next: 'damaged' | number | undefined;
}

export function readFrames(bytes: Buffer, maxFrames = Infinity): Frames {
  const payloads: Buffer[] = [];
  let at = 0;
  while (payloads.length < maxFrames && at + FRAME_HEAD_BYTES <= bytes.length) {
    const sizeBytes = bytes.readUInt32LE(at);
    if (sizeBytes === 0 || sizeBytes > MAX_FRAME_BYTES) return { payloads, endBytes: at, next: 'damaged' };
    const endBytes = at + FRAME_HEAD_BYTES + sizeBytes;
    if (endBytes > bytes.length) return { payloads, endBytes: at, next: endBytes - at };
    const payload = bytes.subarray(at + FRAME_HEAD_BYTES, endBytes);
    if (crc32(payload) !== bytes.readUInt32LE(at + 4)) return { payloads, endBytes: at, next: 'damaged' };
    payloads.push(payload);
    at = endBytes;
  }
  return { payloads, endBytes: at, next: undefined };
}
