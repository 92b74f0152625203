import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const MAIN = join(import.meta.dirname, '../../src/cli/main.ts');

/** `tocsin up` in a process of its own. */
export interface Launched {
  readonly child: ChildProcess;
  /** What it has said so far. */
  output(): string;
  /** @returns the exit code, or the signal that ended it */
  readonly ended: Promise<number | string>;
}

/** Starts Tocsin in a folder with a `tocsin.yaml`; its data are in `data` there. */
export function launchIn(folder: string): Launched {
  return launchWith(process.execPath, MAIN, folder);
}

/** The same of another version: its Node and its `deploy/src/cli/main.ts`. */
export function launchWith(node: string, main: string, folder: string): Launched {
  const { TOCSIN_CONFIG: _config, TOCSIN_DATA: _data, ...env } = process.env;
  const child = spawn(node, [main, 'up'], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const ended = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | string);
  return { child, output: () => output, ended };
}

/** Waits until everything listens. @throws Error with the output where it ended instead */
export async function endpointsOf(folder: string, one: Launched): Promise<Readonly<Record<string, string>>> {
  for (;;) {
    if (one.child.exitCode !== null) throw new Error(`ended at start:\n${one.output()}`);
    try {
      const file = JSON.parse(await readFile(join(folder, 'data/endpoints.json'), 'utf8')) as {
        pid: number;
        endpoints: Record<string, string>;
      };
      if (file.pid === one.child.pid) return file.endpoints;
    } catch (error) {
      if (!(error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT')) throw error;
    }
    await sleep(50);
  }
}
