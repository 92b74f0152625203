import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { cityHash128 } from '../../src/clickhouse/http/city-hash.ts';
import {
  createNativeDecoder,
  createNativeEncoder,
  encodeNativeBlock,
  type NativeMethod,
} from '../../src/clickhouse/http/native-compression.ts';

/** What `i * 7 + i / 256` gives, byte by byte. */
function sample(size: number): Buffer {
  return Buffer.from(Array.from({ length: size }, (_, index) => (index * 7 + Math.floor(index / 256)) & 255));
}

function decode(parts: readonly Buffer[]): Promise<Buffer> {
  return buffer(Readable.from(parts).pipe(createNativeDecoder()));
}

/** Decodes what must fail; a pipe hides no error of its source here. */
async function failureOf(bytes: Buffer): Promise<unknown> {
  const decoder = createNativeDecoder();
  decoder.end(bytes);
  return buffer(decoder).then(
    () => 'decoded',
    (error: unknown) => error,
  );
}

describe('cityHash128', () => {
  // As github.com/go-faster/city (CH128), which clickhouse-go uses, gives them.
  it.each([
    [0, '2b9ac064fc9df03d291ee592c340b53c'],
    [1, '2264de61ab714ba07039e237496868f7'],
    [3, 'e07a891e44244c90a549af712c7dd3ea'],
    [4, '1c70f36be39d8a6df6841ea386650ec9'],
    [7, '3e03a3791ecbc12a880d3e33b91d511a'],
    [8, 'b5c979d1e19b8f4fe6407d93197ce37a'],
    [9, '23562f6e08dd65a23b7d8954ea5a33b1'],
    [15, '8d2dcf3705a810a785ee956f49a733e5'],
    [16, '7b836449ac0fec835248a3ab5f5775d2'],
    [17, '3c942c52e8b1346683c83eaa0f0a4584'],
    [20, 'fc1d4f0dda6a1a8e24058bfe735d940b'],
    [24, 'f21ee7724a18b55dd4ed06c1460ff987'],
    [25, 'b4c1e064489ff5b04caf203fc5dab07a'],
    [31, 'ad277a5163383190dbb031cc04831032'],
    [32, '42206938c0f663fcd710741202d35011'],
    [33, '9c663edf20930b46a4e25008869d8407'],
    [40, '4f128239b296d154f56215570238066b'],
    [48, 'f6ebc761a922b791a7f85bdb04bb7bcc'],
    [49, '875a1ba0d42af88296207798d827ca53'],
    [100, '50c580ec698da15064e3d1c5b848c0c8'],
    [127, 'a19f0ca5334b01920716d66e077cfe90'],
    [128, '446ecd5071774277d8936bd1d9afee35'],
    [143, '370611638d98fdbe2b83c52e6c5b4a79'],
    [144, '8ab234a62c4b2e69cd50d2ed4e3da74f'],
    [145, 'ebe1b59510ea00d98b6f0195e9b5d69c'],
    [160, '62188fc3f1db12c97da14a31bb967a7f'],
    [200, 'e133af95e40663d84328786310f0f9db'],
    [255, 'ff2c0c8905fe368a421576f839caba36'],
    [256, '456fefd0bb69e1ea3fd87c92321540d4'],
    [272, 'dce6cb7a0dab4a3b0e1723d626e517bf'],
    [300, 'bbca1935a498ca04d54f2c5c63d7a0db'],
    [400, '1da869c6d4491baef12d161e5e436a82'],
    [1000, '45155b67c0c0190d5598fbb2c5130d39'],
    [4096, '32b2bc0846fdbbc506ee4dd7eaf21e25'],
    [70_001, '4c4e6a4685c3336dcb08a736127ad9a6'],
  ])('of %d bytes is that of version 1.0.2', (size, hash) => {
    expect(cityHash128(sample(size)).toString('hex')).toBe(hash);
  });
});

describe("ClickHouse's own blocks", () => {
  it.each<NativeMethod>(['LZ4', 'ZSTD', 'NONE'])('are the same after %s, however they are cut', async (method) => {
    const data = Buffer.concat([sample(100_000), randomBytes(1_000), Buffer.alloc(0), sample(3)]);
    const blocks = Buffer.concat([
      await encodeNativeBlock(data.subarray(0, 50_000), method),
      await encodeNativeBlock(data.subarray(50_000), method),
    ]);
    const parts = Array.from({ length: Math.ceil(blocks.length / 997) }, (_, index) =>
      blocks.subarray(index * 997, (index + 1) * 997),
    );
    expect((await decode(parts)).equals(data)).toBe(true);
    expect((await decode([blocks])).equals(data)).toBe(true);
  });

  it('hold a checksum of all that follows, the method, both sizes and the data', async () => {
    const block = await encodeNativeBlock(Buffer.from('plain'), 'NONE');
    expect(block.subarray(0, 16).equals(cityHash128(block.subarray(16)))).toBe(true);
    expect(block.subarray(16).toString('hex')).toBe(
      `02${'0e000000'}${'05000000'}${Buffer.from('plain').toString('hex')}`,
    );
  });

  it('are read where a known LZ4 and a known ZSTD block stand, one after the other', async () => {
    // LZ4: a literal of three bytes, a match of nine behind it, five literals.
    const lz4 = Buffer.from([0x35, ...Buffer.from('abc'), 3, 0, 0x50, ...Buffer.from('xyzab')]);
    const zstd = zstdCompressSync(Buffer.from('second'));
    const [first, second] = [framed(0x82, lz4, 17), framed(0x90, zstd, 6)];
    expect((await decode([first, second])).toString()).toBe('abcabcabcabcxyzabsecond');
  });

  it('are made of each part that is written', async () => {
    const encoder = createNativeEncoder(() => 'LZ4');
    encoder.write(Buffer.from('one'));
    encoder.end(Buffer.from('two'));
    expect((await decode([await buffer(encoder)])).toString()).toBe('onetwo');
  });

  it('are refused with the error of ClickHouse', async () => {
    const good = await encodeNativeBlock(Buffer.from('some data, some data, some data'), 'LZ4');
    const spoilt = Buffer.from(good);
    spoilt.writeUInt8(spoilt.readUInt8(30) ^ 1, 30);
    expect(await failureOf(spoilt)).toMatchObject({ code: 40 });
    expect(await failureOf(good.subarray(0, 30))).toMatchObject({ code: 33 });
    expect(await failureOf(good.subarray(0, 10))).toMatchObject({ code: 33 });
    expect(await failureOf(Buffer.from('a,b\n'.repeat(100)))).toMatchObject({ code: 131 });
    expect(await failureOf(framed(0x82, Buffer.from([0xff, 0xff]), 300))).toMatchObject({ code: 271 });
    expect(await failureOf(framed(0x90, zstdCompressSync(Buffer.from('longer than said')), 3))).toMatchObject({
      code: 271,
    });
    expect(await failureOf(framed(0x42, Buffer.from('x'), 1))).toMatchObject({ code: 89 });
  });
});

function framed(method: number, packed: Buffer, size: number): Buffer {
  const head = Buffer.alloc(9);
  head.writeUInt8(method, 0);
  head.writeUInt32LE(9 + packed.length, 1);
  head.writeUInt32LE(size, 5);
  const summed = Buffer.concat([head, packed]);
  return Buffer.concat([cityHash128(summed), summed]);
}
