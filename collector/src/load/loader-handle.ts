import type { TocsinConfig } from '@tocsin/service/config';
import type { Logger } from '@tocsin/service/log';
import type { JournalHandle } from '../journal/journal.ts';
import type { DeadLetterStats } from './dead-letter.ts';

/** What a loader is made of. */
export interface LoaderOptions {
  /** Where ClickHouse is and the number of lanes come from here. */
  readonly config: TocsinConfig;
  /** The collector's own data directory; dead letters go to `dead-letter/` below it. */
  readonly directory: string;
  readonly journal: JournalHandle;
  readonly log: Logger;
  /** The clock, in milliseconds since the epoch; default `Date.now`. */
  readonly now?: () => number;
}

/** How loading goes, for readiness notes. */
export interface LoaderState {
  /** `migrating` until the schema is in place, then `loading`; `waiting` while ClickHouse refuses or is away. */
  readonly phase: 'migrating' | 'loading' | 'waiting' | 'stopped';
  /** Since when ClickHouse has not taken anything, in milliseconds since the epoch; `undefined` while it does. */
  readonly awaySinceMs: number | undefined;
  /** The last refusal in words. */
  readonly lastError: string | undefined;
  /** What was set aside because ClickHouse refuses it. */
  readonly deadLetters: DeadLetterStats;
}

/** Moves sealed segments into ClickHouse, in the background, for ever. */
export interface Loader {
  /** Starts migrating (retried until it works) and then loading. Returns at once. */
  start(): void;
  state(): LoaderState;
  /**
   * From now on only segments that have been tried are loaded: of those ClickHouse may have a part. Asked again it says how many are left.
   * @returns how many; at 0 ClickHouse has no part of anything that is in the journal
   */
  hold(): number;
  /** Loading goes on. */
  release(): void;
  /** Seals the journal, loads what is left for at most 3 s and leaves the rest in the journal. Idempotent. */
  stop(): Promise<void>;
}
