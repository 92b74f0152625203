import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { TOPOLOGY } from '../../src/standalone/topology.ts';

const ROOT = join(import.meta.dirname, '../../..');

let cache: string;
beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), 'tocsin-warm-up-'));
});
afterEach(async () => {
  await rm(cache, { recursive: true, force: true });
});

/** Runs Node with the cache. @returns what it did with it, a line each */
function run(args: readonly string[]): readonly string[] {
  const env = { ...process.env, NODE_COMPILE_CACHE: cache, NODE_DEBUG_NATIVE: 'COMPILE_CACHE' };
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: ROOT, env, maxBuffer: 2 ** 28 });
  expect([status, args]).toEqual([0, args]);
  return `${stdout.toString()}\n${stderr.toString()}`.split('\n').filter((line) => line.startsWith('[compile cache]'));
}

it('compiles everything for every service: none strips types or compiles at its first start', () => {
  run(['deploy/src/cli/main.ts', 'warm-up']);
  for (const { name, main, nodeOptions = [] } of TOPOLOGY) {
    const lines = run([...nodeOptions, main, '--load-only']);
    expect(lines.filter((line) => line.includes('was accepted')).length).toBeGreaterThan(300);
    const refused = lines.filter((line) => /was rejected|writing cache/.test(line));
    expect([name, refused]).toEqual([name, []]);
  }
}, 180_000);
