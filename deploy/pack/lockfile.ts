import { parse, stringify } from 'yaml';

/** Names of packages → what a snapshot has them resolved to, as `1.23.1` or `3.4.0(zod@4.6.7)`. */
type Resolved = Readonly<Record<string, string>>;

/** As much of `pnpm-lock.yaml` (lockfileVersion 9.0) as is read here. */
export interface Lockfile {
  readonly lockfileVersion: string;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly importers: Readonly<Record<string, Importer>>;
  readonly packages: Readonly<Record<string, LockedPackage>>;
  readonly snapshots: Readonly<Record<string, Snapshot>>;
}

interface Importer {
  readonly dependencies?: Readonly<Record<string, { readonly specifier: string; readonly version: string }>>;
}

interface LockedPackage {
  readonly resolution: { readonly integrity?: string };
  readonly [key: string]: unknown;
}

interface Snapshot {
  readonly dependencies?: Resolved;
  readonly optionalDependencies?: Resolved;
  readonly [key: string]: unknown;
}

/** @throws Error for a lockfile of another version of pnpm's format */
export function readLockfile(text: string): Lockfile {
  const lockfile = parse(text) as Lockfile;
  if (lockfile.lockfileVersion !== '9.0')
    throw new Error(`pnpm-lock.yaml: expected lockfileVersion 9.0, found ${lockfile.lockfileVersion}`);
  return lockfile;
}

/**
 * The lockfile of the npm package: what the workspace's packages need at run time, in the versions that were tested, as needs of one package.
 * @param folders of the workspace's packages; `.` is the root
 */
export function packedLockfile(workspace: Lockfile, folders: readonly string[]): Lockfile {
  const dependencies: Record<string, { specifier: string; version: string }> = {};
  for (const folder of folders)
    for (const [name, wanted] of Object.entries(workspace.importers[folder]?.dependencies ?? {}))
      if (!wanted.version.startsWith('link:')) dependencies[name] = wanted;
  const roots = Object.entries(dependencies).map(([name, { version }]) => `${name}@${version}`);
  const reached = reachSnapshots(workspace.snapshots, roots);
  const packages = new Set(reached.map(packageKey));
  return {
    lockfileVersion: workspace.lockfileVersion,
    settings: workspace.settings,
    importers: { '.': { dependencies: sortKeys(dependencies) } },
    packages: pick(workspace.packages, packages),
    snapshots: pick(workspace.snapshots, new Set(reached)),
  };
}

/** As pnpm reads it. */
export function writeLockfile(lockfile: Lockfile): string {
  return stringify(lockfile, { lineWidth: 0 });
}

/** `chdb@3.4.0(zod@4.6.7)` → `chdb@3.4.0`: what is fetched, whatever stands beside it. */
export function packageKey(snapshot: string): string {
  const peers = snapshot.indexOf('(');
  return peers === -1 ? snapshot : snapshot.slice(0, peers);
}

/** The keys of what a snapshot needs, sorted. */
export function needsOf({ dependencies = {}, optionalDependencies = {} }: Snapshot): readonly string[] {
  const needed = { ...dependencies, ...optionalDependencies };
  return Object.entries(needed)
    .map(([name, version]) => `${name}@${version}`)
    .toSorted();
}

function reachSnapshots(snapshots: Lockfile['snapshots'], roots: readonly string[]): readonly string[] {
  const reached = new Set<string>();
  const waiting = [...roots];
  for (let key = waiting.pop(); key !== undefined; key = waiting.pop()) {
    if (reached.has(key)) continue;
    const snapshot = snapshots[key];
    if (!snapshot) throw new Error(`pnpm-lock.yaml: expected a snapshot ${key}, found none`);
    reached.add(key);
    waiting.push(...needsOf(snapshot));
  }
  return [...reached].toSorted();
}

function pick<Value>(all: Readonly<Record<string, Value>>, keys: ReadonlySet<string>): Record<string, Value> {
  return Object.fromEntries(Object.entries(all).filter(([key]) => keys.has(key)));
}

function sortKeys<Value>(record: Readonly<Record<string, Value>>): Record<string, Value> {
  return Object.fromEntries(Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
