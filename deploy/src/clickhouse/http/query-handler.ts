import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import type { Engine, LaneName, Work } from '../engine/engine.ts';
import { openPipe } from '../engine/pipe.ts';
import type { EngineSession } from '../engine/session.ts';
import type { Spool } from '../engine/spool.ts';
import { ClickHouseException } from '../exception.ts';
import type { Guard } from '../sql/guard.ts';
import { readStatement, type Statement } from '../sql/statement.ts';
import { readableBody, readHead } from './body.ts';
import { answerNativeHello } from './native-hello.ts';
import { type QueryRequest, readQueryRequest } from './request.ts';
import {
  type Answer,
  sendException,
  sendStream,
  sendWhole,
  type ServerIdentity,
  setIdentity,
  setSummary,
} from './respond.ts';

/** What a query handler works with. */
export interface QueryHandlerOptions {
  readonly engine: Engine;
  readonly spool: Spool;
  readonly guard: Guard;
  readonly identity: ServerIdentity;
  /** The database of requests that name none. */
  readonly database: string;
}

/** A statement with the data that belongs to it. */
interface Input {
  readonly statement: Statement;
  /** The first bytes of an INSERT's data. */
  readonly data: Buffer;
  /** The rest of the data, where the body had not ended. */
  readonly rest: Readable | undefined;
}

/** A statement may be as long as this before its data begins. ClickHouse's own default for `max_query_size` is 256 KiB. */
const MAX_STATEMENT_BYTES = 2 ** 20;
/** A result up to this size is answered whole, with its summary; a longer one is streamed. */
const WHOLE_RESULT_BYTES = 2 ** 18;
const READING_VERBS = new Set(['SELECT', 'SHOW', 'DESCRIBE', 'DESC', 'EXPLAIN', 'EXISTS', 'WITH', 'CHECK', 'VALUES']);
/** Statements that change their session. */
const SESSION_VERBS = new Set(['SET', 'USE']);

/** Answers `GET /` and `POST /` as ClickHouse's HTTP interface does. */
export function createQueryHandler(options: QueryHandlerOptions) {
  const { identity, database } = options;
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const gone = new AbortController();
    response.on('close', () => {
      if (!response.writableFinished) gone.abort();
    });
    try {
      const query = readQueryRequest(request, database);
      setIdentity(response, identity, query.queryId);
      const input = await readInput(query, readableBody(request));
      if (input) await execute(options, { query, input, response, signal: gone.signal });
      else response.end('Ok.\n');
    } catch (error) {
      sendException(response, error, identity.version);
    }
  };
}

/** Finds the statement, which stands in the URL, in the body, or begins in one and goes on in the other. */
async function readInput(query: QueryRequest, body: Readable): Promise<Input | undefined> {
  if (query.query !== undefined) {
    const inUrl = Buffer.from(`${query.query}\n`);
    const statement = tryRead(inUrl);
    if (statement?.kind === 'insert') return { statement, data: inUrl.subarray(statement.dataStart), rest: body };
    const { bytes, complete } = await readHead(body, MAX_STATEMENT_BYTES);
    return inputOf(Buffer.concat([inUrl, bytes]), complete, body);
  }
  const { bytes, complete } = await readHead(body, MAX_STATEMENT_BYTES);
  if (bytes.length === 0) return undefined;
  return inputOf(bytes, complete, body);
}

function inputOf(bytes: Buffer, complete: boolean, body: Readable): Input {
  const statement = readStatement(bytes, complete);
  const data = statement.kind === 'insert' ? bytes.subarray(statement.dataStart) : Buffer.alloc(0);
  return { statement, data, rest: complete ? undefined : body };
}

/** The statement, or `undefined` where the text alone is none: the body may complete it. */
function tryRead(bytes: Buffer): Statement | undefined {
  try {
    return readStatement(bytes, true);
  } catch (error) {
    if (error instanceof ClickHouseException) return undefined;
    throw error;
  }
}

interface Execution {
  readonly query: QueryRequest;
  readonly input: Input;
  readonly response: ServerResponse;
  readonly signal: AbortSignal;
}

async function execute(options: QueryHandlerOptions, execution: Execution): Promise<void> {
  const { query, input, response } = execution;
  const { statement } = input;
  const hello = statement.kind === 'select' ? answerNativeHello(query, statement.text, options.identity) : undefined;
  if (hello) {
    const counts = { bytes: hello, rows: 1, rowBytes: hello.length, elapsedMs: 0 };
    await sendWhole({ response, format: 'Native', encoding: query.encoding }, hello, counts);
  } else if (statement.kind === 'insert') await insert(options, execution, statement);
  else if (statement.kind === 'select' && !query.waitEndOfQuery) await select(options, execution, statement);
  else await whole(options, execution, statement);
}

async function insert(
  { engine, spool, guard }: QueryHandlerOptions,
  { query, input, response, signal }: Execution,
  statement: Extract<Statement, { kind: 'insert' }>,
): Promise<void> {
  const work: Work = { lane: 'insert', state: query.state, statement: statement.text ?? '', signal, discard: false };
  const { rows, rowBytes, elapsedMs } = await spool.withFile(input.data, input.rest, (path) =>
    engine.run(work, async (session) => {
      if (statement.text !== undefined) await guard.check(session, statement.text);
      return session.run(statement.from(path), 'Null');
    }),
  );
  // The engine counts rows only where the whole input goes into the table as it is.
  const written = statement.text === undefined ? { written_rows: rows, written_bytes: rowBytes } : {};
  setSummary(response, { read_rows: rows, read_bytes: rowBytes, ...written, elapsed_ns: elapsedMs * 1e6 });
  response.setHeader('Content-Type', 'text/plain; charset=UTF-8');
  response.end();
}

/** Statements whose answer is small, and whatever the client wants whole. */
async function whole(
  { engine, guard }: QueryHandlerOptions,
  { query, response, signal }: Execution,
  statement: Exclude<Statement, { kind: 'insert' }>,
): Promise<void> {
  const verb = statement.kind === 'select' ? 'SELECT' : statement.verb;
  const discard = statement.kind === 'other' && (SESSION_VERBS.has(verb) || statement.words.has('TEMPORARY'));
  const work: Work = { lane: laneOf(verb), state: query.state, statement: statement.text, signal, discard };
  const format = statement.format ?? query.defaultFormat;
  const calls = statement.kind === 'other' ? statement.calls : undefined;
  const result = await engine.run(work, async (session) => {
    await guard.check(session, statement.text, calls);
    return session.run(statement.text, format);
  });
  await sendWhole({ response, format, encoding: query.encoding }, result.bytes, result);
}

function laneOf(verb: string): LaneName {
  if (verb === 'INSERT') return 'insert';
  return READING_VERBS.has(verb) ? 'read' : 'control';
}

async function select(
  { engine, spool, guard }: QueryHandlerOptions,
  { query, response, signal }: Execution,
  statement: Extract<Statement, { kind: 'select' }>,
): Promise<void> {
  const work: Work = { lane: 'read', state: query.state, statement: statement.text, signal, discard: false };
  const format = statement.format ?? query.defaultFormat;
  await engine.run(work, async (session, ending) => {
    await guard.check(session, statement.text);
    await spool.withPipe((path) =>
      answerThroughPipe(
        { response, format, encoding: query.encoding },
        session,
        path,
        statement.into(path, format),
        ending,
      ),
    );
  });
}

/** Runs a SELECT whose result comes through a pipe: memory stays flat, and a slow reader slows the engine down. */
async function answerThroughPipe(
  answer: Answer,
  session: EngineSession,
  path: string,
  statement: string,
  signal: AbortSignal,
): Promise<void> {
  const { stream, writerDone, discard } = openPipe(path);
  if (signal.aborted) discard();
  else signal.addEventListener('abort', discard, { once: true });
  const running = session.run(statement, 'Null').finally(writerDone);
  const outcome = running.then(
    () => undefined,
    (error: unknown) => ClickHouseException.from(error),
  );
  try {
    const { bytes, complete } = await readHead(stream, WHOLE_RESULT_BYTES);
    if (complete) await sendWhole(answer, bytes, await running);
    else await sendStream(answer, bytes, stream, outcome);
  } finally {
    signal.removeEventListener('abort', discard);
    discard();
    // The session is free only when the engine has let go of it.
    await outcome;
  }
}
