import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { EXIT } from './exit-codes.ts';

const MAIN = resolve(import.meta.dirname, '../../../collector/src/journal-command/main.ts');

/** `journal …`: the collector's own command, with this terminal. @returns its exit code */
export async function runJournal(host: NodeJS.Process, args: readonly string[]): Promise<number> {
  const child = spawn(host.execPath, [MAIN, ...args], { stdio: 'inherit', env: host.env });
  const [code] = (await once(child, 'close')) as [number | null];
  return code ?? EXIT.failed;
}
