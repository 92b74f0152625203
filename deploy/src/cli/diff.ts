import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { EXIT } from './exit-codes.ts';

const MAIN = resolve(import.meta.dirname, '../../../alerting/src/diff-command/main.ts');

/** `diff OLD NEW`: alerting's own command, for it knows how alerts are routed, with this terminal. @returns its exit code */
export async function runDiff(host: NodeJS.Process, args: readonly string[]): Promise<number> {
  // Ctrl-C reaches the command by itself.
  host.on('SIGINT', () => {});
  const child = spawn(host.execPath, [MAIN, ...args], { stdio: 'inherit', env: host.env });
  host.on('SIGTERM', () => child.kill('SIGTERM'));
  const [code] = (await once(child, 'close')) as [number | null];
  return code ?? EXIT.failed;
}
