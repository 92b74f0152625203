import { type EngineSession, openSession, type SessionState } from './session.ts';

/** Sessions that wait for their next statement. */
export interface SessionPool {
  /** A used session that fits, or a new one, in the wanted state. Throws ClickHouseException when the state cannot be. */
  take(state: SessionState, statement: string): Promise<EngineSession>;
  /** A new session, in which `prepare` has run, in the wanted state. Throws ClickHouseException when the state cannot be. */
  make(state: SessionState, prepare: (session: EngineSession) => Promise<void>): Promise<EngineSession>;
  /** Keeps the session for later, or closes it when it must not or cannot be used again. */
  giveBack(session: EngineSession, discard: boolean): Promise<void>;
  /** Closes all that wait, and from now on each that is given back. */
  close(): void;
}

/** @param maxIdle the most sessions that wait; the one that waited longest is closed */
export function createSessionPool(path: string, connectionArgs: readonly string[], maxIdle: number): SessionPool {
  const idle: EngineSession[] = [];
  let closed = false;

  const reset = async (session: EngineSession): Promise<boolean> => {
    if (!session.failed) return true;
    try {
      await session.run('SELECT 1', 'Null');
      return true;
    } catch {
      // Whatever it is that this session cannot do any more, another one can: it is closed.
      return false;
    }
  };

  return {
    async take(state, statement) {
      const found = idle.findLastIndex((session) => session.canServe(state, statement));
      const session = (found === -1 ? undefined : idle.splice(found, 1)[0]) ?? openSession(path, connectionArgs);
      try {
        await session.adopt(state);
        return session;
      } catch (error) {
        session.close();
        throw error;
      }
    },
    async make(state, prepare) {
      const session = openSession(path, connectionArgs);
      try {
        await session.adopt({ ...state, readonly: 0 });
        await prepare(session);
        await session.adopt(state);
        return session;
      } catch (error) {
        session.close();
        throw error;
      }
    },
    async giveBack(session, discard) {
      if (discard || closed || !(await reset(session))) {
        session.close();
        return;
      }
      idle.push(session);
      if (idle.length > maxIdle) idle.shift()?.close();
    },
    close() {
      closed = true;
      for (const session of idle.splice(0)) session.close();
    },
  };
}
