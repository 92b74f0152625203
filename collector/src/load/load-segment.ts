import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { encodeFrame } from '../journal/frame.ts';
import type { SealedSegment, SegmentRequest, SegmentWalk } from '../journal/segment.ts';
import { readPart, walkSegmentFile } from '../journal/segment-walk.ts';
import { findMetricFields } from '../otlp/metric-fields.ts';
import type { Attempts } from './attempts.ts';
import type { DeadLetter, KeepResult } from './dead-letter.ts';
import type { InsertData, InsertOutcome, RetryReason } from './insert-segment.ts';
import type { LoadProgress } from './load-progress.ts';
import { presentKinds } from './present-kinds.ts';
import { sampleDays } from './samples.ts';
import { halve, type Part, wholeSegment } from './segment-part.ts';
import { logsStatement } from './statements/logs.ts';
import { metricStatements } from './statements/metrics.ts';
import type { LoadStatement } from './statements/statement.ts';
import { tracesStatement } from './statements/traces.ts';

/** How loading a segment ended. `loaded`: nothing of it is left to do, dead letters included. */
export type SegmentOutcome =
  | { readonly status: 'loaded'; readonly requests: readonly SegmentRequest[]; readonly deadLetters: number }
  | { readonly status: 'retryable'; readonly reason: RetryReason; readonly message: string; readonly items: number };

/** Why a part of a segment was cut in halves. */
export type SplitReason = 'refused' | 'timeout' | 'memory';

/** What loading a segment needs. */
export interface SegmentLoad {
  readonly insert: InsertData;
  readonly attempts: Attempts;
  readonly keep: (letter: DeadLetter, body: Uint8Array) => Promise<KeepResult>;
  readonly progress: LoadProgress;
  /** How long ClickHouse may take for one INSERT. */
  readonly limitMs: number;
  readonly now: () => number;
  readonly onSplit: (reason: SplitReason, items: number) => void;
  readonly signal: AbortSignal;
}

/**
 * Loads a segment into its tables. Every insert has a token made of the segment's name, so whatever was done by an
 * earlier attempt is not done twice. What ClickHouse refuses for its content, or cannot take at once, is halved: until the requests at
 * fault are alone (those are kept as dead letters and the rest goes in), or until the halves are small enough.
 */
export async function loadSegment(segment: SealedSegment, load: SegmentLoad): Promise<SegmentOutcome> {
  const { requests, soundBytes, metricFields } = await findRequests(segment, load.now());
  const task: Task = { segment, load, deadLetters: 0 };
  const outcome = await loadTables(task, requests, soundBytes, metricFields);
  // What is done is remembered past a kill only for a segment that stays.
  if (outcome.status === 'retryable') await load.progress.flush();
  return outcome.status === 'retryable'
    ? { ...outcome, items: sumItems(requests) }
    : { status: 'loaded', requests, deadLetters: task.deadLetters };
}

/** Bytes that were written this recently are in the system's memory still, and need not be held against their checksums. */
const FRESH_MS = 60_000;

interface Found extends SegmentWalk {
  /** Of a segment of metrics the fields that its metrics have. */
  readonly metricFields: number;
}

async function findRequests(segment: SealedSegment, nowMs: number): Promise<Found> {
  const { signal, requests, createdAtMs, sizeBytes } = segment;
  if (requests && nowMs - createdAtMs < FRESH_MS) {
    const known = signal === 'metrics' ? sumFields(requests) : 0;
    if (known !== undefined) return { requests, soundBytes: sizeBytes, metricFields: known };
  }
  let metricFields = 0;
  const walk = await walkSegmentFile(segment, (_request, body) => {
    if (signal === 'metrics') metricFields |= findMetricFields(body);
  });
  return { ...walk, metricFields };
}

/** What the requests' metrics have together; `undefined` where it was not looked for when one was written. */
function sumFields(requests: readonly SegmentRequest[]): number | undefined {
  let fields = 0;
  for (const { metricFields } of requests) {
    if (metricFields === undefined) return undefined;
    fields |= metricFields;
  }
  return fields;
}

interface Task {
  readonly segment: SealedSegment;
  readonly load: SegmentLoad;
  deadLetters: number;
}

type PartOutcome = Extract<InsertOutcome, { status: 'ok' | 'retryable' }>;
const OK = { status: 'ok' } as const;

async function loadTables(
  task: Task,
  requests: readonly SegmentRequest[],
  soundBytes: number,
  metricFields: number,
): Promise<PartOutcome> {
  const { segment } = task;
  if (soundBytes < segment.sizeBytes) {
    const kept = await keepDamaged(task, soundBytes);
    if (kept.status === 'retryable') return kept;
  }
  for (const statement of requests.length > 0 ? statementsFor(segment, metricFields) : []) {
    const outcome = await loadPart(task, statement, wholeSegment(segment.name, statement.table, requests));
    if (outcome.status === 'retryable') return outcome;
  }
  return OK;
}

function statementsFor(segment: SealedSegment, metricFields: number): readonly LoadStatement[] {
  switch (segment.signal) {
    case 'traces':
      return [tracesStatement];
    case 'logs':
      return [logsStatement];
    case 'metrics':
      return presentKinds(metricFields).map((kind) => metricStatements[kind]);
  }
}

/** A request with nothing in it, which every table takes. */
const EMPTY = encodeFrame(new Uint8Array(), { items: 0, self: false });

function sumItems(requests: readonly SegmentRequest[]): number {
  return requests.reduce((sum, { items }) => sum + items, 0);
}

/** Inserts a part of the segment, or its halves where that was decided before. */
async function loadPart(task: Task, statement: LoadStatement, part: Part): Promise<PartOutcome> {
  const { progress } = task.load;
  if (progress.has('done', part.key)) return OK;
  if (progress.has('split', part.key)) return loadHalves(task, statement, part);
  const outcome = await insertPart(task, statement, part);
  switch (outcome.status) {
    case 'ok':
      progress.noteDone(part.key);
      return outcome;
    case 'retryable':
      return outcome;
    case 'refused':
      if (part.requests.length === 1) return buryRequest(task, statement, part);
      return split(task, statement, part, 'refused');
    case 'too_much': {
      const { reason, message } = outcome;
      if (part.requests.length > 1 && (await isSurelyNotIn(task, statement, part))) {
        return split(task, statement, part, reason);
      }
      return { status: 'retryable', reason, message };
    }
  }
}

async function split(task: Task, statement: LoadStatement, part: Part, reason: SplitReason): Promise<PartOutcome> {
  await task.load.progress.noteSplit(part.key);
  task.load.onSplit(reason, sumItems(part.requests));
  return loadHalves(task, statement, part);
}

async function loadHalves(task: Task, statement: LoadStatement, part: Part): Promise<PartOutcome> {
  for (const half of halve(task.segment.name, statement.table, part)) {
    const outcome = await loadPart(task, statement, half);
    if (outcome.status === 'retryable') return outcome;
  }
  task.load.progress.noteDone(part.key);
  return OK;
}

/**
 * Whether an attempt that was given up has left nothing behind and never will: only then the part may go in as halves, under another
 * token. Where that cannot be said the part is tried again as it is, with more time, and its token sees to the rest.
 */
async function isSurelyNotIn({ segment, load }: Task, { table }: LoadStatement, part: Part): Promise<boolean> {
  if (!(await load.attempts.end(part.token))) return false;
  const samples = await sampleDays(segment, table, part.requests);
  return samples !== undefined && load.attempts.isAbsent(table, samples);
}

/**
 * A request that was refused on its own. It is asked once more, lest a connection cut short condemn it; and so is an empty request:
 * where ClickHouse refuses even that, it is the statement and not the data that it does not like.
 */
async function buryRequest(task: Task, statement: LoadStatement, part: Part): Promise<PartOutcome> {
  const { segment, load } = task;
  const again = await insertPart(task, statement, part);
  if (again.status === 'too_much') return { ...again, status: 'retryable' };
  if (again.status !== 'refused') return again;
  const { limitMs, signal: abort } = load;
  const empty = await load.insert({ statement, open: () => Readable.from([EMPTY]), token: '', limitMs, signal: abort });
  if (empty.status !== 'ok') {
    return {
      status: 'retryable',
      reason: 'server_error',
      message: `not even an empty request is taken: ${again.message}`,
    };
  }
  const [request] = part.requests;
  if (!request) return OK;
  const { bodyOffset, bodyBytes, offset, items } = request;
  const kept = await load.keep(
    {
      segment: segment.name,
      signal: segment.signal,
      offset,
      reason: 'refused',
      table: statement.table,
      code: again.code,
      message: again.message,
      items,
      at: new Date(load.now()),
    },
    await readPart(segment.path, bodyOffset, bodyBytes),
  );
  return finishBurial(task, part.key, kept);
}

/** Bytes that were synced once and no longer match their checksum: a fault of the disk, kept for a human. */
async function keepDamaged(task: Task, soundBytes: number): Promise<PartOutcome> {
  const { segment, load } = task;
  const key = `damaged ${soundBytes} 0`;
  if (load.progress.has('done', key)) return OK;
  const bytes = await readPart(segment.path, soundBytes, segment.sizeBytes - soundBytes);
  const message = `${bytes.byteLength} bytes from offset ${soundBytes} do not match their checksum`;
  const { name, signal } = segment;
  const at = new Date(load.now());
  const kept = await load.keep({ segment: name, signal, offset: soundBytes, reason: 'damaged', message, at }, bytes);
  return finishBurial(task, key, kept);
}

async function finishBurial(task: Task, key: string, kept: KeepResult): Promise<PartOutcome> {
  if (kept === 'full') {
    const message = 'the dead letters have reached their limit (npx tocsin journal list)';
    return { status: 'retryable', reason: 'dead_letters_full', message };
  }
  task.deadLetters += 1;
  task.load.progress.noteDone(key);
  // At once: from now on a human may send the letter again or throw it away.
  await task.load.progress.flush();
  return OK;
}

function insertPart({ segment, load }: Task, statement: LoadStatement, part: Part): Promise<InsertOutcome> {
  const { limitMs, signal } = load;
  return load.insert({
    statement,
    open: () => openRequests(segment.path, part.requests),
    file: isWhole(segment, part) ? segment : undefined,
    token: part.token,
    limitMs,
    signal,
  });
}

function isWhole({ sizeBytes }: SealedSegment, { requests }: Part): boolean {
  const last = requests.at(-1);
  return requests.at(0)?.offset === 0 && last !== undefined && last.bodyOffset + last.bodyBytes === sizeBytes;
}

/** Read from the disk as the connection takes it: no more than two chunks are in memory. */
const CHUNK_BYTES = 2 ** 20;

function openRequests(path: string, requests: readonly SegmentRequest[]): Readable {
  const first = requests.at(0);
  const last = requests.at(-1);
  if (!first || !last) return Readable.from([EMPTY]);
  const end = last.bodyOffset + last.bodyBytes - 1;
  return createReadStream(path, { start: first.offset, end, highWaterMark: CHUNK_BYTES });
}
