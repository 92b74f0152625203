// Reads a configuration for the process that started this one, and ends: see read-apart.ts.
import { ConfigError, loadConfig, loadRuleGroups } from '../config/index.ts';
import { LOAD_ONLY } from '../run/invocation.ts';
import type { ReadAnswer, ReadRequest } from './request.ts';

if (process.argv.includes(LOAD_ONLY)) await import('../config/load.ts');
else process.once('message', (request) => void answer(request as ReadRequest));

async function answer(request: ReadRequest): Promise<void> {
  const read = await readAsked(request);
  // Whoever asked may be gone by now.
  if (process.connected) process.send?.(read, () => process.disconnect?.());
}

async function readAsked(request: ReadRequest): Promise<ReadAnswer> {
  try {
    const value =
      request.what === 'config'
        ? await loadConfig({ ...request, env: process.env })
        : await loadRuleGroups(request.path, request.shown);
    return { status: 'ok', value };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { status: 'invalid', problems: error.problems, watched: error.watched };
  }
}
