import { readSegment, type SealedSegment, type SegmentRequest, walkSegment } from '../journal/segment.ts';
import type { DeadLetter } from './dead-letter.ts';
import type { InsertBytes, InsertOutcome, RetryReason } from './insert-segment.ts';
import { findPresentKinds } from './present-kinds.ts';
import { logsStatement } from './statements/logs.ts';
import { metricStatements } from './statements/metrics.ts';
import type { LoadStatement } from './statements/statement.ts';
import { tracesStatement } from './statements/traces.ts';

/** How loading a segment ended. `loaded`: nothing of it is left to do, dead letters included. */
export type SegmentOutcome =
  | { readonly status: 'loaded'; readonly requests: readonly SegmentRequest[]; readonly deadLetters: number }
  | { readonly status: 'retryable'; readonly reason: RetryReason; readonly message: string };

/** What loading a segment needs. */
export interface SegmentLoad {
  readonly insert: InsertBytes;
  readonly keep: (letter: DeadLetter, body: Uint8Array) => Promise<void>;
  readonly now: () => number;
  readonly signal: AbortSignal;
}

/**
 * Loads a segment into its tables. Every insert has a token made of the segment's name, so whatever was done by an
 * earlier attempt is not done twice. Data that ClickHouse refuses is halved until the requests at fault are alone; those are
 * kept as dead letters and the rest goes in.
 */
export async function loadSegment(segment: SealedSegment, load: SegmentLoad): Promise<SegmentOutcome> {
  const bytes = await readSegment(segment);
  const { requests, soundBytes } = walkSegment(bytes);
  const task: Task = { segment, bytes, load, deadLetters: 0 };
  if (soundBytes < bytes.byteLength) await keepDamaged(task, soundBytes);
  for (const statement of requests.length > 0 ? statementsFor(segment, bytes.subarray(0, soundBytes)) : []) {
    const outcome = await loadRequests(task, statement, requests, `${segment.name}:${statement.table}`);
    if (outcome.status === 'retryable') return outcome;
  }
  return { status: 'loaded', requests, deadLetters: task.deadLetters };
}

interface Task {
  readonly segment: SealedSegment;
  readonly bytes: Buffer;
  readonly load: SegmentLoad;
  deadLetters: number;
}

type RequestsOutcome = Exclude<InsertOutcome, { status: 'refused' }>;

function statementsFor(segment: SealedSegment, bytes: Uint8Array): readonly LoadStatement[] {
  switch (segment.signal) {
    case 'traces':
      return [tracesStatement];
    case 'logs':
      return [logsStatement];
    case 'metrics':
      return findPresentKinds(bytes).map((kind) => metricStatements[kind]);
  }
}

/** Inserts a run of requests that lie one after the other; halves it where ClickHouse refuses the data. */
async function loadRequests(
  task: Task,
  statement: LoadStatement,
  requests: readonly SegmentRequest[],
  token: string,
): Promise<RequestsOutcome> {
  const outcome = await insertRequests(task, statement, requests, token);
  if (outcome.status !== 'refused') return outcome;
  const [only] = requests;
  if (only && requests.length === 1) return buryRequest(task, statement, only, token);
  const middle = Math.ceil(requests.length / 2);
  for (const half of [requests.slice(0, middle), requests.slice(middle)]) {
    const outcomeOfHalf = await loadRequests(task, statement, half, rangeToken(task.segment, statement, half));
    if (outcomeOfHalf.status === 'retryable') return outcomeOfHalf;
  }
  return { status: 'ok' };
}

/** A request that was refused on its own. It is asked once more, lest a connection cut short condemn it. */
async function buryRequest(
  task: Task,
  statement: LoadStatement,
  request: SegmentRequest,
  token: string,
): Promise<RequestsOutcome> {
  const again = await insertRequests(task, statement, [request], token);
  if (again.status !== 'refused') return again;
  const { bodyOffset, bodyBytes, offset, items } = request;
  await task.load.keep(
    {
      segment: task.segment.name,
      signal: task.segment.signal,
      offset,
      reason: 'refused',
      table: statement.table,
      code: again.code,
      message: again.message,
      items,
      at: new Date(task.load.now()),
    },
    task.bytes.subarray(bodyOffset, bodyOffset + bodyBytes),
  );
  task.deadLetters += 1;
  return { status: 'ok' };
}

function insertRequests(
  { bytes, load }: Task,
  statement: LoadStatement,
  requests: readonly SegmentRequest[],
  token: string,
): Promise<InsertOutcome> {
  const start = requests.at(0)?.offset ?? 0;
  const last = requests.at(-1);
  const end = last ? last.bodyOffset + last.bodyBytes : 0;
  return load.insert(statement, bytes.subarray(start, end), token, load.signal);
}

/** The halves are the same at every attempt, so their tokens are too. */
function rangeToken(segment: SealedSegment, statement: LoadStatement, requests: readonly SegmentRequest[]): string {
  return `${segment.name}:${statement.table}:${requests.at(0)?.offset}+${requests.length}`;
}

/** Bytes that were synced once and no longer match their checksum: a fault of the disk, kept for a human. */
async function keepDamaged(task: Task, soundBytes: number): Promise<void> {
  const { segment, bytes, load } = task;
  const message = `${bytes.byteLength - soundBytes} bytes from offset ${soundBytes} do not match their checksum`;
  await load.keep(
    {
      segment: segment.name,
      signal: segment.signal,
      offset: soundBytes,
      reason: 'damaged',
      message,
      at: new Date(load.now()),
    },
    bytes.subarray(soundBytes),
  );
  task.deadLetters += 1;
}
