import type { Access } from '../access/access.ts';
import type { EngineSession } from '../engine/session.ts';
import { ClickHouseException } from '../exception.ts';
import { readClauses } from './clauses.ts';
import { checkFunction, isRefusedFunction } from './function-rules.ts';
import { stringLiteral } from './literal.ts';
import { checkReader } from './reader-rules.ts';
import { refusal } from './refusal.ts';
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
   * Judges a statement by what the engine's own parser and formatter make of it (about two milliseconds; known texts cost nothing). The session
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
  /** Functions that the database defines in SQL; their bodies were judged when they were made. */
  readonly sqlFunctions: ReadonlySet<string>;
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
      judge(await understand(session, statement), access);
      if (statement.length > MAX_CACHED_LENGTH || TREE_PARAMETER.test(statement)) return;
      passed.add(key);
      const [oldest] = passed;
      if (passed.size > MAX_CACHED && oldest !== undefined) passed.delete(oldest);
    },
  };
}

/** @throws ClickHouseException for what the user's role does not allow */
export function judge({ tree, canonical, sqlFunctions }: Understood, access: Access): void {
  const root = readTree(tree);
  const clauses = readClauses(canonical);
  // `WITH x -> x + 1 AS f`: what the lambda does is in the tree as well.
  const lambdas = [...nodesOf(root)].filter(({ kind, name }) => kind === 'Function' && name === 'lambda');
  const own = new Set([...sqlFunctions, ...lambdas.map(({ alias }) => alias ?? '')]);
  const check = (name: string): void => checkFunction(name, own);
  if (access.role === 'writer') checkWriter(root, clauses, check);
  else checkReader(root, clauses, check, access.ceilings);
}

const EXPLAIN = 'EXPLAIN AST ';

/**
 * Asks the engine what the statement is. First as text in a literal: whatever it is, nothing of it can run, and a text of several statements is none. Only
 * then behind EXPLAIN, which parses.
 */
async function understand(session: EngineSession, statement: string): Promise<Understood> {
  const literal = stringLiteral(statement);
  // Text that no setting of the session shapes, unlike JSON.
  const asked = `SELECT base64Encode(formatQuerySingleLine(${literal})), ${TOKENS}(${literal})), ' '), ${SQL_FUNCTIONS}`;
  const [canonical = '', tokens = '', functions = ''] = (await tell(session, asked, 'TSVRaw')).trimEnd().split('\t');
  checkBoundaries(statement, tokens);
  const tree = await tell(session, `${EXPLAIN}${statement}`, 'TSVRaw');
  return {
    tree,
    canonical: Buffer.from(canonical, 'base64').toString('utf8'),
    sqlFunctions: new Set(functions.split(' ')),
  };
}

const SQL_FUNCTIONS = `arrayStringConcat((SELECT groupArray(name) FROM system.functions WHERE origin = 'SQLUserDefined'), ' ')`;
const TOKENS =
  "arrayStringConcat(arrayMap(t -> concat(toString(t.1), '-', toString(t.2), '-', toString(t.3)), tokenizeQuery";

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
