import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { ServerResponse } from 'node:http';
import type { Duplex, Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import zlib from 'node:zlib';
import type { EngineResult } from '../engine/session.ts';
import { ClickHouseException } from '../exception.ts';
import { contentTypeOf } from './content-type.ts';
import { createNativeEncoder, encodeNativeBlock, type NativeMethod } from './native-compression.ts';
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
  /** Content-Encoding. */
  readonly encoding: ResponseEncoding | undefined;
  /** ClickHouse's own blocks, within the Content-Encoding. */
  readonly native: NativeMethod | undefined;
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
} satisfies Record<ResponseEncoding, () => Duplex>;

/** The headers every answer carries. */
export function setIdentity(response: ServerResponse, identity: ServerIdentity, queryId?: string): void {
  response.setHeader('X-ClickHouse-Server-Display-Name', identity.displayName);
  response.setHeader('X-ClickHouse-Timezone', identity.timezone);
  // A line break in a header would end it.
  if (queryId !== undefined) response.setHeader('X-ClickHouse-Query-Id', encodeURI(queryId));
}

/** A part of ClickHouse's progress: counts as text; what is not known is left out. */
export function setSummary(response: ServerResponse, counts: Readonly<Record<string, number>>): void {
  const entries = Object.entries(counts).map(([name, value]) => [name, String(Math.round(value))]);
  response.setHeader('X-ClickHouse-Summary', JSON.stringify(Object.fromEntries(entries)));
}

/** Answers with a whole result. */
export async function sendWhole(
  { response, format, encoding, native }: Answer,
  body: Buffer,
  result: EngineResult,
): Promise<void> {
  setResultSummary(response, result);
  setFormat(response, format);
  const blocks = native && body.length > 0 ? await encodeNativeBlock(body, native) : body;
  const sent = encoding && blocks.length > 0 ? await ENCODE[encoding](blocks) : blocks;
  if (sent !== blocks && encoding) response.setHeader('Content-Encoding', encoding);
  response.setHeader('Content-Length', sent.length);
  response.end(sent);
}

/** Answers with a whole result that is in a file. */
export async function sendFile(answer: Answer, path: string, size: number, result: EngineResult): Promise<void> {
  setResultSummary(answer.response, result);
  if (!answer.encoding && !answer.native) answer.response.setHeader('Content-Length', size);
  await sendStream(
    answer,
    Buffer.alloc(0),
    createReadStream(path, { highWaterMark: 2 ** 18 }),
    Promise.resolve(undefined),
  );
}

function setResultSummary(response: ServerResponse, { rows, rowBytes, elapsedMs }: EngineResult): void {
  setSummary(response, {
    read_rows: rows,
    read_bytes: rowBytes,
    result_rows: rows,
    result_bytes: rowBytes,
    elapsed_ns: elapsedMs * 1e6,
  });
}

/**
 * Answers with a result that is still being made: `first`, then the rest as it comes. Resolves when all is sent.
 * @param outcome settles when the engine has finished; an exception goes out behind the data, in ClickHouse's form, and the
 * connection is cut so that no client takes the answer for a whole one
 */
export async function sendStream(
  { response, format, encoding, native }: Answer,
  first: Buffer,
  rest: Readable,
  outcome: Promise<ClickHouseException | undefined>,
): Promise<void> {
  const tag = randomBytes(8).toString('hex');
  setFormat(response, format);
  response.setHeader('X-ClickHouse-Exception-Tag', tag);
  if (encoding) response.setHeader('Content-Encoding', encoding);
  let blockMethod = native ?? 'NONE';
  const encoders: Duplex[] = [
    ...(native ? [createNativeEncoder(() => blockMethod)] : []),
    ...(encoding ? [ENCODER[encoding]()] : []),
  ];
  const target: Writable = encoders[0] ?? response;
  const [encoder, ...others] = encoders;
  const encoded = encoder ? pipeline([encoder, ...others, response], { end: false }) : Promise.resolve();
  encoded.catch(() => {
    // The client went away: `write` sees the destroyed stream and ends.
  });
  try {
    for await (const chunk of streamOf(first, rest)) await write(target, chunk);
    const exception = await outcome;
    // clickhouse-go looks for an exception in the bytes as they come.
    blockMethod = exception ? 'NONE' : blockMethod;
    if (exception) await write(target, exceptionBlock(exception, tag));
    if (target !== response) target.end();
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
  if (first.length > 0) yield first;
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

/**
 * Answers with an exception in ClickHouse's form; cuts the connection when an answer has begun.
 * @param native the client expects all of the body in ClickHouse's own blocks, this too
 */
export async function sendException(
  response: ServerResponse,
  error: unknown,
  version: string,
  native: NativeMethod | undefined,
): Promise<void> {
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
  const text = Buffer.from(`${exception.message} (version ${version})\n`);
  const body = native ? await encodeNativeBlock(text, native) : text;
  response.setHeader('Content-Length', body.length);
  response.end(body);
}

function setFormat(response: ServerResponse, format: string): void {
  response.setHeader('X-ClickHouse-Format', format);
  response.setHeader('Content-Type', contentTypeOf(format));
}
