import { mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ifMissing, syncDirectory, writeDurably } from '../journal/durable-file.ts';
import type { Signal } from '../signal.ts';

/** Why something lies in the dead-letter folder: ClickHouse refused it, or its checksum is wrong. */
export type DeadLetterReason = 'refused' | 'damaged';

/** A request that cannot be loaded, with all that is known about it. */
export interface DeadLetter {
  readonly segment: string;
  readonly signal: Signal;
  /** Where it lay in the segment, in bytes. */
  readonly offset: number;
  readonly reason: DeadLetterReason;
  /** The table that did not take it; a request of metrics may have been taken by the others. */
  readonly table?: string;
  /** ClickHouse's error code and words. */
  readonly code?: number;
  readonly message: string;
  readonly items?: number;
  readonly at: Date;
}

/** `full`: the folder has reached its limit and nothing was kept. */
export type KeepResult = 'kept' | 'full';

/** What lies in the dead-letter folder. */
export interface DeadLetterStats {
  readonly count: number;
  readonly bytes: number;
  readonly maxBytes: number;
  /** The last request was not kept for want of room: its segment is held in the journal. */
  readonly isFull: boolean;
}

/** The dead-letter folder with its limit. People take letters out of it while the collector runs (`npx tocsin journal`). */
export interface DeadLetters {
  /**
   * Keeps a request: its bytes as they came in `NAME.otlp` (a valid body for `POST /v1/…`) and why in `NAME.reason.json`. Both are on disk
   * on return. The same request always gets the same name.
   */
  keep(letter: DeadLetter, body: Uint8Array): Promise<KeepResult>;
  /** Looks at the folder again where it has changed. */
  refresh(): Promise<void>;
  stats(): DeadLetterStats;
}

/** The two files of a letter. */
export const BODY_ENDING = '.otlp';
export const REASON_ENDING = '.reason.json';
/** Letters, each of which is two files: a folder that people can still list. */
const MAX_LETTERS = 10_000;

/** The name of a request's dead letter. */
export function deadLetterName({ segment, offset, table }: Pick<DeadLetter, 'segment' | 'offset' | 'table'>): string {
  return [segment, offset, table ?? 'damaged'].join('.');
}

/** Makes the store of a folder, which comes into being with its first letter. */
export function createDeadLetters(directory: string, maxBytes: number): DeadLetters {
  let sizes = new Map<string, number>();
  let seenMs = -1;
  let isFull = false;
  const sum = (): number => [...sizes.values()].reduce((total, bytes) => total + bytes, 0);

  const refresh = async (): Promise<void> => {
    const changedMs = await stat(directory).then(({ mtimeMs }) => mtimeMs, ifMissing);
    if (changedMs === seenMs) return;
    sizes = changedMs === undefined ? new Map<string, number>() : await readSizes(directory);
    seenMs = changedMs ?? -1;
    if (sizes.size < MAX_LETTERS && sum() < maxBytes) isFull = false;
  };

  return {
    refresh,
    stats: () => ({ count: sizes.size, bytes: sum(), maxBytes, isFull }),
    async keep(letter, body) {
      await refresh();
      const name = deadLetterName(letter);
      const isKnown = sizes.has(name);
      isFull = !isKnown && (sizes.size >= MAX_LETTERS || sum() + body.byteLength > maxBytes);
      if (isFull) return 'full';
      await mkdir(directory, { recursive: true });
      const reason = `${JSON.stringify({ ...letter, bytes: body.byteLength }, undefined, 2)}\n`;
      await writeDurably(join(directory, name + REASON_ENDING), Buffer.from(reason));
      await writeDurably(join(directory, name + BODY_ENDING), body);
      await syncDirectory(directory);
      sizes.set(name, body.byteLength);
      return 'kept';
    },
  };
}

async function readSizes(directory: string): Promise<Map<string, number>> {
  const sizes = new Map<string, number>();
  for (const file of await readdir(directory)) {
    if (!file.endsWith(BODY_ENDING)) continue;
    const bytes = await stat(join(directory, file)).then(({ size }) => size, ifMissing);
    if (bytes !== undefined) sizes.set(file.slice(0, -BODY_ENDING.length), bytes);
  }
  return sizes;
}

/** Reads why a request lies there. @returns `undefined` where there is no such letter */
export async function readReason(directory: string, name: string): Promise<DeadLetter | undefined> {
  const text = await readFile(join(directory, name + REASON_ENDING), 'utf8').catch(ifMissing);
  if (text === undefined) return undefined;
  const letter = JSON.parse(text) as Omit<DeadLetter, 'at'> & { readonly at: string };
  return { ...letter, at: new Date(letter.at) };
}
