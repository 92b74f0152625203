import { ClickHouseException } from '../exception.ts';
import { lex, type Token } from './lexer.ts';
import { stringLiteral } from './literal.ts';

/** One statement, taken apart as far as this server has to know it. */
export type Statement =
  /** `SELECT`, `WITH … SELECT`, `(SELECT …) UNION …`: answered as a stream. */
  | {
      readonly kind: 'select';
      readonly text: string;
      readonly format: string | undefined;
      into(path: string, format: string): string;
    }
  /** `INSERT … FORMAT X` or `INSERT … SELECT … FROM input(…) … FORMAT X`: the data begins at byte `dataStart`. */
  | {
      readonly kind: 'insert';
      /** The statement without its data, which `guard` has to see. */
      readonly head: string;
      /** The same where it is `INSERT … SELECT`, `undefined` where there is only a table. */
      readonly text: string | undefined;
      readonly dataStart: number;
      /** The statement that reads the data from a file. */
      from(path: string): string;
    }
  /** Everything else: run whole, the answer held in memory. */
  | {
      readonly kind: 'other';
      readonly text: string;
      readonly format: string | undefined;
      readonly verb: string;
      readonly words: ReadonlySet<string>;
      /** Names in the data of `INSERT … VALUES`, functions among them, in lower case. */
      readonly names: ReadonlySet<string>;
    };

/**
 * Takes a statement apart.
 * @param bytes the statement, with the first part of an INSERT's data behind it
 * @param complete whether `bytes` is all there is; a statement whose data is cut off must be an INSERT with data
 * @throws ClickHouseException for several statements in one, a clause that writes or reads files, and a statement over the size limit
 */
export function readStatement(bytes: Buffer, complete: boolean): Statement {
  const source = bytes.toString('latin1');
  const tokens: Token[] = [];
  let end: number | undefined;
  for (const token of lex(source)) {
    if (end !== undefined) {
      if (token.text === ';') continue;
      throw ClickHouseException.of('SYNTAX_ERROR', 'Syntax error (Multi-statements are not allowed).');
    }
    if (token.text === ';') {
      end = token.start;
      continue;
    }
    tokens.push(token);
    const insert = insertWithData(source, tokens, bytes, complete);
    if (insert) return insert;
  }
  if (!complete)
    throw ClickHouseException.of('SYNTAX_ERROR', `Syntax error: the query is longer than ${bytes.length} bytes.`);
  if (tokens.length === 0) throw ClickHouseException.of('SYNTAX_ERROR', 'Syntax error: Empty query.');
  refuseFiles(tokens);
  return wholeStatement(bytes.subarray(0, end ?? bytes.length), tokens);
}

function wholeStatement(bytes: Buffer, tokens: readonly Token[]): Statement {
  const text = bytes.toString('utf8');
  const formatAt = tokens.findLastIndex(
    (token, index) =>
      token.text === 'FORMAT' && token.kind === 'word' && token.depth === 0 && closesQuery(tokens, index),
  );
  const format = formatAt === -1 ? undefined : wordOf(bytes, tokens[formatAt + 1]);
  const verb = verbOf(tokens);
  if (verb !== 'SELECT') {
    return {
      kind: 'other',
      text,
      format,
      verb,
      words: new Set(tokens.map((token) => token.text)),
      names: verb === 'INSERT' ? namesInValues(tokens) : new Set(),
    };
  }
  const cut = tokens[formatAt]?.start ?? tokens.at(-1)?.end ?? bytes.length;
  const into = (path: string, wanted: string): string => {
    const rest = formatAt === -1 ? ` FORMAT ${wanted}` : ` ${bytes.toString('utf8', cut)}`;
    return `${bytes.toString('utf8', 0, cut)} INTO OUTFILE ${stringLiteral(path)} TRUNCATE COMPRESSION 'none'${rest}`;
  };
  return { kind: 'select', text, format, into };
}

/** `FORMAT Name` ends a query when nothing or SETTINGS follows; elsewhere `format` is a name. */
function closesQuery(tokens: readonly Token[], index: number): boolean {
  const name = tokens[index + 1];
  const after = tokens[index + 2];
  return (
    index > 0 &&
    name !== undefined &&
    (name.kind === 'word' || name.kind === 'quoted') &&
    (after === undefined || after.text === 'SETTINGS')
  );
}

function wordOf(bytes: Buffer, token: Token | undefined): string | undefined {
  return token && bytes.toString('utf8', token.start, token.end).replace(/^[`"]|[`"]$/g, '');
}

/** The first word that says what the statement does. */
function verbOf(tokens: readonly Token[]): string {
  const first = tokens.find((token) => token.text !== '(')?.text ?? '';
  // `FROM t SELECT a` is ClickHouse's other way round.
  if (first === 'FROM') return 'SELECT';
  if (first !== 'WITH') return first;
  const verb = tokens.find(
    (token) => token.depth === 0 && ['SELECT', 'INSERT', 'UPDATE', 'DELETE'].includes(token.text),
  );
  return verb?.text ?? 'SELECT';
}

/**
 * `INFILE` and `OUTFILE` name files of the client; over HTTP ClickHouse refuses them too. And the engine's database `default` is a view of the file
 * system: a table there may be any file's path.
 */
function refuseFiles(tokens: readonly Token[]): void {
  const clause = tokens.some(
    (token, index) =>
      token.kind === 'word' &&
      ((token.text === 'OUTFILE' && tokens[index - 1]?.text === 'INTO') ||
        (token.text === 'INFILE' && tokens[index - 1]?.text === 'FROM')) &&
      tokens[index + 1]?.kind === 'string',
  );
  if (clause) throw ClickHouseException.of('INTO_OUTFILE_NOT_ALLOWED', 'INTO OUTFILE and FROM INFILE are not allowed.');
  const files = tokens.some((token, index) => nameOf(token) === 'default' && tokens[index + 1]?.text === '.');
  if (files)
    throw ClickHouseException.of('ACCESS_DENIED', 'The database `default` reaches files: it is not allowed here.');
}

/** A word or a quoted name as a function or database name, in lower case. */
function nameOf(token: Token): string | undefined {
  if (token.kind === 'word') return token.text.toLowerCase();
  return token.kind === 'quoted' ? token.text.slice(1, -1).toLowerCase() : undefined;
}

/** The names after VALUES: an INSERT's data may call functions, by name alone too (`arrayMap(file, …)`), and its parsed tree does not show them. */
function namesInValues(tokens: readonly Token[]): ReadonlySet<string> {
  const values = tokens.findIndex(
    (token, index) => token.text === 'VALUES' && token.kind === 'word' && token.depth === 0 && isClause(tokens, index),
  );
  if (values === -1) return new Set();
  return new Set(
    tokens
      .slice(values + 1)
      .map(nameOf)
      .filter((name) => name !== undefined),
  );
}

/** The INSERT that ends with the token read last, when its data begins there. */
function insertWithData(
  source: string,
  tokens: readonly Token[],
  bytes: Buffer,
  complete: boolean,
): Statement | undefined {
  if (tokens[0]?.text !== 'INSERT') return undefined;
  const last = tokens.length - 1;
  const token = tokens[last];
  if (!token || token.depth !== 0 || token.kind !== 'word') return undefined;
  if (token.text === 'VALUES' && isClause(tokens, last) && !complete) {
    refuseFiles(tokens);
    return dataInsert(bytes, tokens.slice(0, last), token.start, 'Values', token.end);
  }
  const keyword = tokens[last - 1];
  if (keyword?.text !== 'FORMAT' || keyword.kind !== 'word' || keyword.depth !== 0 || !isClause(tokens, last - 1))
    return undefined;
  refuseFiles(tokens);
  const format = source.slice(token.start, token.end);
  const before = tokens.slice(0, last - 1);
  const dataStart = startOfData(source, token.end);
  if (
    !before.some(({ text, depth, kind }) => kind === 'word' && depth === 0 && (text === 'SELECT' || text === 'WITH'))
  ) {
    return dataInsert(bytes, before, keyword.start, format, dataStart);
  }
  const input = before.findIndex(
    ({ text, kind }, index) => kind === 'word' && text === 'INPUT' && tokens[index + 1]?.text === '(',
  );
  return input === -1 ? undefined : inputInsert(bytes, tokens, input, keyword.start, format, dataStart);
}

/** A keyword that stands where a table's or a column's name may stand is a name. */
function isClause(tokens: readonly Token[], index: number): boolean {
  const before = tokens[index - 1]?.text ?? '';
  return !['INTO', 'TABLE', '.', ',', 'SELECT', 'AS', 'BY', 'INSERT'].includes(before);
}

/** ClickHouse: the data begins after the first newline, if only blanks are before it, or else after the blanks. */
function startOfData(source: string, afterFormat: number): number {
  const blanks = /[ \t\r\v\f]*/y;
  blanks.lastIndex = afterFormat;
  blanks.exec(source);
  let at = blanks.lastIndex;
  if (source[at] === ';') {
    blanks.lastIndex = at + 1;
    blanks.exec(source);
    at = blanks.lastIndex;
  }
  return source[at] === '\n' ? at + 1 : at;
}

/** Values in a file may call functions, which nobody has looked at: so there they are data only. */
export const PLAIN_VALUES =
  'input_format_values_interpret_expressions = 0, input_format_values_deduce_templates_of_expressions = 0';

function dataInsert(
  bytes: Buffer,
  head: readonly Token[],
  headEnd: number,
  format: string,
  dataStart: number,
): Statement {
  if (head.some((token, index) => token.text === 'FUNCTION' && head[index - 1]?.text === 'INTO')) {
    throw ClickHouseException.of('ACCESS_DENIED', 'INSERT INTO FUNCTION is not allowed here.');
  }
  const settings = head.find((token) => token.kind === 'word' && token.text === 'SETTINGS' && token.depth === 0);
  const target = bytes.toString('utf8', 0, settings?.start ?? headEnd);
  const own = settings ? bytes.toString('utf8', settings.start, headEnd) : '';
  const plain = /^values$/i.test(format) ? `${own ? `${own},` : 'SETTINGS'} ${PLAIN_VALUES}` : own;
  return {
    kind: 'insert',
    head: `${bytes.toString('utf8', 0, headEnd)} FORMAT ${format}`,
    text: undefined,
    dataStart,
    from: (path) => `${target} FROM INFILE ${stringLiteral(path)} COMPRESSION 'none' ${plain} FORMAT ${format}`,
  };
}

/** `input('structure')` becomes `file('path', 'Format', 'structure')`: the engine in process has no stream of its own to read from. */
function inputInsert(
  bytes: Buffer,
  tokens: readonly Token[],
  input: number,
  headEnd: number,
  format: string,
  dataStart: number,
): Statement {
  const name = tokens[input];
  const structure = tokens[input + 2];
  const close = tokens[input + 3];
  if (!name || structure?.kind !== 'string' || close?.text !== ')') {
    throw ClickHouseException.of('INVALID_USAGE_OF_INPUT', "Expected the structure as text: input('name Type, …').");
  }
  const before = bytes.toString('utf8', 0, name.start);
  const literal = bytes.toString('utf8', structure.start, structure.end);
  const after = bytes.toString('utf8', close.end, headEnd);
  return {
    kind: 'insert',
    head: bytes.toString('utf8', 0, headEnd),
    text: bytes.toString('utf8', 0, headEnd),
    dataStart,
    from: (path) => `${before}file(${stringLiteral(path)}, ${stringLiteral(format)}, ${literal}, 'none')${after}`,
  };
}
