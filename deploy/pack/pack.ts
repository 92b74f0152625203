import { execFile } from 'node:child_process';
import { chmod, cp, glob, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { ownImports, packedPath, translateModule } from './translate.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const FOLDERS = ['service', 'collector', 'checker', 'alerting', 'dashboards', 'deploy', 'deploy/examples/shop'];
/** What runs, and what it reads. Tests, benches and what only serves development stay here. */
const INCLUDED = [
  ...FOLDERS.map((folder) => `${folder}/src/**/*`),
  'alerting/rules/*',
  'dashboards/grafana/dashboards/*.json',
  'dashboards/grafana/provisioning/**/*.yaml',
  'dashboards/web/dist/**/*',
  'deploy/bin/{tocsin,install,commands,build-web}.mjs',
];
const EXCLUDED = ['deploy/src/testing/'];
const AS_THEY_ARE = ['LICENSE', 'README.md', 'CHANGELOG.md'];

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly description?: string;
  readonly license: string;
  readonly exports?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
}

/**
 * Makes the npm package `tocsin` of the workspace: one tarball that `npx tocsin up` runs from in an empty folder.
 * @returns the path of the tarball
 */
export async function pack(outDir: string): Promise<string> {
  const run = promisify(execFile);
  await run(join(ROOT, 'node_modules/.bin/node'), [join(ROOT, 'deploy/bin/build-web.mjs')]);
  const folder = await mkdtemp(join(tmpdir(), 'tocsin-pack-'));
  try {
    const root = await readManifest('.');
    const manifests = new Map(
      await Promise.all(FOLDERS.map(async (name) => [name, await readManifest(name)] as const)),
    );
    const own = ownImports(manifests);
    for (const file of await listFiles()) {
      const target = join(folder, packedPath(file));
      await mkdir(dirname(target), { recursive: true });
      if (!/\.(?:ts|mjs)$/.test(file)) await cp(join(ROOT, file), target);
      else await writeFile(target, translateModule(file, await readFile(join(ROOT, file), 'utf8'), own));
    }
    // Modules ask the manifest of their own package what version they are.
    for (const [place, { name, version }] of manifests)
      await writeFile(join(folder, place, 'package.json'), `${JSON.stringify({ name, version, type: 'module' })}\n`);
    for (const file of AS_THEY_ARE) await cp(join(ROOT, file), join(folder, file));
    await chmod(join(folder, 'deploy/bin/tocsin.mjs'), 0o755);
    await writeFile(
      join(folder, 'package.json'),
      `${JSON.stringify(manifestOf(root, [...manifests.values()]), null, 2)}\n`,
    );
    await mkdir(outDir, { recursive: true });
    const { stdout } = await run('npm', ['pack', '--silent', '--pack-destination', outDir], { cwd: folder });
    return join(outDir, stdout.trim());
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function readManifest(folder: string): Promise<Manifest> {
  return JSON.parse(await readFile(join(ROOT, folder, 'package.json'), 'utf8')) as Manifest;
}

async function listFiles(): Promise<string[]> {
  const files: string[] = [];
  for await (const entry of glob(INCLUDED, {
    cwd: ROOT,
    withFileTypes: true,
    exclude: (one) => one.name === 'node_modules',
  })) {
    const path = join(entry.parentPath, entry.name).slice(ROOT.length + 1);
    if (entry.isFile() && !EXCLUDED.some((prefix) => path.startsWith(prefix))) files.push(path);
  }
  return files.sort();
}

/** One package with what all of ours need; what they need of each other is inside. */
function manifestOf(root: Manifest, own: readonly Manifest[]): object {
  const dependencies: Record<string, string> = {};
  for (const { name, dependencies: needed = {} } of [root, ...own])
    for (const [other, version] of Object.entries(needed)) {
      if (other.startsWith('@tocsin/')) continue;
      const known = dependencies[other];
      if (known !== undefined && known !== version)
        throw new Error(`${name} needs ${other} ${version}, another package of ours ${known}`);
      dependencies[other] = version;
    }
  const { name, version, description, license } = root;
  return {
    name,
    version,
    description,
    license,
    type: 'module',
    engines: { node: '>=20' },
    bin: { tocsin: 'deploy/bin/tocsin.mjs' },
    dependencies: Object.fromEntries(Object.entries(dependencies).sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}
