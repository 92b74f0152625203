import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { Busboy, type BusboyFileStream, type BusboyInstance } from '@fastify/busboy';
import type { EngineSession } from '../engine/session.ts';
import type { SpooledFile, Spool } from '../engine/spool.ts';
import { ClickHouseException } from '../exception.ts';
import { identifier, stringLiteral } from '../sql/literal.ts';
import { PLAIN_VALUES, readStatement } from '../sql/statement.ts';

// A body of multipart/form-data: its fields are parameters as those in the URL, its files are tables that the query may read ("external data for
// query processing"), in the form that the parameters NAME_format and NAME_structure or NAME_types say. Source: src/Core/ExternalTable.cpp.

const LIMITS = { fieldNameSize: 1_000, fieldSize: 2 ** 20, fields: 1_000, files: 100, parts: 1_100 } as const;

export interface Form {
  readonly fields: readonly (readonly [name: string, value: string])[];
  readonly tables: readonly { readonly name: string; readonly file: SpooledFile }[];
  /** Removes the tables' files. */
  remove(): Promise<void>;
}

/** A table that comes with a query. */
export interface ExternalTable {
  readonly name: string;
  /** Its CREATE statement: it may hold functions, so the guard has to see it. */
  readonly create: string;
  readonly insert: string;
}

/** Reads a form whole; the files of it go to the spool. @throws ClickHouseException for a form past its limits or cut off */
export async function readForm(request: IncomingMessage, body: Readable, spool: Spool): Promise<Form> {
  const fields: [string, string][] = [];
  const kept: Promise<{ name: string; file: SpooledFile }>[] = [];
  const remove = async (): Promise<void> => {
    for (const one of await Promise.allSettled(kept)) if (one.status === 'fulfilled') await one.value.file.remove();
  };
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const refuse = (reason: string) => reject(ClickHouseException.of('BAD_ARGUMENTS', `The form is refused: ${reason}.`));
  const parser = createParser(request);
  parser.on('field', (name: string, value: string, _nameCut: boolean, valueCut: boolean) => {
    if (valueCut) refuse(`the field ${JSON.stringify(name)} is longer than ${LIMITS.fieldSize} bytes`);
    fields.push([name, value]);
  });
  parser.on('file', (name: string, stream: BusboyFileStream) => {
    const keeping = spool.keep(Buffer.alloc(0), stream).then((file) => ({ name, file }));
    keeping.catch(reject);
    kept.push(keeping);
  });
  parser.on('partsLimit', () => refuse(`more than ${LIMITS.parts} parts`));
  parser.on('fieldsLimit', () => refuse(`more than ${LIMITS.fields} fields`));
  parser.on('filesLimit', () => refuse(`more than ${LIMITS.files} files`));
  parser.on('finish', () => resolve());
  parser.on('error', (error: unknown) => refuse(error instanceof Error ? error.message : String(error)));
  body.on('error', reject);
  body.on('close', () => {
    if (!body.readableEnded) reject(new Error('the client went away before the end of its form'));
  });
  body.pipe(parser);
  try {
    await promise;
    return { fields, tables: await Promise.all(kept), remove };
  } catch (error) {
    body.unpipe(parser);
    // What is left is read and thrown away, so that the answer can go out.
    body.resume();
    parser.destroy();
    await remove();
    throw error;
  }
}

function createParser(request: IncomingMessage): BusboyInstance {
  const type = request.headers['content-type'] ?? '';
  try {
    return new Busboy({ headers: { 'content-type': type }, limits: LIMITS });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw ClickHouseException.of(
      'BAD_ARGUMENTS',
      `The form's Content-Type ${JSON.stringify(type)} is refused: ${reason}.`,
    );
  }
}

/** The statements that make the tables of a form. @throws ClickHouseException where the parameters do not say what a table looks like */
export function externalTables(form: Form, search: URLSearchParams): readonly ExternalTable[] {
  return form.tables.map(({ name, file }) => {
    if (!/^[A-Za-z_]\w*$/.test(name)) throw badTable(`${JSON.stringify(name)} is not the name of a table`);
    const format = search.get(`${name}_format`) || 'TabSeparated';
    if (!/^\w+$/.test(format)) throw badTable(`${name}_format is not the name of a format`);
    const create = `CREATE TEMPORARY TABLE ${identifier(name)} (${structureOf(name, search)})`;
    // Refuses what is more than one statement.
    readStatement(Buffer.from(create), true);
    const settings = /^values$/i.test(format) ? `SETTINGS ${PLAIN_VALUES}` : '';
    return {
      name,
      create,
      insert: `INSERT INTO ${identifier(name)} FROM INFILE ${stringLiteral(file.path)} COMPRESSION 'none' ${settings} FORMAT ${format}`,
    };
  });
}

function structureOf(name: string, search: URLSearchParams): string {
  const structure = search.get(`${name}_structure`);
  if (structure) return structure;
  const types = search.get(`${name}_types`);
  if (!types)
    throw badTable(
      `expected ${name}_structure=column Type, … or ${name}_types=Type,… for the table ${name}, found neither`,
    );
  return splitTypes(types)
    .map((type, index) => `_${index + 1} ${type}`)
    .join(', ');
}

/** At the commas outside of brackets. */
function splitTypes(types: string): readonly string[] {
  const found: string[] = [''];
  let depth = 0;
  for (const char of types) {
    if (char === ',' && depth === 0) {
      found.push('');
      continue;
    }
    if (char === '(') depth += 1;
    if (char === ')') depth -= 1;
    found[found.length - 1] += char;
  }
  return found;
}

function badTable(reason: string): ClickHouseException {
  return ClickHouseException.of('BAD_ARGUMENTS', `External table: ${reason}.`);
}

/** Makes the tables in a session. */
export async function createTables(
  tables: readonly ExternalTable[],
  session: EngineSession,
  check: (session: EngineSession, statement: string) => Promise<void>,
): Promise<void> {
  for (const { create, insert } of tables) {
    await check(session, create);
    await session.run(create, 'Null');
    await session.run(insert, 'Null');
  }
}

/** Takes the tables out of a session that goes on. */
export async function dropTables(tables: readonly ExternalTable[], session: EngineSession): Promise<void> {
  for (const { name } of tables) await session.run(`DROP TEMPORARY TABLE IF EXISTS ${identifier(name)}`, 'Null');
}
