import { readFileSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import type { Logger } from '@tocsin/service/log';
import type { CancelTimer, Clock } from '../clock.ts';
import type { Known } from './monitor-state.ts';

/** What of a monitor's state outlives the process. */
export interface KeptState {
  readonly known: Known;
  readonly sinceUnixMs: number;
  /** The monitor whose failure explains that this one is down. */
  readonly suppressedBy?: string;
  /** It was last found so in a maintenance that mutes. */
  readonly isFoundMuted?: boolean;
}

/** Changes within this time are written together. */
const GATHER_MS = 500;
const VERSION = 1;

export interface StateFileOptions {
  readonly path: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** All states as they are now. */
  readonly read: () => Iterable<readonly [name: string, state: KeptState]>;
}

/** Keeps confirmed states in a file, so that a restart changes none of them. A file that cannot be read begins anew. */
export class StateFile {
  readonly #options: StateFileOptions;
  #cancel: CancelTimer | undefined;
  #writing = Promise.resolve();
  #isStopped = false;

  constructor(options: StateFileOptions) {
    this.#options = options;
  }

  load(): ReadonlyMap<string, KeptState> {
    const { path, log } = this.#options;
    try {
      return readKept(JSON.parse(readFileSync(path, 'utf8')));
    } catch (error) {
      const isAbsent = error instanceof Error && 'code' in error && error.code === 'ENOENT';
      if (!isAbsent) log.warn({ path, err: error }, 'the states of the monitors cannot be read; they begin anew');
      return new Map();
    }
  }

  /** Something has changed: the file is written within a moment. */
  touch(): void {
    if (!this.#isStopped) this.#cancel ??= this.#options.clock.after(GATHER_MS, () => void this.#write());
  }

  /** Writes what is left. Idempotent. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    if (this.#cancel) void this.#write();
    await this.#writing;
  }

  #write(): Promise<void> {
    const { path, read, log } = this.#options;
    this.#cancel?.();
    this.#cancel = undefined;
    const text = JSON.stringify({ version: VERSION, monitors: Object.fromEntries(read()) });
    this.#writing = this.#writing.then(async () => {
      try {
        await writeFile(`${path}.new`, text);
        await rename(`${path}.new`, path);
      } catch (error) {
        log.error({ path, err: error }, 'the states of the monitors cannot be kept');
      }
    });
    return this.#writing;
  }
}

function readKept(document: unknown): Map<string, KeptState> {
  const kept = new Map<string, KeptState>();
  if (typeof document !== 'object' || document === null || !('monitors' in document)) return kept;
  for (const [name, value] of Object.entries(document.monitors as Record<string, Partial<KeptState>>)) {
    const { known, sinceUnixMs = 0, suppressedBy, isFoundMuted } = value;
    if (known !== 'up' && known !== 'degraded' && known !== 'down') continue;
    const explained = suppressedBy === undefined ? {} : { suppressedBy };
    kept.set(name, { known, sinceUnixMs, ...explained, ...(isFoundMuted === true ? { isFoundMuted } : {}) });
  }
  return kept;
}
