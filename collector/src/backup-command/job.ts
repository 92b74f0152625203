import type { TocsinConfig } from '@tocsin/service/config';

/** Where ClickHouse writes a backup, or reads it from. */
export type BackupPlace =
  /** Below the embedded engine's folder for backups. */
  | { readonly kind: 'file'; readonly path: string }
  /** A disk of the server's own configuration (`backups.allowed_disk`). */
  | { readonly kind: 'disk'; readonly disk: string; readonly path: string }
  | { readonly kind: 's3'; readonly url: string; readonly accessKeyId: string; readonly secretAccessKey: string };

interface CommonJob {
  readonly config: TocsinConfig;
  /** Absolute. */
  readonly dataDir: string;
  readonly place: BackupPlace;
  /** What the backup is on top of. */
  readonly base: BackupPlace | undefined;
}

/** What the command is told over IPC. */
export type BackupJob =
  /** `copyTo`: the folder for the collector's own files. */
  | (CommonJob & { readonly action: 'save'; readonly copyTo: string })
  /** `database`: its name in the backup. */
  | (CommonJob & { readonly action: 'load'; readonly database: string });

/** How much of ClickHouse's part is done. */
export interface BackupProgress {
  readonly doneBytes: number;
  readonly totalBytes: number;
}

/** Why a backup or a restore did not come about. */
export type BackupFailure =
  'collector-away' | 'unsettled' | 'hold-lost' | 'clickhouse' | 'not-empty' | 'interrupted' | 'copy';

/** How it ended. `message` is for people. */
export type BackupOutcome =
  | {
      readonly status: 'ok';
      readonly database: string;
      readonly clickhouseVersion: string;
      readonly sizeBytes: number;
      /** Whether what was acknowledged is in it exactly once; false where the moment of ClickHouse's part could not be seen. */
      readonly isExact: boolean;
    }
  | { readonly status: 'failed'; readonly reason: BackupFailure; readonly message: string };

/** What the command says over IPC. */
export type BackupMessage =
  | { readonly type: 'progress'; readonly progress: BackupProgress }
  | { readonly type: 'held'; readonly milliseconds: number }
  | { readonly type: 'done'; readonly outcome: BackupOutcome };
