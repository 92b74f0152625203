/** A secret that is in a file there: `${file:…}`, which must not be taken for text with a dollar sign. */
export class FileText {
  readonly path: string;
  readonly prefix: string;

  /** @param prefix text of the setting before it */
  constructor(path: string, prefix = '') {
    this.path = path;
    this.prefix = prefix;
  }
}

/** A value of our YAML. */
export type Setting = string | number | boolean | FileText | readonly Setting[] | Settings;
export interface Settings {
  readonly [key: string]: Setting | undefined;
}

/** One monitor of another tool, in our settings. */
export interface ImportedMonitor {
  /** As `monitors:` has them. */
  readonly settings: Settings & { readonly name: string };
  /** What could not be translated, each a sentence without its end. */
  readonly notes: readonly string[];
  /** Why it is written as a comment only: it is paused there, or it has no target. */
  readonly commentedBecause?: string;
}

/** Everything that was found in a file. */
export interface Imported {
  readonly monitors: readonly ImportedMonitor[];
  /** What belongs to no monitor that was written. */
  readonly notes: readonly string[];
}

/** The file is not what it was said to be; the message says what was expected and what was found. */
export class ImportError extends Error {
  override readonly name = 'ImportError';
  readonly code = 'TOCSIN_IMPORT_UNREADABLE';
}
