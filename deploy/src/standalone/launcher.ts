import { rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { TocsinConfig } from '@tocsin/service/config';
import { renewEmbeddedCredentials } from '@tocsin/service/embedded-credentials';
import { addressesOf, isListening, listenFlags } from './addresses.ts';
import { type DataLock, lockData } from './data-lock.ts';
import type { Output } from './output.ts';
import { choosePorts } from './ports.ts';
import type { ProcessTable } from './process-identity.ts';
import { type ProcessEvent, SupervisedProcess } from './supervised-process.ts';
import type { ServiceSpec } from './topology.ts';

/** Services of a killed launcher need up to this long to stop by themselves. */
const PREVIOUS_STOP_MS = 10_000;

/** What a launcher is told. */
export interface LauncherOptions {
  readonly config: TocsinConfig;
  /** As the files say it, without the addresses of `--listen`: what the services are handed, and hold a changed file against. */
  readonly fileConfig: TocsinConfig;
  /** Absolute, or `undefined` for all defaults. */
  readonly configFile: string | undefined;
  /** Absolute. */
  readonly dataDir: string;
  readonly services: readonly ServiceSpec[];
  /** The folder against which the services' `main` resolves. */
  readonly rootDir: string;
  /** The Node binary that runs them. */
  readonly nodePath: string;
  readonly env: Readonly<NodeJS.ProcessEnv>;
  /** The working folder of the services; relative paths on the command line mean this one. */
  readonly workingDir: string;
  /** The launcher's own process id. */
  readonly pid: number;
  readonly processes: ProcessTable;
  readonly output: Output;
  /** A clock in milliseconds. */
  readonly now: () => number;
}

/** URL of each listening setting, as `collector.http`. */
export type Endpoints = Readonly<Record<string, string>>;

/** How a start ended. `message` is for people. */
export type StartResult =
  | { readonly status: 'ready'; readonly endpoints: Endpoints }
  | { readonly status: 'stopped' }
  | {
      readonly status: 'failed';
      readonly reason: 'data-in-use' | 'data-unusable' | 'address-in-use' | 'bad-configuration' | 'never-started';
      readonly message: string;
    };

type Failure = Extract<StartResult, { status: 'failed' }>;

/** Starts the services of the standalone Tocsin, keeps them running, and stops them in order. */
export class Launcher {
  readonly #options: LauncherOptions;
  readonly #children = new Map<string, SupervisedProcess>();
  readonly #endpoints: Record<string, string> = {};
  readonly #waiting = new Map<string, (outcome: 'ready' | Failure | 'stopped') => void>();
  #lock: DataLock | undefined;
  #lockWrites: Promise<void> = Promise.resolve();
  #stopping: Promise<void> | undefined;

  constructor(options: LauncherOptions) {
    this.#options = options;
  }

  /** Resolves when every service is ready, or when it is certain that one will not be. After a failure call `stop()`. */
  async start(): Promise<StartResult> {
    const { config, services, dataDir, pid } = this.#options;
    const held = await this.#takeData();
    if (held) return held;
    const configured = addressesOf(config);
    const settings = services.flatMap(({ listens }) => listens).filter((setting) => isListening(setting, config));
    const ports = await choosePorts(settings.map((setting) => ({ setting, address: configured[setting] })));
    if (ports.status === 'failed')
      return { status: 'failed', reason: 'address-in-use', message: ports.problems.join('\n') };
    // Nothing runs on the data yet: whoever starts now finds the new ones.
    if (services.some(({ name }) => name === 'clickhouse')) renewEmbeddedCredentials(dataDir);
    const flags = listenFlags(configured, ports.addresses);
    for (const wave of [...new Set(services.map(({ startWave }) => startWave))].sort()) {
      const starting = services.filter(({ startWave }) => startWave === wave);
      const outcomes = await Promise.all(starting.map((service) => this.#startService(service, flags)));
      const failure = outcomes.find((outcome) => typeof outcome === 'object');
      if (failure) return failure;
      if (this.#stopping) return { status: 'stopped' };
    }
    await writeFile(
      join(dataDir, 'endpoints.json'),
      `${JSON.stringify({ pid, endpoints: this.#endpoints }, null, 2)}\n`,
    );
    return { status: 'ready', endpoints: this.#endpoints };
  }

  async #takeData(): Promise<Failure | undefined> {
    const { dataDir, pid, processes, output } = this.#options;
    const result = await lockData({
      dataDir,
      pid,
      processes,
      waitMs: PREVIOUS_STOP_MS,
      onWait: (pids) =>
        output.say('warn', 'the launcher before this one was killed; waiting for its services to stop', { pids }),
    });
    if (result.status === 'ok') {
      this.#lock = result.lock;
      return undefined;
    }
    if (result.reason === 'unusable') {
      const message = `${dataDir}: expected a folder that this user may write (${result.code}); give another with --data DIR`;
      return { status: 'failed', reason: 'data-unusable', message };
    }
    const who =
      result.reason === 'launcher-runs'
        ? `another Tocsin (process ${result.holder}) runs on it`
        : `a service of an earlier Tocsin (process ${result.holder}) still runs on it`;
    const message = `${dataDir}: ${who}; stop it, or give this one another folder with --data DIR`;
    return { status: 'failed', reason: 'data-in-use', message };
  }

  #startService(service: ServiceSpec, flags: readonly string[]): Promise<'ready' | Failure | 'stopped'> {
    if (this.#stopping) return Promise.resolve('stopped');
    const { rootDir, nodePath, fileConfig, configFile, dataDir, env, workingDir, output, now } = this.#options;
    const { name, main, nodeOptions = [] } = service;
    const named = configFile === undefined ? [] : ['--config', configFile];
    const child = new SupervisedProcess({
      name,
      command: [nodePath, ...nodeOptions, resolve(rootDir, main), ...named, '--data', dataDir, ...flags],
      env,
      config: fileConfig,
      workingDir,
      now,
      onLine: (line) => output.line(name, line),
      onEvent: (event) => this.#onEvent(name, event),
    });
    this.#children.set(name, child);
    return new Promise((settle) => {
      this.#waiting.set(name, settle);
      child.start();
    });
  }

  #onEvent(name: string, event: ProcessEvent): void {
    const { output } = this.#options;
    switch (event.type) {
      case 'spawned':
        this.#noteServices();
        break;
      case 'ready':
        Object.assign(this.#endpoints, event.listening);
        if (event.again) output.say('info', `${name} is back`);
        this.#settle(name, 'ready');
        break;
      case 'ended':
        this.#onUnexpectedEnd(name, event);
        break;
    }
  }

  #onUnexpectedEnd(name: string, { how, decision }: Extract<ProcessEvent, { type: 'ended' }>): void {
    if (decision.action === 'restart') {
      const seconds = decision.afterMs / 1_000;
      this.#options.output.say('error', `${name} ended ${how}; starting it again in ${seconds} s`);
      return;
    }
    const message = `${name} ended ${how} and has never been ready; its last lines above say why`;
    this.#settle(name, { status: 'failed', reason: decision.reason, message });
  }

  #settle(name: string, outcome: 'ready' | Failure | 'stopped'): void {
    this.#waiting.get(name)?.(outcome);
    this.#waiting.delete(name);
  }

  #noteServices(): void {
    const pids = [...this.#children.values()].map(({ pid }) => pid).filter((pid) => pid !== undefined);
    this.#lockWrites = this.#lockWrites
      .then(() => this.#lock?.setServices(pids))
      // A full disk is no reason to end what runs: the note only helps the launcher after this one.
      .catch((error: unknown) =>
        this.#options.output.say('warn', 'cannot note who runs on the data', { err: String(error) }),
      );
  }

  /** Tells every service to read its configuration again. */
  reload(): void {
    for (const child of this.#children.values()) child.signal('SIGHUP');
  }

  /** Stops the services in order, each within its limit, and gives the data folder back. Idempotent. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stopAll();
    return this.#stopping;
  }

  async #stopAll(): Promise<void> {
    const { services, dataDir, output, now } = this.#options;
    const beganMs = now();
    for (const name of this.#waiting.keys()) this.#settle(name, 'stopped');
    if (this.#lock) await rm(join(dataDir, 'endpoints.json'), { force: true });
    for (const limitMs of [...new Set(services.map((service) => service.stopWithinMs))].sort((a, b) => a - b)) {
      const leftMs = Math.max(100, limitMs - (now() - beganMs));
      const wave = services.filter(({ stopWithinMs }) => stopWithinMs === limitMs);
      await Promise.all(
        wave.map(async ({ name }) => {
          const outcome = await this.#children.get(name)?.stop(leftMs);
          if (outcome === 'killed') output.say('error', `${name} did not stop within ${leftMs} ms; it was killed`);
        }),
      );
    }
    await this.#lockWrites;
    await this.#lock?.release();
  }

  /** SIGKILL to everything, at once. What was acknowledged is on disk and will be there at the next start. */
  kill(): void {
    for (const child of this.#children.values()) child.kill();
  }
}
