import { mkdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '@tocsin/service/log';
import { CollectorError } from '../errors.ts';
import { type AppendResult, type Journal, type RequestSummary, SIGNALS, type Signal } from '../signal.ts';
import { type DiskSpace, type FreeBytes, readFreeBytes, watchDiskSpace } from './disk-space.ts';
import { ifMissing } from './durable-file.ts';
import { FRAME_BYTES, KEYED_FRAME_BYTES } from './frame.ts';
import { lockDirectory } from './lock.ts';
import { ProducerBook } from './producer-book.ts';
import { recoverSegments } from './recover.ts';
import { takeReplays } from './replay-inbox.ts';
import type { SealedSegment } from './segment.ts';
import { type OpenSegmentFile, openSegmentFile } from './segment-file.ts';
import { createSegmentNames, type SegmentName } from './segment-name.ts';
import { OPEN_ENDING, SegmentWriter } from './segment-writer.ts';
import { decideDelayMs } from './slow-down.ts';

/** How a journal is opened. */
export interface JournalOptions {
  /** The collector's own data directory; the segments are in `journal/` below it. */
  readonly directory: string;
  /** The most bytes all segments together may take, what waits to be written included. */
  readonly maxBytes: number;
  /** A segment is sealed when it has this size or `segmentAgeMs` after its first request. */
  readonly segmentBytes: number;
  readonly segmentAgeMs: number;
  /** Refuse appends while the file system has less than this free; default 256 MiB. */
  readonly minFreeBytes?: number;
  /** The most producers of requests with a key that are remembered; default 10 000. */
  readonly maxProducers?: number;
  readonly log: Logger;
  /** The clock, in milliseconds since the epoch; default `Date.now`. */
  readonly now?: () => number;
  /** The disk; defaults to the real one. */
  readonly openFile?: OpenSegmentFile;
  readonly freeBytes?: FreeBytes;
}

/** The journal's state for readiness and metrics. */
export interface JournalStats {
  /** Bytes on disk and waiting to be written. */
  readonly bytes: number;
  /** Segments, sealed and open. */
  readonly segments: number;
  /** When the oldest segment was begun, in milliseconds since the epoch. */
  readonly oldestAtMs: number | undefined;
  /** Bytes of torn tails cut when the journal was opened. */
  readonly tornBytes: number;
  /** The most that `bytes` may be. */
  readonly maxBytes: number;
  /** Free on the journal's disk at the last look, and the mark below which requests are refused, in bytes. */
  readonly freeBytes: number | undefined;
  readonly minFreeBytes: number;
  /** How long an acknowledgement is held back now, in milliseconds. */
  readonly delayMs: number;
  /** Producers whose requests with a key are remembered, and how many had to leave for want of room. */
  readonly producers: number;
  readonly producersForgotten: number;
  /** Why requests are refused; `undefined` once one is taken again, or when none was refused for ten seconds. */
  readonly refusing: FullReason | undefined;
}

type FullReason = Extract<AppendResult, { status: 'full' }>['reason'];

/** The journal as its owner and the loader see it. */
export interface JournalHandle extends Journal {
  /** The segments that are ready to be loaded, oldest first. */
  sealed(): readonly SealedSegment[];
  /** Calls back whenever a segment has been sealed. */
  onSealed(listener: () => void): void;
  /** Takes the segments that people sent back by `npx tocsin journal replay`. */
  takeReplays(): Promise<void>;
  /** Deletes a segment that ClickHouse has confirmed. */
  forget(segment: SealedSegment): Promise<void>;
  /** Seals what is open, so that it can be loaded now. */
  sealAll(): Promise<void>;
  stats(): JournalStats;
  /** Refuses further appends, seals what is open, frees the directory. Idempotent. */
  stop(): Promise<void>;
}

const DEFAULT_MIN_FREE_BYTES = 256 * 2 ** 20;
/**
 * An INSERT costs ClickHouse about 100 ms of CPU however little it holds, and nobody waits for Tocsin's own metrics: they are
 * gathered for longer than what applications send.
 */
const SELF_SEGMENT_AGE_MS = 10_000;
const RETRY_WHEN_FULL_MS = 5_000;
/** Each is about 100 bytes in the file, and some more in memory. */
const DEFAULT_MAX_PRODUCERS = 10_000;

/**
 * Opens the journal of a data directory: takes it for this process, recovers what an earlier one left.
 * @throws CollectorError `journal_locked` when another process has it
 */
export async function openJournal(options: JournalOptions): Promise<JournalHandle> {
  const directory = join(options.directory, 'journal');
  await mkdir(directory, { recursive: true });
  const lock = lockDirectory(directory);
  try {
    await takeReplays(options.directory);
    const { log, maxProducers: limit = DEFAULT_MAX_PRODUCERS } = options;
    const producers = await ProducerBook.open({ path: join(options.directory, 'producers.json'), limit, log });
    const recovery = await recoverSegments(directory, producers, log);
    const disk = await watchDiskSpace(
      directory,
      options.minFreeBytes ?? DEFAULT_MIN_FREE_BYTES,
      options.freeBytes ?? readFreeBytes,
    );
    return new SegmentedJournal(options, { directory, ...recovery, producers, disk, release: () => lock.release() });
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** What a journal was opened with. */
interface Opened {
  readonly directory: string;
  readonly segments: readonly SealedSegment[];
  readonly tornBytes: number;
  readonly producers: ProducerBook;
  readonly disk: DiskSpace;
  readonly release: () => void;
}

class SegmentedJournal implements JournalHandle {
  readonly #directory: string;
  readonly #maxBytes: number;
  readonly #now: () => number;
  readonly #log: Logger;
  readonly #disk: DiskSpace;
  readonly #producers: ProducerBook;
  readonly #release: () => void;
  readonly #tornBytes: number;
  readonly #writers: Readonly<Record<Signal, SegmentWriter>>;
  readonly #listeners: (() => void)[] = [];
  #sealed: SealedSegment[];
  #diskBytes: number;
  readonly #heldBack = new Set<() => void>();
  #waitingBytes = 0;
  #refusing: FullReason | undefined;
  #refusedAtMs = -Infinity;
  #stopped: Promise<void> | undefined;

  constructor(options: JournalOptions, opened: Opened) {
    const { directory, segments: recovered, tornBytes, producers, disk, release } = opened;
    this.#directory = options.directory;
    this.#maxBytes = options.maxBytes;
    this.#now = options.now ?? Date.now;
    this.#log = options.log;
    this.#disk = disk;
    this.#producers = producers;
    this.#release = release;
    this.#tornBytes = tornBytes;
    this.#sealed = [...recovered];
    this.#diskBytes = recovered.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    const names = createSegmentNames((recovered.at(-1)?.createdAtMs ?? 0) + 1);
    const writer = (signal: Signal): SegmentWriter =>
      new SegmentWriter({
        signal,
        directory,
        segmentBytes: options.segmentBytes,
        segmentAgeMs: options.segmentAgeMs,
        selfSegmentAgeMs: Math.max(SELF_SEGMENT_AGE_MS, options.segmentAgeMs),
        openFile: options.openFile ?? openSegmentFile,
        newName: (of): SegmentName => names(of, this.#now()),
        onSealed: (segment) => this.#addSealed(segment),
        onBytes: (delta) => (this.#diskBytes += delta),
        producers,
      });
    this.#writers = { traces: writer('traces'), metrics: writer('metrics'), logs: writer('logs') };
  }

  async append(signal: Signal, body: Uint8Array, summary: RequestSummary): Promise<AppendResult> {
    if (this.#stopped) throw new CollectorError('journal_closed', signal);
    // Nothing to load: an empty request succeeds without a trace.
    if (body.byteLength === 0 || summary.items === 0) return { status: 'stored' };
    const { key } = summary;
    if (!key) return this.#store(signal, body, summary);
    return this.#producers.storeOnce(signal, key, () => this.#store(signal, body, summary));
  }

  async #store(signal: Signal, body: Uint8Array, summary: RequestSummary): Promise<AppendResult> {
    const bytes = (summary.key ? KEYED_FRAME_BYTES : FRAME_BYTES) + body.byteLength;
    if (this.#diskBytes + this.#waitingBytes + bytes > this.#maxBytes) return this.#refuse('journal_full');
    if (this.#disk.isLow(this.#now())) return this.#refuse('disk_full');
    this.#waitingBytes += bytes;
    const outcome = await this.#writers[signal].append(body, summary).finally(() => {
      this.#waitingBytes -= bytes;
    });
    if (outcome === 'stored') return this.#accept();
    this.#disk.noteFull(this.#now());
    return this.#refuse('disk_full');
  }

  async #accept(): Promise<AppendResult> {
    const delayMs = decideDelayMs(this.#diskBytes, this.#maxBytes);
    if (delayMs > 0) await this.#holdBack(delayMs);
    if (this.#refusing !== undefined) this.#log.info({ was: this.#refusing }, 'journal: takes telemetry again');
    this.#refusing = undefined;
    return { status: 'stored' };
  }

  /** It is stored already: the sender is only to wait a while before it sends more. Stopping ends the waiting. */
  async #holdBack(delayMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, delayMs);
    this.#heldBack.add(resolve);
    await promise;
    clearTimeout(timer);
    this.#heldBack.delete(resolve);
  }

  /** Said once in the log, and in `/readyz` while it lasts. */
  #refuse(reason: FullReason): AppendResult {
    if (this.#refusing !== reason) {
      this.#log.error(
        { reason, bytes: this.#diskBytes, max_bytes: this.#maxBytes },
        'journal: full, requests are refused',
      );
    }
    this.#refusing = reason;
    this.#refusedAtMs = this.#now();
    return { status: 'full', reason, retryAfterMs: RETRY_WHEN_FULL_MS };
  }

  sealed(): readonly SealedSegment[] {
    return this.#sealed;
  }

  onSealed(listener: () => void): void {
    this.#listeners.push(listener);
  }

  async takeReplays(): Promise<void> {
    if (this.#stopped) return;
    for (const segment of await takeReplays(this.#directory)) {
      // One that a power cut has left in both places is known already.
      if (this.#sealed.some(({ name }) => name === segment.name)) continue;
      this.#log.info({ segment: segment.name, bytes: segment.sizeBytes }, 'journal: took back a dead letter');
      this.#diskBytes += segment.sizeBytes;
      this.#addSealed(segment);
    }
  }

  async forget(segment: SealedSegment): Promise<void> {
    // One whose keys could not be noted when it was sealed. A disk that is full has room once the segment is gone.
    const isNoted = !segment.path.endsWith(OPEN_ENDING) || (await this.#producers.flush());
    await unlink(segment.path).catch(ifMissing);
    if (!isNoted) await this.#producers.flush();
    const count = this.#sealed.length;
    this.#sealed = this.#sealed.filter(({ name }) => name !== segment.name);
    if (this.#sealed.length < count) this.#diskBytes -= segment.sizeBytes;
  }

  async sealAll(): Promise<void> {
    await Promise.all(SIGNALS.map((signal) => this.#writers[signal].seal()));
  }

  stats(): JournalStats {
    const open = SIGNALS.map((signal) => this.#writers[signal].openedAtMs).filter((at) => at !== undefined);
    const times = [...this.#sealed.slice(0, 1).map(({ createdAtMs }) => createdAtMs), ...open];
    return {
      bytes: this.#diskBytes + this.#waitingBytes,
      segments: this.#sealed.length + open.length,
      oldestAtMs: times.length > 0 ? Math.min(...times) : undefined,
      tornBytes: this.#tornBytes,
      maxBytes: this.#maxBytes,
      freeBytes: this.#disk.freeBytes,
      minFreeBytes: this.#disk.minFreeBytes,
      delayMs: decideDelayMs(this.#diskBytes, this.#maxBytes),
      producers: this.#producers.count,
      producersForgotten: this.#producers.forgotten,
      refusing: this.#now() - this.#refusedAtMs < 2 * RETRY_WHEN_FULL_MS ? this.#refusing : undefined,
    };
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#close();
    return this.#stopped;
  }

  async #close(): Promise<void> {
    for (const release of this.#heldBack) release();
    await this.sealAll();
    await this.#disk.settle();
    this.#release();
    this.#log.debug(this.stats(), 'journal: closed');
  }

  #addSealed(segment: SealedSegment): void {
    // Segments of several signals are sealed in another order than they were begun in.
    const at = this.#sealed.findLastIndex(({ name }) => name < segment.name) + 1;
    this.#sealed = this.#sealed.toSpliced(at, 0, segment);
    for (const listener of this.#listeners) listener();
  }
}
