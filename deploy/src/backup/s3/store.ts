import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { openFolderStore } from '../folder-store.ts';
import { hashFile, hashText, MANIFEST_FILE, parseManifest, PARTS } from '../manifest.ts';
import type { BackupPlace } from '../job.ts';
import type { BackupStore, Listing, StoredBackup } from '../store.ts';
import { createS3Client, type S3Client } from './client.ts';
import type { S3Target } from './target.ts';

/** What a store in S3 is opened with. */
export interface S3StoreOptions {
  readonly target: S3Target;
  /** How the path of a folder begins that is made for what is on its way, with room for one backup; removed by `close()`. */
  readonly stagingPrefix: string;
  /** The embedded engine's folder for backups; `undefined` for another ClickHouse, which speaks to S3 itself. */
  readonly engineFolder: string | undefined;
}

/** The description of a ClickHouse backup: all that one on top of it needs while it is made. */
const CONTENTS = `${PARTS.clickhouse}/.backup`;

/**
 * Keeps backups in S3: each is made in a folder of this machine first and then uploaded, its manifest last. So the embedded ClickHouse needs no way to other machines, and one that was
 * cut off is none.
 */
export function openS3Store({ target, stagingPrefix, engineFolder }: S3StoreOptions): BackupStore {
  const client = createS3Client(target);
  const { prefix } = target;
  let staging: Promise<Staging> | undefined;
  const stage = (): Promise<Staging> => (staging ??= openStaging(stagingPrefix, engineFolder));
  const verified = new Set<string>();
  const byItself = (name: string): BackupPlace => {
    const { accessKeyId, secretAccessKey } = target.credentials;
    const url = new URL(
      `${target.bucket}/${prefix}${name}/${PARTS.clickhouse}/`,
      `${target.endpoint.href.replace(/\/$/, '')}/`,
    ).href;
    return { kind: 's3', url, accessKeyId, secretAccessKey };
  };
  return {
    label: `s3://${target.bucket}/${prefix}`,
    list: () => listBackups(client, prefix),
    async begin(name) {
      const { folder, store } = await stage();
      // Those below are known to ClickHouse by their descriptions.
      const below = engineFolder === undefined ? [] : (await listBackups(client, prefix)).backups;
      for (const { manifest } of below)
        await download(client, `${prefix}${manifest.name}/${CONTENTS}`, join(folder, manifest.name, CONTENTS));
      const draft = await store.begin(name);
      return {
        ...draft,
        place: engineFolder === undefined ? byItself(name) : draft.place,
        async finish(facts, onBytes) {
          const manifest = await draft.finish(facts, onBytes);
          const from = join(folder, name);
          for (const { path, sizeBytes, sha256 } of manifest.files) {
            await client.putFile(`${prefix}${name}/${path}`, { path: join(from, path), sizeBytes, sha256 });
            onBytes(sizeBytes);
          }
          const whole = join(from, MANIFEST_FILE);
          await client.putFile(`${prefix}${name}/${MANIFEST_FILE}`, { path: whole, ...(await hashFile(whole)) });
          return manifest;
        },
        async discard() {
          await draft.discard();
          // Without its manifest it is none already.
          for (const { key } of await client.list(`${prefix}${name}/`)) await client.remove(key);
        },
      };
    },
    placeOf: ({ name, clickhouse }) =>
      clickhouse.place === 's3' ? byItself(name) : { kind: 'file', path: `target/${name}/${PARTS.clickhouse}` },
    async verify(backup, onBytes) {
      const { folder, store } = await stage();
      const { name, files } = backup.manifest;
      const there = new Map((await client.list(`${prefix}${name}/`)).map(({ key, sizeBytes }) => [key, sizeBytes]));
      for (const { path, sizeBytes } of files) {
        const key = `${prefix}${name}/${path}`;
        if (!there.has(key)) return `s3://${target.bucket}/${key} is missing`;
        if (there.get(key) !== sizeBytes)
          return `s3://${target.bucket}/${key} is damaged: expected ${sizeBytes} bytes, found ${there.get(key)}`;
        await download(client, key, join(folder, name, path));
      }
      const damage = await store.verify(backup, onBytes);
      if (damage === undefined) verified.add(name);
      return damage?.replace(`${folder}/`, `s3://${target.bucket}/${prefix}`);
    },
    async fetch(backup, part, to) {
      if (!verified.has(backup.manifest.name)) throw new Error('a backup is read before it is restored');
      await (await stage()).store.fetch(backup, part, to);
    },
    async close() {
      const opened = await staging;
      staging = undefined;
      await opened?.store.close();
      if (opened) await rm(opened.folder, { recursive: true, force: true });
    },
  };
}

interface Staging {
  readonly folder: string;
  readonly store: BackupStore;
}

async function openStaging(prefix: string, engineFolder: string | undefined): Promise<Staging> {
  await mkdir(dirname(prefix), { recursive: true, mode: 0o700 });
  const folder = await mkdtemp(prefix);
  return { folder, store: openFolderStore({ folder, engineFolder, disk: undefined }) };
}

async function download(client: S3Client, key: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true, mode: 0o700 });
  await client.getFile(key, to);
}

async function listBackups(client: S3Client, prefix: string): Promise<Listing> {
  const objects = await client.list(prefix);
  const names = new Set(objects.map(({ key }) => key.slice(prefix.length).split('/')[0] ?? ''));
  const backups: StoredBackup[] = [];
  const others: { name: string; why: string }[] = [];
  for (const name of [...names].toSorted()) {
    const text = await client.getText(`${prefix}${name}/${MANIFEST_FILE}`);
    const manifest = parseManifest(text ?? '');
    if (text === undefined) others.push({ name, why: `${MANIFEST_FILE} is missing: it was not finished` });
    else if (typeof manifest === 'string') others.push({ name, why: `${MANIFEST_FILE}: ${manifest}` });
    else backups.push({ manifest, manifestSha256: hashText(text) });
  }
  return { backups, others };
}
