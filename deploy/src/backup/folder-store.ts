import {
  chmod,
  copyFile,
  mkdir,
  open,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { BackupPlace } from './job.ts';
import {
  type BackupFile,
  hashFile,
  hashText,
  listFiles,
  type Manifest,
  MANIFEST_FILE,
  parseManifest,
  PARTS,
} from './manifest.ts';
import type { BackupStore, Draft, Listing, ManifestFacts, StoredBackup } from './store.ts';

/** What a folder of backups is opened with. */
export interface FolderStoreOptions {
  /** Absolute; made where it is missing. */
  readonly folder: string;
  /** The embedded engine's folder for backups; `undefined` for another ClickHouse. */
  readonly engineFolder: string | undefined;
  /** The disk of another ClickHouse to which it writes its part. */
  readonly disk: string | undefined;
}

/** The name of the link from the engine's folder to ours. It stands in every incremental backup: the folder may be moved, the name stays. */
const LINK = 'target';
const UNFINISHED = '.partial';

/**
 * Keeps backups in a folder, each in one of its own that only this user may enter. One that is being made has the ending `.partial`; the rename at the end makes it
 * whole.
 */
export function openFolderStore({ folder, engineFolder, disk }: FolderStoreOptions): BackupStore {
  const link = engineFolder === undefined ? undefined : join(engineFolder, LINK);
  const connect = async (): Promise<void> => {
    if (link === undefined) return;
    await mkdir(dirname(link), { recursive: true, mode: 0o700 });
    await rm(link, { force: true });
    await symlink(await realpath(folder), link);
  };
  const placeIn = (name: string): BackupPlace =>
    disk === undefined
      ? { kind: 'file', path: `${LINK}/${name}/${PARTS.clickhouse}` }
      : { kind: 'disk', disk, path: `${name.replace(UNFINISHED, '')}/` };
  return {
    label: folder,
    list: () => listBackups(folder),
    async begin(name) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await connect();
      return beginDraft(folder, name, placeIn(`${name}${UNFINISHED}`));
    },
    placeOf: ({ name, clickhouse }) =>
      clickhouse.place === 'disk' && clickhouse.disk !== undefined
        ? { kind: 'disk', disk: clickhouse.disk, path: `${name}/` }
        : placeIn(name),
    verify: ({ manifest }, onBytes) => verifyFiles(join(folder, manifest.name), manifest.files, onBytes),
    async fetch({ manifest }, part, to) {
      await connect();
      const from = join(folder, manifest.name);
      for (const { path } of manifest.files.filter((file) => file.path.startsWith(`${part}/`))) {
        const target = join(to, path.slice(part.length + 1));
        await mkdir(dirname(target), { recursive: true, mode: 0o700 });
        await copyFile(join(from, path), target);
        await chmod(target, 0o600);
      }
    },
    async close() {
      if (link !== undefined) await rm(link, { force: true });
    },
  };
}

async function beginDraft(folder: string, name: string, place: BackupPlace): Promise<Draft> {
  const draft = join(folder, `${name}${UNFINISHED}`);
  await mkdir(draft, { mode: 0o700 });
  return {
    folder: draft,
    place,
    async finish(facts, onBytes) {
      const manifest = await describe(draft, facts, onBytes);
      await writeFile(join(draft, MANIFEST_FILE), formatManifest(manifest), { mode: 0o600 });
      await syncAll(draft);
      await rename(draft, join(folder, name));
      await sync(folder);
      return manifest;
    },
    discard: () => rm(draft, { recursive: true, force: true }),
  };
}

/** The manifest of the files in a folder; each is made readable for this user alone. */
export async function describe(
  folder: string,
  facts: ManifestFacts,
  onBytes: (sizeBytes: number) => void,
): Promise<Manifest> {
  const files: BackupFile[] = [];
  for (const path of await listFiles(folder)) {
    const { sizeBytes, sha256 } = await hashFile(join(folder, path));
    // What ClickHouse wrote may be another user's; the folder around it is closed to others.
    await chmod(join(folder, path), 0o600).catch(ifNotOurs);
    files.push({ path, sizeBytes, sha256 });
    onBytes(sizeBytes);
  }
  return { format: 1, ...facts, files };
}

export function formatManifest(manifest: Manifest): string {
  return `${JSON.stringify(manifest, null, 1)}\n`;
}

function ifNotOurs(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPERM') throw error;
}

async function listBackups(folder: string): Promise<Listing> {
  const found = await readdir(folder, { withFileTypes: true }).catch(ifMissing);
  const entries = (found ?? []).filter((entry) => entry.isDirectory());
  const backups: StoredBackup[] = [];
  const others: { name: string; why: string }[] = [];
  for (const { name } of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const text = await readFile(join(folder, name, MANIFEST_FILE), 'utf8').catch(ifMissing);
    const manifest = parseManifest(text ?? '');
    if (name.endsWith(UNFINISHED)) others.push({ name, why: 'it was not finished' });
    else if (text === undefined) others.push({ name, why: `${MANIFEST_FILE} is missing` });
    else if (typeof manifest === 'string') others.push({ name, why: `${MANIFEST_FILE}: ${manifest}` });
    else if (manifest.name !== name) others.push({ name, why: `${MANIFEST_FILE} is that of ${manifest.name}` });
    else backups.push({ manifest, manifestSha256: hashText(text) });
  }
  return { backups, others };
}

function ifMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}

async function verifyFiles(
  folder: string,
  files: readonly BackupFile[],
  onBytes: (sizeBytes: number) => void,
): Promise<string | undefined> {
  for (const { path, sizeBytes, sha256 } of files) {
    const file = join(folder, path);
    const there = await stat(file).catch(ifMissing);
    if (!there) return `${file} is missing`;
    if (there.size !== sizeBytes) return `${file} is damaged: expected ${sizeBytes} bytes, found ${there.size}`;
    const found = await hashFile(file);
    if (found.sha256 !== sha256) return `${file} is damaged: its SHA-256 is another one than when it was made`;
    onBytes(sizeBytes);
  }
  return undefined;
}

/** Everything is on the medium before the name says that it is whole. */
async function syncAll(folder: string): Promise<void> {
  for (const path of await listFiles(folder)) await sync(join(folder, path));
  await sync(folder);
}

async function sync(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
