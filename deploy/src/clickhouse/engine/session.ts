import { Session } from 'chdb';
import type { Access } from '../access/access.ts';
import { takeRole } from '../access/roles.ts';
import { ClickHouseException } from '../exception.ts';
import { identifier, stringLiteral } from '../sql/literal.ts';

/** What a statement wants of the session it runs in. */
export interface SessionState {
  /** Who it is for; a session takes the role of its first state and never leaves it. */
  readonly access: Access;
  readonly database: string;
  /** 1: reads only and settings are fixed; 2: reads only. */
  readonly readonly: 0 | 1 | 2;
  readonly settings: ReadonlyMap<string, string>;
  readonly parameters: ReadonlyMap<string, string>;
}

/** What the engine answered. */
export interface EngineResult {
  readonly bytes: Buffer;
  readonly rows: number;
  readonly rowBytes: number;
  readonly elapsedMs: number;
}

/** One session of the engine: it runs one statement at a time. */
export interface EngineSession {
  /** Marks what this session runs in `system.processes`, column Settings[TAG_SETTING]. */
  readonly tag: string;
  /** Who it works for at this time. Throws before the first state. */
  readonly access: Access;
  /** Whether this session can be brought into the wanted state without leaving a trace of an earlier one. */
  canServe(wanted: SessionState, statement: string): boolean;
  /** Brings the session into the state; a lower `readonly` than it has cannot be. A session that fails here must be closed. */
  adopt(wanted: SessionState): Promise<void>;
  run(statement: string, format: string): Promise<EngineResult>;
  /**
   * Whether the last statement failed: the engine then keeps it, with its memory and its row in `system.processes`, until the session
   * runs another one or is closed.
   */
  readonly failed: boolean;
  close(): void;
}

/**
 * The setting that carries a session's tag. It has to be one that does nothing here and that no client has a reason to set in a statement, or
 * the statement could not be found to be killed; the engine in process knows no custom settings.
 */
export const TAG_SETTING = 'cluster_for_parallel_replicas';

const NAME = /^[A-Za-z_][A-Za-z0-9_.]*$/;
/** `{name:Type}` */
const MENTION = /\{\s*(\w+)\s*:/g;

/** The names of the parameters that a statement wants. */
export function parametersOf(statement: string): ReadonlySet<string> {
  return new Set([...statement.matchAll(MENTION)].map(([, name]) => name ?? ''));
}

let sessionsMade = 0;

/**
 * Opens a session on the engine's directory (0.5 ms once the engine runs; the first one starts the engine).
 * @param connectionArgs the engine's command line, the same for all sessions of a process
 */
export function openSession(path: string, connectionArgs: readonly string[]): EngineSession {
  const session = new Session(path, { connectionArgs });
  sessionsMade += 1;
  const tag = `tocsin-session-${sessionsMade}`;
  let readonly: SessionState['readonly'] | undefined;
  let access: Access | undefined;
  let applied: ReadonlyMap<string, string> = new Map();
  let database: string | undefined;
  const parameterNames = new Set<string>();

  let failed = false;

  const run = async (statement: string, format: string): Promise<EngineResult> => {
    try {
      const result = await session.queryAsync(statement, { format });
      failed = false;
      const view = result.bytes();
      return {
        bytes: Buffer.from(view.buffer, view.byteOffset, view.byteLength),
        rows: Number(result.rowsRead),
        rowBytes: Number(result.bytesRead),
        elapsedMs: result.elapsed * 1_000,
      };
    } catch (error) {
      failed = true;
      throw ClickHouseException.from(error);
    }
  };

  return {
    tag,
    get access() {
      if (!access) throw new Error('a session has no user before its first state');
      return access;
    },
    run,
    get failed() {
      return failed;
    },
    canServe(wanted, statement) {
      if (wanted.readonly !== readonly || wanted.access.role !== access?.role) return false;
      if (readonly === 1 && !sameEntries(applied, wanted.settings)) return false;
      // A parameter cannot be unset: no statement that mentions a stale one comes here.
      const mentioned = parametersOf(statement);
      return [...parameterNames].every((name) => wanted.parameters.has(name) || !mentioned.has(name));
    },
    async adopt(wanted) {
      const changes = readonly === 1 ? [] : settingChanges(applied, wanted.settings);
      if (readonly === undefined) changes.push(`${TAG_SETTING} = ${stringLiteral(tag)}`);
      if (wanted.readonly !== (readonly ?? 0)) changes.push(`readonly = ${wanted.readonly}`);
      changes.push(...assignments(wanted.parameters, 'parameter'));
      for (const name of wanted.parameters.keys()) parameterNames.add(name);
      if (access && access.role !== wanted.access.role) throw new Error('a session cannot change its role');
      const statements = [
        ...(access ? [] : [takeRole(wanted.access.role)]),
        ...(changes.length === 0 ? [] : [`SET ${changes.join(', ')}`]),
        ...(database === wanted.database ? [] : [`USE ${identifier(wanted.database)}`]),
      ];
      if (statements.length > 0) await run(statements.join('; '), 'Null');
      access = wanted.access;
      applied = wanted.settings;
      readonly = wanted.readonly;
      database = wanted.database;
    },
    close() {
      session.close();
    },
  };
}

/** `SET a = '1', b = '2'` without the SET. @throws ClickHouseException for what is no name */
export function assignments(values: ReadonlyMap<string, string>, what: 'setting' | 'parameter'): string[] {
  const prefix = what === 'parameter' ? 'param_' : '';
  return [...values].map(([name, value]) => `${prefix}${checkedName(name, what)} = ${stringLiteral(value)}`);
}

function settingChanges(applied: ReadonlyMap<string, string>, wanted: ReadonlyMap<string, string>): string[] {
  const set = new Map([...wanted].filter(([name, value]) => applied.get(name) !== value));
  const reset = [...applied.keys()].filter((name) => !wanted.has(name));
  return [...reset.map((name) => `${name} = DEFAULT`), ...assignments(set, 'setting')];
}

function checkedName(name: string, what: string): string {
  if (NAME.test(name)) return name;
  throw ClickHouseException.of('BAD_ARGUMENTS', `The name of a ${what} is not valid: ${JSON.stringify(name)}.`);
}

function sameEntries(left: ReadonlyMap<string, string>, right: ReadonlyMap<string, string>): boolean {
  return left.size === right.size && [...left].every(([name, value]) => right.get(name) === value);
}
