import { Worker } from 'node:worker_threads';
import type { Signal } from '../../signal.ts';
import type { Malformed } from '../malformed.ts';
import { encodeJsonRequest, type JsonEncoding } from './encode-request.ts';

/** What the thread is asked. */
export interface EncodeJob {
  readonly signal: Signal;
  readonly body: Uint8Array;
}

/** What the thread answers, in the order of the jobs. */
export type EncodeResult = { readonly status: 'ok'; readonly body: Uint8Array } | Malformed;

/** Encodes JSON requests as protobuf. */
export interface JsonEncoder {
  /** @throws Error when the thread ended, for example because the JSON took more memory than it may have */
  encode(signal: Signal, body: Uint8Array): Promise<JsonEncoding>;
  /** What is being encoded is given up. */
  stop(): Promise<void>;
}

/** Below this size it takes some milliseconds: no thread is worth it. */
const THREAD_FROM_BYTES = 256 * 1_024;
/** 64 MiB of JSON take about a third of it, parsed. */
const MAX_HEAP_MIB = 2_048;

interface Waiting {
  readonly resolve: (encoding: JsonEncoding) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Makes the encoder. Parsing 16 MiB of JSON takes most of a second: larger requests go to a thread of their own, one after the other, so that
 * they hold up no other request. It starts with the first of them and again after it failed. How many wait is bounded by the bytes of all requests.
 */
export function createJsonEncoder(threadFromBytes = THREAD_FROM_BYTES): JsonEncoder {
  let thread: Worker | undefined;
  let waiting: Waiting[] = [];

  function end(worker: Worker, cause: unknown): void {
    if (thread !== worker) return;
    thread = undefined;
    const given = waiting;
    waiting = [];
    for (const { reject } of given) reject(new Error('the thread that encodes JSON ended', { cause }));
  }

  function start(): Worker {
    const worker = new Worker(new URL('encode-thread.ts', import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MIB },
    });
    worker.on('message', (result: EncodeResult) => {
      waiting.shift()?.resolve(result.status === 'ok' ? { status: 'ok', body: toBuffer(result.body) } : result);
      // A thread with nothing to do keeps no process alive.
      if (waiting.length === 0) worker.unref();
    });
    worker.on('error', (error) => end(worker, error));
    worker.on('exit', (code) => end(worker, `exit code ${code}`));
    return worker;
  }

  return {
    encode(signal, body) {
      if (body.byteLength < threadFromBytes) return Promise.resolve(encodeJsonRequest(signal, body));
      thread ??= start();
      thread.ref();
      // The body may be a part of a larger buffer, which cannot be handed over.
      const copy = new Uint8Array(body);
      thread.postMessage({ signal, body: copy } satisfies EncodeJob, [copy.buffer]);
      return new Promise((resolve, reject) => waiting.push({ resolve, reject }));
    },
    async stop() {
      await thread?.terminate();
    },
  };
}

function toBuffer({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength);
}
