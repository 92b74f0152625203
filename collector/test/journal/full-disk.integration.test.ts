import { spawnSync } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryDirectory } from './requests.ts';

const SCRIPT = join(import.meta.dirname, 'fill-disk.ts');

/** Runs the script on a disk of 1 MiB: a real one in a namespace of its own; where the system has none, one that pretends. */
function fillDisk(directory: string): {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
} {
  const mount = 'mount -t tmpfs -o size=1m tmpfs "$1"';
  const canMount = spawnSync('unshare', ['-Urm', 'sh', '-c', mount, 'sh', directory]).status === 0;
  if (!canMount) return spawnSync(process.execPath, [SCRIPT, directory, '900000'], { encoding: 'utf8' });
  const command = `${mount} && exec "$2" "$3" "$1"`;
  const args = ['-Urm', 'sh', '-c', command, 'sh', directory, process.execPath, SCRIPT];
  return spawnSync('unshare', args, { encoding: 'utf8' });
}

test('a disk that is full refuses, loses nothing and doubles nothing, and takes again once there is room', async () => {
  const directory = join(await temporaryDirectory(), 'disk');
  await mkdir(directory);
  const { status, stdout, stderr } = fillDisk(directory);
  expect([status, stderr]).toEqual([0, '']);
  const { acknowledged, refusals, found } = JSON.parse(stdout) as Record<string, readonly string[]>;
  expect(acknowledged?.length).toBeGreaterThan(60);
  expect(refusals?.[0]).toBe('disk_full');
  // Requests are numbered, and those that were refused are missing: the last ones were taken after there was room again.
  expect(Number.parseInt(acknowledged?.at(-1)?.slice('request '.length) ?? '', 10)).toBe(
    (acknowledged?.length ?? 0) + (refusals?.length ?? 0) - 1,
  );
  expect(found).toEqual(acknowledged);
});
