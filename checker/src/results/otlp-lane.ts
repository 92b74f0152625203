import type { CancelTimer, Clock } from '../clock.ts';
import { backOffMs } from './back-off.ts';
import type { PostFailure, PostOutcome } from './otlp-post.ts';

/** Why an item never reached the collector. */
export type DropReason = 'overflow' | 'rejected' | 'refused' | 'server_error' | 'shutdown';

export interface LaneOptions<Item> {
  readonly clock: Clock;
  /** Sends a batch. */
  readonly send: (batch: readonly Item[], signal: AbortSignal) => Promise<PostOutcome>;
  /** At most this many items wait; past it the oldest is dropped. */
  readonly limit: number;
  /** At most this many items in a request. */
  readonly maxBatch: number;
  /** How long the first item of a batch waits for others. */
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
 * Sends items in order, in batches, one request at a time, again and again until the collector takes them. What waits is
 * bounded; what is dropped is reported.
 *
 * Modes: `idle` nothing waits or a batch is gathering → `sending` a request or the pause before its next try → `idle`;
 * any → `stopped`.
 */
export class OtlpLane<Item> {
  readonly #options: LaneOptions<Item>;
  readonly #abort = new AbortController();
  #queue: Item[] = [];
  /** Items of the request that is under way. */
  #inFlight = 0;
  #sending: Promise<void> | undefined;
  #cancelLinger: CancelTimer | undefined;
  #stopping: Promise<void> | undefined;

  constructor(options: LaneOptions<Item>) {
    this.#options = options;
  }

  /** How many items wait or are under way. */
  get size(): number {
    return this.#queue.length + this.#inFlight;
  }

  add(item: Item): void {
    const { clock, limit, maxBatch, lingerMs, onDropped } = this.#options;
    if (this.#stopping) return onDropped(1, 'shutdown', 'the checker is stopping');
    this.#queue.push(item);
    if (this.size > limit && this.#queue.length > 1) {
      this.#queue.shift();
      onDropped(1, 'overflow', `more than ${limit} results wait for the collector`);
    }
    if (this.#sending) return undefined;
    if (this.#queue.length >= maxBatch) this.#startSending();
    else this.#cancelLinger ??= clock.after(lingerMs, () => this.#startSending());
    return undefined;
  }

  /** Sends what waits for up to `stopLimitMs`, counts the rest as dropped. Idempotent. */
  stop(): Promise<void> {
    this.#stopping ??= this.#drain();
    return this.#stopping;
  }

  async #drain(): Promise<void> {
    const cancel = this.#options.clock.after(this.#options.stopLimitMs, () => this.#abort.abort());
    this.#startSending();
    await this.#sending;
    cancel();
    const left = this.#queue.length;
    this.#queue = [];
    if (left > 0) this.#options.onDropped(left, 'shutdown', 'the collector did not take them in time');
  }

  #startSending(): void {
    this.#cancelLinger?.();
    this.#cancelLinger = undefined;
    this.#sending ??= this.#sendAll().finally(() => {
      this.#sending = undefined;
      // What came between the last look at the queue and now.
      if (this.#queue.length > 0 && !this.#abort.signal.aborted) this.#startSending();
    });
  }

  async #sendAll(): Promise<void> {
    while (this.#queue.length > 0 && !this.#abort.signal.aborted) {
      const batch = this.#queue.splice(0, this.#options.maxBatch);
      this.#inFlight = batch.length;
      await this.#sendBatch(batch);
      this.#inFlight = 0;
    }
  }

  async #sendBatch(batch: readonly Item[]): Promise<void> {
    const { send, onDropped, onFailure, onDelivered } = this.#options;
    for (let failures = 1; ; failures += 1) {
      const outcome = await send(batch, this.#abort.signal);
      if (outcome.status === 'ok') {
        onDelivered();
        if (outcome.rejected > 0) onDropped(outcome.rejected, 'rejected', outcome.message);
        return;
      }
      if (this.#abort.signal.aborted) return onDropped(batch.length, 'shutdown', outcome.message);
      onFailure(outcome.reason, outcome.message);
      if (outcome.status === 'failed') return onDropped(batch.length, 'refused', outcome.message);
      if (outcome.limited && failures >= LIMITED_TRIES) {
        return onDropped(batch.length, 'server_error', outcome.message);
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
