import { readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Logger } from '@tocsin/service/log';
import { type AppendResult, type RequestKey, type Signal, SIGNALS } from '../signal.ts';
import { syncDirectory, writeDurably } from './durable-file.ts';
import { type KnownProducer, Producers } from './producers.ts';
import type { SequenceState } from './sequence-window.ts';

/** What a book is made of. */
export interface ProducerBookOptions {
  /** Its folder exists. */
  readonly path: string;
  /** The most producers, each of their signals counted. */
  readonly limit: number;
  readonly log: Logger;
}

/**
 * Which requests with a key have been stored, past the segments they are in. A key is first on the disk in the frame of its request; the file
 * holds those of all segments that have the ending of sealed ones, because `flush()` comes before a segment gets that name. So what an
 * earlier process knew is the file and the keys in the segments that were open.
 */
export class ProducerBook {
  readonly #options: ProducerBookOptions;
  readonly #producers: Producers;
  readonly #underWay = new Map<string, Promise<AppendResult>>();
  /** Changes so far, and those that the file holds. */
  #changes = 0;
  #writtenChanges = 0;
  #writing: Promise<boolean> | undefined;
  #isFailing = false;
  /** Whether the file was there and whole. Otherwise the keys of sealed segments have to be read again, too. */
  readonly isSound: boolean;

  private constructor(options: ProducerBookOptions, known: readonly KnownProducer[] | undefined) {
    this.#options = options;
    this.#producers = new Producers(options.limit);
    for (const producer of known ?? []) this.#producers.put(producer);
    this.isSound = known !== undefined;
    if (!known) this.#changes = 1;
  }

  /** Reads what an earlier process has left. A file that is damaged stops nothing: the log says so. */
  static async open(options: ProducerBookOptions): Promise<ProducerBook> {
    return new ProducerBook(options, await readKnown(options));
  }

  get count(): number {
    return this.#producers.count;
  }

  /** Producers that had to leave since this process began. */
  get forgotten(): number {
    return this.#producers.forgotten;
  }

  /** Stores a request unless it has been stored; one whose twin is being stored shares its fate. */
  async storeOnce(signal: Signal, key: RequestKey, store: () => Promise<AppendResult>): Promise<AppendResult> {
    const name = [signal, key.sender, key.producer, key.sequence].join(' ');
    const twin = this.#underWay.get(name);
    if (twin) {
      const result = await twin;
      return result.status === 'stored' ? { status: 'repeated', isExact: true } : result;
    }
    const state: SequenceState = this.#producers.find(signal, key);
    if (state !== 'new') return { status: 'repeated', isExact: state === 'stored' };
    const storing = store();
    this.#underWay.set(name, storing);
    try {
      return await storing;
    } finally {
      this.#underWay.delete(name);
    }
  }

  /** A request is on the disk, with its key. */
  note(signal: Signal, key: RequestKey): void {
    this.#producers.note(signal, key);
    this.#changes += 1;
  }

  /** Brings all that has been noted into the file. @returns whether it is there, fsynced; the log says why not */
  async flush(): Promise<boolean> {
    const wanted = this.#changes;
    while (this.#writtenChanges < wanted) {
      this.#writing ??= this.#write().finally(() => {
        this.#writing = undefined;
      });
      if (!(await this.#writing)) return false;
    }
    return true;
  }

  async #write(): Promise<boolean> {
    const { path, log } = this.#options;
    const changes = this.#changes;
    try {
      await writeDurably(`${path}.new`, Buffer.from(encodeKnown(this.#producers.list())));
      await rename(`${path}.new`, path);
      await syncDirectory(dirname(path));
    } catch (err) {
      if (!this.#isFailing) log.error({ err, path }, 'cannot write down what producers have sent; it is tried again');
      this.#isFailing = true;
      return false;
    }
    this.#isFailing = false;
    this.#writtenChanges = changes;
    return true;
  }
}

/** One line a producer: sender, producer, signal, the last number and, in hex, the window. */
function encodeKnown(known: readonly KnownProducer[]): string {
  const lines = known.map(({ sender, producer, signal, window: { last, stored } }) =>
    JSON.stringify([sender, producer, signal, last, stored.toString(16)]),
  );
  return `{"version":1,"producers":[\n${lines.join(',\n')}\n]}\n`;
}

async function readKnown({ path, log }: ProducerBookOptions): Promise<readonly KnownProducer[] | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (err) {
    if ((err as NodeJS.ErrnoException).code !== 'ENOENT')
      log.error({ err, path }, 'cannot read what producers have sent: what is sent again may be stored again');
    return undefined;
  }
  const known = decodeKnown(text);
  if (!known) log.error({ path }, 'what producers have sent is damaged: what is sent again may be stored again');
  return known;
}

function decodeKnown(text: string): readonly KnownProducer[] | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  const { version, producers } = (value ?? {}) as { readonly version?: unknown; readonly producers?: unknown };
  if (version !== 1 || !Array.isArray(producers)) return undefined;
  const known = producers.map((line: unknown) => (Array.isArray(line) ? decodeLine(line) : undefined));
  return known.every((producer) => producer !== undefined) ? known : undefined;
}

function decodeLine([sender, producer, signal, last, stored]: readonly unknown[]): KnownProducer | undefined {
  const isText = (part: unknown, shape: RegExp): part is string => typeof part === 'string' && shape.test(part);
  const known = SIGNALS.find((candidate) => candidate === signal);
  if (!isText(sender, /^[0-9a-f]{16}$/) || !isText(producer, /^[0-9a-f-]{36}$/) || !known) return undefined;
  if (!Number.isSafeInteger(last) || !isText(stored, /^[0-9a-f]{1,16}$/)) return undefined;
  return { sender, producer, signal: known, window: { last: Number(last), stored: BigInt(`0x${stored}`) } };
}
