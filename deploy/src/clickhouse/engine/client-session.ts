import { ClickHouseException } from '../exception.ts';
import { identifier, stringLiteral } from '../sql/literal.ts';
import { assignments, type EngineSession, parametersOf, type SessionState } from './session.ts';

/** A session that a client keeps over several requests (`session_id`): its temporary tables and what it SET stay. */
export interface ClientSession {
  readonly engineSession: EngineSession;
  /** What the session may do for good: 0 writes, 1 and 2 only read. */
  readonly readonly: SessionState['readonly'];
  /**
   * Brings the session into the state of one request.
   * @param database of this request alone; `undefined` leaves the session's own
   */
  enter(state: SessionState, database: string | undefined, statement: string): Promise<void>;
  /** Takes back what held for the request alone; what its statement has SET stays. Fails only where the session can no longer be used. */
  leave(statement: string): Promise<void>;
}

/** A change of the session by the request's own statement. */
const CHANGE = /^\s*(SET|USE)\b/i;

/** @param base the state of a session that has just begun; its settings and parameters are those of no request */
export function createClientSession(engineSession: EngineSession, base: SessionState): ClientSession {
  let begun = false;
  /** The session's own database; unknown after `USE`. */
  let database: string | undefined = base.database;
  let strangeDatabase = false;
  /** Settings as they were before the request's own. */
  let before: ReadonlyMap<string, string | undefined> = new Map();
  /** Parameters of earlier requests, which the engine cannot forget. */
  const stale = new Set<string>();

  const refuseStale = (state: SessionState, statement: string): void => {
    for (const name of parametersOf(statement)) {
      if (!stale.has(name) || state.parameters.has(name)) continue;
      throw ClickHouseException.of('UNKNOWN_QUERY_PARAMETER', `Substitution \`${name}\` is not set.`);
    }
  };

  return {
    engineSession,
    readonly: base.readonly,
    async enter(state, wantedDatabase, statement) {
      if (!begun) await engineSession.adopt({ ...base, settings: new Map(), parameters: new Map() });
      begun = true;
      refuseStale(state, statement);
      const changes = [...assignments(state.settings, 'setting'), ...assignments(state.parameters, 'parameter')];
      before = await readSettings(engineSession, [...state.settings.keys()]);
      if (changes.length > 0) await engineSession.run(`SET ${changes.join(', ')}`, 'Null');
      for (const name of state.parameters.keys()) stale.add(name);
      if (wantedDatabase === undefined) return;
      database ??= await currentDatabase(engineSession);
      if (wantedDatabase === database) return;
      await engineSession.run(`USE ${identifier(wantedDatabase)}`, 'Null');
      strangeDatabase = true;
    },
    async leave(statement) {
      // The engine keeps a failed statement and its memory until the session runs another.
      if (engineSession.failed) await engineSession.run('SELECT 1', 'Null');
      const change = CHANGE.exec(statement)?.[1]?.toUpperCase();
      const named = change === 'SET' ? new Set(statement.split(/\W+/)) : new Set<string>();
      for (const name of named) stale.delete(name.replace(/^param_/, ''));
      const back = [...before].filter(([name]) => !named.has(name));
      before = new Map();
      const changes = back.map(
        ([name, value]) => `${name} = ${value === undefined ? 'DEFAULT' : stringLiteral(value)}`,
      );
      if (changes.length > 0) await engineSession.run(`SET ${changes.join(', ')}`, 'Null');
      if (change === 'USE') database = undefined;
      else if (strangeDatabase && database !== undefined)
        await engineSession.run(`USE ${identifier(database)}`, 'Null');
      strangeDatabase = false;
    },
  };
}

/** The values of settings, `undefined` where it is the default one. A name that is no setting is left out. */
async function readSettings(
  session: EngineSession,
  names: readonly string[],
): Promise<ReadonlyMap<string, string | undefined>> {
  if (names.length === 0) return new Map();
  const list = names.map(stringLiteral).join(', ');
  const { bytes } = await session.run(
    `SELECT name, if(changed, value, NULL) FROM system.settings WHERE name IN (${list})`,
    'JSONCompactEachRow',
  );
  const rows = bytes.toString('utf8').split('\n').filter(Boolean);
  const values = rows.map((row) => JSON.parse(row) as [string, string | null]);
  return new Map(values.map(([name, value]) => [name, value ?? undefined]));
}

async function currentDatabase(session: EngineSession): Promise<string> {
  const { bytes } = await session.run('SELECT currentDatabase()', 'TSVRaw');
  return bytes.toString('utf8').trimEnd();
}
