import type { Transform } from 'node:stream';
import { createGunzip, createInflate } from 'node:zlib';
import { status as GRPC } from '@grpc/grpc-js';
import type { ByteAccount } from '../byte-budget.ts';

/** The part of an HTTP/2 stream that is used here. */
export interface CallStream {
  readonly sentHeaders?: Readonly<Record<string, unknown>>;
  readonly writableFinished: boolean;
  once(event: 'finish', listener: () => void): unknown;
  close(): void;
}

/** Of grpc-js's own call (1.14, `BaseServerInterceptingCall`): how data comes in and is decompressed. */
export interface CallInside {
  readonly stream?: CallStream;
  handleDataFrame(data: Buffer): void;
  decompressMessage(message: Buffer, encoding: string): Buffer | Promise<Buffer>;
}

const DECODERS: ReadonlyMap<string, () => Transform> = new Map<string, () => Transform>([
  ['gzip', createGunzip],
  ['deflate', createInflate],
]);
/** Of a message: whether it is compressed, and its length. */
const PREFIX_BYTES = 5;

/** What a call may cost. */
export interface CallLimits {
  /** What arrives is charged to it, and what becomes of it by decompression. */
  readonly account: ByteAccount;
  /** Of a message that is decompressed. */
  readonly maxBytes: number;
  /** There is no room for more: the call is to be answered. */
  readonly onBusy: () => void;
}

/**
 * Charges what a call holds in memory as it arrives. grpc-js itself only bounds a single message: a hundred of 60 kB each, which
 * decompress to 60 MiB, would be 6 GiB before a handler is asked.
 * @returns ends the intake: nothing that arrives from now on is kept
 */
export function chargeCall(call: CallInside, { account, maxBytes, onBusy }: CallLimits): () => void {
  let isOpen = true;
  const take = (bytes: number): boolean => {
    if (!isOpen) return false;
    if (account.add(bytes)) return true;
    isOpen = false;
    onBusy();
    return false;
  };
  const handleDataFrame = call.handleDataFrame.bind(call);
  const decompressMessage = call.decompressMessage.bind(call);
  call.handleDataFrame = (data) => {
    if (take(data.length)) handleDataFrame(data);
  };
  call.decompressMessage = (message, encoding) => {
    const decoder = DECODERS.get(encoding)?.();
    if (!decoder) return decompressMessage(message, encoding);
    return decompress(decoder, message.subarray(PREFIX_BYTES), maxBytes, take);
  };
  return () => {
    isOpen = false;
  };
}

/**
 * Ends a stream whose call has been answered before its sender ended it, with NO_ERROR: so it stops sending, and nothing of it stays here.
 * Source: RFC 9113, section 8.1.
 */
export function endStream({ stream }: CallInside): void {
  if (!stream) return;
  const close = (): void => void setImmediate(() => stream.close());
  if (stream.writableFinished) close();
  else stream.once('finish', close);
}

/** Rejects with what grpc-js then answers; never ends where `take` has said no, for then the call has been answered. */
function decompress(
  decoder: Transform,
  message: Buffer,
  maxBytes: number,
  take: (bytes: number) => boolean,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    let sizeBytes = 0;
    decoder.on('error', () => reject(refusal(GRPC.INTERNAL, 'Failed to decompress message')));
    decoder.on('data', (part: Buffer) => {
      sizeBytes += part.length;
      if (sizeBytes > maxBytes) {
        decoder.destroy();
        reject(refusal(GRPC.RESOURCE_EXHAUSTED, `Received message that decompresses to more than ${maxBytes} bytes`));
      } else if (take(part.length)) parts.push(part);
      else decoder.destroy();
    });
    decoder.on('end', () => resolve(parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts)));
    decoder.end(message);
  });
}

function refusal(code: number, details: string): Error & { code: number; details: string } {
  return Object.assign(new Error(details), { code, details });
}
