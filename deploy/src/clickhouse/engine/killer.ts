import type { Logger } from '@tocsin/service/log';
import { stringLiteral } from '../sql/literal.ts';
import type { EngineSession } from './session.ts';

const KILL_INTERVAL_MS = 250;

/** Kills what a session runs when a signal says so. */
export interface Killer {
  /** Runs `use`; when the signal aborts, kills the session's statement, again and again until `use` has ended. */
  guard<T>(session: EngineSession, signal: AbortSignal, use: () => Promise<T>): Promise<T>;
}

/** @param own a session for the KILL statements alone */
export function createKiller(own: EngineSession, log: Logger): Killer {
  let killing: Promise<unknown> = Promise.resolve();

  const kill = (session: EngineSession): void => {
    const statement = `KILL QUERY WHERE Settings['log_comment'] = ${stringLiteral(session.tag)} ASYNC FORMAT Null`;
    killing = killing
      .then(() => own.run(statement, 'Null'))
      .catch((error: unknown) => log.warn({ err: error }, 'could not kill a statement'));
  };

  return {
    async guard(session, signal, use) {
      let timer: NodeJS.Timeout | undefined;
      const onAbort = (): void => {
        kill(session);
        timer = setInterval(() => kill(session), KILL_INTERVAL_MS);
      };
      if (signal.aborted) onAbort();
      else signal.addEventListener('abort', onAbort, { once: true });
      try {
        return await use();
      } finally {
        signal.removeEventListener('abort', onAbort);
        clearInterval(timer);
        // A kill that is still under way must not meet the session's next statement.
        if (timer) await killing;
      }
    },
  };
}
