import { ConfigError, type TocsinConfig } from '../config/index.ts';
import { mergeReload, settingsThatWait } from '../config/reload.ts';
import { signFiles } from '../config/source-files.ts';
import type { Logger } from '../log/logger.ts';

const LOOK_EVERY_MS = 2_000;

/** What came of reading the configuration again. What is wrong with a bad one is in the log. */
export type ReloadOutcome = { readonly status: 'ok' } | { readonly status: 'failed' };

/** How the last reading of the configuration went; the start counts as one. */
export interface LastReload {
  readonly successful: boolean;
  /** When the last reading that succeeded was, in milliseconds since the epoch. */
  readonly succeededAtMs: number;
}

/** Reads the configuration again when asked or when a file changed. */
export interface Reloader {
  /** Adds a receiver of new configurations. */
  onReload(apply: (config: TocsinConfig) => void | Promise<void>): void;
  /** Reads again now; a bad file changes nothing and is reported in the log. Calls queue up. */
  reload(): Promise<ReloadOutcome>;
  last(): LastReload;
  stop(): void;
}

/** What a reloader needs. */
export interface ReloaderOptions {
  /** The name of the service, which says what of its own sections waits for the next start. */
  readonly service: string;
  /** What the service was started with, as `load` gave it. */
  readonly initial: TocsinConfig;
  readonly load: () => Promise<TocsinConfig>;
  /** The last touch before the service gets it. */
  readonly complete: (config: TocsinConfig) => TocsinConfig;
  readonly log: Logger;
  /** The time of day, in milliseconds. */
  readonly now: () => number;
}

/**
 * Watches the files of the configuration by looking at their times every two seconds: that also sees a file replaced by an
 * editor or a Kubernetes ConfigMap's symlink, which file-system events miss.
 */
export function createReloader({ service, initial, load, complete, log, now }: ReloaderOptions): Reloader {
  const receivers: ((config: TocsinConfig) => void | Promise<void>)[] = [];
  let watched = initial.watched;
  /** Of the files at the last attempt: a bad file is reported once. */
  let seen = watched.signature;
  let running: Promise<ReloadOutcome> = Promise.resolve({ status: 'ok' });
  let stopped = false;
  let last: LastReload = { successful: true, succeededAtMs: now() };
  /** The settings that were said to wait: not at every reload anew. */
  let saidToWait = '';

  function sayWhatWaits(next: TocsinConfig): void {
    const settings = settingsThatWait(initial, next, service);
    const names = settings.join(', ');
    if (names !== '' && names !== saidToWait) log.warn({ settings }, `takes effect at the next start only: ${names}`);
    saidToWait = names;
  }

  async function reloadOnce(): Promise<ReloadOutcome> {
    if (stopped) return { status: 'failed' };
    try {
      const config = await load();
      ({ watched } = config);
      seen = watched.signature;
      const effective = complete(mergeReload(initial, config));
      for (const apply of receivers) await apply(effective);
      log.info({ monitors: config.monitors.length, ruleGroups: config.ruleGroups.length }, 'configuration reloaded');
      sayWhatWaits(config);
      last = { successful: true, succeededAtMs: now() };
      return { status: 'ok' };
    } catch (error) {
      last = { ...last, successful: false };
      if (!(error instanceof ConfigError)) throw error;
      watched = error.watched ?? watched;
      seen = error.watched?.signature ?? (await signFiles(watched));
      log.error({ problems: error.problems }, `configuration not reloaded, the old one stays:\n${error.message}`);
      return { status: 'failed' };
    }
  }

  const reload = (): Promise<ReloadOutcome> => (running = running.catch(() => undefined).then(reloadOnce));
  const fail = (error: unknown): ReloadOutcome => {
    log.error({ err: error }, 'reload failed');
    return { status: 'failed' };
  };
  const timer = setInterval(() => {
    void (async () => {
      if ((await signFiles(watched)) !== seen) await reload();
    })().catch(fail);
  }, LOOK_EVERY_MS);
  timer.unref();

  return {
    onReload: (apply) => void receivers.push(apply),
    reload: () => reload().catch(fail),
    last: () => last,
    stop() {
      stopped = true;
      clearInterval(timer);
    },
  };
}
