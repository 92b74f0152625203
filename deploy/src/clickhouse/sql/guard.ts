import type { Access } from '../access/access.ts';
import type { EngineSession } from '../engine/session.ts';
import { ClickHouseException, ERROR_CODE } from '../exception.ts';
import { type Clauses, readClauses } from './clauses.ts';
import { checkFunction, isRefusedFunction } from './function-rules.ts';
import { stringLiteral } from './literal.ts';
import { checkReader } from './reader-rules.ts';
import { refusal } from './refusal.ts';
import { checkReaderSetting, checkWriterSettings } from './setting-rules.ts';
import { checkBoundaries } from './boundaries.ts';
import { nodesOf, readTree } from './tree.ts';
import { checkWriter } from './writer-rules.ts';

const MAX_CACHED = 1_000;
const MAX_CACHED_LENGTH = 65_536;
/** A parameter of type Identifier is part of the tree: another value, another verdict. */
const TREE_PARAMETER = /:\s*Identifier\b/i;

/** Refuses statements that reach outside the database, and those that are not for their user. */
export interface Guard {
  /**
   * Judges a statement by what the engine's own parser and formatter make of it (a few milliseconds; known texts cost nothing). The session
   * says for whom it is.
   * @param namesInData names that stand in an INSERT's data, where the tree does not show them
   * @throws ClickHouseException ACCESS_DENIED, SETTING_CONSTRAINT_VIOLATION, or the engine's own when it cannot parse the text
   */
  check(session: EngineSession, statement: string, namesInData?: ReadonlySet<string>): Promise<void>;
}

/** A statement as the engine understands it. */
export interface Understood {
  /** The text of `EXPLAIN AST`. */
  readonly tree: string;
  /** The text in one line, as the engine's formatter writes it. */
  readonly canonical: string;
}

export function createGuard(): Guard {
  const passed = new Set<string>();
  return {
    async check(session, statement, namesInData = new Set()) {
      const inData = [...namesInData].find(isRefusedFunction);
      if (inData !== undefined) throw refusal(`the function \`${inData}\` reaches outside the database`);
      const { access } = session;
      const key = `${access.role} ${access.user}\n${statement}`;
      if (passed.has(key)) return;
      await judgeIn(session, statement);
      if (statement.length > MAX_CACHED_LENGTH || TREE_PARAMETER.test(statement)) return;
      passed.add(key);
      const [oldest] = passed;
      if (passed.size > MAX_CACHED && oldest !== undefined) passed.delete(oldest);
    },
  };
}

/**
 * @param sqlFunctions functions that the database defines in SQL; their bodies were judged when they were made
 * @throws ClickHouseException for what the user's role does not allow
 */
export function judge({ tree, canonical }: Understood, access: Access, sqlFunctions: ReadonlySet<string>): void {
  const root = readTree(tree);
  const clauses = readClauses(canonical);
  // `WITH x -> x + 1 AS f`: what the lambda does is in the tree as well.
  const lambdas = [...nodesOf(root)].filter(({ kind, name }) => kind === 'Function' && name === 'lambda');
  const own = new Set([...sqlFunctions, ...lambdas.map(({ alias }) => alias ?? '')]);
  const check = (name: string): void => checkFunction(name, own);
  if (access.role === 'writer') checkWriter(root, clauses, check);
  else checkReader(root, clauses, check);
}

/** Judges the settings that a statement brings with it. @throws ClickHouseException SETTING_CONSTRAINT_VIOLATION */
export function judgeSettings({ settings }: Clauses, { role, ceilings }: Access): void {
  if (role === 'writer') for (const changes of settings) checkWriterSettings(changes);
  else for (const change of settings.flat()) checkReaderSetting(change, ceilings);
}

const EXPLAIN = 'EXPLAIN AST ';

/**
 * Asks the engine what the statement is, and judges it. First as text in a literal: whatever it is, nothing of it can run, and a text of several
 * statements is none. Only then behind EXPLAIN, which parses, and applies the statement's own settings: those are judged before.
 */
async function judgeIn(session: EngineSession, statement: string): Promise<void> {
  const { access } = session;
  const literal = stringLiteral(statement);
  // Text that no setting of the session shapes, unlike JSON.
  const asked = `SELECT base64Encode(formatQuerySingleLine(${literal})), toString(tokenizeQuery(${literal}))`;
  const [encoded = '', tokens = ''] = (await tell(session, asked, 'TSVRaw')).trimEnd().split('\t');
  checkBoundaries(statement, tokens);
  const canonical = Buffer.from(encoded, 'base64').toString('utf8');
  judgeSettings(readClauses(canonical), access);
  const tree = await tell(session, `${EXPLAIN}${statement}`, 'TSVRaw');
  try {
    judge({ tree, canonical }, access, new Set());
  } catch (error) {
    if (!(error instanceof ClickHouseException) || error.code !== ERROR_CODE.UNKNOWN_FUNCTION) throw error;
    // To ask for them costs ten times as much as all the rest, and few statements use any.
    judge({ tree, canonical }, access, await sqlFunctionsOf(session));
  }
}

async function sqlFunctionsOf(session: EngineSession): Promise<ReadonlySet<string>> {
  const names = await tell(session, "SELECT name FROM system.functions WHERE origin = 'SQLUserDefined'", 'TSVRaw');
  return new Set(names.split('\n'));
}

/** Asks; a syntax error is told with positions in the statement itself. */
async function tell(session: EngineSession, question: string, format: string): Promise<string> {
  try {
    return (await session.run(question, format)).bytes.toString('utf8');
  } catch (error) {
    const { code, message } = ClickHouseException.from(error);
    if (!question.startsWith(EXPLAIN)) {
      // The scope is our own question, with the statement in it as a literal.
      throw new ClickHouseException(code, message.replace(/: In scope SELECT base64Encode.*(?=\. \()/s, ''), {
        cause: error,
      });
    }
    const shifted = message.replaceAll(
      /( at position |\(line 1, col )(\d+)/g,
      (_all, before: string, position: string) => `${before}${Number(position) - EXPLAIN.length}`,
    );
    throw new ClickHouseException(code, shifted, { cause: error });
  }
}
