import { crc32 } from 'node:zlib';

/**
 * The protobuf field number of a frame: the highest there is, which no OTLP message will ever use. A reader of the
 * segment skips the field, so a segment of framed requests is one valid `Export…ServiceRequest`.
 */
export const FRAME_FIELD_NUMBER = 536_870_911;

/*
 * A frame comes before each request. Layout, little endian:
 *   0  5  tag: field 536870911, wire type 2
 *   5  1  length of the rest: 18
 *   6  1  version: 1
 *   7  1  flags: bit 0 = the request came from Tocsin itself
 *   8  4  length of the request in bytes
 *  12  4  items in the request (spans, data points, log records)
 *  16  4  CRC-32 of the request
 *  20  4  CRC-32 of bytes 0–19
 */
const TAG = Buffer.from([0xfa, 0xff, 0xff, 0xff, 0x0f]);
const VERSION = 1;
const FLAG_SELF = 1;

/** Bytes of one frame. */
export const FRAME_BYTES = 24;

/** What a frame says about the request after it. */
export interface Frame {
  readonly bodyBytes: number;
  readonly items: number;
  readonly self: boolean;
  readonly bodyCrc: number;
}

/** Writes the frame of a request. */
export function encodeFrame(body: Uint8Array, items: number, self: boolean): Buffer {
  const frame = Buffer.allocUnsafe(FRAME_BYTES);
  TAG.copy(frame);
  frame[5] = FRAME_BYTES - 6;
  frame[6] = VERSION;
  frame[7] = self ? FLAG_SELF : 0;
  frame.writeUInt32LE(body.byteLength, 8);
  frame.writeUInt32LE(items >>> 0, 12);
  frame.writeUInt32LE(crc32(body), 16);
  frame.writeUInt32LE(crc32(frame.subarray(0, 20)), 20);
  return frame;
}

/** Reads the frame at `offset`. @returns `undefined` where there is no whole and sound frame */
export function decodeFrame(bytes: Buffer, offset: number): Frame | undefined {
  if (offset + FRAME_BYTES > bytes.byteLength) return undefined;
  const frame = bytes.subarray(offset, offset + FRAME_BYTES);
  if (frame.compare(TAG, 0, TAG.byteLength, 0, TAG.byteLength) !== 0) return undefined;
  if (frame[5] !== FRAME_BYTES - 6 || frame[6] !== VERSION) return undefined;
  if (crc32(frame.subarray(0, 20)) !== frame.readUInt32LE(20)) return undefined;
  return {
    self: ((frame[7] ?? 0) & FLAG_SELF) !== 0,
    bodyBytes: frame.readUInt32LE(8),
    items: frame.readUInt32LE(12),
    bodyCrc: frame.readUInt32LE(16),
  };
}
