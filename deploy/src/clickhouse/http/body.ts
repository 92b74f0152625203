import type { IncomingMessage } from 'node:http';
import type { Readable, Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from 'node:zlib';
import { ClickHouseException } from '../exception.ts';
import { createLz4FrameDecoder } from './lz4-frame.ts';
import { createNativeDecoder } from './native-compression.ts';

const DECODERS: Readonly<Record<string, () => Transform>> = {
  gzip: createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
  zstd: createZstdDecompress,
  lz4: createLz4FrameDecoder,
};

/** The body of a request, decompressed by its Content-Encoding and then, where `native` says so, from ClickHouse's own blocks. */
export function readableBody(request: IncomingMessage, native: boolean): Readable {
  const encoding = request.headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
  const isPlain = encoding === 'identity' || encoding === '';
  const plain = isPlain ? request : through(request, decoderOf(encoding));
  return native ? through(plain, createNativeDecoder()) : plain;
}

function decoderOf(encoding: string): Transform {
  const decoder = Object.hasOwn(DECODERS, encoding) ? DECODERS[encoding] : undefined;
  if (decoder) return decoder();
  throw ClickHouseException.of('NOT_IMPLEMENTED', `Content-Encoding ${JSON.stringify(encoding)} is not known.`);
}

/** What comes out of the decoder. A source that breaks off breaks it; what it refuses leaves the source, and so the connection, as it is. */
function through(source: Readable, decoder: Transform): Transform {
  source.on('error', (error) => decoder.destroy(error));
  source.on('close', () => {
    if (!source.readableEnded) decoder.destroy(new Error('the client went away before the end of its data'));
  });
  decoder.on('error', () => {
    // Whoever reads the decoder sees the error too. What is left of the body is thrown away, so that the answer can go out.
    source.unpipe(decoder);
    source.resume();
  });
  return source.pipe(decoder);
}

/** The first bytes of a body. */
export interface Head {
  readonly bytes: Buffer;
  /** Whether the body ended within them. */
  readonly complete: boolean;
}

/** What ends the waiting for more of a body. */
const SETTLING = ['readable', 'end', 'close', 'error'] as const;

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

function nextEvent(body: Readable): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const settle = (): void => {
    for (const event of SETTLING) body.off(event, settle);
    resolve();
  };
  for (const event of SETTLING) body.on(event, settle);
  return promise;
}
