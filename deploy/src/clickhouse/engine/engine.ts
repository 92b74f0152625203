import { mkdirSync } from 'node:fs';
import { drainPending } from 'chdb';
import type { Logger } from '@tocsin/service/log';
import { stringLiteral } from '../sql/literal.ts';
import { identifier } from '../sql/literal.ts';
import { ClickHouseException } from '../exception.ts';
import { createLane, type Lane } from './lane.ts';
import { type EngineSession, openSession, type SessionState } from './session.ts';

/** Reads, inserts and the rest (DDL, KILL) each have places of their own: a long read never delays an insert. */
export type LaneName = 'read' | 'insert' | 'control';

/** How a statement is run. */
export interface Work {
  readonly lane: LaneName;
  readonly state: SessionState;
  /** The statement's text: decides whether a used session fits. */
  readonly statement: string;
  /** Aborts the statement: it is killed in the engine. */
  readonly signal: AbortSignal;
  /** The session is changed by the statement (`SET`, `USE`, temporary tables) and is not used again. */
  readonly discard: boolean;
}

export interface Engine {
  /** Waits for a place in the lane and runs `use` with a session in the wanted state. Throws ClickHouseException. */
  run<T>(work: Work, use: (session: EngineSession) => Promise<T>): Promise<T>;
  readonly lanes: Readonly<Record<LaneName, Lane>>;
  /** Ends what still runs, waits until the engine is idle and closes it. Idempotent. */
  close(): Promise<void>;
}

export interface EngineOptions {
  readonly path: string;
  /** Made when it is missing; the database of statements that name none. */
  readonly database: string;
  readonly log: Logger;
}

/** Places of each lane. Their sum, and a few for files and kills, is the size of libuv's thread pool (see main.ts). */
export const LANES = { read: 8, insert: 4, control: 4 } as const;
const MAX_WAITING = 200;
const MAX_IDLE_SESSIONS = 12;
const KILL_INTERVAL_MS = 250;

/** Starts the engine on its directory. @throws ClickHouseException when the directory cannot be opened */
export async function startEngine({ path, database, log }: EngineOptions): Promise<Engine> {
  mkdirSync(path, { recursive: true });
  const args = ['--logger.level=fatal'];
  // Keeps the engine alive while other sessions come and go, and kills what the others run.
  const own = openSession(path, args);
  await own.run(`CREATE DATABASE IF NOT EXISTS ${identifier(database)} ENGINE = Atomic`, 'Null');
  const idle: EngineSession[] = [];
  const active = new Set<() => void>();
  const lanes = {
    read: createLane({ name: 'read', concurrency: LANES.read, maxWaiting: MAX_WAITING }),
    insert: createLane({ name: 'insert', concurrency: LANES.insert, maxWaiting: MAX_WAITING }),
    control: createLane({ name: 'control', concurrency: LANES.control, maxWaiting: MAX_WAITING }),
  };
  let closed: Promise<void> | undefined;
  let killing: Promise<unknown> = Promise.resolve();

  const kill = (session: EngineSession): void => {
    const statement = `KILL QUERY WHERE Settings['log_comment'] = ${stringLiteral(session.tag)} ASYNC FORMAT Null`;
    killing = killing
      .then(() => own.run(statement, 'Null'))
      .catch((error: unknown) => log.warn({ err: error }, 'could not kill a statement'));
  };

  /** Runs `use`; when the signal aborts, kills what the session runs, again until it has ended. */
  const killable = async <T>(session: EngineSession, signal: AbortSignal, use: () => Promise<T>): Promise<T> => {
    let timer: NodeJS.Timeout | undefined;
    const onAbort = (): void => {
      kill(session);
      timer = setInterval(() => kill(session), KILL_INTERVAL_MS);
    };
    if (signal.aborted)
      throw ClickHouseException.of('QUERY_WAS_CANCELLED', 'Query was cancelled: the client went away.');
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      return await use();
    } finally {
      signal.removeEventListener('abort', onAbort);
      clearInterval(timer);
      // A kill that is still under way must not meet the session's next statement.
      if (timer) await killing;
    }
  };

  const take = (state: SessionState, statement: string): EngineSession => {
    const found = idle.findLastIndex((session) => session.canServe(state, statement));
    return (found === -1 ? undefined : idle.splice(found, 1)[0]) ?? openSession(path, args);
  };

  const putBack = (session: EngineSession): void => {
    idle.push(session);
    if (idle.length > MAX_IDLE_SESSIONS) idle.shift()?.close();
  };

  return {
    lanes,
    async run(work, use) {
      if (closed) throw ClickHouseException.of('ABORTED', 'The server is shutting down.');
      const stop = new AbortController();
      const signal = AbortSignal.any([work.signal, stop.signal]);
      const abort = (): void => stop.abort();
      active.add(abort);
      try {
        return await lanes[work.lane].run(async () => {
          const session = take(work.state, work.statement);
          try {
            await session.adopt(work.state);
          } catch (error) {
            session.close();
            throw error;
          }
          try {
            return await killable(session, signal, () => use(session));
          } finally {
            if (work.discard) session.close();
            else putBack(session);
          }
        }, signal);
      } finally {
        active.delete(abort);
      }
    },
    close() {
      closed ??= (async () => {
        for (const abort of active) abort();
        await drainPending();
        for (const session of [own, ...idle.splice(0)]) session.close();
        await drainPending();
      })();
      return closed;
    },
  };
}
