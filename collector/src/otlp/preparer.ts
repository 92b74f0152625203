import { Worker } from 'node:worker_threads';
import type { Logger } from '@tocsin/service/log';
import { finishRequest, type Prepared, prepareRequest, type RawRequest, type Scanned } from './prepare.ts';
import { type RewritePlan, scanRequest } from './scan.ts';

/** What the thread is asked. */
export interface PrepareJob {
  readonly raw: RawRequest;
  /** Where the request has been scanned already. */
  readonly scan: Scanned | undefined;
}

/** What the thread answers: without a body where the one that came may stay as it is. */
export type PrepareResult = Exclude<Prepared, { status: 'ok' }> | (Omit<Ok, 'body'> & { readonly body?: Uint8Array });
type Ok = Extract<Prepared, { status: 'ok' }>;

/** `unavailable`: the thread failed or was stopped, and the request can be sent again. */
export type PrepareOutcome = Prepared | { readonly status: 'unavailable' };

/** Makes requests ready for the journal. */
export interface Preparer {
  /** The body stays the caller's, who must not change it before the answer. */
  prepare(raw: RawRequest): Promise<PrepareOutcome>;
  /** Requests for the thread, with the one that is in it. */
  readonly queued: number;
  /** What is in the thread, or waits for it, is given up. */
  stop(): Promise<void>;
}

/** From this size on the whole of a request goes to the thread: JSON takes 40 ms a MiB, a scan 2 to 7 ms. */
const JSON_FROM_BYTES = 256 * 1_024;
const SCAN_FROM_BYTES = 4 * 2 ** 20;
/** From this size of what has to be looked into on, a rewriting goes there: 25 to 80 ms a MiB. */
const REWRITE_FROM_BYTES = 256 * 1_024;
/** 64 MiB of JSON take about a third of it, parsed. */
const MAX_HEAP_MIB = 2_048;
const OUT_OF_MEMORY = 'ERR_WORKER_OUT_OF_MEMORY';

/** What a test may want otherwise. */
export interface PreparerLimits {
  readonly jsonFromBytes?: number;
  readonly scanFromBytes?: number;
  readonly rewriteFromBytes?: number;
  readonly maxHeapMib?: number;
}

/**
 * Makes the preparer. Small requests are prepared at once; what would take the event loop more than about 20 ms goes to a thread of its own, one
 * request after the other, so that it holds up no other. How many wait is bounded by the bytes of all requests in memory; only the one
 * that is in the thread is there twice.
 */
export function createPreparer(log: Logger, limits: PreparerLimits = {}): Preparer {
  const jsonFrom = limits.jsonFromBytes ?? JSON_FROM_BYTES;
  const scanFrom = limits.scanFromBytes ?? SCAN_FROM_BYTES;
  const rewriteFrom = limits.rewriteFromBytes ?? REWRITE_FROM_BYTES;
  const thread = new PrepareThread(log, limits.maxHeapMib ?? MAX_HEAP_MIB);
  return {
    get queued() {
      return thread.queued;
    },
    async prepare(raw) {
      const { signal, encoding, body, window } = raw;
      if (body.byteLength >= (encoding === 'json' ? jsonFrom : scanFrom)) return thread.run({ raw, scan: undefined });
      if (encoding === 'json') return prepareRequest(raw);
      const scan = scanRequest(signal, body, window);
      if (scan.status !== 'ok') return scan;
      if (scan.rewrite && sizeOf(scan.rewrite) >= rewriteFrom) return thread.run({ raw, scan });
      return finishRequest(raw, scan);
    },
    stop: () => thread.stop(),
  };
}

function sizeOf({ firstAt, lastAt }: RewritePlan): number {
  return lastAt - firstAt;
}

interface Waiting {
  readonly job: PrepareJob;
  readonly resolve: (outcome: PrepareOutcome) => void;
}

function sizeOfJob(waiting: Waiting | undefined): number {
  return waiting?.job.raw.body.byteLength ?? 0;
}

/** The thread and the queue for it. It starts with the first job, and again after it failed. */
class PrepareThread {
  readonly #log: Logger;
  readonly #maxHeapMib: number;
  readonly #waiting: Waiting[] = [];
  #current: Waiting | undefined;
  #takesOldest = true;
  #worker: Worker | undefined;

  constructor(log: Logger, maxHeapMib: number) {
    this.#log = log;
    this.#maxHeapMib = maxHeapMib;
  }

  get queued(): number {
    return this.#waiting.length + (this.#current ? 1 : 0);
  }

  run(job: PrepareJob): Promise<PrepareOutcome> {
    const { promise, resolve } = Promise.withResolvers<PrepareOutcome>();
    this.#waiting.push({ job, resolve });
    this.#next();
    return promise;
  }

  async stop(): Promise<void> {
    for (const { resolve } of this.#waiting.splice(0)) resolve({ status: 'unavailable' });
    await this.#worker?.terminate();
  }

  #next(): void {
    if (this.#current) return;
    this.#current = this.#take();
    if (!this.#current) {
      // A thread with nothing to do keeps no process alive.
      this.#worker?.unref();
      return;
    }
    const { raw, scan } = this.#current.job;
    this.#worker ??= this.#start();
    this.#worker.ref();
    // The body may be a part of a larger buffer, which cannot be handed over.
    const body = new Uint8Array(raw.body);
    this.#worker.postMessage({ raw: { ...raw, body }, scan } satisfies PrepareJob, [body.buffer]);
  }

  /** The smallest and the oldest in turn: a few large ones hold up neither the others for long nor are they held up for ever. */
  #take(): Waiting | undefined {
    this.#takesOldest = !this.#takesOldest;
    if (this.#takesOldest) return this.#waiting.shift();
    let smallest = 0;
    for (const [index, waiting] of this.#waiting.entries())
      if (sizeOfJob(waiting) < sizeOfJob(this.#waiting[smallest])) smallest = index;
    return this.#waiting.splice(smallest, 1)[0];
  }

  #start(): Worker {
    const worker = new Worker(new URL('prepare-thread.ts', import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: this.#maxHeapMib },
    });
    worker.on('message', (result: PrepareResult) => this.#finish(this.#outcomeOf(result)));
    worker.on('error', (error: NodeJS.ErrnoException) => {
      // Text longer than V8's strings, or a buffer that cannot be had, is a RangeError.
      const isTooLarge = error.code === OUT_OF_MEMORY || error instanceof RangeError;
      if (!isTooLarge) this.#log.error({ err: error }, 'the thread for large requests failed');
      this.#end(worker, isTooLarge);
    });
    worker.on('exit', () => this.#end(worker, false));
    return worker;
  }

  #outcomeOf(result: PrepareResult): PrepareOutcome {
    if (result.status !== 'ok') return result;
    const { body = this.#current?.job.raw.body ?? new Uint8Array() } = result;
    return { ...result, body: Buffer.from(body.buffer, body.byteOffset, body.byteLength) };
  }

  #finish(outcome: PrepareOutcome): void {
    const current = this.#current;
    this.#current = undefined;
    current?.resolve(outcome);
    this.#next();
  }

  /** The thread has ended: what was in it is at fault or given up, what waits has a new one. */
  #end(worker: Worker, isTooLarge: boolean): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    this.#finish(
      isTooLarge ? { status: 'too_large', message: 'the request takes too much memory' } : { status: 'unavailable' },
    );
  }
}
