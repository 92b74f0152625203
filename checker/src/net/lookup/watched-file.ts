import { readFileSync, statSync } from 'node:fs';

/** A changed file is seen after this long. */
const LOOK_EVERY_MS = 1_000;

/**
 * A small file of the system that may change at any time. It is looked at without the threads that lookups may keep busy; what is made
 * of its text is made once for each change.
 */
export class WatchedFile<T> {
  readonly #path: string;
  readonly #read: (text: string | undefined) => T;
  #lookedAtMs = -Infinity;
  #sign: string | undefined;
  #value: T | undefined;

  /** @param read is given `undefined` where there is no such file, or none that we may read */
  constructor(path: string, read: (text: string | undefined) => T) {
    this.#path = path;
    this.#read = read;
  }

  /** @param nowMs on a monotonic clock */
  value(nowMs: number): T {
    if (this.#value !== undefined && nowMs - this.#lookedAtMs < LOOK_EVERY_MS) return this.#value;
    this.#lookedAtMs = nowMs;
    const stat = statSync(this.#path, { throwIfNoEntry: false });
    const sign = stat ? `${stat.ino}/${stat.mtimeMs}/${stat.size}` : 'absent';
    if (this.#value === undefined || sign !== this.#sign) {
      this.#sign = sign;
      this.#value = this.#read(stat ? this.#text() : undefined);
    }
    return this.#value;
  }

  #text(): string | undefined {
    try {
      return readFileSync(this.#path, 'utf8');
    } catch (error) {
      if (error instanceof Error && 'code' in error) return undefined;
      throw error;
    }
  }
}
