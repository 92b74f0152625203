import type { Transform } from 'node:stream';
import { uncompress } from 'lz4-napi';
import { ClickHouseException } from '../exception.ts';
import { createStepDecoder, type Step } from './step-decoder.ts';

// Content-Encoding: lz4, in which clickhouse-connect (Python) can send inserts: frames one after the other. The library reads frames only whole, so
// they are taken apart here and their blocks given to it. Source: the LZ4 frame format, version 1.6.x (doc/lz4_Frame_format.md). The checksums
// (xxHash32) are not compared: TCP has its own.

const MAGIC = 0x184d2204;
const SKIPPABLE = 0x184d2a50;
/** A block may look back so far into those before it. */
const WINDOW_BYTES = 65_536;

interface Frame {
  readonly maxBlockBytes: number;
  readonly checksumBytes: number;
  readonly endBytes: number;
  /** What came before, where blocks build on each other. */
  window: Buffer | undefined;
}

/** Reads LZ4 frames. Fails with CANNOT_DECOMPRESS for what is none. */
export function createLz4FrameDecoder(): Transform {
  return createStepDecoder('an LZ4 frame', FRAME);
}

const FRAME: Step = {
  size: 4,
  mayEnd: true,
  read(bytes) {
    const magic = bytes.readUInt32LE(0);
    if ((magic & 0xfffffff0) >>> 0 === SKIPPABLE) return after(4, (size) => skip(size.readUInt32LE(0), FRAME));
    if (magic !== MAGIC) throw cannotDecompress(`0x${magic.toString(16)} begins no frame`);
    return after(2, readDescriptor);
  },
};

function readDescriptor(bytes: Buffer): Step {
  const flags = bytes.readUInt8(0);
  const sizeClass = (bytes.readUInt8(1) >> 4) & 7;
  if (flags >> 6 !== 1 || sizeClass < 4) throw cannotDecompress('the head of a frame is not of version 1');
  if (flags & 1) throw cannotDecompress('the frame wants a dictionary');
  const frame: Frame = {
    maxBlockBytes: 2 ** (8 + 2 * sizeClass),
    checksumBytes: flags & 0x10 ? 4 : 0,
    endBytes: flags & 0x04 ? 4 : 0,
    window: flags & 0x20 ? undefined : Buffer.alloc(0),
  };
  // The size of the content, where it is told, and the head's checksum.
  return skip((flags & 0x08 ? 8 : 0) + 1, blockHead(frame));
}

function blockHead(frame: Frame): Step {
  return after(4, (bytes) => {
    const head = bytes.readUInt32LE(0);
    if (head === 0) return skip(frame.endBytes, FRAME);
    const size = head & 0x7fffffff;
    if (size > frame.maxBlockBytes)
      throw cannotDecompress(`a block of ${size} bytes in a frame of ${frame.maxBlockBytes}`);
    return blockBody(frame, size, head >>> 31 === 1);
  });
}

function blockBody(frame: Frame, size: number, isPlain: boolean): Step {
  return {
    size,
    mayEnd: false,
    async read(bytes, push) {
      const data = isPlain ? bytes : await unpack(bytes, frame);
      push(data);
      if (frame.window) frame.window = Buffer.concat([frame.window, data]).subarray(-WINDOW_BYTES);
      return skip(frame.checksumBytes, blockHead(frame));
    },
  };
}

async function unpack(bytes: Buffer, { maxBlockBytes, window }: Frame): Promise<Buffer> {
  // The library wants to know before the block how much may come out of it.
  const size = Buffer.alloc(4);
  size.writeUInt32LE(maxBlockBytes);
  try {
    return await uncompress(Buffer.concat([size, bytes]), window?.length ? window : undefined);
  } catch (error) {
    throw cannotDecompress(error instanceof Error ? error.message : String(error));
  }
}

function after(size: number, read: (bytes: Buffer) => Step): Step {
  return { size, mayEnd: false, read };
}

function skip(size: number, next: Step): Step {
  return size === 0 ? next : after(size, () => next);
}

function cannotDecompress(reason: string): ClickHouseException {
  return ClickHouseException.of('CANNOT_DECOMPRESS', `Cannot decompress LZ4: ${reason}.`);
}
