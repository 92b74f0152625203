import { FUNCTIONS } from './expressions.ts';

/** How the requests of one signal become the rows of one table. */
export interface LoadStatement {
  /** The table that is written. */
  readonly table: string;
  /** The schema of the message, for `format_schema`, and which message of it a segment is. */
  readonly proto: string;
  readonly message: string;
  /** `INSERT INTO … SELECT … FROM input('…') FORMAT ProtobufSingle`; the segment is its data. */
  readonly sql: string;
}

/** Columns in order, each with the expression that fills it. */
export type Columns = readonly (readonly [column: string, expression: string])[];

/** The parameter of every INSERT that says when, by ClickHouse's clock in milliseconds, it may no longer begin. */
export const BEGIN_BY = 'begin_by';
/** `now64` is read when the statement begins, and this is looked at before the first row is made. */
const IN_TIME = `throwIf(toUnixTimestamp64Milli(now64(3))>{${BEGIN_BY}:Int64},'the statement begins too late')=0`;

/**
 * Writes the INSERT of a table.
 * @param structure the structure of the message, as `input` takes it
 * @param rows a SELECT over `input` whose columns the expressions use; `{input}` stands for the table function
 */
export function insertStatement(table: string, columns: Columns, structure: string, rows: string): string {
  const names = columns.map(([column]) => `\`${column}\``).join(',');
  const values = columns.map(([column, expression]) => `${expression} AS \`${column}\``).join(',\n');
  const input = `input('${structure.replaceAll("'", "''")}') WHERE ${IN_TIME}`;
  return `INSERT INTO ${table} (${names})\nWITH ${FUNCTIONS.join(',\n')}\nSELECT ${values}\nFROM (${rows.replace('{input}', input)})\nFORMAT ProtobufSingle`;
}
