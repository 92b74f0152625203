import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import { collectorUrl, ConfigError, ownCollectorUrl, type TocsinConfig } from '../config/index.ts';
import { createLogger, type Logger } from '../log/logger.ts';
import { startSelfTelemetry } from '../telemetry/self-telemetry.ts';
import { measureProcess } from '../telemetry/process-metrics.ts';
import { observeReloads } from '../telemetry/reload-metrics.ts';
import { VERSION } from '../version.ts';
import { applyListen, loadFileConfig, refuseOpenFlags } from './effective-config.ts';
import { withEmbeddedLogin } from './embedded-login.ts';
import { receiveConfig } from './handed-config.ts';
import { type Invocation, InvocationError, LOAD_ONLY, readInvocation, readLogLevel } from './invocation.ts';
import { warnOfOpenListeners } from './open-listeners.ts';
import { createReloader } from './reloader.ts';
import { readRestarts } from './restarts.ts';
import type { ServiceDefinition } from './service.ts';

export type { ReloadOutcome } from './reloader.ts';
export type { ReloadableContext, RunningService, ServiceContext, ServiceDefinition } from './service.ts';

/** A service that has not stopped by then is ended; the launcher waits a little longer than this. */
const STOP_LIMIT_MS = 7_000;

/** Exit codes of every Tocsin process. */
export const EXIT = { stopped: 0, failed: 1, badConfiguration: 2 } as const;

/**
 * Runs a service in this process until it is told to stop: reads flags, environment and configuration, starts
 * self-telemetry and the service, says `ready` over IPC, reloads on SIGHUP or a changed file, and drains on SIGTERM, SIGINT
 * or when the launcher's IPC channel closes. Sets the exit code: 0 stopped as asked, 2 bad configuration, 1 anything else.
 * With `--load-only` it does nothing: the code is loaded by then, and compiled for `NODE_COMPILE_CACHE`.
 */
export async function runService(host: NodeJS.Process, definition: ServiceDefinition): Promise<void> {
  if (host.argv.includes(LOAD_ONLY)) return;
  const log = createLogger(definition.name, readLogLevel(host.env) ?? 'info', host.stdout);
  exitOnCrash(host, log);
  const setup = await readSetup(host);
  if (!setup) return;
  const { invocation, initial } = setup;
  const complete = (loaded: TocsinConfig): TocsinConfig =>
    withEmbeddedLogin(applyListen(loaded, invocation.listen), definition.name, invocation.dataDir);
  const config = complete(initial);
  await mkdir(join(invocation.dataDir, definition.name), { recursive: true });

  const instanceId = randomUUID();
  // A collector keeps its own telemetry: through a proxy it could come to one that is stopping.
  const endpoint = definition.name === 'collector' ? ownCollectorUrl(config) : collectorUrl(config);
  const { internalKey } = invocation;
  const self = { name: definition.name, version: VERSION, instanceId };
  const telemetry = startSelfTelemetry({ ...self, endpoint, internalKey, log });
  const endMeasuring = measureProcess(host, { machineMemoryBytes: totalmem(), restarts: readRestarts(host.env) });
  const load = (): Promise<TocsinConfig> => loadFiles(host, invocation);
  const reloader = createReloader({ service: definition.name, initial, load, complete, log, now: Date.now });
  observeReloads(() => reloader.last());
  const running = await definition.start({
    config,
    dataDir: invocation.dataDir,
    log,
    internalKey,
    onReload: (apply) => reloader.onReload(apply),
    reload: () => reloader.reload(),
  });

  warnOfOpenListeners(config, running.listening, log);
  log.info({ listening: running.listening, version: VERSION }, 'ready');
  host.send?.({ type: 'ready', listening: running.listening });
  stopWhenTold(host, log, [
    ['reload', () => Promise.resolve(reloader.stop())],
    ['measuring', () => Promise.resolve(endMeasuring())],
    // The collector receives its own telemetry, so there it has to go out before the intake closes.
    ...(definition.name === 'collector'
      ? ([
          ['self-telemetry', () => telemetry.stop()],
          ['service', () => running.stop()],
        ] as const)
      : ([
          ['service', () => running.stop()],
          ['self-telemetry', () => telemetry.stop()],
        ] as const)),
  ]);
  host.on('SIGHUP', () => void reloader.reload());
}

type StopStep = readonly [name: string, stop: () => Promise<void>];

function stopWhenTold(host: NodeJS.Process, log: Logger, steps: readonly StopStep[]): void {
  let stopping = false;
  const stop = (reason: string): void => {
    if (stopping) return;
    stopping = true;
    log.info({ reason }, 'stopping');
    void stopSteps(log, steps).then((clean) => {
      log.info({ clean }, 'stopped');
      host.exit(EXIT.stopped);
    });
  };
  host.on('SIGTERM', () => stop('SIGTERM'));
  host.on('SIGINT', () => stop('SIGINT'));
  if (host.connected) host.on('disconnect', () => stop('the launcher is gone'));
}

/** Runs every step though one fails, all within the limit. @returns whether all ended well */
async function stopSteps(log: Logger, steps: readonly StopStep[]): Promise<boolean> {
  let clean = true;
  const { promise: limit, resolve: giveUp } = Promise.withResolvers<'late'>();
  const timer = setTimeout(() => giveUp('late'), STOP_LIMIT_MS);
  for (const [name, step] of steps) {
    try {
      if ((await Promise.race([step(), limit])) !== 'late') continue;
      log.error({ step: name, limitMs: STOP_LIMIT_MS }, 'did not stop in time');
    } catch (error) {
      log.error({ step: name, err: error }, 'failed to stop');
    }
    clean = false;
  }
  clearTimeout(timer);
  return clean;
}

interface Setup {
  readonly invocation: Invocation;
  readonly initial: TocsinConfig;
}

/** The invocation and the configuration; `undefined` where there is nothing to run: the report went to standard error, or the launcher is gone. */
async function readSetup(host: NodeJS.Process): Promise<Setup | undefined> {
  try {
    const invocation = readInvocation(host.argv.slice(2), host.env, host.cwd());
    const handed = await receiveConfig(host);
    if (handed.status === 'launcher-gone') return undefined;
    if (handed.status === 'handed') {
      refuseOpenFlags(handed.config, invocation);
      return { invocation, initial: handed.config };
    }
    return { invocation, initial: await loadFiles(host, invocation) };
  } catch (error) {
    if (!(error instanceof ConfigError || error instanceof InvocationError)) throw error;
    host.stderr.write(`${error.message}\n`);
    host.exitCode = EXIT.badConfiguration;
    if (host.connected) host.disconnect?.();
    return undefined;
  }
}

function loadFiles(host: NodeJS.Process, invocation: Invocation): Promise<TocsinConfig> {
  return loadFileConfig(invocation, { env: host.env, workingDir: host.cwd() });
}

/** An error nobody handled leaves the process in an unknown state: say it and end; the supervisor starts a fresh one. */
function exitOnCrash(host: NodeJS.Process, log: Logger): void {
  const crash = (error: unknown): void => {
    log.fatal({ err: error }, 'crashed');
    host.exit(EXIT.failed);
  };
  host.on('uncaughtException', crash);
  host.on('unhandledRejection', crash);
}
