import type { BackupPlace } from './job.ts';
import type { Manifest } from './manifest.ts';

/** A backup that is whole, as its manifest says. */
export interface StoredBackup {
  readonly manifest: Manifest;
  /** Of the text of its manifest. */
  readonly manifestSha256: string;
}

/** What a target holds. */
export interface Listing {
  /** Oldest first. */
  readonly backups: readonly StoredBackup[];
  /** What is no whole backup, each with a reason. */
  readonly others: readonly { readonly name: string; readonly why: string }[];
}

/** What a manifest says beside its files. */
export type ManifestFacts = Omit<Manifest, 'format' | 'files'>;

/** A backup that is being made. */
export interface Draft {
  /** A folder of this machine for the parts `data` and `config`. */
  readonly folder: string;
  /** Where ClickHouse writes. */
  readonly place: BackupPlace;
  /** Makes it whole: all files with their checksums in the manifest, which comes last. @param onBytes told of bytes that were read */
  finish(facts: ManifestFacts, onBytes: (sizeBytes: number) => void): Promise<Manifest>;
  /** Removes what there is of it. */
  discard(): Promise<void>;
}

/** Where backups are kept. */
export interface BackupStore {
  /** For people; without secrets. */
  readonly label: string;
  list(): Promise<Listing>;
  begin(name: string): Promise<Draft>;
  /** Where ClickHouse finds its part of a whole one. */
  placeOf(manifest: Manifest): BackupPlace;
  /** Reads all files. @returns what is wrong, with the name of the first file that is damaged; `undefined` for nothing */
  verify(backup: StoredBackup, onBytes: (sizeBytes: number) => void): Promise<string | undefined>;
  /** Copies a part into a folder; files that only this user may read. */
  fetch(backup: StoredBackup, part: 'data' | 'config', to: string): Promise<void>;
  /** Takes away what it made beside its backups. */
  close(): Promise<void>;
}
