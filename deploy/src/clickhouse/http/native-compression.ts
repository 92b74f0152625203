import { Transform } from 'node:stream';
import { promisify } from 'node:util';
import zlib from 'node:zlib';
import { compress, uncompress } from 'lz4-napi';
import { ClickHouseException } from '../exception.ts';
import { cityHash128 } from './city-hash.ts';
import { createStepDecoder, type Step } from './step-decoder.ts';

// ClickHouse's own framing of compressed data, `compress=1` and `decompress=1`. A block is a checksum (CityHash128 of all that follows), a byte
// for the method, the size of the rest with these nine bytes, the size of the data, and the data. Source: src/Compression/CompressedReadBufferBase.cpp.

/** The methods in which this server answers. */
export type NativeMethod = 'LZ4' | 'ZSTD' | 'NONE';

const METHOD_BYTE = { NONE: 0x02, LZ4: 0x82, ZSTD: 0x90 } as const satisfies Record<NativeMethod, number>;
const CHECKSUM_BYTES = 16;
const HEAD_BYTES = 9;
/** A block is held in memory; ClickHouse's own are 1 MiB. */
const MAX_BLOCK_BYTES = 128 * 2 ** 20;

const zstdCompress = promisify<Buffer, zlib.ZstdOptions, Buffer>(zlib.zstdCompress);
const zstdDecompress = promisify<Buffer, zlib.ZstdOptions, Buffer>(zlib.zstdDecompress);

/** One block of the data, compressed. */
export async function encodeNativeBlock(data: Buffer, method: NativeMethod): Promise<Buffer> {
  const packed = await pack(data, method);
  const head = Buffer.allocUnsafe(HEAD_BYTES);
  head.writeUInt8(METHOD_BYTE[method], 0);
  head.writeUInt32LE(HEAD_BYTES + packed.length, 1);
  head.writeUInt32LE(data.length, 5);
  const block = Buffer.concat([head, packed]);
  return Buffer.concat([cityHash128(block), block]);
}

async function pack(data: Buffer, method: NativeMethod): Promise<Buffer> {
  if (method === 'NONE') return data;
  if (method === 'ZSTD') return zstdCompress(data, { params: { [zlib.constants.ZSTD_c_compressionLevel]: 1 } });
  // The library puts the size before the block, as four bytes.
  return (await compress(data)).subarray(4);
}

/** Makes a block of each part that is written. @param method of the part that is next */
export function createNativeEncoder(method: () => NativeMethod): Transform {
  return new Transform({
    transform(part: Buffer, _encoding, done) {
      encodeNativeBlock(part, method()).then((block) => done(null, block), done);
    },
  });
}

/** Takes blocks apart. Fails with ClickHouse's errors for what is no whole block, or not the one that its checksum says. */
export function createNativeDecoder(): Transform {
  return createStepDecoder('a compressed block', BLOCK);
}

const BLOCK: Step = {
  size: CHECKSUM_BYTES + HEAD_BYTES,
  mayEnd: true,
  read(head) {
    const size = head.readUInt32LE(CHECKSUM_BYTES + 1);
    const dataSize = head.readUInt32LE(CHECKSUM_BYTES + 5);
    if (size < HEAD_BYTES || size > MAX_BLOCK_BYTES || dataSize > MAX_BLOCK_BYTES) {
      throw ClickHouseException.of(
        'TOO_LARGE_SIZE_COMPRESSED',
        `A compressed block of ${size} bytes for ${dataSize} bytes of data: expected ${HEAD_BYTES} to ${MAX_BLOCK_BYTES}. Most likely the data is not in ClickHouse's compressed format.`,
      );
    }
    return {
      size: size - HEAD_BYTES,
      mayEnd: false,
      async read(packed, push) {
        push(await decodeBlock(Buffer.concat([head, packed])));
        return BLOCK;
      },
    };
  },
};

async function decodeBlock(block: Buffer): Promise<Buffer> {
  const summed = block.subarray(CHECKSUM_BYTES);
  const [found, expected] = [cityHash128(summed), block.subarray(0, CHECKSUM_BYTES)];
  if (!found.equals(expected)) {
    throw ClickHouseException.of(
      'CHECKSUM_DOESNT_MATCH',
      `Checksum doesn't match: corrupted data. Reference: ${expected.toString('hex')}. Actual: ${found.toString('hex')}.`,
    );
  }
  const dataSize = summed.readUInt32LE(5);
  const data = await unpack(summed, dataSize);
  if (data.length !== dataSize) throw cannotDecompress(`${data.length} bytes came out, expected ${dataSize}`);
  return data;
}

async function unpack(summed: Buffer, dataSize: number): Promise<Buffer> {
  const method = summed.readUInt8(0);
  const packed = summed.subarray(HEAD_BYTES);
  if (method === METHOD_BYTE.NONE) return packed;
  try {
    // Here too the library wants the size before the block: the head ends with it.
    if (method === METHOD_BYTE.LZ4) return await uncompress(summed.subarray(HEAD_BYTES - 4));
    if (method === METHOD_BYTE.ZSTD) return await zstdDecompress(packed, { maxOutputLength: dataSize });
  } catch (error) {
    throw cannotDecompress(error instanceof Error ? error.message : String(error));
  }
  throw ClickHouseException.of(
    'UNKNOWN_COMPRESSION_METHOD',
    `Unknown compression method of a block: 0x${method.toString(16)}. LZ4 (0x82), ZSTD (0x90) and NONE (0x02) are known.`,
  );
}

function cannotDecompress(reason: string): ClickHouseException {
  return ClickHouseException.of('CANNOT_DECOMPRESS', `Cannot decompress a block: ${reason}.`);
}
