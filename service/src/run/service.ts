import type { TocsinConfig } from '../config/index.ts';
import type { Logger } from '../log/logger.ts';
import type { ReloadOutcome } from './reloader.ts';

/** What every service is started with. */
export interface ServiceContext {
  readonly config: TocsinConfig;
  /** The folder of all of Tocsin's data; a service keeps its files in a folder of its own name below it. */
  readonly dataDir: string;
  readonly log: Logger;
  /** The key by which Tocsin's own processes know each other at the collector. */
  readonly internalKey?: string | undefined;
  /**
   * Called with the new configuration after a reload (SIGHUP or a changed file). A bad file never arrives here, and what takes effect at the next
   * start only (`config/reload-table.ts`) is as it was at the start.
   */
  onReload(apply: (config: TocsinConfig) => void | Promise<void>): void;
}

/** The same for a service that can be told to read the configuration again. */
export interface ReloadableContext extends ServiceContext {
  /** Reads it again now, as SIGHUP does. */
  reload(): Promise<ReloadOutcome>;
}

/** A running service. */
export interface RunningService {
  /** The URL of each server by the name of its setting, as `collector.http`. */
  readonly listening: Readonly<Record<string, string>>;
  /** Closes the intake, drains, closes the clients. Idempotent. */
  stop(): Promise<void>;
}

/** A service as `main.ts` hands it to `runService`. */
export interface ServiceDefinition {
  /** The package's name, as `collector`. */
  readonly name: string;
  start(context: ReloadableContext): Promise<RunningService>;
}
