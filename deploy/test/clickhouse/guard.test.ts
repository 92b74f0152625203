import { beforeEach, describe, expect, it } from 'vitest';
import type { Access } from '../../src/clickhouse/access/access.ts';
import type { EngineResult, EngineSession } from '../../src/clickhouse/engine/session.ts';
import { createGuard, judge } from '../../src/clickhouse/sql/guard.ts';

const READER: Access = { user: 'ana', role: 'reader', ceilings: new Map([['max_threads', 4]]) };
const WRITER: Access = { user: 'tocsin_collector', role: 'writer', ceilings: new Map() };

/** `EXPLAIN AST` of `SELECT …`, with what stands between SELECT and FROM, and after it. */
const select = (columns: readonly string[], more: readonly string[] = []): string =>
  [
    'SelectWithUnionQuery (children 1)',
    ' ExpressionList (children 1)',
    '  SelectQuery (children 2)',
    '   ExpressionList (children 1)',
    ...columns.map((line) => `    ${line}`),
    ...more.map((line) => `   ${line}`),
  ].join('\n');
const call = (name: string, ...parameters: string[]): string[] => [
  `Function ${name} (children 1)`,
  ' ExpressionList (children 1)',
  ...parameters.map((line) => `  ${line}`),
];
const from = (...source: string[]): string[] => [
  'TablesInSelectQuery (children 1)',
  ' TablesInSelectQueryElement (children 1)',
  '  TableExpression (children 1)',
  ...source.map((line) => `   ${line}`),
];
const storage = (engine: string): string =>
  `CreateQuery x (children 2)\n Identifier x\n Storage definition (children 1)\n  Function ${engine}`;

const codeOf = (access: Access, canonical: string, tree: string, own: readonly string[] = []): number => {
  try {
    judge({ canonical, tree }, access, new Set(own));
    return 0;
  } catch (error) {
    return (error as { code: number }).code;
  }
};

describe('judge', () => {
  it.each<readonly [string, number, number, string, string]>([
    ['a function that computes', 0, 0, 'SELECT lower(a)', select(call('lower', 'Identifier a'))],
    ['one with combinators', 0, 0, 'SELECT sumArrayIf(a)', select(call('sumArrayIf', 'Identifier a'))],
    ['one that reads a file', 497, 497, "SELECT file('a')", select(call('file', "Literal 'a'"))],
    ['one in another case', 497, 497, "SELECT FILE('a')", select(call('FILE', "Literal 'a'"))],
    ['one that nobody knows', 46, 46, 'SELECT mine(1)', select(call('mine', 'Literal UInt64_1'))],
    ['a bare name for a lambda', 497, 497, "SELECT arrayMap(file, ['a'])", select(call('arrayMap', 'Identifier file'))],
    [
      'a table function that computes',
      0,
      0,
      'SELECT a FROM numbers(3)',
      select(['Identifier a'], from(...call('numbers'))),
    ],
    ['one that reaches out', 497, 497, "SELECT a FROM url('u')", select(['Identifier a'], from(...call('url')))],
    [
      'input() outside of an INSERT',
      497,
      497,
      "SELECT a FROM input('a Int8')",
      select(['Identifier a'], from(...call('input'))),
    ],
    [
      'a reviewed system table',
      0,
      0,
      'SELECT a FROM system.tables',
      select(['Identifier a'], from('TableIdentifier system.tables')),
    ],
    [
      'what others run',
      497,
      0,
      'SELECT a FROM system.processes',
      select(['Identifier a'], from('TableIdentifier system.processes')),
    ],
    [
      'it behind IN',
      497,
      0,
      'SELECT 1 IN (system.processes)',
      select(call('in', 'Literal UInt64_1', 'Identifier system.processes')),
    ],
    [
      'the file system as a database',
      497,
      497,
      'SELECT a FROM default.x',
      select(['Identifier a'], from('TableIdentifier default.x')),
    ],
    [
      'APPLY with a function that reads',
      497,
      497,
      'SELECT * APPLY file',
      select(['Asterisk', ' ColumnsTransformerList', '  ColumnsApplyTransformer']),
    ],
    ['a file to write', 358, 358, "SELECT 1 INTO OUTFILE '/x'", select(['Literal UInt64_1'])],
    ['a table of one’s own', 164, 0, 'CREATE TABLE x (a Int8) ENGINE = Memory', storage('Memory')],
    ['a table that reaches out', 497, 497, "CREATE TABLE x (a Int8) ENGINE = URL('u')", storage('URL')],
    ['a kind of statement nobody has looked at', 497, 0, 'NEW THING', 'NewThingQuery'],
    ['rights', 497, 497, 'GRANT ALL ON *.* TO x', 'GrantQuery'],
    ['a backup', 497, 497, "BACKUP TABLE t TO File('x')", 'BackupQuery'],
    ['a name with a line break, which could pass for a node', 497, 497, 'SELECT a', select(['Identifier a', '!'])],
  ])('%s: %i for a reader, %i for the writer', (_what, forReader, forWriter, canonical, tree) => {
    expect([codeOf(READER, canonical, tree), codeOf(WRITER, canonical, tree)]).toEqual([forReader, forWriter]);
  });

  it('knows the functions that the database defines, and lambdas with a name, but under no name of a refused one', () => {
    const tree = select(call('mine', 'Literal UInt64_1'));
    expect(codeOf(READER, 'SELECT mine(1)', tree, ['mine'])).toBe(0);
    expect(codeOf(READER, "SELECT file('a')", select(call('file', "Literal 'a'")), ['file'])).toBe(497);
    const lambda = ['Function lambda (alias f) (children 1)', ...call('f', 'Literal UInt64_1')];
    expect(codeOf(READER, 'WITH x -> x AS f SELECT f(1)', select(lambda))).toBe(0);
  });

  it('lets the collector’s INSERT have input(), with names and types in it and nothing else', () => {
    const insert = (structure: string): string =>
      `InsertQuery   (children 2)\n Identifier t\n${select(
        ['Identifier a'],
        from(...call('input', `Literal '${structure}'`)),
      )
        .split('\n')
        .map((line) => ` ${line}`)
        .join('\n')}`;
    expect(codeOf(WRITER, "INSERT INTO t SELECT a FROM input('a Int8')", insert('a Int8'))).toBe(0);
    expect(codeOf(WRITER, "INSERT INTO t SELECT a FROM input('a Int8 …')", insert('a Int8 DEFAULT file(1)'))).toBe(497);
  });

  it('refuses settings that the tree has and the text does not show', () => {
    expect(codeOf(READER, 'SELECT 1', select(['Literal UInt64_1'], ['Set']))).toBe(497);
    expect(codeOf(READER, 'SELECT 1 SETTINGS max_threads = 1', select(['Literal UInt64_1'], ['Set']))).toBe(0);
  });
});

/** A session that answers the guard's questions and keeps them. */
class ToldSession implements Pick<EngineSession, 'access' | 'run'> {
  readonly asked: string[] = [];
  readonly access: Access;
  readonly #answers: { readonly tokens: string; readonly tree: string; readonly functions: string };
  constructor(access: Access, answers: { tokens?: string; tree?: string; functions?: string } = {}) {
    this.access = access;
    this.#answers = { tokens: '[]', tree: select(['Literal UInt64_1'], ['Set']), functions: '', ...answers };
  }
  async run(question: string): Promise<EngineResult> {
    this.asked.push(question);
    const literal = /formatQuerySingleLine\('(.*?)'\)\)/.exec(question)?.[1];
    const { tokens, tree, functions } = this.#answers;
    const about = `${Buffer.from(literal ?? '').toString('base64')}\t${tokens}\n`;
    const text = literal !== undefined ? about : question.startsWith('EXPLAIN AST ') ? tree : functions;
    return { bytes: Buffer.from(text), rows: 1, rowBytes: 1, elapsedMs: 1 };
  }
}

describe('the guard', () => {
  let guard: ReturnType<typeof createGuard>;
  beforeEach(() => {
    guard = createGuard();
  });
  const check = (session: ToldSession, statement: string, names?: ReadonlySet<string>): Promise<void> =>
    guard.check(session as unknown as EngineSession, statement, names);

  it.each([
    [READER, 'SELECT 1 SETTINGS max_threads = 5'],
    [READER, 'SELECT 1 SETTINGS readonly = 0'],
    [WRITER, 'SELECT 1 SETTINGS dialect = 1'],
  ])('judges a statement’s own settings before the engine applies them to EXPLAIN (%o)', async (access, statement) => {
    const session = new ToldSession(access);
    await expect(check(session, statement)).rejects.toMatchObject({ code: 452 });
    expect(session.asked).toHaveLength(1);
    expect(session.asked[0]).not.toContain('EXPLAIN');
  });

  it('asks nothing about a text that it has passed for this user, and all again for another and for what it refused', async () => {
    const session = new ToldSession(READER);
    await check(session, 'SELECT 1 SETTINGS max_threads = 1');
    await check(session, 'SELECT 1 SETTINGS max_threads = 1');
    expect(session.asked).toHaveLength(2);
    const other = new ToldSession({ ...READER, user: 'bob', ceilings: new Map([['max_threads', 0.5]]) });
    await expect(check(other, 'SELECT 1 SETTINGS max_threads = 1')).rejects.toMatchObject({ code: 452 });
    await expect(check(other, 'SELECT 1 SETTINGS max_threads = 1')).rejects.toMatchObject({ code: 452 });
    expect(other.asked).toHaveLength(2);
  });

  it('asks for the functions of the database only where a statement names one that is not the engine’s', async () => {
    const tree = select(call('mine', 'Literal UInt64_1'));
    const known = new ToldSession(READER, { tree, functions: 'other\nmine\n' });
    await check(known, 'SELECT mine(1)');
    expect(known.asked).toHaveLength(3);
    const unknown = new ToldSession({ ...READER, user: 'bob' }, { tree, functions: 'other\n' });
    await expect(check(unknown, 'SELECT mine(1)')).rejects.toMatchObject({ code: 46 });
  });

  it('refuses where it and the engine see a literal at different places', async () => {
    const session = new ToldSession(READER, { tokens: "[(0,6,'BareWord'),(7,8,'StringLiteral')]" });
    await expect(check(session, 'SELECT 1')).rejects.toMatchObject({ code: 497 });
    expect(session.asked).toHaveLength(1);
  });

  it('refuses a function in an INSERT’s data, which no tree shows', async () => {
    const session = new ToldSession(WRITER);
    await expect(check(session, 'INSERT INTO t VALUES', new Set(['lower', 'File']))).rejects.toMatchObject({
      code: 497,
    });
    expect(session.asked).toEqual([]);
  });
});
