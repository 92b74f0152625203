import { type ChildProcess, spawn } from 'node:child_process';
import type { TocsinConfig } from '@tocsin/service/config';
import { restartsEnv } from '@tocsin/service/restarts';
import { HANDED_ENV, handConfig } from '@tocsin/service/handed-config';
import { createLineSplitter } from './lines.ts';
import { decideRestart, type RestartDecision } from './restart.ts';

/** How to start a service. */
export interface ProcessOptions {
  readonly name: string;
  /** The Node binary and its arguments: the `main.ts` and its flags. */
  readonly command: readonly [program: string, ...args: string[]];
  readonly env: Readonly<NodeJS.ProcessEnv>;
  readonly workingDir: string;
  /** Sent to the first process, not to those after it: each reads the configuration by itself then, for it may have changed. */
  readonly config: TocsinConfig;
  readonly onLine: (line: string) => void;
  readonly onEvent: (event: ProcessEvent) => void;
  /** The time of day in milliseconds. */
  readonly now: () => number;
}

/** What happens to a service's process. */
export type ProcessEvent =
  | { readonly type: 'spawned'; readonly pid: number | undefined }
  | { readonly type: 'ready'; readonly listening: Readonly<Record<string, string>>; readonly again: boolean }
  | { readonly type: 'ended'; readonly how: string; readonly decision: RestartDecision };

/**
 * A service's process, kept running.
 *
 * | state    | on                 | to                                              |
 * | -------- | ------------------ | ----------------------------------------------- |
 * | idle     | start()            | running                                         |
 * | running  | process ends       | waiting, or stopped when `decideRestart` gives up |
 * | waiting  | delay is over      | running                                         |
 * | any      | stop()             | stopping, then stopped                          |
 */
export class SupervisedProcess {
  readonly #options: ProcessOptions;
  #state: 'idle' | 'running' | 'waiting' | 'stopping' | 'stopped' = 'idle';
  #child: ChildProcess | undefined;
  #ended: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #failures = 0;
  #restarts = 0;
  #lastEndMs: number | undefined;
  #wasEverReady = false;

  constructor(options: ProcessOptions) {
    this.#options = options;
  }

  get name(): string {
    return this.#options.name;
  }

  get pid(): number | undefined {
    return this.#state === 'running' || this.#state === 'stopping' ? this.#child?.pid : undefined;
  }

  start(): void {
    if (this.#state !== 'idle' && this.#state !== 'waiting') return;
    const isFirst = this.#state === 'idle';
    this.#state = 'running';
    const [program, ...args] = this.#options.command;
    // A process group of its own: Ctrl-C in the terminal reaches the launcher alone, which stops the services in order.
    const child = spawn(program, args, {
      cwd: this.#options.workingDir,
      env: {
        ...this.#options.env,
        ...restartsEnv({ count: this.#restarts, lastEndMs: this.#lastEndMs }),
        ...(isFirst ? HANDED_ENV : {}),
      },
      serialization: 'advanced',
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      detached: true,
    });
    this.#child = child;
    if (isFirst) handConfig(child, this.#options.config);
    this.#ended = this.#watch(child, this.#options.now());
    this.#options.onEvent({ type: 'spawned', pid: child.pid });
  }

  #watch(child: ChildProcess, startedMs: number): Promise<void> {
    const { onLine, onEvent } = this.#options;
    for (const stream of [child.stdout, child.stderr]) {
      const lines = createLineSplitter(onLine);
      stream?.setEncoding('utf8');
      stream?.on('data', (text: string) => lines.push(text));
      stream?.on('end', () => lines.end());
    }
    child.on('message', (message) => {
      if (!isReady(message)) return;
      onEvent({ type: 'ready', listening: message.listening, again: this.#wasEverReady });
      this.#wasEverReady = true;
    });
    return new Promise((resolve) => {
      child.once('error', (error) => {
        onLine(`cannot be started: ${error.message}`);
        if (child.pid === undefined) this.#onEnd(null, null, startedMs);
        resolve();
      });
      child.once('close', (code, signal) => {
        if (child.pid !== undefined) this.#onEnd(code, signal, startedMs);
        resolve();
      });
    });
  }

  #onEnd(code: number | null, signal: NodeJS.Signals | null, startedMs: number): void {
    if (this.#state !== 'running') {
      this.#state = 'stopped';
      return;
    }
    const livedMs = this.#options.now() - startedMs;
    const earlierFailures = this.#failures;
    const decision = decideRestart({ code, signal, livedMs, wasEverReady: this.#wasEverReady, earlierFailures });
    if (decision.action === 'restart') {
      this.#failures = decision.failures;
      this.#restarts += 1;
      this.#lastEndMs = Math.round(this.#options.now());
      this.#state = 'waiting';
      this.#timer = setTimeout(() => this.start(), decision.afterMs);
    } else this.#state = 'stopped';
    const how = signal === null ? `with exit code ${code ?? 'unknown'}` : `by ${signal}`;
    this.#options.onEvent({ type: 'ended', how, decision });
  }

  /** Passes a signal on, as SIGHUP for a reload. */
  signal(signal: NodeJS.Signals): void {
    if (this.#state === 'running') this.#child?.kill(signal);
  }

  /** SIGTERM, then SIGKILL when it has not ended after `limitMs`. Idempotent. @returns how it went */
  async stop(limitMs: number): Promise<'not-running' | 'stopped' | 'killed'> {
    clearTimeout(this.#timer);
    const wasRunning = this.#state === 'running' || this.#state === 'stopping';
    this.#state = wasRunning ? 'stopping' : 'stopped';
    if (!wasRunning) return 'not-running';
    this.#child?.kill('SIGTERM');
    let killed = false;
    const timer = setTimeout(() => {
      killed = true;
      this.#child?.kill('SIGKILL');
    }, limitMs);
    await this.#ended;
    clearTimeout(timer);
    this.#state = 'stopped';
    return killed ? 'killed' : 'stopped';
  }

  /** SIGKILL at once, without waiting. */
  kill(): void {
    clearTimeout(this.#timer);
    this.#state = this.#state === 'running' ? 'stopping' : this.#state;
    this.#child?.kill('SIGKILL');
  }
}

function isReady(message: unknown): message is { type: 'ready'; listening: Record<string, string> } {
  return typeof message === 'object' && message !== null && 'type' in message && message.type === 'ready';
}
