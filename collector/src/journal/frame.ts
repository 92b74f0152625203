import { crc32 } from 'node:zlib';
import type { RequestKey, RequestSummary } from '../signal.ts';

/**
 * The protobuf field number of a frame: the highest there is, which no OTLP message will ever use. A reader of the
 * segment skips the field, so a segment of framed requests is one valid `Export…ServiceRequest`.
 */
export const FRAME_FIELD_NUMBER = 536_870_911;

/*
 * A frame comes before each request. Layout, little endian:
 *   0  5  tag: field 536870911, wire type 2
 *   5  1  length of the rest: 18, or 50 with a key
 *   6  1  version: 1, or 2 with a key
 *   7  1  flags: bit 0 = the request came from Tocsin itself
 *   8  4  length of the request in bytes
 *  12  4  items in the request (spans, data points, log records)
 *  16  4  CRC-32 of the request
 * and in a frame with a key
 *  20 16  producer: the UUID's bytes
 *  36  8  sender
 *  44  8  sequence
 * and then
 *      4  CRC-32 of all before it
 */
const TAG = Buffer.from([0xfa, 0xff, 0xff, 0xff, 0x0f]);
const VERSION = 1;
const VERSION_WITH_KEY = 2;
const FLAG_SELF = 1;
const REST_AT = 6;

/** Bytes of a frame without a key; no frame is shorter. */
export const FRAME_BYTES = 24;
/** Bytes of a frame with a key. */
export const KEYED_FRAME_BYTES = 56;

/** What a frame says about the request after it. */
export interface Frame {
  readonly frameBytes: number;
  readonly bodyBytes: number;
  readonly items: number;
  readonly self: boolean;
  readonly bodyCrc: number;
  readonly key?: RequestKey;
}

/** Writes the frame of a request. */
export function encodeFrame(body: Uint8Array, { items, self, key }: RequestSummary): Buffer {
  const frame = Buffer.allocUnsafe(key ? KEYED_FRAME_BYTES : FRAME_BYTES);
  TAG.copy(frame);
  frame[5] = frame.byteLength - REST_AT;
  frame[6] = key ? VERSION_WITH_KEY : VERSION;
  frame[7] = self ? FLAG_SELF : 0;
  frame.writeUInt32LE(body.byteLength, 8);
  frame.writeUInt32LE(items >>> 0, 12);
  frame.writeUInt32LE(crc32(body), 16);
  if (key) {
    frame.write(key.producer.replaceAll('-', ''), 20, 16, 'hex');
    frame.write(key.sender, 36, 8, 'hex');
    frame.writeBigUInt64LE(BigInt(key.sequence), 44);
  }
  const sumAt = frame.byteLength - 4;
  frame.writeUInt32LE(crc32(frame.subarray(0, sumAt)), sumAt);
  return frame;
}

/** How long the frame is that begins at `offset`, of which at least `FRAME_BYTES` are there. @returns `undefined` for what is no frame */
export function frameLength(bytes: Buffer, offset: number): number | undefined {
  if (bytes.compare(TAG, 0, TAG.byteLength, offset, offset + TAG.byteLength) !== 0) return undefined;
  const sizeBytes = bytes[offset + 6] === VERSION_WITH_KEY ? KEYED_FRAME_BYTES : FRAME_BYTES;
  return bytes[offset + 5] === sizeBytes - REST_AT ? sizeBytes : undefined;
}

/** Reads the frame at `offset`. @returns `undefined` where there is no whole and sound frame */
export function decodeFrame(bytes: Buffer, offset: number): Frame | undefined {
  if (offset + FRAME_BYTES > bytes.byteLength) return undefined;
  const frameBytes = frameLength(bytes, offset);
  if (frameBytes === undefined || offset + frameBytes > bytes.byteLength) return undefined;
  const frame = bytes.subarray(offset, offset + frameBytes);
  if (frame[6] !== VERSION && frame[6] !== VERSION_WITH_KEY) return undefined;
  if (crc32(frame.subarray(0, frameBytes - 4)) !== frame.readUInt32LE(frameBytes - 4)) return undefined;
  return {
    frameBytes,
    self: ((frame[7] ?? 0) & FLAG_SELF) !== 0,
    bodyBytes: frame.readUInt32LE(8),
    items: frame.readUInt32LE(12),
    bodyCrc: frame.readUInt32LE(16),
    ...(frameBytes === KEYED_FRAME_BYTES ? { key: readKey(frame) } : {}),
  };
}

function readKey(frame: Buffer): RequestKey {
  const hex = frame.toString('hex', 20, 36);
  const producer = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
  return { producer, sender: frame.toString('hex', 36, 44), sequence: Number(frame.readBigUInt64LE(44)) };
}
