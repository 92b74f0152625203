import type { IncomingMessage } from 'node:http';
import { once } from 'node:events';
import type { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from 'node:zlib';
import { ClickHouseException } from '../exception.ts';

const DECODERS: Readonly<Record<string, () => Transform>> = {
  gzip: createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
  zstd: createZstdDecompress,
};

/** The body of a request, decompressed by its Content-Encoding. */
export function readableBody(request: IncomingMessage): Readable {
  const encoding = request.headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
  if (encoding === 'identity' || encoding === '') return request;
  const decoder = Object.hasOwn(DECODERS, encoding) ? DECODERS[encoding] : undefined;
  if (!decoder)
    throw ClickHouseException.of('NOT_IMPLEMENTED', `Content-Encoding ${JSON.stringify(encoding)} is not known.`);
  return pipeline(request, decoder(), () => {
    // An error reaches the reader through the decoder, which the pipeline destroys with it.
  });
}

/** The first bytes of a body. */
export interface Head {
  readonly bytes: Buffer;
  /** Whether the body ended within them. */
  readonly complete: boolean;
}

/** Reads a body until it has ended or `limit` bytes are there (it may be one chunk more); the rest stays in the stream. */
export async function readHead(body: Readable, limit: number): Promise<Head> {
  const chunks: Buffer[] = [];
  let size = 0;
  for (;;) {
    const chunk = body.read() as Buffer | null;
    if (chunk !== null) {
      chunks.push(chunk);
      size += chunk.length;
      if (size >= limit) return { bytes: Buffer.concat(chunks, size), complete: false };
    } else if (body.readableEnded) {
      return { bytes: Buffer.concat(chunks, size), complete: true };
    } else if (body.destroyed) {
      throw body.errored ?? new Error('the client went away');
    } else {
      await nextEvent(body);
    }
  }
}

async function nextEvent(body: Readable): Promise<void> {
  const settled = new AbortController();
  const { signal } = settled;
  try {
    // `once` rejects on 'error'.
    await Promise.race([
      once(body, 'readable', { signal }),
      once(body, 'end', { signal }),
      once(body, 'close', { signal }),
    ]);
  } finally {
    settled.abort();
  }
}
