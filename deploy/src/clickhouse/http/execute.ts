import type { ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import type { Lease } from '../engine/client-sessions.ts';
import type { Engine, LaneName, Work } from '../engine/engine.ts';
import { openPipe } from '../engine/pipe.ts';
import type { EngineResult, EngineSession } from '../engine/session.ts';
import type { Spool } from '../engine/spool.ts';
import { ClickHouseException } from '../exception.ts';
import type { Guard } from '../sql/guard.ts';
import type { Statement } from '../sql/statement.ts';
import { readHead } from './body.ts';
import { createTables, dropTables, type ExternalTable } from './form.ts';
import { findSegment } from './handed-segment.ts';
import { answerNativeHello } from './native-hello.ts';
import { tellProgress } from './progress.ts';
import type { QueryRequest } from './request.ts';
import { type Answer, sendFile, sendStream, sendWhole, type ServerIdentity, setSummary } from './respond.ts';
import type { RunningQueries } from './running-queries.ts';

/** What a statement is run with. */
export interface ExecuteOptions {
  readonly engine: Engine;
  readonly spool: Spool;
  readonly guard: Guard;
  readonly identity: ServerIdentity;
  readonly running: RunningQueries;
  /** Where the collector's segments lie. */
  readonly segments: string;
}

/** A statement with the data that belongs to it. */
export interface Input {
  readonly statement: Statement;
  /** The first bytes of an INSERT's data. */
  readonly data: Buffer;
  /** The rest of the data, where the body had not ended. */
  readonly rest: Readable | undefined;
  /** The collector's segment that is the data, in place of a body. */
  readonly segment: string | undefined;
}

/** One statement of one request. */
export interface Execution {
  readonly query: QueryRequest;
  readonly input: Input;
  readonly tables: readonly ExternalTable[];
  readonly lease: Lease | undefined;
  readonly response: ServerResponse;
  readonly signal: AbortSignal;
}

/** A result up to this size is answered whole, with its summary; a longer one is streamed. */
const WHOLE_RESULT_BYTES = 2 ** 18;
const READING_VERBS = new Set(['SELECT', 'SHOW', 'DESCRIBE', 'DESC', 'EXPLAIN', 'EXISTS', 'WITH', 'CHECK', 'VALUES']);
/** Statements that change their session. */
const SESSION_VERBS = new Set(['SET', 'USE']);

/** Runs the statement and answers. Throws ClickHouseException where no byte of an answer has gone out. */
export async function execute(options: ExecuteOptions, execution: Execution): Promise<void> {
  const { query, input, response } = execution;
  const { statement } = input;
  const hello = statement.kind === 'select' ? answerNativeHello(query, statement.text, options.identity) : undefined;
  if (hello) {
    const counts = { bytes: hello, rows: 1, rowBytes: hello.length, elapsedMs: 0 };
    return sendWhole({ response, format: 'Native', encoding: query.encoding, native: query.native }, hello, counts);
  }
  refuseWriting(execution);
  if (statement.kind === 'insert') return insert(options, execution, statement);
  if (statement.kind === 'select') return select(options, execution, statement);
  return whole(options, execution, statement);
}

/** A session that may write outlives its requests, so the engine cannot forbid it to one of them. */
function refuseWriting({ query, input: { statement }, lease }: Execution): void {
  if (!lease || query.state.readonly <= lease.session.readonly || statement.kind === 'select') return;
  const verb = statement.kind === 'insert' ? 'INSERT' : statement.verb;
  if (READING_VERBS.has(verb) || SESSION_VERBS.has(verb)) return;
  throw ClickHouseException.of(
    'READONLY',
    'Cannot execute query in readonly mode. For queries over HTTP, method GET implies readonly. You should use method POST for modifying queries.',
  );
}

/** Ends the telling of progress, so that the answer may begin. Idempotent. */
type Quiet = () => Promise<void>;

/** Runs `use` in the engine: with the request's session, tables, id and progress. */
async function runIn<T>(
  { engine, guard, running }: ExecuteOptions,
  { query, tables, lease, response, signal }: Execution,
  work: Pick<Work, 'lane' | 'statement' | 'discard'>,
  use: (session: EngineSession, signal: AbortSignal, quiet: Quiet) => Promise<T>,
): Promise<T> {
  const check = (session: EngineSession, statement: string) => guard.check(session, statement);
  const client = lease && { lease, database: query.namesDatabase ? query.state.database : undefined };
  const prepare = tables.length === 0 ? undefined : (session: EngineSession) => createTables(tables, session, check);
  return running.during(query.queryId, (runsIn) =>
    engine.run({ ...work, state: query.state, signal, prepare, client }, async (session, ending) => {
      runsIn(session);
      const quiet = tellProgress(
        { engine, response, state: query.state, intervalMs: query.progressIntervalMs },
        session,
      );
      try {
        return await use(session, ending, quiet);
      } finally {
        await quiet();
        if (lease) await dropTables(tables, session);
      }
    }),
  );
}

async function insert(
  options: ExecuteOptions,
  execution: Execution,
  statement: Extract<Statement, { kind: 'insert' }>,
): Promise<void> {
  const { input, response } = execution;
  refuseReader(execution);
  const work = { lane: 'insert', statement: statement.text ?? '', discard: false } as const;
  const load = (path: string): Promise<EngineResult> =>
    runIn(options, execution, work, async (session) => {
      await options.guard.check(session, statement.head);
      return session.run(statement.from(path), 'Null');
    });
  const { rows, rowBytes, elapsedMs } =
    input.segment === undefined
      ? await options.spool.withFile(input.data, input.rest, load)
      : await load(await findSegment(options.segments, input.segment));
  // The engine counts rows only where the whole input goes into the table as it is.
  const written = statement.text === undefined ? { written_rows: rows, written_bytes: rowBytes } : {};
  setSummary(response, { read_rows: rows, read_bytes: rowBytes, ...written, elapsed_ns: elapsedMs * 1e6 });
  response.setHeader('Content-Type', 'text/plain; charset=UTF-8');
  response.end();
}

/**
 * Before anything is spooled: a reader has nowhere to write but in temporary tables, which are gone without a session. And no file is read for
 * anybody but the collector.
 */
function refuseReader({ query: { state }, lease, input }: Execution): void {
  if (state.access.role === 'writer' || (lease && input.segment === undefined)) return;
  throw ClickHouseException.of(
    'READONLY',
    `${state.access.user}: Cannot execute query in readonly mode: this user may only read.`,
  );
}

/** Statements whose answer is small. */
async function whole(
  options: ExecuteOptions,
  execution: Execution,
  statement: Extract<Statement, { kind: 'other' }>,
): Promise<void> {
  const { query, response, lease } = execution;
  const { verb, text } = statement;
  const discard = lease === undefined && (SESSION_VERBS.has(verb) || statement.words.has('TEMPORARY'));
  const format = statement.format ?? query.defaultFormat;
  const result = await runIn(options, execution, { lane: laneOf(verb), statement: text, discard }, async (session) => {
    await options.guard.check(session, text, statement.names);
    return session.run(verb === 'KILL' ? await options.running.translateKill(text, session) : text, format);
  });
  await sendWhole({ response, format, encoding: query.encoding, native: query.native }, result.bytes, result);
}

function laneOf(verb: string): LaneName {
  if (verb === 'INSERT') return 'insert';
  return READING_VERBS.has(verb) ? 'read' : 'control';
}

async function select(
  options: ExecuteOptions,
  execution: Execution,
  statement: Extract<Statement, { kind: 'select' }>,
): Promise<void> {
  const { query, response } = execution;
  const format = statement.format ?? query.defaultFormat;
  const answer: Answer = { response, format, encoding: query.encoding, native: query.native };
  const work = { lane: 'read', statement: statement.text, discard: false } as const;
  await runIn(options, execution, work, async (session, signal, quiet) => {
    await options.guard.check(session, statement.text);
    await options.spool.withPipe((path) =>
      throughPipe(session, path, statement.into(path, format), signal, async (result) => {
        const { bytes, complete } = await readHead(result.stream, WHOLE_RESULT_BYTES);
        if (!complete && query.waitEndOfQuery) return sendWaited(options.spool, answer, bytes, result, quiet);
        const counts = complete ? await result.counts : undefined;
        await quiet();
        return counts ? sendWhole(answer, bytes, counts) : sendStream(answer, bytes, result.stream, result.exception);
      }),
    );
  });
}

/** A result that comes through a pipe. */
interface PipedResult {
  readonly stream: Readable;
  readonly counts: Promise<EngineResult>;
  readonly exception: Promise<ClickHouseException | undefined>;
}

/** Runs a SELECT whose result comes through a pipe: memory stays flat, and a slow reader slows the engine down. */
async function throughPipe(
  session: EngineSession,
  path: string,
  statement: string,
  signal: AbortSignal,
  use: (result: PipedResult) => Promise<void>,
): Promise<void> {
  const { stream, writerDone, discard } = openPipe(path);
  if (signal.aborted) discard();
  else signal.addEventListener('abort', discard, { once: true });
  const counts = session.run(statement, 'Null').finally(writerDone);
  const exception = counts.then(
    () => undefined,
    (error: unknown) => ClickHouseException.from(error),
  );
  try {
    await use({ stream, counts, exception });
  } finally {
    signal.removeEventListener('abort', discard);
    discard();
    // The session is free only when the engine has let go of it.
    await exception;
  }
}

/** `wait_end_of_query=1`: a long result waits on the disk until it is whole. */
async function sendWaited(
  spool: Spool,
  answer: Answer,
  first: Buffer,
  { stream, counts }: PipedResult,
  quiet: Quiet,
): Promise<void> {
  await spool.withFile(first, stream, async (path, size) => {
    const result = await counts;
    await quiet();
    await sendFile(answer, path, size, result);
  });
}
