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
   * Takes the session, which is made where there is none.
   * @throws ClickHouseException SESSION_IS_LOCKED, SESSION_NOT_FOUND or USER_SESSION_LIMIT_EXCEEDED
   */
  acquire(request: SessionRequest, make: () => ClientSession): Lease;
  readonly stats: { readonly open: number; readonly refused: number };
  /** Ends those that are idle, and from now on each that is released. */
  close(): void;
}

export interface Lease {
  readonly session: ClientSession;
  /** The session fails for good: it ends when it is released. */
  spoil(): void;
  release(): void;
}

interface Entry {
  readonly session: ClientSession;
  locked: boolean;
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
    acquire(request, make) {
      if (closed) throw ClickHouseException.of('ABORTED', 'The server is shutting down.');
      const found = find(request);
      if (!found && entries.size >= limit) {
        refused += 1;
        throw ClickHouseException.of('USER_SESSION_LIMIT_EXCEEDED', `There are ${limit} sessions already.`);
      }
      const entry = found ?? { session: make(), locked: false, timer: undefined };
      entries.set(request.key, entry);
      entry.locked = true;
      clearTimeout(entry.timer);
      let isSpoilt = false;
      let isReleased = false;
      return {
        session: entry.session,
        spoil: () => {
          isSpoilt = true;
        },
        release: () => {
          if (isReleased) return;
          isReleased = true;
          entry.locked = false;
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
