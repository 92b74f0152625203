// Runs on the Node of the machine (20 or newer) before anything is installed: no dependencies, no TypeScript.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's root, or that of the npm package. */
export const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** In the npm package everything was installed along with it. */
const IS_PACKAGE = !existsSync(join(ROOT, 'pnpm-workspace.yaml'));
/** The Node that runs Tocsin: the npm package `node`, pinned in package.json. */
export const NODE = IS_PACKAGE ? findNode() : join(ROOT, 'node_modules/.bin/node');

// Not `packageManager` in package.json: pnpm would then keep a copy of itself in the lockfile and switch to it.
const PNPM = 'pnpm@12.21.0';
/** Where Node keeps compiled code; belongs to the installation. */
export const COMPILE_CACHE = join(ROOT, 'node_modules/.cache/tocsin-compile');
const STAMP = join(ROOT, 'node_modules/.tocsin-installed');
const NO_NODE = `The npm package "node" brought no binary for ${process.platform} ${process.arch}. It is fetched by a script at install: was npm told to ignore scripts?`;
const LOWEST_NODE_MAJOR = 20;
const STALE_LOCK_MS = 5_000;

/**
 * Makes sure that everything is installed; milliseconds when it is already. Two at once wait for each other.
 * @returns {string | undefined} why it failed, for people; `undefined` when all is there
 */
export function ensureInstalled() {
  if (Number(process.versions.node.split('.')[0]) < LOWEST_NODE_MAJOR)
    return `Tocsin needs Node ${LOWEST_NODE_MAJOR} or newer to start; this is ${process.version}.`;
  if (IS_PACKAGE) return existsSync(NODE) ? undefined : NO_NODE;
  if (isInstalled()) return undefined;
  const release = takeLock();
  try {
    return isInstalled() ? undefined : install();
  } finally {
    release();
  }
}

/** npm puts what a package needs beside it or below it. */
function findNode() {
  try {
    return join(dirname(createRequire(import.meta.url).resolve('node/package.json')), 'bin/node');
  } catch (error) {
    if (error.code !== 'MODULE_NOT_FOUND') throw error;
    return join(ROOT, 'node_modules/.bin/node');
  }
}

function isInstalled() {
  return existsSync(STAMP) && existsSync(NODE) && readFileSync(STAMP, 'utf8') === fingerprint();
}

/** Of everything that decides what gets installed. */
function fingerprint() {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}\n`);
  for (const file of ['pnpm-lock.yaml', 'pnpm-workspace.yaml', 'package.json', ...packageManifests()])
    hash.update(`${file}\n`).update(readFileSync(join(ROOT, file)));
  return hash.digest('hex');
}

function packageManifests() {
  const workspace = readFileSync(join(ROOT, 'pnpm-workspace.yaml'), 'utf8');
  const [, list = ''] = /^packages:\n((?: +- .+\n)+)/m.exec(workspace) ?? [];
  return [...list.matchAll(/- (\S+)/g)]
    .flatMap(([, pattern]) => {
      if (!pattern.endsWith('/*')) return [pattern];
      const folder = pattern.slice(0, -2);
      return readdirSync(join(ROOT, folder)).map((name) => `${folder}/${name}`);
    })
    .map((folder) => `${folder}/package.json`)
    .filter((file) => existsSync(join(ROOT, file)))
    .sort();
}

function install() {
  const beganMs = Date.now();
  process.stderr.write(
    `Installing what Tocsin needs with ${PNPM} (about 1 GB on disk; only when something is missing) ...\n`,
  );
  const args = ['--yes', PNPM, 'install', '--frozen-lockfile', '--config.confirmModulesPurge=false'];
  const { status, error } = spawnSync('npx', args, { cwd: ROOT, stdio: ['ignore', 2, 2], env: installEnvironment() });
  if (error) return `npx cannot be run (${error.message}). Tocsin needs npm, which comes with Node.`;
  if (status !== 0) return explainFailure(status);
  if (!existsSync(NODE)) return NO_NODE;
  linkCommand();
  warmUp();
  writeFileSync(STAMP, fingerprint());
  process.stderr.write(`Installed in ${((Date.now() - beganMs) / 1_000).toFixed(1)} s.\n`);
  return undefined;
}

/** `npm start` tells its children about the folder it runs in; the npx below must not take that for its own. */
function installEnvironment() {
  const foreign = /^npm_(?:package|lifecycle|config_(?:local_prefix|prefix|global_prefix))/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.test(name)));
}

function explainFailure(status) {
  const ping = spawnSync('npm', ['ping'], { cwd: ROOT, timeout: 15_000, stdio: 'ignore' });
  const cause =
    ping.status === 0
      ? 'The package registry answers, so the lines above say what is wrong.'
      : 'The package registry cannot be reached from here. Is the machine online? Behind a proxy set HTTPS_PROXY; for a registry of your own, "npm config set registry URL".';
  return `Installing failed (exit code ${status}). ${cause} Run the same command again to go on.`;
}

/** So that `npx tocsin …` in this folder finds the command without asking a registry. */
function linkCommand() {
  const link = join(ROOT, 'node_modules/.bin/tocsin');
  rmSync(link, { force: true });
  symlinkSync('../../deploy/bin/tocsin.mjs', link);
}

/** Fills the compile cache, so that the first start is as fast as every other. What it cannot do, the first start does. */
function warmUp() {
  spawnSync(NODE, [join(ROOT, 'deploy/src/cli/main.ts'), 'warm-up'], {
    stdio: 'ignore',
    timeout: 120_000,
    env: { ...process.env, NODE_COMPILE_CACHE: COMPILE_CACHE },
  });
}

/** One installation at a time in this folder; the lock of a process that is gone is taken over. */
function takeLock() {
  const name = createHash('sha256').update(ROOT).digest('hex').slice(0, 16);
  const lock = join(tmpdir(), `tocsin-install-${name}`);
  let said = false;
  for (;;) {
    try {
      mkdirSync(lock);
      writeFileSync(join(lock, 'pid'), String(process.pid));
      return () => rmSync(lock, { recursive: true, force: true });
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    const holder = readHolder(lock);
    if (holder === 'gone') rmSync(lock, { recursive: true, force: true });
    else {
      if (!said) process.stderr.write(`Another installation runs here (process ${holder}); waiting for it.\n`);
      said = true;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 250);
    }
  }
}

/** @returns {number | 'gone' | 'unknown'} who holds the lock */
function readHolder(lock) {
  try {
    const pid = Number(readFileSync(join(lock, 'pid'), 'utf8'));
    if (pid > 0) return process.kill(pid, 0) ? pid : 'gone';
    return 'unknown';
  } catch (error) {
    if (error.code === 'ESRCH') return 'gone';
    if (error.code === 'EPERM') return 'unknown';
    if (error.code !== 'ENOENT') throw error;
  }
  const made = statSync(lock, { throwIfNoEntry: false });
  return made && Date.now() - made.mtimeMs < STALE_LOCK_MS ? 'unknown' : 'gone';
}
