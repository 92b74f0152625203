import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { drainPending } from 'chdb';
import type { Logger } from '@tocsin/service/log';
import { usersConfiguration } from '../access/roles.ts';
import { ClickHouseException } from '../exception.ts';
import { identifier } from '../sql/literal.ts';
import { createClientSession } from './client-session.ts';
import { type ClientSessions, createClientSessions, type Lease, type SessionRequest } from './client-sessions.ts';
import { createKiller } from './killer.ts';
import { createLane, type Lane } from './lane.ts';
import { createRunner } from './runner.ts';
import { serverConfiguration } from './server-configuration.ts';
import { createSessionPool } from './session-pool.ts';
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
  /** Runs in a new session, before the statement's state is set; the session is not used again. */
  readonly prepare?: ((session: EngineSession) => Promise<void>) | undefined;
  /** The client's own session, in which the statement runs. */
  readonly client?: ClientWork | undefined;
}

/** A statement's place in the session of a client. */
export interface ClientWork {
  readonly lease: Lease;
  /** The database of this request alone. */
  readonly database: string | undefined;
}

/** What is done with a session. `signal` aborts when the client has gone and when the engine closes: nothing may then keep the statement from ending. */
export type UseSession<T> = (session: EngineSession, signal: AbortSignal) => Promise<T>;

export interface Engine {
  /** Waits for a place in the lane and runs `use` with a session in the wanted state. Throws ClickHouseException. */
  run<T>(work: Work, use: UseSession<T>): Promise<T>;
  /** Takes a client's session until it is released. `base` is the state of a session which is new. Throws ClickHouseException. */
  acquireSession(request: SessionRequest, base: SessionState): Promise<Lease>;
  readonly lanes: Readonly<Record<LaneName, Lane>>;
  readonly clientSessions: ClientSessions['stats'];
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
const MAX_CLIENT_SESSIONS = 200;

/** Starts the engine on its directory. @throws ClickHouseException when the directory cannot be opened */
export async function startEngine({ path, database, log }: EngineOptions): Promise<Engine> {
  const configFile = join(path, 'engine.xml');
  await mkdir(path, { recursive: true });
  const usersFile = join(path, 'users.xml');
  await writeFile(usersFile, usersConfiguration());
  const backupFolder = join(path, 'backups');
  await mkdir(backupFolder, { recursive: true, mode: 0o700 });
  await writeFile(configFile, serverConfiguration(usersFile, backupFolder));
  const args = [`--config-file=${configFile}`];
  // Keeps the engine alive while other sessions come and go.
  const own = openSession(path, args);
  await own.run(`CREATE DATABASE IF NOT EXISTS ${identifier(database)} ENGINE = Atomic`, 'Null');
  const killer = createKiller(own, log);
  const pool = createSessionPool(path, args, LANES.read + LANES.insert + LANES.control);
  const lane = (name: LaneName): Lane => createLane({ name, concurrency: LANES[name], maxWaiting: MAX_WAITING });
  const lanes = { read: lane('read'), insert: lane('insert'), control: lane('control') };
  const clients = createClientSessions(MAX_CLIENT_SESSIONS);
  const active = new Set<() => void>();
  let closed: Promise<void> | undefined;

  const runIn = createRunner({ pool, killer, log });

  const closeAll = async (): Promise<void> => {
    for (const abort of active) abort();
    clients.close();
    await killer.killAllUntil(drainPending());
    pool.close();
    own.close();
    await drainPending();
  };

  return {
    lanes,
    clientSessions: clients.stats,
    acquireSession(request, base) {
      return clients.acquire(request, () => createClientSession(openSession(path, args), base));
    },
    async run(work, use) {
      if (closed) throw ClickHouseException.of('ABORTED', 'The server is shutting down.');
      // Aborted by the client or by close().
      const ending = new AbortController();
      const abort = (): void => ending.abort();
      if (work.signal.aborted) abort();
      work.signal.addEventListener('abort', abort, { once: true });
      active.add(abort);
      try {
        return await lanes[work.lane].run(() => runIn(work, ending.signal, use), ending.signal);
      } finally {
        active.delete(abort);
        work.signal.removeEventListener('abort', abort);
      }
    },
    close() {
      closed ??= closeAll();
      return closed;
    },
  };
}
