import { dirname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { TOPOLOGY } from '../standalone/topology.ts';
import { EXIT } from './exit-codes.ts';

const ROOT = resolve(import.meta.dirname, '../../..');

/**
 * Loads the code of every service once and does nothing with it: with `NODE_COMPILE_CACHE` set, Node keeps it compiled for the first
 * start. Importing a module has no effect here, so this is safe.
 */
export async function warmUp(): Promise<number> {
  const apps = TOPOLOGY.map(({ main }) => resolve(ROOT, dirname(main), 'app.ts'));
  await import('./up.ts');
  await import('@tocsin/service/run');
  for (const app of apps) await import(pathToFileURL(app).href);
  return EXIT.stopped;
}
