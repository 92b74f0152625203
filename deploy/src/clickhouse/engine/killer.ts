import type { Logger } from '@tocsin/service/log';
import { stringLiteral } from '../sql/literal.ts';
import { type EngineSession, TAG_SETTING } from './session.ts';

const KILL_INTERVAL_MS = 250;

/** Kills what a session runs when a signal says so. */
export interface Killer {
  /** Runs `use`; when the signal aborts, kills the session's statement, again and again until `use` has ended. */
  guard<T>(session: EngineSession, signal: AbortSignal, use: () => Promise<T>): Promise<T>;
  /** Kills whatever runs, again and again until `ended` settles; afterwards there is nothing left to kill. */
  killAllUntil(ended: Promise<unknown>): Promise<void>;
}

/** @param own a session for the KILL statements alone */
export function createKiller(own: EngineSession, log: Logger): Killer {
  let killing: Promise<unknown> = Promise.resolve();
  let isOver = false;

  const kill = (condition: string): void => {
    if (isOver) return;
    const statement = `KILL QUERY WHERE ${condition} ASYNC FORMAT Null`;
    killing = killing
      .then(() => own.run(statement, 'Null'))
      .catch((error: unknown) => log.warn({ err: error }, 'could not kill a statement'));
  };

  return {
    async guard(session, signal, use) {
      let timer: NodeJS.Timeout | undefined;
      const isOfSession = `Settings['${TAG_SETTING}'] = ${stringLiteral(session.tag)}`;
      const onAbort = (): void => {
        kill(isOfSession);
        timer = setInterval(() => kill(isOfSession), KILL_INTERVAL_MS);
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
    async killAllUntil(ended) {
      const timer = setInterval(() => kill("query NOT ILIKE 'KILL %'"), KILL_INTERVAL_MS);
      try {
        await ended;
      } finally {
        clearInterval(timer);
        isOver = true;
        await killing;
      }
    },
  };
}
