import { join } from 'node:path';
import type { SealedSegment } from '../journal/segment.ts';
import { backOffMs } from './back-off.ts';
import { createDatabaseDoor, type DatabaseDoor } from './database-door.ts';
import {
  createDeadLetters,
  type DeadLetter,
  deadLetterName,
  type DeadLetters,
  type KeepResult,
} from './dead-letter.ts';
import type { RetryReason } from './insert-segment.ts';
import { loadSegment, type SegmentOutcome } from './load-segment.ts';
import { LoadProgress } from './load-progress.ts';
import type { Loader, LoaderOptions, LoaderState } from './loader-handle.ts';
import { startRounds } from './rounds.ts';
import { SegmentQueue } from './segment-queue.ts';
import { createLoadTelemetry, type LoadTelemetry } from './telemetry.ts';
import type { TableParts } from './table-parts.ts';
import { WakeableWait } from './wakeable-wait.ts';

export type { Loader, LoaderOptions, LoaderState } from './loader-handle.ts';

/** How long `stop()` goes on loading, and then how long it waits for what was told to give up, in milliseconds. */
const DRAIN_LIMIT_MS = 3_000;
const ABORT_LIMIT_MS = 1_000;
/** While ClickHouse is away it is said at once and then every now and then. */
const SAY_EVERY_FAILURES = 12;
/** A segment whose dead letter found no room is looked at again after this time. */
const HOLD_MS = 10_000;
const REPLAYS_EVERY_MS = 1_000;
const DEAD_LETTERS_EVERY_MS = 5_000;
const PARTS_EVERY_MS = 30_000;

/** Attempts at a segment that failed, and those of them that took too long. */
interface Retries {
  readonly count: number;
  readonly timeouts: number;
}

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
  readonly #deadLetters: DeadLetters;
  /** Of segments that did not go in at once. */
  readonly #retries = new Map<string, Retries>();
  /** ClickHouse may have a part of them: tried, or left by an earlier process, which may have tried them. */
  readonly #unsettled: Set<string>;
  #isHeld = false;
  #rounds: { stop(): Promise<void> } | undefined;
  #parts: readonly TableParts[] = [];
  #work: Promise<unknown> | undefined;
  #preparing: Promise<void> | undefined;
  #isPrepared = false;
  #isStopping = false;
  #awaySinceMs: number | undefined;
  #lastError: string | undefined;
  #stopped: Promise<void> | undefined;

  constructor(options: LoaderOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#door = createDatabaseDoor(options.config, options.log);
    this.#deadLetters = createDeadLetters(
      join(options.directory, 'dead-letter'),
      options.config.collector.deadLetters.maxBytes,
    );
    const { journal } = options;
    this.#unsettled = new Set(journal.sealed().map(({ name }) => name));
    const deadLetters = this.#deadLetters;
    this.#telemetry = createLoadTelemetry({ journal, deadLetters, parts: () => this.#parts, now: this.#now });
    options.journal.onSealed(() => this.#wait.wake());
  }

  start(): void {
    if (this.#isStopping) return;
    const lanes = this.#options.config.collector.journal.loadLanes;
    this.#rounds ??= this.#startRounds();
    this.#work ??= Promise.all(Array.from({ length: lanes }, () => this.#runLane()));
  }

  state(): LoaderState {
    const deadLetters = this.#deadLetters.stats();
    const away = { awaySinceMs: this.#awaySinceMs, lastError: this.#lastError, deadLetters };
    if (this.#isStopping) return { phase: 'stopped', ...away };
    if (!this.#isPrepared) return { phase: 'migrating', ...away };
    return { phase: this.#awaySinceMs === undefined ? 'loading' : 'waiting', ...away };
  }

  hold(): number {
    this.#isHeld = true;
    return this.#unsettled.size;
  }

  release(): void {
    this.#isHeld = false;
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
    await this.#rounds?.stop();
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
      const segment = this.#queue.claim(this.#loadable(), this.#now());
      if (segment) await this.#loadOne(segment);
      else if (this.#isStopping) return;
      else await this.#wait.until(this.#queue.nextResumeAtMs(this.#now()), this.#now());
    }
  }

  #loadable(): readonly SealedSegment[] {
    const sealed = this.#options.journal.sealed();
    return this.#isHeld ? sealed.filter(({ name }) => this.#unsettled.has(name)) : sealed;
  }

  async #loadOne(segment: SealedSegment): Promise<void> {
    this.#unsettled.add(segment.name);
    const startedAtMs = this.#now();
    const outcome = await this.#tryLoad(segment);
    if (outcome.status === 'retryable') {
      this.#telemetry.retried(segment.signal, outcome.reason, outcome.items);
      this.#noteFailure(segment, outcome.reason, outcome.message);
      return;
    }
    this.#queue.succeed(segment);
    this.#unsettled.delete(segment.name);
    this.#noteSuccess();
    const { count: retries = 0 } = this.#retries.get(segment.name) ?? {};
    this.#retries.delete(segment.name);
    const { requests, deadLetters } = outcome;
    this.#telemetry.loaded({ segment, requests, deadLetters, retries, startedAtMs, endedAtMs: this.#now() });
  }

  /** What it throws comes from the disk: the segment could not be read, or a note or a dead letter not written. */
  async #tryLoad(segment: SealedSegment): Promise<SegmentOutcome> {
    const { timeoutMs, maxTimeoutMs } = this.#options.config.collector.load;
    const { timeouts = 0 } = this.#retries.get(segment.name) ?? {};
    try {
      const progress = await LoadProgress.open(join(this.#options.directory, 'journal'), segment.name);
      const outcome = await loadSegment(segment, {
        insert: this.#door.insert,
        attempts: this.#door.attempts,
        keep: (letter, body) => this.#keep(letter, body),
        progress,
        limitMs: Math.min(timeoutMs * 2 ** Math.min(timeouts, 30), maxTimeoutMs),
        now: this.#now,
        onSplit: (reason, items) => this.#telemetry.split(segment.signal, reason, items),
        signal: this.#abort.signal,
      });
      // A kill between the two leaves the notes: they are removed at the next start.
      if (outcome.status === 'loaded') {
        await this.#options.journal.forget(segment);
        await progress.remove();
      }
      return outcome;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
        this.#options.log.error({ segment: segment.name }, 'journal: a segment was removed by someone else');
        await this.#options.journal.forget(segment);
        return { status: 'loaded', requests: [], deadLetters: 0 };
      }
      return { status: 'retryable', reason: 'disk', message: errorText(error), items: 0 };
    }
  }

  async #keep(letter: DeadLetter, body: Uint8Array): Promise<KeepResult> {
    const result = await this.#deadLetters.keep(letter, body);
    if (result === 'full') return result;
    this.#telemetry.deadLettered(letter.signal, letter.reason, letter.items ?? 0);
    this.#options.log.error(
      { dead_letter: deadLetterName(letter), reason: letter.reason, code: letter.code, error: letter.message },
      'journal: a request cannot be loaded and was set aside',
    );
    return result;
  }

  #startRounds(): { stop(): Promise<void> } {
    const { journal, log } = this.#options;
    const rounds = [
      { name: 'replays', everyMs: REPLAYS_EVERY_MS, run: () => journal.takeReplays() },
      { name: 'dead letters', everyMs: DEAD_LETTERS_EVERY_MS, run: () => this.#deadLetters.refresh() },
      {
        name: 'parts',
        everyMs: PARTS_EVERY_MS,
        run: async (): Promise<void> => {
          if (this.#isPrepared) this.#parts = await this.#door.readParts();
        },
      },
    ];
    return startRounds(rounds, log);
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
    for (let failures = 1; ; failures += 1) {
      if (this.#isStopping && failures > 1) return;
      try {
        await this.#door.prepare();
        this.#isPrepared = true;
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
    if (reason === 'dead_letters_full') {
      this.#queue.hold(segment, this.#now(), HOLD_MS);
      return;
    }
    const isAnswered = reason !== 'unreachable' && reason !== 'aborted';
    const failures = this.#queue.fail(segment, this.#now(), isAnswered, (count) =>
      backOffMs(count, reason === 'unreachable', Math.random()),
    );
    const { count = 0, timeouts = 0 } = this.#retries.get(segment.name) ?? {};
    this.#retries.set(segment.name, { count: count + 1, timeouts: timeouts + (reason === 'timeout' ? 1 : 0) });
    if (reason === 'aborted') return;
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
