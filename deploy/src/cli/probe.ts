import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { EXIT } from './exit-codes.ts';

const MAIN = resolve(import.meta.dirname, '../../../checker/src/probe-command/main.ts');

/** `probe …`: the checker's own command, with this terminal. @returns its exit code: 0 up or degraded, 1 down, 3 unknown, 2 bad usage */
export async function runProbe(host: NodeJS.Process, args: readonly string[]): Promise<number> {
  // Ctrl-C reaches the command by itself; what it says is its to say.
  host.on('SIGINT', () => {});
  const child = spawn(host.execPath, [MAIN, ...args], { stdio: 'inherit', env: host.env });
  host.on('SIGTERM', () => child.kill('SIGTERM'));
  const [code] = (await once(child, 'close')) as [number | null];
  return code ?? EXIT.failed;
}
