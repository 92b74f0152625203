import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { processesWithEnvironment } from '../e2e/process-family.ts';

const MAIN = join(import.meta.dirname, '../../src/cli/main.ts');
let temporary: string;
let demo: ChildProcessByStdio<null, Readable, null>;

beforeEach(async () => {
  temporary = await mkdtemp(join(tmpdir(), 'tocsin-demo-test-'));
  await mkdir(join(temporary, 'tmp'));
  demo = spawn(process.execPath, [MAIN, 'demo'], {
    env: { ...process.env, TMPDIR: join(temporary, 'tmp') },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const chunk of demo.stdout.iterator({ destroyOnReturn: false }))
    if (String(chunk).includes('Opening the shop')) break;
});

afterEach(async () => {
  if (demo.exitCode === null && demo.signalCode === null) demo.kill('SIGKILL');
  await rm(temporary, { recursive: true, force: true });
});

const running = () => processesWithEnvironment(temporary);

it('the demo stops everything and removes its folder when the reader of its output goes away', async () => {
  expect((await running()).length).toBeGreaterThanOrEqual(7);
  demo.stdout.destroy();
  const [code] = (await once(demo, 'exit')) as [number | null];
  expect(code).toBe(130);
  expect(await readdir(join(temporary, 'tmp'))).toEqual([]);
  expect(await running()).toEqual([]);
});

it('the demo stops everything and removes its folder when its terminal is closed', async () => {
  demo.kill('SIGHUP');
  await once(demo, 'exit');
  expect(await readdir(join(temporary, 'tmp'))).toEqual([]);
  expect(await running()).toEqual([]);
});

it('neither Tocsin nor the shop outlives a demo that was killed', async () => {
  demo.kill('SIGKILL');
  await once(demo, 'exit');
  await expect.poll(running, { timeout: 20_000 }).toEqual([]);
});
