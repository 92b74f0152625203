import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ConfigError, type TocsinConfig } from '../config/index.ts';
import type { Logger } from '../log/logger.ts';

const LOOK_EVERY_MS = 2_000;

/** Reads the configuration again when asked or when a file changed. */
export interface Reloader {
  /** Adds a receiver of new configurations. */
  onReload(apply: (config: TocsinConfig) => void | Promise<void>): void;
  /** Reads again now; a bad file changes nothing and is reported in the log. Calls queue up. */
  reload(): Promise<void>;
  stop(): void;
}

/** What a reloader needs. */
export interface ReloaderOptions {
  readonly initial: TocsinConfig;
  readonly load: () => Promise<TocsinConfig>;
  readonly log: Logger;
}

/**
 * Watches the files of the configuration by looking at their times every two seconds: that also sees a file replaced by an
 * editor or a Kubernetes ConfigMap's symlink, which file-system events miss.
 */
export function createReloader({ initial, load, log }: ReloaderOptions): Reloader {
  const receivers: ((config: TocsinConfig) => void | Promise<void>)[] = [];
  let files = initial.files;
  let seen: string | undefined;
  let running = Promise.resolve();
  let stopped = false;

  async function reloadOnce(): Promise<void> {
    if (stopped) return;
    try {
      const config = await load();
      files = config.files;
      for (const apply of receivers) await apply(config);
      log.info({ monitors: config.monitors.length, ruleGroups: config.ruleGroups.length }, 'configuration reloaded');
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      log.error({ problems: error.problems }, `configuration not reloaded, the old one stays:\n${error.message}`);
    } finally {
      seen = await signature(files);
    }
  }

  const reload = (): Promise<void> => (running = running.catch(() => undefined).then(reloadOnce));
  const fail = (error: unknown): void => log.error({ err: error }, 'reload failed');
  const timer = setInterval(() => {
    void (async () => {
      const now = await signature(files);
      if (seen !== undefined && now !== seen) await reload();
      seen ??= now;
    })().catch(fail);
  }, LOOK_EVERY_MS);
  timer.unref();
  signature(files).then((first) => (seen ??= first), fail);

  return {
    onReload: (apply) => void receivers.push(apply),
    reload: () => reload().catch(fail),
    stop() {
      stopped = true;
      clearInterval(timer);
    },
  };
}

/** Times and sizes of the files, and of the folders of rule files, where a new file changes the folder's time. */
async function signature(files: readonly string[]): Promise<string> {
  const folders = files.slice(1).map((file) => dirname(file));
  const parts = [...new Set([...files, ...folders])].map(async (file) => {
    const stats = await stat(file).catch(() => undefined);
    return `${file}:${stats ? `${stats.mtimeMs}:${stats.size}:${stats.ino}` : 'absent'}`;
  });
  return (await Promise.all(parts)).join('|');
}
