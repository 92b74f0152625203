import { open, readFile, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ifMissing, syncDirectory } from '../journal/durable-file.ts';
import { PROGRESS_ENDING } from '../journal/segment-writer.ts';

const LINE = /^(done|split) \S+ \d+ \d+$/;

/** What was noted about a part of a segment: it is in its table (or a dead letter), or it is loaded in halves. */
export type PartNote = 'done' | 'split';

/**
 * How far a segment has come, for those that do not go in at once: kept beside the segment in `NAME.progress`, one line a note, and
 * gone with it. A segment that is loaded at the first attempt never has the file.
 *
 * It is what keeps loading exact over a kill: a part that was cut in halves must never again be tried whole, for its halves have tokens
 * of their own; and what is done need not be remembered by ClickHouse, whose memory for tokens is limited.
 */
export class LoadProgress {
  readonly #path: string;
  readonly #notes: Set<string>;
  #unwritten: string[] = [];
  #hasFile: boolean;

  private constructor(path: string, notes: Set<string>, hasFile: boolean) {
    this.#path = path;
    this.#notes = notes;
    this.#hasFile = hasFile;
  }

  /** Reads what an earlier attempt or process noted of a segment. */
  static async open(directory: string, segment: string): Promise<LoadProgress> {
    const path = join(directory, segment + PROGRESS_ENDING);
    const text = await readFile(path, 'utf8').catch(ifMissing);
    const lines = (text ?? '').split('\n').filter((line) => LINE.test(line));
    return new LoadProgress(path, new Set(lines), text !== undefined);
  }

  has(note: PartNote, part: string): boolean {
    return this.#notes.has(`${note} ${part}`);
  }

  /** Notes that a part is done: in memory, and on disk with the next `flush`. */
  noteDone(part: string): void {
    this.#note('done', part);
  }

  /** Notes that a part is loaded in halves from now on. It is on disk on return: only then a half may be tried. */
  async noteSplit(part: string): Promise<void> {
    this.#note('split', part);
    await this.flush();
  }

  /** Brings on disk what was noted. */
  async flush(): Promise<void> {
    if (this.#unwritten.length === 0) return;
    const file = await open(this.#path, 'a');
    try {
      // A kill may have cut the last line: a line of its own keeps this one whole.
      await file.write(`\n${this.#unwritten.join('\n')}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    if (!this.#hasFile) await syncDirectory(dirname(this.#path));
    this.#hasFile = true;
    this.#unwritten = [];
  }

  /** Removes the file, after the segment itself has gone. */
  async remove(): Promise<void> {
    if (this.#hasFile) await unlink(this.#path).catch(ifMissing);
  }

  #note(note: PartNote, part: string): void {
    const line = `${note} ${part}`;
    if (this.#notes.has(line)) return;
    this.#notes.add(line);
    this.#unwritten.push(line);
  }
}
