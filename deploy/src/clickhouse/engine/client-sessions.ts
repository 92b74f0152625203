import { ClickHouseException } from '../exception.ts';
import type { ClientSession } from './client-session.ts';

/** What a request says of its session. */
export interface SessionRequest {
  /** Whose session it is and its `session_id`: nobody enters the session of another user. */
  readonly key: string;
  /** Idle for so long, the session ends. */
  readonly timeoutMs: number;
  /** `session_check=1`: the session must exist already. */
  readonly mustExist: boolean;
  /** `close_session=1`: it ends with this request. */
  readonly close: boolean;
}

/** The sessions of all clients; each serves one request at a time. */
export interface ClientSessions {
  /**
   * Takes the session, which is made where there is none. Waits for a request in it that is answered already.
   * @throws ClickHouseException SESSION_IS_LOCKED, SESSION_NOT_FOUND or USER_SESSION_LIMIT_EXCEEDED
   */
  acquire(request: SessionRequest, make: () => ClientSession): Promise<Lease>;
  readonly stats: { readonly open: number; readonly refused: number };
  /** Ends those that are idle, and from now on each that is released. */
  close(): void;
}

export interface Lease {
  readonly session: ClientSession;
  /** The session fails for good: it ends when it is released. */
  spoil(): void;
  /** The last byte of the answer goes out now: the client may send its next request before `release`. */
  answered(): void;
  release(): void;
}

interface Entry {
  readonly session: ClientSession;
  locked: boolean;
  /** Resolves when a session whose request is answered is free. */
  freed: Promise<void> | undefined;
  timer: NodeJS.Timeout | undefined;
}

/** @param limit the most sessions at once, of all users together */
export function createClientSessions(limit: number): ClientSessions {
  const entries = new Map<string, Entry>();
  let refused = 0;
  let closed = false;

  const end = (key: string, { session }: Entry): void => {
    entries.delete(key);
    session.engineSession.close();
  };

  const find = ({ key, mustExist }: SessionRequest): Entry | undefined => {
    const entry = entries.get(key);
    if (entry?.locked) throw ClickHouseException.of('SESSION_IS_LOCKED', 'Session is locked by a concurrent client.');
    if (!entry && mustExist) throw ClickHouseException.of('SESSION_NOT_FOUND', 'Session not found.');
    return entry;
  };

  return {
    async acquire(request, make) {
      await entries.get(request.key)?.freed;
      // From here on nothing waits: two requests never find the same session free.
      const found = find(request);
      if (closed) throw ClickHouseException.of('ABORTED', 'The server is shutting down.');
      if (!found && entries.size >= limit) {
        refused += 1;
        throw ClickHouseException.of('USER_SESSION_LIMIT_EXCEEDED', `There are ${limit} sessions already.`);
      }
      const entry = found ?? { session: make(), locked: false, freed: undefined, timer: undefined };
      entries.set(request.key, entry);
      entry.locked = true;
      clearTimeout(entry.timer);
      const freed = Promise.withResolvers<void>();
      let isSpoilt = false;
      let isReleased = false;
      return {
        session: entry.session,
        spoil: () => {
          isSpoilt = true;
        },
        answered: () => {
          if (!isReleased) entry.freed = freed.promise;
        },
        release: () => {
          if (isReleased) return;
          isReleased = true;
          entry.locked = false;
          entry.freed = undefined;
          freed.resolve();
          if (closed || isSpoilt || request.close) end(request.key, entry);
          else entry.timer = setTimeout(() => end(request.key, entry), request.timeoutMs).unref();
        },
      };
    },
    stats: {
      get open() {
        return entries.size;
      },
      get refused() {
        return refused;
      },
    },
    close() {
      closed = true;
      for (const [key, entry] of entries) {
        clearTimeout(entry.timer);
        if (!entry.locked) end(key, entry);
      }
    },
  };
}
