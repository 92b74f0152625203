import type { ServerResponse } from 'node:http';
import { ENGINE_ACCESS } from '../access/access.ts';
import type { Engine } from '../engine/engine.ts';
import { TAG_SETTING, type EngineSession, type SessionState } from '../engine/session.ts';
import { stringLiteral } from '../sql/literal.ts';

// `send_progress_in_http_headers=1`: while a statement runs, ClickHouse sends one header `X-ClickHouse-Progress` after the other before it ends the
// head of the answer. Clients keep a connection alive so while a long INSERT … SELECT runs.

export interface ProgressOptions {
  readonly engine: Engine;
  readonly response: ServerResponse;
  readonly state: SessionState;
  /** `undefined`: the client does not want to be told. */
  readonly intervalMs: number | undefined;
}

/** The numbers of ClickHouse's progress, as it writes them: text. */
const COLUMNS =
  'toString(read_rows) AS read_rows, toString(read_bytes) AS read_bytes, toString(written_rows) AS written_rows, ' +
  'toString(written_bytes) AS written_bytes, toString(total_rows_approx) AS total_rows_to_read, ' +
  'toString(toUInt64(elapsed * 1e9)) AS elapsed_ns, toString(memory_usage) AS memory_usage';
const GIVE_UP_MS = 5_000;

/** Tells of the progress of what runs in a session. @returns ends it, so that the answer may begin; idempotent */
export function tellProgress(options: ProgressOptions, session: EngineSession): () => Promise<void> {
  const { response, intervalMs } = options;
  if (intervalMs === undefined) return () => Promise.resolve();
  let begun = false;
  let telling: Promise<void> = Promise.resolve();
  const tell = async (): Promise<void> => {
    const progress = await readProgress(options, session);
    const socket = response.socket;
    if (progress === undefined || !socket || response.headersSent) return;
    if (!begun) socket.write('HTTP/1.1 200 OK\r\n');
    begun = true;
    socket.write(`X-ClickHouse-Progress: ${progress}\r\n`);
  };
  const timer = setInterval(() => {
    telling = telling.then(tell).catch(() => {
      // There is none to tell: the control lane is full, or the client has gone.
    });
  }, intervalMs);
  return async () => {
    clearInterval(timer);
    await telling;
    // Node then writes the head as if it were the first thing: its status line becomes the value of this header.
    if (begun && !response.headersSent) response.socket?.write('X-ClickHouse-Head: ');
    begun = false;
  };
}

async function readProgress({ engine, state }: ProgressOptions, session: EngineSession): Promise<string | undefined> {
  const statement = `SELECT ${COLUMNS} FROM system.processes WHERE Settings['${TAG_SETTING}'] = ${stringLiteral(session.tag)} LIMIT 1`;
  const plain = {
    access: ENGINE_ACCESS,
    database: state.database,
    readonly: 0,
    settings: new Map(),
    parameters: new Map(),
  } as const;
  const signal = AbortSignal.timeout(GIVE_UP_MS);
  const { bytes } = await engine.run({ lane: 'control', state: plain, statement, signal, discard: false }, (own) =>
    own.run(statement, 'JSONEachRow'),
  );
  return bytes.toString('utf8').trimEnd() || undefined;
}
