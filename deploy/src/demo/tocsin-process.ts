import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const CLI = join(import.meta.dirname, '../cli/main.ts');
const STOP_LIMIT_MS = 12_000;

/**
 * A whole Tocsin, started as `npm start` does, in a process group of its own: a Ctrl-C in the terminal is not its. When the process
 * that started it is gone, it stops by itself.
 */
export interface TocsinProcess {
  readonly child: ChildProcess;
  /** What it has printed so far. */
  output(): string;
  /** URL of each listening setting, as `console.http`. */
  readonly endpoints: Readonly<Record<string, string>>;
  /** SIGINT, as Ctrl-C does. @returns the exit code */
  stop(): Promise<number | null>;
}

/** What a process started from this one inherits: the Node that runs it, and the environment. */
export type HostProcess = Readonly<Pick<NodeJS.Process, 'execPath' | 'env'>>;

/** Where it starts, and with what. */
export interface TocsinProcessOptions {
  readonly configFile: string;
  readonly dataDir: string;
  readonly host: HostProcess;
  readonly readyWithinMs?: number;
  readonly onOutput?: (text: string) => void;
  /** Aborts the start: it is stopped again. */
  readonly signal?: AbortSignal;
}

/**
 * Starts Tocsin and waits until it is ready.
 * @throws Error with its output when it ends or is not ready in time; AbortError when the start was aborted
 */
export async function startTocsin(options: TocsinProcessOptions): Promise<TocsinProcess> {
  const { configFile, dataDir, host, onOutput } = options;
  const child = spawn(host.execPath, [CLI, 'up', '--config', configFile, '--data', dataDir], {
    env: host.env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let output = '';
  const keep = (chunk: Buffer): void => {
    output = (output + chunk.toString()).slice(-200_000);
    onOutput?.(chunk.toString());
  };
  child.stdout?.on('data', keep);
  child.stderr?.on('data', keep);
  const stop = async (): Promise<number | null> => {
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
    child.kill('SIGINT');
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
    await once(child, 'exit');
    clearTimeout(timer);
    return child.exitCode;
  };
  try {
    const endpoints = await untilReady(child, options, () => output);
    return { child, output: () => output, endpoints, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function untilReady(
  child: ChildProcess,
  { dataDir, readyWithinMs = 60_000, signal }: TocsinProcessOptions,
  output: () => string,
): Promise<Readonly<Record<string, string>>> {
  const giveUpAtMs = Date.now() + readyWithinMs;
  for (;;) {
    const endpoints = await readEndpoints(dataDir, child.pid);
    if (endpoints) return endpoints;
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`Tocsin ended at start:\n${output()}`);
    if (Date.now() > giveUpAtMs) throw new Error(`Tocsin was not ready within ${readyWithinMs} ms:\n${output()}`);
    await sleep(50, undefined, signal ? { signal } : {});
  }
}

/** The launcher writes `endpoints.json` when everything is ready; one left behind by a killed launcher has another pid. */
async function readEndpoints(
  dataDir: string,
  pid: number | undefined,
): Promise<Readonly<Record<string, string>> | undefined> {
  try {
    const file = JSON.parse(await readFile(join(dataDir, 'endpoints.json'), 'utf8')) as {
      readonly pid: number;
      readonly endpoints: Readonly<Record<string, string>>;
    };
    return file.pid === pid ? file.endpoints : undefined;
  } catch (error) {
    if (error instanceof SyntaxError || (error instanceof Error && 'code' in error && error.code === 'ENOENT'))
      return undefined;
    throw error;
  }
}
