import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../../..');
const UNSHARE = ['--mount', '--net', '--pid', '--ipc', '--uts', '--fork', '--kill-child'];
const hasNamespaces =
  process.getuid?.() === 0 && spawnSync('unshare', [...UNSHARE, 'sh', '-c', 'mount --make-rprivate /']).status === 0;
const NO_NAMESPACES = 'needs root on Linux, unshare, setpriv and ip: a root of its own is made in namespaces';
const run = promisify(execFile);

test('what is in the image runs with a root that nobody can write, as another user without any capability, and stops with 0', async ({
  skip,
}) => {
  if (!hasNamespaces) skip(NO_NAMESPACES);
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-image-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  chmodSync(folder, 0o755);
  const [opt, root, data] = ['opt', 'root', 'data'].map((name) => join(folder, name)) as [string, string, string];
  for (const path of [opt, root, data]) mkdirSync(path);
  chownSync(data, 10_001, 10_001);
  await install(folder, opt);

  const script = join(import.meta.dirname, 'as-in-a-container.sh');
  const command = join(ROOT, 'deploy/image/tocsin');
  const { stdout } = await run('unshare', [...UNSHARE, 'sh', script, root, opt, command, data], { timeout: 200_000 });
  expect(stdout.trim().split('\n')).toEqual([
    'ready',
    'Uid: 10001 10001 10001 10001',
    'CapEff: 0000000000000000',
    'NoNewPrivs: 1',
    'root: read-only',
    'package: read-only',
    'exit 0',
    'healthcheck afterwards: 1',
  ]);
});

/** As the Dockerfile does it: the tarball, then its own lockfile. */
async function install(folder: string, opt: string): Promise<void> {
  const packed = execFileSync(process.execPath, ['--no-warnings', join(ROOT, 'deploy/pack/main.ts'), '--out', folder]);
  execFileSync('tar', ['-xzf', packed.toString().trim(), '-C', opt, '--strip-components=1']);
  for (const name of ['pnpm-lock.yaml', 'pnpm-workspace.yaml'])
    copyFileSync(join(opt, 'deploy/locked', name), join(opt, name));
  const [, pnpm = ''] = /const PNPM = '(.+)'/.exec(readFileSync(join(ROOT, 'deploy/bin/install.mjs'), 'utf8')) ?? [];
  const args = ['--yes', pnpm, 'install', '--frozen-lockfile', '--prod', '--prefer-offline'];
  await run('npx', args, { cwd: opt, maxBuffer: 2 ** 26 });
}
