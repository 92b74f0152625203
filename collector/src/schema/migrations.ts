import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** One numbered step of the schema. */
export interface Migration {
  readonly version: number;
  /** The file's name without its ending, as `0001-traces`. */
  readonly name: string;
  /**
   * Its statements. Each may run twice, even at the same time in two processes, and must then change nothing
   * (`IF NOT EXISTS`): ClickHouse has no transaction around them.
   */
  readonly statements: readonly string[];
}

const FILE = /^(\d{4})-[a-z0-9-]+\.sql$/;

/** Reads the migrations that this version of Tocsin brings, in order. */
export async function readMigrations(): Promise<readonly Migration[]> {
  const directory = join(import.meta.dirname, 'migrations');
  const files = (await readdir(directory)).filter((file) => FILE.test(file)).toSorted();
  return Promise.all(
    files.map(async (file) => ({
      version: Number(file.slice(0, 4)),
      name: file.slice(0, -'.sql'.length),
      statements: splitStatements(await readFile(join(directory, file), 'utf8')),
    })),
  );
}

/** Splits a file into its statements: each ends with a semicolon at the end of a line. */
export function splitStatements(sql: string): readonly string[] {
  return sql
    .split(/;[ \t]*(?:\r?\n|$)/)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '');
}

/** The public names of the tables that migrations make, views not among them; of those for a cluster as of those for a single node. */
export function tablesOf(migrations: readonly Migration[]): readonly string[] {
  const names = migrations
    .flatMap(({ statements }) => statements)
    .flatMap((statement) => /^(?:--[^\n]*\n)*CREATE TABLE IF NOT EXISTS (\w+)/.exec(statement)?.[1] ?? []);
  return [...new Set(names.map((name) => name.replace(/_local$/, '')))];
}
