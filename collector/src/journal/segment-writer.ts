import { rename, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { CollectorError } from '../errors.ts';
import type { RequestSummary, Signal } from '../signal.ts';
import { encodeFrame } from './frame.ts';
import type { ProducerBook } from './producer-book.ts';
import type { SealedSegment, SegmentRequest } from './segment.ts';
import type { OpenSegmentFile, SegmentFile } from './segment-file.ts';
import type { SegmentName } from './segment-name.ts';

/** How an append ended. */
export type WriteOutcome = 'stored' | 'disk_full';

/** What a writer of one signal is made of. */
export interface SegmentWriterOptions {
  readonly signal: Signal;
  readonly directory: string;
  readonly segmentBytes: number;
  readonly segmentAgeMs: number;
  /** The same while all that the segment holds is Tocsin's own telemetry. */
  readonly selfSegmentAgeMs: number;
  readonly openFile: OpenSegmentFile;
  readonly newName: (signal: Signal) => SegmentName;
  readonly onSealed: (segment: SealedSegment) => void;
  /** Bytes on disk changed by this much. */
  readonly onBytes: (delta: number) => void;
  /** Is told of every request with a key that has been stored. */
  readonly producers: Pick<ProducerBook, 'note' | 'flush'>;
}

interface Waiting {
  readonly summary: RequestSummary;
  readonly body: Uint8Array;
  readonly frame: Buffer;
  readonly resolve: (outcome: WriteOutcome) => void;
  readonly reject: (error: CollectorError) => void;
}

interface OpenSegment extends SegmentName {
  readonly file: SegmentFile;
  readonly path: string;
  ageTimer: NodeJS.Timeout;
  selfOnly: boolean;
  hasKeys: boolean;
  sizeBytes: number;
  /** Where its requests lie; `undefined` once there are too many to be worth the memory. */
  requests: SegmentRequest[] | undefined;
}

/** The most requests of a segment that are kept in memory: of larger ones there are fewer in a segment. */
const MAX_KNOWN_REQUESTS = 1_000;

/** The ending of a segment that may still grow, and of one that will not. */
export const OPEN_ENDING = '.open';
export const SEALED_ENDING = '.segment';
/** The ending of the loader's notes about a segment that did not go in at once. */
export const PROGRESS_ENDING = '.progress';

/**
 * Writes the segments of one signal. Appends that arrive while a commit runs are written together by the next one:
 * one write and one fdatasync for all of them (group commit). There is one loop, `#run`, and only it touches the
 * open segment:
 *
 *   no segment --append--> open --commit ok--> open --size or age--> sealed
 *                            \--commit failed--> cut to what was committed, sealed; the next append opens another
 */
export class SegmentWriter {
  readonly #options: SegmentWriterOptions;
  #waiting: Waiting[] = [];
  #segment: OpenSegment | undefined;
  #running: Promise<void> | undefined;
  #sealWanted = false;

  constructor(options: SegmentWriterOptions) {
    this.#options = options;
  }

  /** When the segment that is open now was begun, in milliseconds since the epoch. */
  get openedAtMs(): number | undefined {
    return this.#segment?.createdAtMs;
  }

  /** Appends one request. Rejects with `journal_write_failed` when the disk refuses for another reason than being full. */
  append(body: Uint8Array, summary: RequestSummary): Promise<WriteOutcome> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ summary, body, frame: encodeFrame(body, summary), resolve, reject });
      this.#wake();
    });
  }

  /** Seals the open segment, after what is waiting has been written. */
  async seal(): Promise<void> {
    this.#sealWanted = true;
    this.#wake();
    while (this.#running) await this.#running;
  }

  #wake(): void {
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
      // What arrived between the loop's last look and now.
      if (this.#waiting.length > 0 || this.#sealWanted) this.#wake();
    });
  }

  async #run(): Promise<void> {
    // One turn of the event loop gathers what arrives together.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      await this.#commit();
      if ((this.#segment?.sizeBytes ?? 0) >= this.#options.segmentBytes) await this.#sealOpen();
    }
    if (this.#sealWanted) {
      this.#sealWanted = false;
      await this.#sealOpen();
    }
  }

  async #commit(): Promise<void> {
    const batch = this.#takeBatch();
    const bytes = batch.reduce((sum, { frame, body }) => sum + frame.byteLength + body.byteLength, 0);
    try {
      this.#segment ??= await this.#openSegment();
      await this.#segment.file.append(batch.flatMap(({ frame, body }) => [frame, body]));
    } catch (error) {
      await this.#abandon();
      for (const { resolve, reject } of batch) {
        if (isDiskFull(error)) resolve('disk_full');
        else reject(new CollectorError('journal_write_failed', errorText(error), { cause: error }));
      }
      return;
    }
    noteRequests(this.#segment, batch);
    this.#segment.sizeBytes += bytes;
    this.#options.onBytes(bytes);
    this.#noteKeys(this.#segment, batch);
    if (this.#segment.selfOnly && batch.some(({ summary }) => !summary.self)) this.#hasten(this.#segment);
    for (const { resolve } of batch) resolve('stored');
  }

  /** At once: a seal that follows must find them noted. */
  #noteKeys(segment: OpenSegment, batch: readonly Waiting[]): void {
    const { signal, producers } = this.#options;
    for (const { summary } of batch) {
      if (!summary.key) continue;
      producers.note(signal, summary.key);
      segment.hasKeys = true;
    }
  }

  /** Takes as many as fit the segment: at least one. */
  #takeBatch(): readonly Waiting[] {
    const room = this.#options.segmentBytes - (this.#segment?.sizeBytes ?? 0);
    let bytes = 0;
    let count = 0;
    for (const { frame, body } of this.#waiting) {
      if (bytes >= room) break;
      bytes += frame.byteLength + body.byteLength;
      count += 1;
    }
    return this.#waiting.splice(0, Math.max(count, 1));
  }

  async #openSegment(): Promise<OpenSegment> {
    const { directory, openFile, newName, signal, selfSegmentAgeMs } = this.#options;
    const name = newName(signal);
    const path = join(directory, name.name + OPEN_ENDING);
    const file = await openFile(path, directory);
    return {
      ...name,
      file,
      path,
      ageTimer: this.#sealAfter(selfSegmentAgeMs),
      selfOnly: true,
      hasKeys: false,
      sizeBytes: 0,
      requests: [],
    };
  }

  #sealAfter(ageMs: number): NodeJS.Timeout {
    return setTimeout(() => {
      this.#sealWanted = true;
      this.#wake();
    }, ageMs);
  }

  /** Somebody else's telemetry is in the segment now: it is wanted soon. */
  #hasten(segment: OpenSegment): void {
    clearTimeout(segment.ageTimer);
    segment.selfOnly = false;
    segment.ageTimer = this.#sealAfter(this.#options.segmentAgeMs);
  }

  async #sealOpen(): Promise<void> {
    const segment = this.#segment;
    if (!segment) return;
    this.#segment = undefined;
    clearTimeout(segment.ageTimer);
    await closeQuietly(segment.file);
    const { signal, directory, onSealed, producers } = this.#options;
    const sealedPath = join(directory, segment.name + SEALED_ENDING);
    // The new name only spares recovery a scan; without it the segment is as good. With it the keys must stand elsewhere.
    const isNoted = !segment.hasKeys || (await producers.flush());
    const renamed = isNoted ? rename(segment.path, sealedPath) : Promise.reject(new Error('its keys are not noted'));
    const path = await renamed.then(
      () => sealedPath,
      () => segment.path,
    );
    const { name, sizeBytes, createdAtMs, requests } = segment;
    onSealed({ name, signal, path, sizeBytes, createdAtMs, ...(requests ? { requests } : {}) });
  }

  /** After a failed write: the file's end is unknown, so keep what was committed and never write to it again. */
  async #abandon(): Promise<void> {
    const segment = this.#segment;
    if (!segment) return;
    if (segment.sizeBytes === 0) {
      this.#segment = undefined;
      clearTimeout(segment.ageTimer);
      await closeQuietly(segment.file);
      await unlink(segment.path).catch(() => undefined);
      return;
    }
    const isCut = await segment.file.truncate(segment.sizeBytes).then(
      () => true,
      () => false,
    );
    if (isCut) return this.#sealOpen();
    // Not cut: it keeps the name of an open one, so that recovery cuts it if it is still there after a restart.
    this.#segment = undefined;
    clearTimeout(segment.ageTimer);
    await closeQuietly(segment.file);
    const { name, path, sizeBytes, createdAtMs } = segment;
    this.#options.onSealed({ name, signal: this.#options.signal, path, sizeBytes, createdAtMs });
  }
}

/** Remembers where the requests of a batch lie, which begins at the segment's end. */
function noteRequests(segment: OpenSegment, batch: readonly Waiting[]): void {
  if ((segment.requests?.length ?? 0) + batch.length > MAX_KNOWN_REQUESTS) segment.requests = undefined;
  let offset = segment.sizeBytes;
  for (const { frame, body, summary } of batch) {
    const bodyOffset = offset + frame.byteLength;
    const { items, self, metricFields } = summary;
    const known = metricFields === undefined ? {} : { metricFields };
    segment.requests?.push({ offset, bodyOffset, bodyBytes: body.byteLength, items, self, ...known });
    offset = bodyOffset + body.byteLength;
  }
}

function isDiskFull(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return code === 'ENOSPC' || code === 'EDQUOT';
}

function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Everything that counts was synced before: a failing close loses nothing. */
async function closeQuietly(file: SegmentFile): Promise<void> {
  await file.close().catch(() => undefined);
}
