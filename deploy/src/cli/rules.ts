import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { type ScratchDatabase, startScratchDatabase } from '../scratch/scratch-database.ts';
import { EXIT } from './exit-codes.ts';

const MAIN = resolve(import.meta.dirname, '../../../alerting/src/rules-command/main.ts');

/** Those that run queries on a database of their own. */
const ON_SCRATCH: readonly string[] = ['check', 'test'];

/** `rules …`: alerting's own command, with this terminal and, where it needs one, a ClickHouse for as long as it runs. @returns its exit code */
export async function runRules(host: NodeJS.Process, args: readonly string[]): Promise<number> {
  // Ctrl-C reaches the command by itself; what it says is its to say.
  host.on('SIGINT', () => {});
  let scratch: ScratchDatabase | undefined;
  try {
    const [command = ''] = args;
    // Without files the command has nothing to run but its usage.
    if (ON_SCRATCH.includes(command)) scratch = await startScratchDatabase();
    const env = scratch ? { ...host.env, TOCSIN_RULES_SCRATCH: scratch.url } : host.env;
    const child = spawn(host.execPath, [MAIN, ...args], { stdio: 'inherit', env });
    host.on('SIGTERM', () => child.kill('SIGTERM'));
    const [code] = (await once(child, 'close')) as [number | null];
    return code ?? EXIT.failed;
  } finally {
    await scratch?.stop();
  }
}
