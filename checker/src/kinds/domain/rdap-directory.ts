import { readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../clock.ts';
import { parseJson } from '../../expect/json-path.ts';
import { findServer, type RdapServers, readBootstrap, SNAPSHOT } from './bootstrap.ts';

/** Fetches IANA's registry as text; `undefined` where it does not come. */
export type FetchBootstrap = (signal: AbortSignal) => Promise<string | undefined>;

export interface RdapDirectoryOptions {
  readonly clock: Clock;
  /** Where what was fetched is kept; absent: in memory alone. */
  readonly folder?: string;
}

const DAY_MS = 86_400_000;
/** After a failure it is tried again no sooner. */
const PAUSE_MS = 60 * 60_000;
const FETCH_MS = 10_000;
/** Servers that asked for patience at once; the oldest gives way. */
const MOST_PAUSES = 1_000;

/**
 * Knows which RDAP server to ask, and which of them asked for patience. IANA's registry is fetched once a day, in the background: no
 * run waits for it, unless its domain is not in what is known.
 */
export class RdapDirectory {
  readonly #clock: Clock;
  readonly #file: string | undefined;
  readonly #pausedUntil = new Map<string, number>();
  readonly #stopping = new AbortController();
  #servers: RdapServers = SNAPSHOT;
  #fetchedUnixMs = 0;
  #notBeforeUnixMs = 0;
  #loading: Promise<void> | undefined;
  #refreshing: Promise<void> | undefined;
  /** A mistake of ours in the background: the next run is told. */
  #mistake: Error | undefined;

  constructor({ clock, folder }: RdapDirectoryOptions) {
    this.#clock = clock;
    this.#file = folder === undefined ? undefined : join(folder, 'rdap-dns.json');
  }

  /** The server to ask about a domain; `undefined` where none is known. */
  async find(domain: string, fetchBootstrap: FetchBootstrap, signal: AbortSignal): Promise<string | undefined> {
    await (this.#loading ??= this.#load());
    const known = findServer(this.#servers, domain);
    const isOld = this.#clock.wallMs() - this.#fetchedUnixMs > DAY_MS;
    const keepsNothing = this.#file === undefined;
    // Without a folder nobody will profit from what comes in the background.
    if (!isOld || (known !== undefined && keepsNothing)) return known;
    const mistake = this.#mistake;
    this.#mistake = undefined;
    if (mistake) throw mistake;
    const refreshed = this.#refresh(fetchBootstrap);
    if (known !== undefined) return known;
    const { promise: aborted, resolve: abort } = Promise.withResolvers<void>();
    signal.addEventListener('abort', () => abort(), { once: true });
    if (signal.aborted) abort();
    await Promise.race([refreshed, aborted]);
    return findServer(this.#servers, domain);
  }

  /** Until when a server does not want to be asked, Unix time in milliseconds; `undefined` where it may be. */
  pausedUntil(origin: string): number | undefined {
    const untilMs = this.#pausedUntil.get(origin);
    return untilMs !== undefined && untilMs > this.#clock.wallMs() ? untilMs : undefined;
  }

  pause(origin: string, untilUnixMs: number): void {
    this.#pausedUntil.delete(origin);
    this.#pausedUntil.set(origin, untilUnixMs);
    for (const oldest of this.#pausedUntil.keys()) {
      if (this.#pausedUntil.size <= MOST_PAUSES) break;
      this.#pausedUntil.delete(oldest);
    }
  }

  /** Gives up what is fetched right now. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#refreshing;
  }

  async #load(): Promise<void> {
    if (this.#file === undefined) return;
    try {
      const [text, { mtimeMs }] = [await readFile(this.#file, 'utf8'), await stat(this.#file)];
      const servers = readText(text);
      if (!servers) return;
      this.#servers = servers;
      // A clock that was set back must not keep it for ever.
      this.#fetchedUnixMs = Math.min(mtimeMs, this.#clock.wallMs());
    } catch (error) {
      if (!isAbsent(error)) throw error;
    }
  }

  #refresh(fetchBootstrap: FetchBootstrap): Promise<void> {
    if (this.#refreshing) return this.#refreshing;
    if (this.#clock.wallMs() < this.#notBeforeUnixMs || this.#stopping.signal.aborted) return Promise.resolve();
    this.#notBeforeUnixMs = this.#clock.wallMs() + PAUSE_MS;
    const signal = AbortSignal.any([AbortSignal.timeout(FETCH_MS), this.#stopping.signal]);
    this.#refreshing = this.#fetch(fetchBootstrap, signal)
      .catch((error: unknown) => {
        this.#mistake = new Error('the list of RDAP servers could not be fetched', { cause: error });
      })
      .finally(() => (this.#refreshing = undefined));
    return this.#refreshing;
  }

  async #fetch(fetchBootstrap: FetchBootstrap, signal: AbortSignal): Promise<void> {
    const text = await fetchBootstrap(signal);
    const servers = text === undefined ? undefined : readText(text);
    if (text === undefined || !servers) return;
    this.#servers = servers;
    this.#fetchedUnixMs = this.#clock.wallMs();
    if (this.#file === undefined) return;
    try {
      await writeFile(`${this.#file}.new`, text);
      await rename(`${this.#file}.new`, this.#file);
    } catch (error) {
      // A disk that takes nothing: what is in memory does until the next start.
      if (!(error instanceof Error && 'code' in error)) throw error;
    }
  }
}

function readText(text: string): RdapServers | undefined {
  const parsed = parseJson(text);
  return parsed.status === 'json' ? readBootstrap(parsed.value) : undefined;
}

function isAbsent(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
