import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { Logger } from '@tocsin/service/log';

/** When something is told of the states of monitors: by the clock, and in which order. */
export interface Telling {
  /** The time of day. It may be earlier than that of what was told before, where the clock was set back. */
  readonly unixMs: number;
  /** The same, but always later than that of everything told before. Sent as the start time of the points. */
  readonly orderMs: number;
}

export interface TellingOrderOptions {
  readonly path: string;
  readonly log: Logger;
}

/** The file names an order this far ahead of what is told, so that it is not written for each. No more: a clock set back by less while nothing runs is not noticed. */
const RESERVE_MS = 1_000;

/**
 * The order of what a checker tells. While its clock was ahead it has dated states into the future; these must not count once it was set back and
 * their time comes. The order outlives the process: the file bounds what was ever told.
 */
export class TellingOrder {
  readonly #options: TellingOrderOptions;
  #lastMs: number;
  #reservedMs: number;
  #isFailing = false;

  /** @param nowMs the time of day. Unless it is earlier than everything that may have been told, the order goes on with the clock. */
  constructor(options: TellingOrderOptions, nowMs: number) {
    this.#options = options;
    this.#reservedMs = this.#read();
    this.#lastMs = nowMs < this.#reservedMs - RESERVE_MS ? this.#reservedMs : 0;
  }

  /** The next telling, at this time of day. */
  next(unixMs: number): Telling {
    this.#lastMs = Math.max(unixMs, this.#lastMs + 1);
    if (this.#lastMs > this.#reservedMs) this.#write(this.#lastMs + RESERVE_MS);
    return { unixMs, orderMs: this.#lastMs };
  }

  #read(): number {
    const { path, log } = this.#options;
    try {
      const kept: unknown = JSON.parse(readFileSync(path, 'utf8'));
      if (typeof kept === 'object' && kept !== null && 'untilUnixMs' in kept && Number.isFinite(kept.untilUnixMs))
        return Number(kept.untilUnixMs);
      log.warn({ path }, 'the order of what was told cannot be read; it begins with the clock');
    } catch (error) {
      const isAbsent = error instanceof Error && 'code' in error && error.code === 'ENOENT';
      if (!isAbsent)
        log.warn({ path, err: error }, 'the order of what was told cannot be read; it begins with the clock');
    }
    return 0;
  }

  /** A few bytes once a second at most, before what they bound is told. */
  #write(untilUnixMs: number): void {
    const { path, log } = this.#options;
    try {
      writeFileSync(`${path}.new`, JSON.stringify({ untilUnixMs }));
      renameSync(`${path}.new`, path);
      this.#reservedMs = untilUnixMs;
      this.#isFailing = false;
    } catch (error) {
      if (!this.#isFailing) log.error({ path, err: error }, 'the order of what is told cannot be kept');
      this.#isFailing = true;
    }
  }
}
