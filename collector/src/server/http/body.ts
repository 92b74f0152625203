import { Readable, type Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createInflate, createZstdDecompress } from 'node:zlib';
import type { ByteAccount } from '../byte-budget.ts';

const DECODERS = {
  gzip: createGunzip,
  deflate: createInflate,
  zstd: createZstdDecompress,
} satisfies Record<string, () => Transform>;

/** A `Content-Encoding` that is understood. */
export type ContentCoding = keyof typeof DECODERS | 'identity';

/** The codings a request may use, as an `Accept-Encoding` header names them. */
export const CODINGS = Object.keys(DECODERS).join(', ');

/** Why a body could not be read. */
export type BodyRefusal = 'too_large' | 'busy' | 'bad_compression' | 'incomplete' | 'timeout';

/** A body with its compression removed, or why there is none. */
export type BodyOutcome =
  { readonly status: 'ok'; readonly body: Buffer } | { readonly status: 'refused'; readonly reason: BodyRefusal };

/** Reads the header `Content-Encoding`. @returns `undefined` for a coding that is not understood */
export function readContentCoding(header: string | undefined): ContentCoding | undefined {
  const name = (header ?? '').trim().toLowerCase();
  if (name === '' || name === 'identity') return 'identity';
  // Another name of the same: RFC 9110, section 8.4.1.3.
  if (name === 'x-gzip') return 'gzip';
  return Object.hasOwn(DECODERS, name) ? (name as keyof typeof DECODERS) : undefined;
}

/** What a body may cost. */
export interface BodyLimits {
  /** Of both sizes, compressed and not. */
  readonly maxBytes: number;
  /** By then it has to have arrived, in milliseconds. */
  readonly timeoutMs: number;
  /** What is kept is charged to it. */
  readonly account: ByteAccount;
}

class Refused extends Error {
  readonly reason: BodyRefusal;

  constructor(reason: BodyRefusal) {
    super(reason);
    this.reason = reason;
  }
}

/**
 * Reads a request's body and removes its compression in streaming, so that a decompression bomb costs no more memory
 * than the limit.
 */
export async function readBody(
  source: Readable,
  coding: ContentCoding,
  { maxBytes, timeoutMs, account }: BodyLimits,
): Promise<BodyOutcome> {
  const chunks: Buffer[] = [];
  const { promise: late, reject } = Promise.withResolvers<never>();
  late.catch(() => undefined);
  const timer = setTimeout(() => reject(new Refused('timeout')), timeoutMs);
  try {
    const input = limited(source, maxBytes, late);
    if (coding === 'identity') await collect(input, chunks, maxBytes, account);
    else
      await pipeline(Readable.from(input), DECODERS[coding](), (decoded: AsyncIterable<Buffer>) =>
        collect(decoded, chunks, maxBytes, account),
      );
  } catch (error) {
    const reason = refusalOf(error);
    if (!reason) throw error;
    // Who was too slow is not waited for any longer.
    if (reason !== 'timeout') discardRest(source, maxBytes);
    return { status: 'refused', reason };
  } finally {
    clearTimeout(timer);
  }
  return { status: 'ok', body: chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks) };
}

/** The chunks of the request as they come, until `late` rejects. Stopping early leaves the request, and so the connection, open. */
async function* limited(source: Readable, maxBytes: number, late: Promise<never>): AsyncGenerator<Buffer> {
  const chunks = source.iterator({ destroyOnReturn: false }) as AsyncIterator<Buffer, undefined>;
  let sizeBytes = 0;
  try {
    for (;;) {
      const { done, value: chunk } = await Promise.race([chunks.next(), late]);
      if (done === true) return;
      sizeBytes += chunk.length;
      if (sizeBytes > maxBytes) throw new Refused('too_large');
      yield chunk;
    }
  } finally {
    // Not waited for: when it is late, the chunk that is asked for may never come.
    void chunks.return?.();
  }
}

async function collect(
  source: AsyncIterable<Buffer>,
  chunks: Buffer[],
  maxBytes: number,
  account: ByteAccount,
): Promise<void> {
  let sizeBytes = 0;
  for await (const chunk of source) {
    sizeBytes += chunk.length;
    if (sizeBytes > maxBytes) throw new Refused('too_large');
    if (!account.add(chunk.length)) throw new Refused('busy');
    chunks.push(chunk);
  }
}

function refusalOf(error: unknown): BodyRefusal | undefined {
  if (error instanceof Refused) return error.reason;
  const code = (error as NodeJS.ErrnoException).code ?? '';
  if (code.startsWith('Z_') || code.startsWith('ZSTD_')) return 'bad_compression';
  if (code === 'ECONNRESET' || code === 'ERR_STREAM_PREMATURE_CLOSE') return 'incomplete';
  return undefined;
}

/**
 * Throws away what the client still sends, so that it can read the answer instead of a reset connection; past the
 * limit the connection is cut.
 */
export function discardRest(source: Readable, maxBytes: number): void {
  let restBytes = maxBytes;
  source.on('error', () => undefined);
  source.on('data', (chunk: Buffer) => {
    restBytes -= chunk.length;
    if (restBytes < 0) source.destroy();
  });
}
