import type { Logger } from '@tocsin/service/log';
import type { ClientWork, UseSession, Work } from './engine.ts';
import type { Killer } from './killer.ts';
import type { SessionPool } from './session-pool.ts';

export interface RunnerOptions {
  readonly pool: SessionPool;
  readonly killer: Killer;
  readonly log: Logger;
}

/** Runs `use` with the session that the work wants: one of the pool, a new one, or the client's own. `signal` kills what it runs. */
export type Runner = <T>(work: Work, signal: AbortSignal, use: UseSession<T>) => Promise<T>;

export function createRunner({ pool, killer, log }: RunnerOptions): Runner {
  const runInClient = async <T>(
    { state, statement, prepare }: Work,
    { lease, database }: ClientWork,
    signal: AbortSignal,
    use: UseSession<T>,
  ): Promise<T> => {
    const { session } = lease;
    const { engineSession } = session;
    try {
      await session.enter(state, database, statement);
      await prepare?.(engineSession);
      return await killer.guard(engineSession, signal, () => use(engineSession, signal));
    } finally {
      await session.leave(statement).catch((error: unknown) => {
        log.warn({ err: error }, "a client's session cannot be used any more");
        lease.spoil();
      });
    }
  };

  return async (work, signal, use) => {
    if (work.client) return runInClient(work, work.client, signal, use);
    const session = await (work.prepare ? pool.make(work.state, work.prepare) : pool.take(work.state, work.statement));
    try {
      return await killer.guard(session, signal, () => use(session, signal));
    } finally {
      await pool.giveBack(session, work.discard || work.prepare !== undefined);
    }
  };
}
