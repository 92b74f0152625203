import { join } from 'node:path';
import type { TocsinConfig } from '@tocsin/service/config';
import type { SealedSegment } from '../journal/segment.ts';
import { backOffMs } from './back-off.ts';
import { createDatabaseDoor, type DatabaseDoor } from './database-door.ts';
import { type DeadLetter, writeDeadLetter } from './dead-letter.ts';
import type { RetryReason } from './insert-segment.ts';
import { loadSegment, type SegmentOutcome } from './load-segment.ts';
import type { Loader, LoaderOptions, LoaderState } from './loader-handle.ts';
import { SegmentQueue } from './segment-queue.ts';
import { createLoadTelemetry, type LoadTelemetry } from './telemetry.ts';
import { WakeableWait } from './wakeable-wait.ts';

export type { Loader, LoaderOptions, LoaderState } from './loader-handle.ts';

/** How long `stop()` goes on loading, and then how long it waits for what was told to give up, in milliseconds. */
const DRAIN_LIMIT_MS = 3_000;
const ABORT_LIMIT_MS = 1_000;
/** While ClickHouse is away it is said at once and then every now and then. */
const SAY_EVERY_FAILURES = 12;

/** Makes the loader of a journal. Nothing happens before `start()`. */
export function createLoader(options: LoaderOptions): Loader {
  return new LaneLoader(options);
}

/*
 * idle --start--> migrating --schema in place--> loading --a failure--> waiting --a success--> loading
 *                     ^----------- ClickHouse says that a table is missing ----------/
 * any --stop--> stopped
 */
class LaneLoader implements Loader {
  readonly #options: LoaderOptions;
  readonly #now: () => number;
  readonly #door: DatabaseDoor;
  readonly #telemetry: LoadTelemetry;
  readonly #queue = new SegmentQueue();
  readonly #wait = new WakeableWait();
  readonly #abort = new AbortController();
  readonly #retries = new Map<string, number>();
  #config: TocsinConfig;
  #work: Promise<unknown> | undefined;
  #preparing: Promise<void> | undefined;
  #isPrepared = false;
  #isStopping = false;
  #awaySinceMs: number | undefined;
  #lastError: string | undefined;
  #stopped: Promise<void> | undefined;

  constructor(options: LoaderOptions) {
    this.#options = options;
    this.#config = options.config;
    this.#now = options.now ?? Date.now;
    this.#door = createDatabaseDoor(options.config, options.log);
    this.#telemetry = createLoadTelemetry(options.journal, this.#now);
    options.journal.onSealed(() => this.#wait.wake());
  }

  start(): void {
    if (this.#isStopping) return;
    const lanes = this.#options.config.collector.journal.loadLanes;
    this.#work ??= Promise.all(Array.from({ length: lanes }, () => this.#runLane()));
  }

  state(): LoaderState {
    const away = { awaySinceMs: this.#awaySinceMs, lastError: this.#lastError };
    if (this.#isStopping) return { phase: 'stopped', ...away };
    if (!this.#isPrepared) return { phase: 'migrating', ...away };
    return { phase: this.#awaySinceMs === undefined ? 'loading' : 'waiting', ...away };
  }

  reload(config: TocsinConfig): void {
    this.#config = config;
    this.#isPrepared = false;
    this.#wait.wake();
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#drain();
    return this.#stopped;
  }

  async #drain(): Promise<void> {
    await this.#options.journal.sealAll();
    this.#isStopping = true;
    this.#wait.wake();
    if (!(await endsWithin(this.#work, DRAIN_LIMIT_MS))) {
      this.#abort.abort();
      await endsWithin(this.#work, ABORT_LIMIT_MS);
    }
    this.#telemetry.stop();
    await this.#door.close();
  }

  async #runLane(): Promise<void> {
    for (;;) {
      if (this.#abort.signal.aborted) return;
      if (!this.#isPrepared && !(await this.#prepare())) {
        if (this.#isStopping) return;
        continue;
      }
      const { journal } = this.#options;
      const segment = this.#queue.claim(journal.sealed(), this.#now());
      if (segment) await this.#loadOne(segment);
      else if (this.#isStopping) return;
      else await this.#wait.until(this.#queue.nextResumeAtMs(this.#now()), this.#now());
    }
  }

  async #loadOne(segment: SealedSegment): Promise<void> {
    const { journal } = this.#options;
    const startedAtMs = this.#now();
    const outcome = await this.#tryLoad(segment);
    if (outcome.status === 'retryable') {
      this.#noteFailure(segment, outcome.reason, outcome.message);
      return;
    }
    await journal.forget(segment);
    this.#queue.succeed(segment);
    this.#noteSuccess();
    const retries = this.#retries.get(segment.name) ?? 0;
    this.#retries.delete(segment.name);
    const { requests, deadLetters } = outcome;
    this.#telemetry.loaded({ segment, requests, deadLetters, retries, startedAtMs, endedAtMs: this.#now() });
  }

  /** What it throws comes from the disk: the segment could not be read, or a dead letter not written. */
  async #tryLoad(segment: SealedSegment): Promise<SegmentOutcome> {
    try {
      return await loadSegment(segment, {
        insert: this.#door.insert,
        keep: (letter, body) => this.#keep(letter, body),
        now: this.#now,
        signal: this.#abort.signal,
      });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
        this.#options.log.error({ segment: segment.name }, 'journal: a segment was removed by someone else');
        return { status: 'loaded', requests: [], deadLetters: 0 };
      }
      return { status: 'retryable', reason: 'disk', message: errorText(error) };
    }
  }

  async #keep(letter: DeadLetter, body: Uint8Array): Promise<void> {
    const name = await writeDeadLetter(join(this.#options.directory, 'dead-letter'), letter, body);
    this.#telemetry.deadLettered(letter.signal, letter.reason);
    this.#options.log.error(
      { dead_letter: name, reason: letter.reason, code: letter.code, error: letter.message },
      'journal: a request cannot be loaded and was set aside',
    );
  }

  /** Brings the schema in place; all lanes share one attempt. @returns whether it is */
  async #prepare(): Promise<boolean> {
    this.#preparing ??= this.#prepareOnce().finally(() => {
      this.#preparing = undefined;
    });
    await this.#preparing;
    return this.#isPrepared;
  }

  async #prepareOnce(): Promise<void> {
    const config = this.#config;
    for (let failures = 1; ; failures += 1) {
      if (this.#isStopping && failures > 1) return;
      try {
        await this.#door.prepare(config.collector.retention);
        this.#isPrepared = config === this.#config;
        if (failures > 1) this.#noteSuccess();
        return;
      } catch (error) {
        // Away, starting, refusing, newer: whatever it is, the journal keeps the data until it has passed.
        this.#noteAway(errorText(error), failures, 'schema: cannot be brought in place yet');
        const resumeAtMs = this.#now() + backOffMs(failures, true, Math.random());
        while (this.#now() < resumeAtMs && !this.#isStopping) await this.#wait.until(resumeAtMs, this.#now());
      }
    }
  }

  #noteFailure(segment: SealedSegment, reason: RetryReason, message: string): void {
    const isAnswered = reason !== 'unreachable' && reason !== 'aborted';
    const failures = this.#queue.fail(segment, this.#now(), isAnswered, (count) =>
      backOffMs(count, reason === 'unreachable', Math.random()),
    );
    this.#retries.set(segment.name, (this.#retries.get(segment.name) ?? 0) + 1);
    if (reason === 'aborted') return;
    this.#telemetry.retried(segment.signal, reason);
    if (reason === 'schema') this.#isPrepared = false;
    this.#noteAway(
      `${message} (segment ${segment.name})`,
      failures,
      `load: ClickHouse does not take ${segment.signal} (${reason}); the journal keeps them`,
    );
  }

  #noteAway(message: string, failures: number, sentence: string): void {
    this.#lastError = message;
    this.#awaySinceMs ??= this.#now();
    if (failures % SAY_EVERY_FAILURES === 1) this.#options.log.warn({ error: message, failures }, sentence);
  }

  #noteSuccess(): void {
    if (this.#awaySinceMs === undefined) return;
    const awayMs = this.#now() - this.#awaySinceMs;
    this.#awaySinceMs = undefined;
    this.#lastError = undefined;
    this.#options.log.info({ away_ms: awayMs }, 'load: ClickHouse takes data again');
  }
}

function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Whether the work ends within the time. */
async function endsWithin(work: Promise<unknown> | undefined, limitMs: number): Promise<boolean> {
  if (!work) return true;
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(resolve, limitMs, false);
  const hasEnded = await Promise.race([work.then(() => true), promise]);
  clearTimeout(timer);
  return hasEnded;
}
