import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { LOAD_ONLY } from '@tocsin/service/invocation';
import { TOPOLOGY } from '../standalone/topology.ts';
import { EXIT } from './exit-codes.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
/** What reads the configuration for all of them (`@tocsin/service/read-apart`). */
const READING = 'service/src/reading/main.ts';
/** For one service, from a slow disk. */
const LIMIT_MS = 30_000;

/**
 * Loads the code of the launcher and of every service once and does nothing with it: with `NODE_COMPILE_CACHE` set, Node keeps it
 * compiled, and without its types, for the first start. Each service does so in a process of its own, for V8 takes compiled code only under
 * the options it was compiled with.
 */
export async function warmUp(host: NodeJS.Process): Promise<number> {
  await import('./up.ts');
  for (const { main, nodeOptions = [] } of [...TOPOLOGY, { main: READING }]) {
    const args = [...nodeOptions, resolve(ROOT, main), LOAD_ONLY];
    spawnSync(host.execPath, args, { stdio: 'ignore', timeout: LIMIT_MS, env: host.env });
  }
  return EXIT.stopped;
}
