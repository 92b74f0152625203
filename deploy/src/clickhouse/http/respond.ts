import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import zlib from 'node:zlib';
import type { EngineResult } from '../engine/session.ts';
import { ClickHouseException } from '../exception.ts';
import { contentTypeOf } from './content-type.ts';
import type { ResponseEncoding } from './request.ts';
import { statusOf } from './status.ts';

/** What the server says of itself in every answer. */
export interface ServerIdentity {
  readonly version: string;
  readonly displayName: string;
  readonly timezone: string;
}

/** How one request is answered. */
export interface Answer {
  readonly response: ServerResponse;
  readonly format: string;
  readonly encoding: ResponseEncoding | undefined;
}

const ENCODE = {
  gzip: promisify<Buffer, Buffer>(zlib.gzip),
  deflate: promisify<Buffer, Buffer>(zlib.deflate),
  br: promisify<Buffer, Buffer>(zlib.brotliCompress),
  zstd: promisify<Buffer, Buffer>(zlib.zstdCompress),
} satisfies Record<ResponseEncoding, (data: Buffer) => Promise<Buffer>>;

const ENCODER = {
  gzip: () => zlib.createGzip({ level: 1 }),
  deflate: () => zlib.createDeflate({ level: 1 }),
  br: () => zlib.createBrotliCompress({ params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 3 } }),
  zstd: () => zlib.createZstdCompress(),
} satisfies Record<ResponseEncoding, () => NodeJS.ReadWriteStream>;

/** The headers every answer carries. */
export function setIdentity(response: ServerResponse, identity: ServerIdentity, queryId: string): void {
  response.setHeader('X-ClickHouse-Server-Display-Name', identity.displayName);
  response.setHeader('X-ClickHouse-Timezone', identity.timezone);
  // A line break in a header would end it.
  response.setHeader('X-ClickHouse-Query-Id', encodeURI(queryId));
}

/** A part of ClickHouse's progress: counts as text; what is not known is left out. */
export function setSummary(response: ServerResponse, counts: Readonly<Record<string, number>>): void {
  const entries = Object.entries(counts).map(([name, value]) => [name, String(Math.round(value))]);
  response.setHeader('X-ClickHouse-Summary', JSON.stringify(Object.fromEntries(entries)));
}

/** Answers with a whole result. */
export async function sendWhole(
  { response, format, encoding }: Answer,
  body: Buffer,
  result: EngineResult,
): Promise<void> {
  const { rows, rowBytes, elapsedMs } = result;
  setSummary(response, {
    read_rows: rows,
    read_bytes: rowBytes,
    result_rows: rows,
    result_bytes: rowBytes,
    elapsed_ns: elapsedMs * 1e6,
  });
  setFormat(response, format);
  const sent = encoding && body.length > 0 ? await ENCODE[encoding](body) : body;
  if (sent !== body && encoding) response.setHeader('Content-Encoding', encoding);
  response.setHeader('Content-Length', sent.length);
  response.end(sent);
}

/**
 * Answers with a result that is still being made: `first`, then the rest as it comes. Resolves when all is sent.
 * @param outcome settles when the engine has finished; an exception goes out behind the data, in ClickHouse's form, and the
 * connection is cut so that no client takes the answer for a whole one
 */
export async function sendStream(
  { response, format, encoding }: Answer,
  first: Buffer,
  rest: Readable,
  outcome: Promise<ClickHouseException | undefined>,
): Promise<void> {
  const tag = randomBytes(8).toString('hex');
  setFormat(response, format);
  response.setHeader('X-ClickHouse-Exception-Tag', tag);
  if (encoding) response.setHeader('Content-Encoding', encoding);
  const encoder = encoding && ENCODER[encoding]();
  const target: Writable = (encoder as Writable | undefined) ?? response;
  const encoded = encoder ? pipeline(encoder, response, { end: false }) : Promise.resolve();
  encoded.catch(() => {
    // The client went away: `write` sees the destroyed stream and ends.
  });
  try {
    for await (const chunk of streamOf(first, rest)) await write(target, chunk);
    const exception = await outcome;
    if (exception) await write(target, exceptionBlock(exception, tag));
    encoder?.end();
    await encoded;
    if (!exception) {
      response.end();
      return;
    }
    // The exception goes out, then the connection is cut.
    const { promise, resolve } = Promise.withResolvers<void>();
    response.write('', () => resolve());
    await promise;
  } catch (error) {
    if (!response.destroyed) throw error;
  }
  response.destroy();
}

async function* streamOf(first: Buffer, rest: Readable): AsyncGenerator<Buffer> {
  yield first;
  for await (const chunk of rest) yield chunk as Buffer;
}

async function write(target: Writable, part: Buffer): Promise<void> {
  if (target.destroyed) throw new Error('the client went away');
  if (target.write(part)) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  target.once('drain', resolve);
  target.once('close', resolve);
  await promise;
  target.off('drain', resolve);
  target.off('close', resolve);
}

function exceptionBlock(exception: ClickHouseException, tag: string): Buffer {
  const message = `${exception.message}\n`;
  return Buffer.from(
    `\r\n__exception__\r\n${tag}\r\n${message}${Buffer.byteLength(message)} ${tag}\r\n__exception__\r\n`,
  );
}

/** Answers with an exception in ClickHouse's form; cuts the connection when an answer has begun. */
export function sendException(response: ServerResponse, error: unknown, version: string): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const exception = ClickHouseException.from(error);
  response.removeHeader('X-ClickHouse-Format');
  response.removeHeader('Content-Encoding');
  response.statusCode = statusOf(exception.code);
  response.setHeader('X-ClickHouse-Exception-Code', exception.code);
  response.setHeader('Content-Type', 'text/plain; charset=UTF-8');
  response.end(`${exception.message} (version ${version})\n`);
}

function setFormat(response: ServerResponse, format: string): void {
  response.setHeader('X-ClickHouse-Format', format);
  response.setHeader('Content-Type', contentTypeOf(format));
}
