import { randomBytes } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { compressFrameSync } from 'lz4-napi';
import { describe, expect, it } from 'vitest';
import { createLz4FrameDecoder } from '../../src/clickhouse/http/lz4-frame.ts';

async function decode(...parts: readonly Buffer[]): Promise<Buffer> {
  const decoder = createLz4FrameDecoder();
  for (const part of parts) decoder.write(part);
  decoder.end();
  return buffer(decoder);
}

/** 40 times the same 2,000 bytes: as Python's `lz4.frame.compress` writes them in linked blocks of 64 KiB, with all checksums and the size. */
const LINKED = Buffer.from(
  'BCJNGFxAgDgBAAAAAABa2wgAABcAAQDz/////////8EBAQEBAgICAgMDAwQEBAUFBgYHBwgICQkKCgsLDA0NDg8PEBESEhMUFRUWFxgZGhscHR4fICEiIyQlJicoKSorLS4vMDIzNDU3ODk7PD0/QEJDRUZISUtMTk9RUlRWV1lbXF5gYmNlZ2lqbG5wcnR2eHp8foCChIaIioyOkJKUlpmbnZ+ipKaoq62vsrS2ubu+wMPFyMrNz9LU19nc3+Hk5+ns7/L09/r9/wIFCAsOERQXGh0gIyYpLC8yNTg7PkFFSEtOUlVYW19iZWlsb3N2en2BhIiLj5KWmZ2gpKirr7O2ur7CxcnN0dTY3ODk6Ozw9Pj8AAQIDBAUGBwgJCgsMTU5PUJGSk5TV1tgZGhtcXZ6f4OIjJGVmp6jp6yxtbq/w8jN0tbb4OXp7vP4/QIHDBEWGyAlKi80OT5DSE1SV11iZ2xyd3yBh4yRl5yhp6yyt73CyM3T2N7j6e70+v8FCxAWHCInLTM5PkRKUFZcYmhudHqAhoySmJ6kqrC2vMLJz9Xb4uju9PsBBw4UGiEnLjQ7QUhOVVtiaG91fIOJkJedpKuyuL/GzdPa4ejv9v0ECxIZICcuNTxDSlFYX2ZtdXyDipKZoKevtr3FzNPb4urx+QAIDxceJi01PERMU1tjanJ6gomRmaGosLjAyNDY4Ojw+AAIEBggKDA4QEhQWGFpcXmCipKao6uzvMTM1d3m7vf/CBAZISoyO0NMVV1mb3eAiZKao6y1vcbP2OHq8/wFDhcgKTI7RE1WX2hxeoONlp+osrvEzdfg6fP8BQ8YIis1PkhRW2Rud4GKlJ6nsbvEztji6/X/CRIcJjA6RE5YYmx2gIqUnqiyvMbQ2uTu+QMNFyIsNkBLVV9qdH6Jk56os73I0t3n8vwHERwnMTxHUVxncnyHkp2nsr3I097p9P8KFSArNkFMV2JteIOOmaWwu8bS3ejz/woVISw3Q05aZXF8iJOfqrbBzdjk8PsHEx4qNkJNWWVxfIiUoKy4xNDc6PQADBgkMDxIVGBseISRnam1ws7a5vP/CxgkMD1JVmJve4iUoa26xtPf7PkFEh8rOEVSXmt4hZGeq7jF0t/s+QYTIC06R1RhbnuIlaKvvcrX5PL/DBknNEFPXGl3hJKfrbrI1ePw/gsZJjRCT11reIaUoq+9y9nm9AIQHiw6SFZkcoCOnKq4xtTi8P4MGik3RVNicH6Mm6m3xtTi8f8OHCs5SFZlc4KQn628y9no9wUUIzJAT15te4qZqLfG1eTzAhEgLz5NXGt6iZintsXV5PMCEiEwP09ebX2Mm6u6ytnp+AgXJzZGVWV0hJSjs8PS4vICESExQVBgcICQoLDA0ODwABAgMEBQYHCAkKCwwdHh8QISIjJDU2N0hJSltcbW5/cIGCk5Slpre4ydrb7P3/ABEiIzRFVldoeYqbrL3O3+DyAxQlNkdYaXqLnK2+3+DyAyQ1Rld4iZq7zN3/ACEyU2SFlrfI6fscLU5vcJGyw+UGJzhZepusze8AIUJjhKXG6AkqS2yNrs/hAiNEZZa32PorTG2Ov9DyI0RllrfpCjtcja7f8SJDdJXG+BlKe5zN/yBBcqPU9idYibrsHU5/oNIDNGWWx/kqW4y97xBRgrPlJleIufssXZ7P8TJjpNYXSIm6/C1un9ECQ4S19zhpquwtXp/REkOExgdIicsMTY7AAUKDxQZHiMoLTI3PEFGS1CVmp+k6e70OT4DSE2Sl9ziJyxxdruAxcsQVVqf5OovdLm+xAlOU5jeI2it8zh9gsgNUpfdImes8jd8gcdMkdccoecscfc8QccMUdccoedssjd8wgeM0ledIqftcvg9gwiN01jeY6kutDm/BIoPlRqgJaswtjuBBowRlxyiZ+1y+L4DiQ7UWd+lKrB1+4EGzFIXnWLorjP5fwTKUBXbYSbssjf9g0jOlFof5atxNvyCSA3TmV8k6rB2O8GHTVMY3qSqcDX7wYdNUxje5KqwdnwCB83TmZ9lazE3PMLIzpSaoKZscnh+BAoQFhwiKC40OgAGDBIYHiQqMDY8AghOVFpgpqyyuP7EyxEXHWNpr7X7wggOVFqgpuzzOX9Fi9HYHmSqsPc9Q0mP1hxiqO81e4HIDlSa4Sdts/oARozTWZ/mLLL5P0XMEljfJWvyOL7FS5IYXuUrsfh+hQuR2F7lK7I4vsVL0lifJawyuT+GDJMZoCatM7oAhw2UGqEnrnT7QciPFZwi6W/2vQOKUNeeJOtyOL9FzJMZ4Gct9HsByE8V3KMp8Ld9xItSGN+mbTP6gUgO1ZxjKfC3fgTLkllgJu20u0IIz9adZGsx+P+GjVRbIijv9r2ES1IZICbt9PuCiZCXXmVsczoBCA8WHSQrMjkABw4VHCMqMTg/Bg0UW2JpcLe+hYzT2uIpMDd+RYyT2uIpMHd+hYzT2yJpcLf+xg1Um6LqMXh/hs4VXKPrMnmAyA9WneUsc7rCCVCX32at9TyDyxJZ4Shv9z5FzRSb42qyOUDID5beZa00u8NK0hmhKK/3fsZNlRykK7M6ggmRGKAnrza+BY0UnCOrMrpByVDYoCevNv5FzZUcpGvzuwLKUhmhaPC4P8dPFt5mLfV9BMyUG+OrcvqCShHZoWkw+IBID9efZy72vkYN1Z1lbTT8gAAAAAA1QcP0Af///////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////////8FUIiguNDontFivkIAAAAPAPr//////////////////////////////////////////////////////////////////////////6BQdZW00/KugPpoAAAAAMLKEEg=',
  'base64',
);
const SAME = Buffer.concat(
  Array.from({ length: 40 }, () =>
    Buffer.from(Array.from({ length: 2_000 }, (_, index) => ((index * index) >> 7) & 255)),
  ),
);

describe('LZ4 frames', () => {
  it('of blocks that build on each other, with checksums and size', async () => {
    expect((await decode(LINKED)).equals(SAME)).toBe(true);
  });

  it('one after the other, one that is to be skipped between them, cut anywhere', async () => {
    const random = randomBytes(300_000);
    const skipped = Buffer.concat([Buffer.from([0x5a, 0x2a, 0x4d, 0x18, 3, 0, 0, 0]), Buffer.from('abc')]);
    const frames = Buffer.concat([compressFrameSync(random), skipped, LINKED, compressFrameSync(Buffer.alloc(0))]);
    const pieces = Array.from({ length: Math.ceil(frames.length / 1_003) }, (_, at) =>
      frames.subarray(at * 1_003, (at + 1) * 1_003),
    );
    expect((await decode(...pieces)).equals(Buffer.concat([random, SAME]))).toBe(true);
  });

  it('that are none, or not whole, are refused', async () => {
    await expect(decode(Buffer.from('a,b,c\n'))).rejects.toMatchObject({ code: 271 });
    await expect(decode(LINKED.subarray(0, 100))).rejects.toMatchObject({ code: 33 });
    const spoilt = Buffer.from(LINKED);
    spoilt.fill(0xff, 30, 60);
    await expect(decode(spoilt)).rejects.toMatchObject({ code: 271 });
  });
});
