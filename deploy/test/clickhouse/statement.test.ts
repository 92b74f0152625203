import { describe, expect, it } from 'vitest';
import { ClickHouseException } from '../../src/clickhouse/exception.ts';
import { readStatement, type Statement } from '../../src/clickhouse/sql/statement.ts';

function read(text: string, complete = true): Statement {
  return readStatement(Buffer.from(text), complete);
}

function insertOf(text: string, complete = true): { sql: string; data: string } {
  const bytes = Buffer.from(text);
  const statement = readStatement(bytes, complete);
  if (statement.kind !== 'insert') throw new Error(`expected an insert, found ${statement.kind}`);
  return {
    sql: statement.from('/spool/1').replaceAll(/\s+/g, ' ').trim(),
    data: bytes.toString('utf8', statement.dataStart),
  };
}

function selectInto(text: string): string {
  const statement = read(text);
  if (statement.kind !== 'select') throw new Error(`expected a select, found ${statement.kind}`);
  return statement.into('/p', statement.format ?? 'TabSeparated');
}

function codeOf(text: string, complete = true): number | undefined {
  try {
    read(text, complete);
    return undefined;
  } catch (error) {
    return error instanceof ClickHouseException ? error.code : -1;
  }
}

describe('a SELECT', () => {
  it.each([
    ['SELECT 1', 'SELECT 1 INTO OUTFILE '],
    ['SELECT 1 FORMAT JSON', 'SELECT 1  INTO OUTFILE '],
    ['SELECT 1 SETTINGS max_threads = 1', 'SELECT 1 SETTINGS max_threads = 1 INTO OUTFILE '],
    ['SELECT 1 -- FORMAT JSON', 'SELECT 1 INTO OUTFILE '],
    ['WITH x AS (SELECT 1) SELECT * FROM x;', 'WITH x AS (SELECT 1) SELECT * FROM x INTO OUTFILE '],
    ['FROM t SELECT a', 'FROM t SELECT a INTO OUTFILE '],
    ['(SELECT 1) UNION ALL (SELECT 2)', '(SELECT 1) UNION ALL (SELECT 2) INTO OUTFILE '],
  ])('%j gets its output file before the format', (text, start) => {
    expect(selectInto(text)).toContain(start);
  });

  it.each([
    ['SELECT 1 FORMAT JSON', 'JSON'],
    ['SELECT 1\nFORMAT JSONEachRow', 'JSONEachRow'],
    ['SELECT 1 format `CSV` ; ', 'CSV'],
    ['SELECT 1 FORMAT JSON SETTINGS max_threads = 1', 'JSON'],
    ['SELECT 1 AS format', undefined],
    ['SELECT format FROM t', undefined],
    ["SELECT ' FORMAT JSON'", undefined],
    ['SELECT 1 /* FORMAT JSON */', undefined],
    ['SELECT * FROM (SELECT 1 FORMAT JSON)', undefined],
    ['SELECT $$ FORMAT x $$', undefined],
    ["SELECT 'it''s', 'a\\'b' FORMAT TSV", 'TSV'],
  ])('%j has the format %j', (text, format) => {
    expect(read(text)).toMatchObject({ kind: 'select', format });
  });
});

describe('an INSERT with data', () => {
  it('reads a table from a file, the settings kept in their place', () => {
    expect(insertOf('INSERT INTO t (a, format) SETTINGS x = 1 FORMAT CSV\n1,2\n')).toEqual({
      sql: "INSERT INTO t (a, format) FROM INFILE '/spool/1' COMPRESSION 'none' SETTINGS x = 1 FORMAT CSV",
      data: '1,2\n',
    });
  });

  it.each([
    ['INSERT INTO t FORMAT TSV\n\n1\n', '\n1\n'],
    ['INSERT INTO t FORMAT TSV \t\n1\n', '1\n'],
    ['INSERT INTO t FORMAT JSONEachRow {"a":1}', '{"a":1}'],
    ['INSERT INTO t FORMAT JSONEachRow;\n{"a":1}', '{"a":1}'],
    ['INSERT INTO t FORMAT JSONEachRow', ''],
    ['/* c; */ INSERT INTO `a;b` FORMAT CSV\n1;DROP TABLE t', '1;DROP TABLE t'],
  ])('%j has the data %j', (text, data) => {
    expect(insertOf(text).data).toBe(data);
  });

  it('takes binary data that looks like SQL as data', () => {
    const bytes = Buffer.concat([
      Buffer.from('INSERT INTO t FORMAT RowBinary\n'),
      Buffer.from([0x27, 0xff, 0x3b, 0x0a]),
    ]);
    const statement = readStatement(bytes, true);
    expect(statement.kind === 'insert' && bytes.subarray(statement.dataStart)).toEqual(
      Buffer.from([0x27, 0xff, 0x3b, 0x0a]),
    );
  });

  it('replaces input() by the file and drops the format', () => {
    const text =
      "INSERT INTO t SELECT a, input.b FROM input('a UInt8, b Array(Tuple(c String))') WHERE a > 1 SETTINGS x = 'y' FORMAT ProtobufSingle";
    expect(insertOf(`${text}\n\x0a\x01`)).toEqual({
      sql: "INSERT INTO t SELECT a, input.b FROM file('/spool/1', 'ProtobufSingle', 'a UInt8, b Array(Tuple(c String))', 'none') WHERE a > 1 SETTINGS x = 'y'",
      data: '\x0a\x01',
    });
  });

  it('leaves VALUES that are all there to the engine, and spools longer ones', () => {
    expect(read("INSERT INTO t VALUES (1, 'a;b')").kind).toBe('other');
    expect(insertOf('INSERT INTO t VALUES (1), (2', false)).toEqual({
      sql: "INSERT INTO t FROM INFILE '/spool/1' COMPRESSION 'none' SETTINGS input_format_values_interpret_expressions = 0, input_format_values_deduce_templates_of_expressions = 0 FORMAT Values",
      data: ' (1), (2',
    });
  });

  it('leaves INSERT … SELECT without input() to the engine', () => {
    expect(read('INSERT INTO t SELECT * FROM u')).toMatchObject({ kind: 'other', verb: 'INSERT' });
    expect(read('INSERT INTO t SELECT * FROM u FORMAT CSV')).toMatchObject({ kind: 'other', verb: 'INSERT' });
  });
});

describe('what is refused', () => {
  it.each([
    ['several statements', 'SELECT 1; SELECT 2', 62],
    ['several statements after a comment', 'SELECT 1 /* ; */; DROP TABLE t', 62],
    ['several statements after VALUES', 'INSERT INTO t VALUES (1); DROP TABLE t', 62],
    ['nothing', ' -- nothing', 62],
    ['writing a file', "SELECT 1 INTO OUTFILE '/tmp/x'", 358],
    ['reading a file', "INSERT INTO t FROM INFILE '/etc/passwd' FORMAT LineAsString", 358],
    ['writing through a function', "INSERT INTO FUNCTION file('/tmp/x') FORMAT CSV\n1", 497],
    ['a table of the file system', 'SELECT * FROM `default`.x', 497],
    ['an input() without its structure', 'INSERT INTO t SELECT * FROM input() FORMAT CSV\n1', 477],
  ])('%s', (_what, text, code) => {
    expect(codeOf(text)).toBe(code);
  });

  it('a statement longer than what may be read of it', () => {
    expect(codeOf('SELECT 1, 1', false)).toBe(62);
  });

  it('not a trailing semicolon', () => {
    expect(codeOf('SELECT 1;;  -- end')).toBeUndefined();
  });
});
