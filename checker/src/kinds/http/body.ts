import type { Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from 'node:zlib';
import type { Answer } from './exchange.ts';

const DECODERS: Readonly<Record<string, () => Transform>> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
  zstd: createZstdDecompress,
};

/** The text of a body, or why it cannot be read. */
export type BodyText =
  | { readonly status: 'text'; readonly text: string; readonly truncated: boolean; readonly keptBytes: number }
  | { readonly status: 'unreadable'; readonly encoding: string };

/** The text of a body, marked where it was cut. */
export function wholeOrCut({ text, truncated }: BodyText & { readonly status: 'text' }): string {
  return truncated && text !== '' ? `${text}…` : text;
}

/** How much of a body is kept, and whether it is decompressed. */
export interface BodyOptions {
  readonly maxBodyBytes: number;
  readonly decompress: boolean;
}

/** Decompresses (to at most `maxBodyBytes`) and decodes a body by its `content-encoding` and charset. */
export async function readBodyText({ headers, body, truncated }: Answer, options: BodyOptions): Promise<BodyText> {
  const charset = /charset="?([^";\s]+)/i.exec(headers['content-type'] ?? '')?.[1];
  const encodings = (headers['content-encoding'] ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '' && name !== 'identity');
  const [encoding, ...more] = encodings;
  if (encoding === undefined || !options.decompress)
    return { status: 'text', text: decodeText(body, charset), truncated, keptBytes: body.length };
  const decoder = more.length === 0 ? DECODERS[encoding] : undefined;
  if (!decoder) return { status: 'unreadable', encoding: encodings.join(', ') };
  const plain = await decompress(body, decoder(), options.maxBodyBytes);
  if (plain.broken && !truncated && !plain.full) return { status: 'unreadable', encoding };
  return {
    status: 'text',
    text: decodeText(plain.bytes, charset),
    truncated: truncated || plain.full,
    keptBytes: plain.bytes.length,
  };
}

interface Decompressed {
  readonly bytes: Buffer;
  /** True where the decompressed body is longer than what is kept. */
  readonly full: boolean;
  /** True where the stream is not what its encoding says, or ends early. */
  readonly broken: boolean;
}

function decompress(body: Buffer, decoder: Transform, maxBodyBytes: number): Promise<Decompressed> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let sizeBytes = 0;
    const settle = (full: boolean, broken: boolean): void => {
      resolve({ bytes: Buffer.concat(chunks).subarray(0, maxBodyBytes), full, broken });
      decoder.destroy();
    };
    decoder.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      sizeBytes += chunk.length;
      if (sizeBytes > maxBodyBytes) settle(true, false);
    });
    decoder.on('end', () => settle(false, false));
    decoder.on('error', () => settle(false, true));
    decoder.end(body);
  });
}

function decodeText(bytes: Buffer, charset: string | undefined): string {
  try {
    return new TextDecoder(charset ?? 'utf-8').decode(bytes);
  } catch (error) {
    if (error instanceof RangeError) return bytes.toString('utf8');
    throw error;
  }
}
