import { fork } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import type { TocsinConfig } from '@tocsin/service/config';

/** Where ClickHouse writes a backup, or reads it from; as collector/src/backup-command/job.ts has it. */
export type BackupPlace =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'disk'; readonly disk: string; readonly path: string }
  | { readonly kind: 's3'; readonly url: string; readonly accessKeyId: string; readonly secretAccessKey: string };

/** What the collector's command is told. */
export interface CollectorJob {
  readonly config: TocsinConfig;
  readonly dataDir: string;
  readonly place: BackupPlace;
  readonly base: BackupPlace | undefined;
}

/** How the collector's command ended. */
export type JobOutcome =
  | {
      readonly status: 'ok';
      readonly database: string;
      readonly clickhouseVersion: string;
      readonly sizeBytes: number;
      readonly isExact: boolean;
    }
  | { readonly status: 'failed'; readonly reason: string; readonly message: string };

type Message =
  | { readonly type: 'progress'; readonly progress: { readonly doneBytes: number; readonly totalBytes: number } }
  | { readonly type: 'held'; readonly milliseconds: number }
  | { readonly type: 'done'; readonly outcome: JobOutcome };

/** What is said while it goes on. */
export interface JobListener {
  progress(doneBytes: number, totalBytes: number): void;
  /** For how long the collector loaded nothing. */
  held(milliseconds: number): void;
}

const ROOT = resolve(import.meta.dirname, '../../..');
const COLLECTOR = resolve(ROOT, 'collector/src/backup-command/main.ts');

/** Has the collector's command save or load its part; it alone tells ClickHouse to write. `signal` ends it. */
export async function runCollectorJob(
  job: CollectorJob &
    ({ readonly action: 'save'; readonly copyTo: string } | { readonly action: 'load'; readonly database: string }),
  listener: JobListener,
  signal: AbortSignal,
): Promise<JobOutcome> {
  const child = fork(COLLECTOR, [], {
    serialization: 'advanced',
    execArgv: [],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const stop = (): void => void child.kill('SIGTERM');
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  let outcome: JobOutcome | undefined;
  child.on('message', (message: Message) => {
    if (message.type === 'progress') listener.progress(message.progress.doneBytes, message.progress.totalBytes);
    else if (message.type === 'held') listener.held(message.milliseconds);
    else outcome = message.outcome;
  });
  child.send(job, () => undefined);
  const [code, killed] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  signal.removeEventListener('abort', stop);
  if (outcome) return outcome;
  if (signal.aborted) return { status: 'failed', reason: 'interrupted', message: 'it was interrupted' };
  return { status: 'failed', reason: 'copy', message: `the collector's command ended with ${killed ?? code}` };
}

/** Has the command of another package write its files into a folder. @throws Error with what it said where it fails */
export async function runSave(service: 'alerting' | 'checker', dataDir: string, to: string): Promise<void> {
  const main = resolve(ROOT, service, 'src/backup-command/main.ts');
  const child = fork(main, ['--data', dataDir, '--to', to], {
    execArgv: [],
    stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
  });
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => (said = (said + chunk.toString('utf8')).slice(-4_000)));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`the files of ${service} cannot be saved:\n${said}`);
}
