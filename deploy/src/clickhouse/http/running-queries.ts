import type { EngineSession } from '../engine/session.ts';
import { TAG_SETTING } from '../engine/session.ts';
import { ClickHouseException } from '../exception.ts';
import { lex } from '../sql/lexer.ts';
import { stringLiteral } from '../sql/literal.ts';

/** The statements that run, by the `query_id` that their clients gave them: the engine in process gives each an id of its own. */
export interface RunningQueries {
  /**
   * Runs `use`, which tells the session once it has one.
   * @throws ClickHouseException QUERY_WITH_SAME_ID_IS_ALREADY_RUNNING
   */
  during<T>(queryId: string, use: (runsIn: (session: EngineSession) => void) => Promise<T>): Promise<T>;
  /** A KILL QUERY with the engine's ids in place of the clients'. */
  translateKill(statement: string, session: EngineSession): Promise<string>;
}

export function createRunningQueries(): RunningQueries {
  const running = new Map<string, EngineSession | undefined>();

  /** The engine's id of what runs in a session. */
  const engineIdOf = async (runs: EngineSession, session: EngineSession): Promise<string | undefined> => {
    const condition = `Settings['${TAG_SETTING}'] = ${stringLiteral(runs.tag)}`;
    const { bytes } = await session.run(`SELECT query_id FROM system.processes WHERE ${condition} LIMIT 1`, 'TSVRaw');
    return bytes.toString('utf8').trimEnd() || undefined;
  };

  return {
    async during(queryId, use) {
      if (running.has(queryId)) {
        throw ClickHouseException.of(
          'QUERY_WITH_SAME_ID_IS_ALREADY_RUNNING',
          `Query with id = ${queryId} is already running.`,
        );
      }
      running.set(queryId, undefined);
      try {
        return await use((session) => running.set(queryId, session));
      } finally {
        running.delete(queryId);
      }
    },
    async translateKill(statement, session) {
      const bytes = Buffer.from(statement);
      let translated = '';
      let from = 0;
      for (const { kind, start, end } of lex(bytes.toString('latin1'))) {
        if (kind !== 'string') continue;
        const literal = bytes.toString('utf8', start, end);
        const [, runs] = [...running].find(([queryId]) => stringLiteral(queryId) === literal) ?? [];
        const id = runs && (await engineIdOf(runs, session));
        if (id === undefined) continue;
        translated += bytes.toString('utf8', from, start) + stringLiteral(id);
        from = end;
      }
      return translated + bytes.toString('utf8', from);
    },
  };
}
