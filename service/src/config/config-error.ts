import { formatProblems, type Problem } from './problem.ts';
import type { WatchedFiles } from './source-files.ts';

/** The configuration cannot be used. `problems` is never empty; the message lists them all. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly code = 'TOCSIN_CONFIG_INVALID';
  readonly problems: readonly Problem[];
  /** The files that were read as far as they are known, the bad ones among them. */
  readonly watched: WatchedFiles | undefined;

  constructor(problems: readonly Problem[], watched?: WatchedFiles) {
    super(formatProblems(problems));
    this.problems = problems;
    this.watched = watched;
  }
}
