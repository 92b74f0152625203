import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { SEGMENT_HEADER } from '@tocsin/service/segment-handover';
import type { Lease } from '../engine/client-sessions.ts';
import type { Users } from '../access/users.ts';
import { ClickHouseException } from '../exception.ts';
import { readStatement, type Statement } from '../sql/statement.ts';
import { readableBody, readHead } from './body.ts';
import { execute, type ExecuteOptions, type Input } from './execute.ts';
import { externalTables, type Form, readForm } from './form.ts';
import { hasNativeBody, isForm, parametersOfUrl, type QueryRequest, readQueryRequest } from './request.ts';
import { sendException, setIdentity } from './respond.ts';
import { createRunningQueries } from './running-queries.ts';

/** What a query handler works with. */
export interface QueryHandlerOptions extends Omit<ExecuteOptions, 'running'> {
  readonly users: Users;
  /** The database of requests that name none. */
  readonly database: string;
}

/** A statement may be as long as this before its data begins. ClickHouse's own default for `max_query_size` is 256 KiB. */
const MAX_STATEMENT_BYTES = 2 ** 20;

/** Answers `GET /` and `POST /` as ClickHouse's HTTP interface does. */
export function createQueryHandler(options: QueryHandlerOptions) {
  const { identity } = options;
  const executeOptions: ExecuteOptions = { ...options, running: createRunningQueries() };
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const gone = new AbortController();
    response.on('close', () => {
      if (!response.writableFinished) gone.abort();
    });
    const work = new RequestWork();
    try {
      await answer(executeOptions, options, work, request, response, gone.signal);
    } catch (error) {
      await sendException(response, error, identity.version, work.query?.native);
    } finally {
      work.lease?.release();
      await work.form?.remove();
    }
  };
}

/** A statement and its data, as far as they are in the request itself. */
type InBody = Omit<Input, 'segment'>;

/** What a request holds on to until it is answered. */
class RequestWork {
  query: QueryRequest | undefined;
  lease: Lease | undefined;
  form: Form | undefined;
}

async function answer(
  options: ExecuteOptions,
  { users, database }: QueryHandlerOptions,
  work: RequestWork,
  request: IncomingMessage,
  response: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  const search = parametersOfUrl(request);
  setIdentity(response, options.identity);
  const user = users.authenticate(request);
  demandLength(request);
  const body = readableBody(request, hasNativeBody(search));
  const isFormBody = isForm(request);
  if (isFormBody) {
    work.form = await readForm(request, body, options.spool);
    for (const [name, value] of work.form.fields) search.append(name, value);
  }
  const query = readQueryRequest(request, user, search, database);
  work.query = query;
  setIdentity(response, options.identity, query.queryId);
  if (query.session) {
    const lease = await options.engine.acquireSession(query.session, query.sessionState);
    work.lease = lease;
    response.once('prefinish', lease.answered);
    response.once('close', lease.answered);
  }
  const tables = work.form ? externalTables(work.form, search) : [];
  const found = await readInput(query, isFormBody ? undefined : body);
  const input = found && { ...found, segment: segmentOf(request) };
  if (input) await execute(options, { query, input, tables, lease: work.lease, response, signal });
  else response.end('Ok.\n');
}

function segmentOf({ headers }: IncomingMessage): string | undefined {
  const name = headers[SEGMENT_HEADER];
  return Array.isArray(name) ? name[0] : name;
}

/** As ClickHouse does: a POST whose length is not known is refused. */
function demandLength({ method, headers }: IncomingMessage): void {
  if (method !== 'POST' || headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined)
    return;
  throw ClickHouseException.of(
    'HTTP_LENGTH_REQUIRED',
    'The Transfer-Encoding is not chunked and there is no Content-Length header for POST request.',
  );
}

/** Finds the statement, which stands in the URL, in the body, or begins in one and goes on in the other. */
async function readInput(query: QueryRequest, body: Readable | undefined): Promise<InBody | undefined> {
  if (query.query !== undefined) {
    const inUrl = Buffer.from(`${query.query}\n`);
    const statement = tryRead(inUrl);
    if (statement?.kind === 'insert') return { statement, data: inUrl.subarray(statement.dataStart), rest: body };
    const { bytes, complete } = await readStart(body);
    return inputOf(Buffer.concat([inUrl, bytes]), complete, body);
  }
  const { bytes, complete } = await readStart(body);
  if (bytes.length === 0) return undefined;
  return inputOf(bytes, complete, body);
}

async function readStart(body: Readable | undefined): Promise<{ bytes: Buffer; complete: boolean }> {
  return body ? readHead(body, MAX_STATEMENT_BYTES) : { bytes: Buffer.alloc(0), complete: true };
}

function inputOf(bytes: Buffer, complete: boolean, body: Readable | undefined): InBody {
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
