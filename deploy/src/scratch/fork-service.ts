import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

/** A service in a process of its own, without the launcher's supervision. */
export interface RunningService {
  readonly process: ChildProcess;
  /** URL of each listening setting, as `clickhouse.http`. */
  readonly listening: Readonly<Record<string, string>>;
}

const READY_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 12_000;

/**
 * Starts a service's `main.ts` and waits until it is ready.
 * @throws Error with the end of its output where it ends before, or is not ready within 60 s
 */
export async function forkService(main: string, args: readonly string[], workingDir: string): Promise<RunningService> {
  const child = fork(main, [...args], { cwd: workingDir, execArgv: [], stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
  let output = '';
  const keep = (chunk: Buffer): void => {
    output = (output + chunk.toString('utf8')).slice(-10_000);
  };
  child.stdout?.on('data', keep);
  child.stderr?.on('data', keep);
  const signal = AbortSignal.timeout(READY_LIMIT_MS);
  const failed = once(child, 'exit', { signal }).then(([code]) => {
    throw new Error(`${main} ended with ${String(code)} before it was ready:\n${output}`);
  });
  const ready = once(child, 'message', { signal }).then(([message]) => message as Pick<RunningService, 'listening'>);
  return { process: child, listening: (await Promise.race([ready, failed])).listening };
}

/** The URL of a listening setting. @throws Error where the service did not say it */
export function addressOf({ listening }: RunningService, setting: string): string {
  const url = listening[setting];
  if (url === undefined) throw new Error(`a service did not say where it listens: ${setting}`);
  return url;
}

/** Sends the signal and waits for the end; what has not ended in time is killed. @returns the exit code, `undefined` without one */
export async function endService(
  { process: child }: RunningService,
  signal: 'SIGTERM' | 'SIGKILL',
): Promise<number | undefined> {
  if (child.exitCode !== null || child.signalCode !== null) return undefined;
  const exited = once(child, 'exit');
  child.kill(signal);
  const late = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
  const [code] = (await exited) as [number | null];
  clearTimeout(late);
  return code ?? undefined;
}
