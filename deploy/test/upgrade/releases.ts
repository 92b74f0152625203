import { execFile } from 'node:child_process';
import { mkdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const ROOT = resolve(import.meta.dirname, '../../..');

/** An earlier version of Tocsin that people may have run. */
export interface Release {
  /** What git calls it. */
  readonly ref: string;
  readonly version: string;
}

/** What was released, and what the changelog says was: the two must agree. */
export interface Releases {
  readonly tagged: readonly Release[];
  /** Versions of the changelog without a tag. */
  readonly untagged: readonly string[];
}

/** The release tags (`v1.2.3`) before this commit, and the versions of CHANGELOG.md. */
export async function readReleases(): Promise<Releases> {
  const { stdout } = await run('git', ['tag', '--list', 'v*', '--merged', 'HEAD', '--sort=version:refname'], {
    cwd: ROOT,
  });
  const tagged = stdout
    .split('\n')
    .filter((ref) => /^v\d+\.\d+\.\d+/.test(ref))
    .map((ref) => ({ ref, version: ref.slice(1) }));
  const versions = readVersions(await readFile(join(ROOT, 'CHANGELOG.md'), 'utf8'));
  return { tagged, untagged: versions.filter((version) => !tagged.some((release) => release.version === version)) };
}

/** The versions that have a heading: `## 1.2.3` or `## [1.2.3] - 2026-11-25`. */
export function readVersions(changelog: string): readonly string[] {
  return [...changelog.matchAll(/^## \[?(\d+\.\d+\.\d+[^\s\]]*)/gm)].map(([, version]) => version ?? '');
}

/**
 * Lays out the code of a commit and installs it as its users did, by its own command and from its own lockfile.
 * @param ref a tag or a commit
 * @param folder where to; made
 * @returns the Node that runs it, and its command
 */
export async function installRelease(
  ref: string,
  folder: string,
): Promise<{ readonly node: string; readonly main: string }> {
  await mkdir(folder, { recursive: true });
  const archive = join(folder, '.archive.tar');
  await run('git', ['archive', '--output', archive, ref], { cwd: ROOT });
  await run('tar', ['-xf', archive, '-C', folder]);
  // `version` answers without installing; the module is what every command calls first.
  const script = `import(${JSON.stringify(join(folder, 'deploy/bin/install.mjs'))}).then(({ ensureInstalled }) => { const why = ensureInstalled(); if (why) throw new Error(why); })`;
  const { CI: _ci, ...env } = process.env;
  await run(process.execPath, ['--eval', script], { cwd: folder, env, maxBuffer: 2 ** 26 });
  return { node: join(folder, 'node_modules/.bin/node'), main: join(folder, 'deploy/src/cli/main.ts') };
}
