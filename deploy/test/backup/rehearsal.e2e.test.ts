import { cp, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Manifest } from '../../src/backup/manifest.ts';
import { type Sender, startSender } from './senders.ts';
import { breakOffBackup, count, makeHome, PING_TOKEN, type Stack, startStack, tocsin, untilLoaded } from './stack.ts';

/*
 * The rehearsal: a full backup and two incremental ones on top, taken while four senders send and jobs call, then a restore into an empty folder. A sender sends the
 * numbers from 1 on, one request after the other, so whatever moment a backup is of, it must have 1 to some k of each: not fewer than were acknowledged when it began,
 * none twice, and the rollup the same number as the table.
 */

interface Taken {
  readonly manifest: Manifest;
  readonly folder: string;
  /** Of each sender what was acknowledged when the backup began. */
  readonly acknowledged: readonly number[];
}

let home: string;
let stack: Stack;
let senders: readonly Sender[];
const taken: Taken[] = [];

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'tocsin-rehearsal-'));
  await makeHome(home);
  stack = await startStack(home);
  const url = (): string => stack.endpoints['collector.http'] ?? '';
  senders = ['a', 'b', 'c', 'd'].map((name) => startSender(name, url));
  await acts(stack, 'before the first');
  await until(() => senders.every(({ acknowledged }) => acknowledged >= 50));
  for (const flags of [[], ['--incremental'], ['--incremental']]) {
    const acknowledged = senders.map((sender) => sender.acknowledged);
    const { code, err } = await tocsin(home, 'backup', 'backups', ...flags);
    if (code !== 0) throw new Error(err);
    const name = (await readdir(join(home, 'backups'))).toSorted().at(-1) ?? '';
    const folder = join(home, 'backups', name);
    taken.push({ manifest: JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8')), folder, acknowledged });
    const [first] = senders;
    const before = first?.acknowledged ?? 0;
    await until(() => (first?.acknowledged ?? 0) > before + 50);
  }
  await Promise.all(senders.map((sender) => sender.stop()));
  await stack.stop();
}, 600_000);

afterAll(async () => {
  await Promise.all((senders ?? []).map((sender) => sender.stop()));
  stack?.launched.child.kill('SIGKILL');
  await rm(home, { recursive: true, force: true });
});

describe('backup and restore under ingest', () => {
  it.each([
    ['the full one', 0],
    ['the second incremental one on top of it', 2],
  ])(
    'bring back with %s everything that was acknowledged, once',
    async (_which, index) => {
      const one = taken[index];
      if (!one) throw new Error('there is no such backup');
      const folder = await mkdtemp(join(tmpdir(), 'tocsin-restored-'));
      try {
        await cp(join(home, 'backups'), join(folder, 'moved'), { recursive: true });
        const restore = await tocsin(folder, 'restore', 'moved', '--name', one.manifest.name, '--config-to', 'config');
        expect(restore.err).not.toContain('Not restored');
        expect(restore.code).toBe(0);
        expect(await readFile(join(folder, 'config/rules/own.yaml'), 'utf8')).toContain('alert: Own');
        await cp(join(folder, 'config'), folder, { recursive: true });
        const again = await startStack(folder);
        onTestFinished(() => void again.launched.child.kill('SIGKILL'));
        try {
          await untilLoaded(folder);
          await expectActs(again);
          for (const [at, sender] of senders.entries()) {
            const { rows, numbers, sum, max, rollup } = await count(
              again.endpoints['clickhouse.http'] ?? '',
              sender.name,
            );
            expect(max).toBeGreaterThanOrEqual(one.acknowledged[at] ?? Infinity);
            expect(max).toBeLessThanOrEqual(sender.acknowledged);
            expect({ rows, numbers, sum, rollup }).toEqual({
              rows: max,
              numbers: max,
              sum: (max * (max + 1)) / 2,
              rollup: max,
            });
          }
        } finally {
          await again.stop();
        }
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
    600_000,
  );

  it('writes incremental backups without what is in those before', () => {
    const [full, ...more] = taken.map(({ manifest }) => manifest);
    const partsOf = (manifest: Manifest | undefined): number =>
      manifest?.files.filter(({ path }) => path.startsWith('clickhouse/data/')).length ?? 0;
    expect(more.map(({ base }) => base?.name)).toEqual([full?.name, more[0]?.name]);
    expect(partsOf(full)).toBeGreaterThan(0);
    expect(more.every(({ isExact }) => isExact)).toBe(true);
  });

  it('is closed to other users', async () => {
    for (const { folder, manifest } of taken) {
      expect((await stat(folder)).mode & 0o077).toBe(0);
      const files = manifest.files.map(({ path }) => path);
      for (const file of ['manifest.json', ...files]) expect((await stat(join(folder, file))).mode & 0o077).toBe(0);
    }
  });

  it('refuses a backup with a damaged file, by the file’s name, and restores nothing', async () => {
    const [full, first] = taken;
    const folder = await mkdtemp(join(tmpdir(), 'tocsin-damaged-'));
    try {
      await cp(join(home, 'backups'), join(folder, 'copy'), { recursive: true });
      const path = full?.manifest.files.find((file) => /clickhouse\/data\/.*data\.bin$/.test(file.path))?.path ?? '';
      const file = join(folder, 'copy', full?.manifest.name ?? '', path);
      const bytes = await readFile(file);
      bytes[0] = (bytes[0] ?? 0) ^ 1;
      await writeFile(file, bytes);
      // The newest is on top of the first incremental one, and that on the damaged one.
      const { code, err } = await tocsin(folder, 'restore', 'copy', '--data', 'fresh');
      expect(code).toBe(1);
      expect(err).toContain(`${file} is damaged`);
      expect(await readdir(folder)).toEqual(['copy']);

      await rm(join(folder, 'copy', first?.manifest.name ?? 'none', 'manifest.json'));
      const gone = await tocsin(folder, 'restore', 'copy', '--data', 'fresh');
      expect(gone.err).toContain(`is on top of ${first?.manifest.name}, which is not in`);
      const listed = await tocsin(folder, 'backup', 'list', 'copy');
      expect(listed.out).toContain(`${first?.manifest.name}  no whole backup: manifest.json is missing`);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }, 300_000);

  it('refuses a data folder that is not empty, and says what is there', async () => {
    const { code, err } = await tocsin(home, 'restore', 'backups');
    expect(code).toBe(1);
    expect(err).toMatch(/expected an empty data folder or none, found \S+ in .*\/data/);
  });

  it('backs up a Tocsin that does not run, and says with --dry-run what would be restored', async () => {
    const backup = await tocsin(home, 'backup', 'cold');
    expect(backup.err).toContain('Tocsin does not run');
    expect(backup.err).not.toContain('No backup was made');
    expect(backup.code).toBe(0);
    const dry = await tocsin(home, 'restore', 'cold', '--data', 'nowhere', '--dry-run');
    expect(dry).toMatchObject({ code: 0, out: expect.stringContaining('is whole') });
    await expect(stat(join(home, 'nowhere'))).rejects.toThrow('ENOENT');
  }, 300_000);

  it('a backup that was killed is never taken for a whole one, and does not stand in the way of the next', async () => {
    expect(await breakOffBackup(home, 'broken', 'SIGTERM')).toBe(1);
    expect(await readdir(join(home, 'broken'))).toEqual([]);

    expect(await breakOffBackup(home, 'broken', 'SIGKILL')).toBe('SIGKILL');
    const [left] = await readdir(join(home, 'broken'));
    expect(left).toMatch(/\.partial$/);
    const listed = await tocsin(home, 'backup', 'list', 'broken');
    expect(listed.out).toContain(`${left}  no whole backup: it was not finished`);
    const restore = await tocsin(home, 'restore', 'broken', '--data', 'nowhere');
    expect(restore).toMatchObject({ code: 1, err: expect.stringContaining('there is no backup') });

    const next = await tocsin(home, 'backup', 'broken');
    expect(next.err).not.toContain('No backup was made');
    expect(next.code).toBe(0);
  }, 300_000);

  it('makes no incremental backup where there is nothing to be on top of', async () => {
    const { code, err } = await tocsin(home, 'backup', 'never', '--incremental');
    expect(err).toContain('there is no backup yet');
    expect(code).toBe(1);
    await expect(stat(join(home, 'never'))).rejects.toThrow('ENOENT');
  });
});

/** What people and jobs do, and are told that it is kept: a silence, and a job's call. */
async function acts({ endpoints }: Stack, comment: string): Promise<void> {
  const silence = {
    matchers: [{ name: 'alertname', value: 'Nothing', isRegex: false }],
    startsAt: new Date().toISOString(),
    endsAt: new Date(Date.now() + 86_400_000).toISOString(),
    createdBy: 'rehearsal',
    comment,
  };
  const headers = { 'content-type': 'application/json' };
  const url = `${endpoints['alerting.http']}/api/v2/silences`;
  expect((await fetch(url, { method: 'POST', headers, body: JSON.stringify(silence) })).status).toBe(200);
  expect((await fetch(`${endpoints['checker.heartbeat.listen']}/ping/${PING_TOKEN}`)).status).toBe(200);
}

async function expectActs({ endpoints }: Stack): Promise<void> {
  const response = await fetch(`${endpoints['alerting.http']}/api/v2/silences`);
  expect(await response.json()).toEqual([expect.objectContaining({ comment: 'before the first' })]);
}

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => void setTimeout(resolve, 20));
}
