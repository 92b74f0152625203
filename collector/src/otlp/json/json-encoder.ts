import { Worker } from 'node:worker_threads';
import type { Logger } from '@tocsin/service/log';
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

/** `too_large`: it took more memory than it may have. `unavailable`: the thread ended before its turn came. */
export type JsonOutcome = JsonEncoding | { readonly status: 'too_large' } | { readonly status: 'unavailable' };

/** Encodes JSON requests as protobuf. */
export interface JsonEncoder {
  encode(signal: Signal, body: Uint8Array): Promise<JsonOutcome>;
  /** What is being encoded is given up. */
  stop(): Promise<void>;
}

/** Below this size it takes some milliseconds: no thread is worth it. */
const THREAD_FROM_BYTES = 256 * 1_024;
/** 64 MiB of JSON take about a third of it, parsed. */
const MAX_HEAP_MIB = 2_048;
const OUT_OF_MEMORY = 'ERR_WORKER_OUT_OF_MEMORY';

/** What a test may want otherwise. */
export interface JsonEncoderLimits {
  readonly threadFromBytes?: number;
  readonly maxHeapMib?: number;
}

/**
 * Makes the encoder. Parsing 16 MiB of JSON takes most of a second: larger requests go to a thread of their own, one after the other, so that
 * they hold up no other request. It starts with the first of them and again after it failed. How many wait is bounded by the bytes of all requests.
 */
export function createJsonEncoder(
  log: Logger,
  { threadFromBytes = THREAD_FROM_BYTES, maxHeapMib = MAX_HEAP_MIB }: JsonEncoderLimits = {},
): JsonEncoder {
  let thread: Worker | undefined;
  let waiting: ((outcome: JsonOutcome) => void)[] = [];

  function end(worker: Worker, outOfMemory: boolean): void {
    if (thread !== worker) return;
    thread = undefined;
    const [current, ...others] = waiting;
    waiting = [];
    current?.({ status: outOfMemory ? 'too_large' : 'unavailable' });
    for (const resolve of others) resolve({ status: 'unavailable' });
  }

  function start(): Worker {
    const worker = new Worker(new URL('encode-thread.ts', import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: maxHeapMib },
    });
    worker.on('message', (result: EncodeResult) => {
      waiting.shift()?.(result.status === 'ok' ? { status: 'ok', body: toBuffer(result.body) } : result);
      // A thread with nothing to do keeps no process alive.
      if (waiting.length === 0) worker.unref();
    });
    worker.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== OUT_OF_MEMORY) log.error({ err: error }, 'the thread that encodes JSON failed');
      end(worker, error.code === OUT_OF_MEMORY);
    });
    worker.on('exit', () => end(worker, false));
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
      return new Promise((resolve) => waiting.push(resolve));
    },
    async stop() {
      await thread?.terminate();
    },
  };
}

function toBuffer({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength);
}
