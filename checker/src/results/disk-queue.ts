import { randomUUID } from 'node:crypto';
import { type FileHandle, open, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '@tocsin/service/log';
import type { CancelTimer, Clock } from '../clock.ts';
import { type Cursor, CursorFile, recoverFolder, type Segment } from './disk-folder.ts';
import {
  encodeFrameHead,
  encodeMark,
  encodeSegmentHead,
  FRAME_HEAD_BYTES,
  MARK_BYTES,
  readBatch,
} from './disk-segment.ts';
import type { Envelope } from './envelope.ts';
import type { Batch, BatchSource, DropReason } from './otlp-lane.ts';

export interface DiskQueueOptions {
  readonly folder: string;
  /** Of what is put in from now on. */
  readonly envelope: Envelope;
  /** What waits on disk is at most about this much; beyond it the oldest segments go. */
  readonly maxBytes: number;
  readonly clock: Clock;
  readonly log: Logger;
  readonly onDropped: (count: number, reason: DropReason, message: string) => void;
}

/** What comes within this time is written together; a process that is killed loses no more. */
const FLUSH_AFTER_MS = 20;
const RETRY_WRITE_MS = 1_000;
/** A batch is at most so large, unless it is one payload; it is read at a time. */
const MAX_BATCH_BYTES = 2 ** 20;
const MAX_BATCH = 512;
const SEGMENT_BYTES = 2 * 2 ** 20;
/** What waits to be written while the disk takes nothing. */
const MAX_PENDING_BYTES = 32 * 2 ** 20;

interface DiskBatch extends Batch {
  readonly segment: Segment;
  readonly next: Cursor;
}

/** The batch at the end of the writer's segment, which grows until it is full or goes out. */
interface OpenBatch {
  readonly atBytes: number;
  readonly count: number;
  readonly sizeBytes: number;
}

/**
 * Results on their way to the collector, in order, in segment files. Everything goes through the files, so that what waits survives the
 * process; while the collector takes results a file lives for some seconds and is seldom written to the medium. No `fsync`: a process that is
 * killed loses nothing that was written, a machine without power the last seconds.
 *
 * Where a batch begins, and its number, is written with the first of its payloads, and once it was taken nothing is added to it. So whatever
 * becomes of the process, and however old the cursor is that it finds, a batch that goes out again has the same content and the same key.
 */
export class DiskQueue implements BatchSource {
  readonly #options: DiskQueueOptions;
  readonly #segments: Segment[];
  readonly #cursorFile: CursorFile;
  #cursor: Cursor;
  #pending: Uint8Array[] = [];
  #pendingBytes = 0;
  #writer: { readonly segment: Segment; readonly handle: FileHandle } | undefined;
  #nextNumber: number;
  /** Anew in each process: a folder that was copied or restored is another producer as soon as it is written to. */
  readonly #producer = randomUUID();
  #sequence = 0;
  #openBatch: OpenBatch | undefined;
  /** Writing and taking, one after the other. */
  #tail: Promise<unknown> = Promise.resolve();
  #cancelFlush: CancelTimer | undefined;
  #isFailing = false;
  #isStopped = false;
  onReady: () => void = () => {};

  private constructor(options: DiskQueueOptions, segments: Segment[], cursor: Cursor, cursorFile: CursorFile) {
    this.#options = options;
    this.#segments = segments;
    this.#cursor = cursor;
    this.#cursorFile = cursorFile;
    this.#nextNumber = Math.max(cursor.segment, segments.at(-1)?.number ?? 0) + 1;
  }

  /** Opens a folder with what an earlier process left in it. @throws the system's error where the folder cannot be used */
  static async open(options: DiskQueueOptions): Promise<DiskQueue> {
    const { folder, log, onDropped } = options;
    const { segments, cursor, torn } = await recoverFolder(folder);
    if (torn > 0) onDropped(torn, 'torn', 'the end of a file of the buffer was not whole');
    const waiting = segments.reduce((sum, segment) => sum + segment.waiting, 0);
    if (waiting > 0) log.info({ folder, waiting }, 'results of an earlier process go out first');
    return new DiskQueue(options, segments, cursor, await CursorFile.open(folder));
  }

  get size(): number {
    return this.#segments.reduce((sum, { waiting }) => sum + waiting, 0) + this.#pending.length;
  }

  /** Bytes on disk. */
  get sizeBytes(): number {
    return this.#segments.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  }

  append(payload: Uint8Array): void {
    if (payload.length === 0) return;
    const { clock, onDropped } = this.#options;
    if (this.#isStopped) return onDropped(1, 'shutdown', 'the checker is stopping');
    this.#pending.push(payload);
    this.#pendingBytes += payload.length;
    while (this.#pendingBytes > MAX_PENDING_BYTES) {
      this.#pendingBytes -= this.#pending.shift()?.length ?? 0;
      onDropped(1, 'overflow', 'the disk takes no results');
    }
    this.#cancelFlush ??= clock.after(this.#isFailing ? RETRY_WRITE_MS : FLUSH_AFTER_MS, () => void this.flush());
    return undefined;
  }

  /** Writes what has come. */
  flush(): Promise<void> {
    this.#cancelFlush?.();
    this.#cancelFlush = undefined;
    const written = this.#tail.then(() => this.#write());
    this.#tail = written;
    return written;
  }

  /** The oldest batch that the collector has not taken: the same until it is done. */
  next(): Promise<DiskBatch | undefined> {
    const taken = this.#tail.then(() => this.#take());
    // What becomes of it is for whoever takes it.
    this.#tail = taken.catch(() => undefined);
    return taken;
  }

  async #take(): Promise<DiskBatch | undefined> {
    for (;;) {
      const [segment] = this.#segments;
      if (!segment) return undefined;
      const atBytes = segment.number === this.#cursor.segment ? this.#cursor.atBytes : segment.startBytes;
      if (segment.waiting > 0) {
        if (this.#writer?.segment === segment && this.#openBatch?.atBytes === atBytes) this.#openBatch = undefined;
        const batch = await this.#read(segment, atBytes);
        if (batch) return batch;
        if (this.#segments[0] === segment) this.#drop(segment, 'torn', 'a file of the buffer is damaged');
        continue;
      }
      if (this.#writer?.segment === segment) return undefined;
      await this.#forget(segment);
    }
  }

  /** The collector has taken a batch, or never will. */
  async done({ segment, next, count }: DiskBatch): Promise<void> {
    if (!this.#segments.includes(segment)) return;
    segment.waiting = Math.max(0, segment.waiting - count);
    if (next.segment === this.#cursor.segment && next.atBytes < this.#cursor.atBytes) return;
    this.#cursor = next;
    await this.#cursorFile.write(next).catch((error: unknown) => this.#complain(error));
    if (segment.waiting <= 0 && this.#writer?.segment !== segment) await this.#forget(segment);
  }

  /** Writes what is left and closes; what waits stays. Idempotent. */
  async stop(): Promise<void> {
    if (this.#isStopped) return;
    this.#isStopped = true;
    await this.flush();
    if (this.#pending.length > 0)
      this.#options.onDropped(this.#pending.length, 'shutdown', 'the disk took them no more');
    await this.#writer?.handle.close();
    this.#writer = undefined;
    await this.#cursorFile.close();
  }

  async #write(): Promise<void> {
    const pending = this.#pending;
    if (pending.length === 0) return;
    this.#pending = [];
    this.#pendingBytes = 0;
    try {
      const { segment, handle } = await this.#openWriter();
      const { bytes, openBatch, sequence } = this.#encode(pending, segment.sizeBytes);
      await writeWhole(handle, bytes, segment.sizeBytes);
      this.#openBatch = openBatch;
      this.#sequence = sequence;
      segment.sizeBytes += bytes.length;
      segment.waiting += pending.length;
      this.#isFailing = false;
      this.#limit();
      this.onReady();
    } catch (error) {
      this.#complain(error);
      this.#pending = [...pending, ...this.#pending];
      this.#pendingBytes += pending.reduce((sum, { length }) => sum + length, 0);
      if (!this.#isStopped) this.#cancelFlush ??= this.#options.clock.after(RETRY_WRITE_MS, () => void this.flush());
    }
  }

  /** Payloads as they stand in a file that ends at `atBytes`: in the batch that is open as far as there is room, and in new ones. */
  #encode(pending: readonly Uint8Array[], atBytes: number) {
    const parts: Uint8Array[] = [];
    let sequence = this.#sequence;
    let openBatch = this.#openBatch;
    let endBytes = atBytes;
    for (const payload of pending) {
      const frameBytes = FRAME_HEAD_BYTES + payload.length;
      if (!openBatch || openBatch.count >= MAX_BATCH || openBatch.sizeBytes + frameBytes > MAX_BATCH_BYTES) {
        sequence += 1;
        parts.push(encodeMark(sequence));
        openBatch = { atBytes: endBytes, count: 0, sizeBytes: MARK_BYTES };
        endBytes += MARK_BYTES;
      }
      parts.push(encodeFrameHead(payload), payload);
      const { count, sizeBytes } = openBatch;
      openBatch = { ...openBatch, count: count + 1, sizeBytes: sizeBytes + frameBytes };
      endBytes += frameBytes;
    }
    return { bytes: Buffer.concat(parts), openBatch, sequence };
  }

  async #openWriter(): Promise<{ readonly segment: Segment; readonly handle: FileHandle }> {
    const { folder, envelope, maxBytes } = this.#options;
    if (this.#writer && this.#writer.segment.sizeBytes < Math.min(SEGMENT_BYTES, maxBytes / 4)) return this.#writer;
    await this.#writer?.handle.close();
    this.#writer = undefined;
    this.#openBatch = undefined;
    const number = this.#nextNumber;
    const path = join(folder, `${String(number).padStart(12, '0')}.seg`);
    const handle = await open(path, 'w');
    this.#nextNumber += 1;
    const producer = this.#producer;
    const head = encodeSegmentHead(producer, envelope);
    await writeWhole(handle, head, 0);
    const segment = { number, path, envelope, producer, startBytes: head.length, sizeBytes: head.length, waiting: 0 };
    this.#segments.push(segment);
    this.#writer = { segment, handle };
    return this.#writer;
  }

  #limit(): void {
    while (this.#segments.length > 1 && this.sizeBytes > this.#options.maxBytes) {
      const [oldest] = this.#segments;
      if (oldest) this.#drop(oldest, 'overflow', 'more results wait for the collector than checker.buffer.max_size');
    }
  }

  #drop(segment: Segment, reason: DropReason, message: string): void {
    if (segment.waiting > 0) this.#options.onDropped(segment.waiting, reason, message);
    segment.waiting = 0;
    if (this.#writer?.segment !== segment) void this.#forget(segment);
    else {
      this.#cursor = { segment: segment.number, atBytes: segment.sizeBytes };
      this.#openBatch = undefined;
    }
  }

  async #forget(segment: Segment): Promise<void> {
    const at = this.#segments.indexOf(segment);
    if (at >= 0) this.#segments.splice(at, 1);
    await unlink(segment.path).catch((error: unknown) => this.#complain(error));
  }

  async #read(segment: Segment, atBytes: number): Promise<DiskBatch | undefined> {
    const handle = await open(segment.path, 'r').catch(() => undefined);
    if (!handle) return undefined;
    try {
      const first = await readAt(handle, atBytes, Math.min(MAX_BATCH_BYTES, segment.sizeBytes - atBytes));
      let frames = readBatch(first, MAX_BATCH);
      // One frame that is larger than what is read at a time.
      if (frames.payloads.length === 0 && typeof frames.next === 'number')
        frames = readBatch(await readAt(handle, atBytes, frames.next), 1);
      const { payloads, endBytes, sequence } = frames;
      if (payloads.length === 0) return undefined;
      const { envelope, producer } = segment;
      const key = producer === undefined || sequence === undefined ? undefined : `${producer}/${sequence}`;
      const next = { segment: segment.number, atBytes: atBytes + endBytes };
      return { envelope, payloads, count: payloads.length, key, segment, next };
    } finally {
      await handle.close();
    }
  }

  #complain(error: unknown): void {
    if (!this.#isFailing)
      this.#options.log.error({ folder: this.#options.folder, err: error }, 'the buffer of results fails');
    this.#isFailing = true;
  }
}

/** The disk may take a part of what it is given. */
async function writeWhole(handle: FileHandle, bytes: Buffer, atBytes: number): Promise<void> {
  for (let done = 0; done < bytes.length;)
    done += (await handle.write(bytes, done, bytes.length - done, atBytes + done)).bytesWritten;
}

async function readAt(handle: FileHandle, atBytes: number, sizeBytes: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(sizeBytes);
  const { bytesRead } = await handle.read(buffer, 0, sizeBytes, atBytes);
  return buffer.subarray(0, bytesRead);
}
