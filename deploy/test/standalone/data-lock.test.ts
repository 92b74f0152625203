import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lockData } from '../../src/standalone/data-lock.ts';
import { createProcessTable, type ProcessIdentity } from '../../src/standalone/process-identity.ts';

/** Processes by id; an id that is not there has ended. */
class FakeProcesses {
  readonly started = new Map<number, string>();
  identify(pid: number): ProcessIdentity | undefined {
    const started = this.started.get(pid);
    return started === undefined ? undefined : { pid, started };
  }
  isAlive({ pid, started }: ProcessIdentity): boolean {
    return this.started.get(pid) === started;
  }
}

let folder: string;
let dataDir: string;
let processes: FakeProcesses;
const waits: (readonly number[])[] = [];
const lock = (pid: number, inDir = dataDir) =>
  lockData({ dataDir: inDir, pid, processes, waitMs: 300, onWait: (pids) => void waits.push(pids) });

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tocsin-lock-'));
  dataDir = join(folder, 'data');
  processes = new FakeProcesses();
  for (const pid of [1, 2]) processes.started.set(pid, `boot+${pid}`);
  waits.length = 0;
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('lockData', () => {
  it('refuses a second launcher on the same data and names the first', async () => {
    expect((await lock(1)).status).toBe('ok');
    expect(await lock(2)).toEqual({ status: 'failed', reason: 'launcher-runs', holder: 1 });
  });

  it('says with the word of the system why a folder cannot be used', async () => {
    await writeFile(dataDir, 'a file');
    expect(await lock(1)).toEqual({ status: 'failed', reason: 'unusable', code: 'EEXIST' });
    expect(await lock(1, join(dataDir, 'below'))).toEqual({ status: 'failed', reason: 'unusable', code: 'ENOTDIR' });
  });

  it('leaves nothing behind when released', async () => {
    const first = await lock(1);
    if (first.status === 'ok') await first.lock.release();
    expect(await readdir(dataDir)).toEqual([]);
    expect((await lock(2)).status).toBe('ok');
  });

  it('takes over the lock of a launcher that is gone', async () => {
    await lock(1);
    processes.started.delete(1);
    expect((await lock(2)).status).toBe('ok');
  });

  it('does not take another process with the same id for the launcher that was killed', async () => {
    await lock(1);
    processes.started.set(1, 'boot+99');
    expect((await lock(1)).status).toBe('ok');
  });

  it('waits for the services of a killed launcher, and refuses when they stay', async () => {
    const first = await lock(1);
    processes.started.set(7, 'boot+7');
    if (first.status === 'ok') await first.lock.setServices([7]);
    processes.started.delete(1);
    expect(await lock(2)).toEqual({ status: 'failed', reason: 'services-run', holder: 7 });
    expect(waits).toEqual([[7]]);

    setTimeout(() => processes.started.delete(7), 50);
    expect((await lock(2)).status).toBe('ok');
  });

  it('takes over a lock file that was cut off while it was written', async () => {
    await lock(1);
    await writeFile(join(dataDir, 'tocsin.lock'), '{"launcher":{"p');
    expect((await lock(2)).status).toBe('ok');
  });
});

describe('createProcessTable', () => {
  const table = createProcessTable((pid, signal) => process.kill(pid, signal));

  it('knows this process and no process that cannot be', () => {
    const own = table.identify(process.pid);
    expect(own && table.isAlive(own)).toBe(true);
    expect(table.identify(2 ** 22 + 12_345)).toBeUndefined();
  });

  it('tells a process from an earlier one with its id', () => {
    expect(table.isAlive({ pid: process.pid, started: 'earlier' })).toBe(false);
  });
});
