import type { CancelTimer, Clock } from '../clock.ts';
import { backOffMs } from './back-off.ts';
import { type Envelope, wrap } from './envelope.ts';
import type { PostFailure, PostOutcome } from './otlp-post.ts';

/** Why an item never reached the collector. `torn`: it was not written whole when the process died, or was damaged since. */
export type DropReason = 'overflow' | 'rejected' | 'refused' | 'server_error' | 'shutdown' | 'torn';

/** Items that go out in one request. */
export interface Batch {
  readonly envelope: Envelope;
  readonly payloads: readonly Uint8Array[];
  readonly count: number;
  /** The same whenever this batch goes out, and of no other: `PRODUCER/SEQUENCE`. Without one it may be taken twice. */
  readonly key: string | undefined;
}

/** Where a lane's items wait. */
export interface BatchSource {
  /** How many wait or are under way. */
  readonly size: number;
  /** The oldest that have not been done; the same ones until they are. */
  next(): Promise<Batch | undefined>;
  /** They have been taken, or never will be. */
  done(batch: Batch): Promise<void>;
}

export interface LaneOptions {
  readonly clock: Clock;
  readonly source: BatchSource;
  /** Sends a request, with the key by which it is taken once. */
  readonly send: (body: Uint8Array, key: string | undefined, signal: AbortSignal) => Promise<PostOutcome>;
  /** So many items go at once; fewer wait for others, */
  readonly fullBatch: number;
  /** for so long. */
  readonly lingerMs: number;
  /** How long `stop` goes on sending. */
  readonly stopLimitMs: number;
  readonly onDropped: (count: number, reason: DropReason, message: string) => void;
  readonly onFailure: (reason: PostFailure, message: string) => void;
  readonly onDelivered: () => void;
}

/** A failure that may be the batch's own fault is tried this often. */
const LIMITED_TRIES = 5;

/**
 * Sends items in order, in batches, one request at a time, again and again until the collector takes them. What waits is the source's. A request
 * that is sent again has the same bytes and the same key, so the collector stores it once.
 *
 * Modes: `idle` nothing waits or a batch is gathering → `sending` a request or the pause before its next try → `idle`;
 * any → `stopped`.
 */
export class OtlpLane {
  readonly #options: LaneOptions;
  readonly #abort = new AbortController();
  #sending: Promise<void> | undefined;
  #cancelLinger: CancelTimer | undefined;
  #stopping: Promise<void> | undefined;

  constructor(options: LaneOptions) {
    this.#options = options;
  }

  /** Something waits. */
  wake(): void {
    const { clock, source, fullBatch, lingerMs } = this.#options;
    if (this.#stopping || this.#sending) return;
    if (source.size >= fullBatch) this.#startSending();
    else this.#cancelLinger ??= clock.after(lingerMs, () => this.#startSending());
  }

  /** Sends what waits for up to `stopLimitMs`; the rest stays in the source. Idempotent. */
  stop(): Promise<void> {
    this.#stopping ??= this.#drain();
    return this.#stopping;
  }

  async #drain(): Promise<void> {
    const cancel = this.#options.clock.after(this.#options.stopLimitMs, () => this.#abort.abort());
    this.#startSending();
    await this.#sending;
    cancel();
  }

  #startSending(): void {
    this.#cancelLinger?.();
    this.#cancelLinger = undefined;
    this.#sending ??= this.#sendAll().finally(() => {
      this.#sending = undefined;
      // What came between the last look at the source and now.
      if (this.#options.source.size > 0) this.wake();
    });
  }

  async #sendAll(): Promise<void> {
    const { source } = this.#options;
    for (let batch = await source.next(); batch && !this.#abort.signal.aborted; batch = await source.next()) {
      if (!(await this.#sendBatch(batch))) return;
      await source.done(batch);
    }
  }

  /** @returns whether the batch is done: taken, or given up; `false` where the lane was stopped before */
  async #sendBatch(batch: Batch): Promise<boolean> {
    const { send, onDropped, onFailure, onDelivered } = this.#options;
    const body = wrap(batch.envelope, batch.payloads);
    for (let failures = 1; ; failures += 1) {
      const outcome = await send(body, batch.key, this.#abort.signal);
      if (outcome.status === 'ok') {
        onDelivered();
        if (outcome.rejected > 0) onDropped(outcome.rejected, 'rejected', outcome.message);
        return true;
      }
      if (this.#abort.signal.aborted) return false;
      onFailure(outcome.reason, outcome.message);
      if (outcome.status === 'failed') {
        onDropped(batch.count, 'refused', outcome.message);
        return true;
      }
      if (outcome.limited && failures >= LIMITED_TRIES) {
        onDropped(batch.count, 'server_error', outcome.message);
        return true;
      }
      await this.#pause(Math.max(outcome.afterMs ?? 0, backOffMs(failures, Math.random())));
    }
  }

  /** Waits, or less if the lane is stopped for good meanwhile. */
  #pause(delayMs: number): Promise<void> {
    const { signal } = this.#abort;
    const { promise, resolve } = Promise.withResolvers<void>();
    const cancel = this.#options.clock.after(delayMs, resolve);
    const onAbort = (): void => {
      cancel();
      resolve();
    };
    signal.addEventListener('abort', onAbort, { once: true });
    return promise.finally(() => signal.removeEventListener('abort', onAbort));
  }
}
