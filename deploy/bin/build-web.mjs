#!/usr/bin/env node
// Builds the pages of the console when their sources have changed; runs on the Node of the machine, as install.mjs does.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { NODE, ROOT } from './install.mjs';

const WEB = join(ROOT, 'dashboards/web');
const STAMP = join(WEB, 'dist/.built-from');
/** `dashboards/web/build/build-web.ts` refuses to build from anything else. */
const SOURCES = [
  'dashboards/web/src',
  'dashboards/web/public',
  'dashboards/web/build',
  'dashboards/web/index.html',
  'dashboards/src/html',
  'pnpm-lock.yaml',
];

/**
 * Makes sure that the pages are built from the sources as they are; milliseconds when they are.
 * @returns {string | undefined} why that failed, for people
 */
export function ensureWebBuilt() {
  // The npm package brings them built, without sources.
  if (!existsSync(join(WEB, 'src'))) return undefined;
  const sources = fingerprint();
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === sources) return undefined;
  const beganMs = Date.now();
  const { status, stdout, stderr } = spawnSync(NODE, ['--no-warnings', join(WEB, 'build/main.ts')], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  if (status !== 0) return `The pages of the console could not be built:\n${stdout}${stderr}`;
  writeFileSync(STAMP, sources);
  process.stderr.write(`Built the pages of the console in ${((Date.now() - beganMs) / 1_000).toFixed(1)} s.\n`);
  return undefined;
}

function fingerprint() {
  const hash = createHash('sha256');
  for (const file of SOURCES.flatMap(listFiles)) hash.update(`${file}\n`).update(readFileSync(join(ROOT, file)));
  return hash.digest('hex');
}

function listFiles(path) {
  if (statSync(join(ROOT, path)).isFile()) return [path];
  return readdirSync(join(ROOT, path))
    .sort()
    .flatMap((name) => listFiles(`${path}/${name}`));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const failure = existsSync(NODE)
    ? ensureWebBuilt()
    : 'Nothing is installed yet: npm start does all of it, and so does npm test.';
  if (failure !== undefined) {
    process.stderr.write(`${failure}\n`);
    process.exitCode = 1;
  }
}
