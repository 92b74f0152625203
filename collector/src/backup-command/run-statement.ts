import { setTimeout as sleep } from 'node:timers/promises';
import type { ClickHouseClient } from '@tocsin/service/clickhouse';
import type { BackupProgress } from './job.ts';

/** A BACKUP or RESTORE that goes on in ClickHouse. */
export interface RunningStatement extends BackupProgress {
  readonly status: 'running' | 'done' | 'failed';
  /** The files that it writes are known: nothing that comes into ClickHouse from now on is in it. */
  readonly isFixed: boolean;
  readonly error: string;
}

const LOOK_EVERY_MS = 50;
const RARER_AFTER_LOOKS = 40;
const RARER_MS = 1_000;

/** Begins one and asks how it goes until it has ended. @yields its state, the last one ended */
export async function* runStatement(client: ClickHouseClient, query: string): AsyncGenerator<RunningStatement> {
  const answer = await client.query({ query, format: 'JSONEachRow' });
  const [begun] = await answer.json<{ id: string }>();
  if (!begun) throw new Error('ClickHouse did not say which backup it began');
  for (let looks = 0; ; looks += 1) {
    const state = await readState(client, begun.id);
    yield state;
    if (state.status !== 'running') return;
    await sleep(looks < RARER_AFTER_LOOKS ? LOOK_EVERY_MS : RARER_MS);
  }
}

interface Row {
  readonly status: string;
  readonly error: string;
  readonly files: number;
  readonly total: number;
  readonly done: number;
}

async function readState(client: ClickHouseClient, id: string): Promise<RunningStatement> {
  const answer = await client.query({
    query: `SELECT toString(status) AS status, error, num_files AS files, total_size AS total,
  if(startsWith(status, 'REST'), bytes_read, uncompressed_size) AS done FROM system.backups WHERE id = {id:String}`,
    query_params: { id },
    format: 'JSONEachRow',
    clickhouse_settings: { output_format_json_quote_64bit_integers: 0 },
  });
  const [row] = await answer.json<Row>();
  if (!row)
    return {
      status: 'failed',
      isFixed: false,
      error: 'ClickHouse knows nothing of it any more: it was started again',
      ...NOTHING,
    };
  const { status, files, total: totalBytes, done } = row;
  // The stack of the server is of no use to whoever reads this.
  const error = row.error.replace(/,? Stack trace.*$/s, '');
  const isDone = status === 'BACKUP_CREATED' || status === 'RESTORED';
  const isRunning = status === 'CREATING_BACKUP' || status === 'RESTORING';
  const doneBytes = isDone ? totalBytes : Math.min(done, totalBytes);
  return {
    status: isDone ? 'done' : isRunning ? 'running' : 'failed',
    isFixed: isDone || files > 0,
    error,
    doneBytes,
    totalBytes,
  };
}

const NOTHING = { doneBytes: 0, totalBytes: 0 } as const;
