import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readMigrations, splitStatements, tablesOf } from '../../src/schema/migrations.ts';
import { parseStatement } from '../../src/schema/statement/statement.ts';

/** The forms that `statement.ts` lets through now: new tables and views, and changes of metadata. */
const REWRITES_NOTHING: ReadonlySet<string> = new Set(['create_table', 'create_view', 'replace_view', 'alter_table']);

test('migrations have a number each, in order', async () => {
  const versions = (await readMigrations()).map(({ version }) => version);
  expect(versions).toEqual([...new Set(versions)].toSorted((a, b) => a - b));
  expect(versions.slice(0, 8)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
});

test('every statement changes nothing the second time and never blocks a live table', async () => {
  for (const { name, statements } of await readMigrations()) {
    expect(statements.length, name).toBeGreaterThan(0);
    for (const statement of statements) expect(() => parseStatement(statement), name).not.toThrow();
  }
});

test('every migration says in its first line what it rewrites, and how long that took on how much', async () => {
  const folder = join(import.meta.dirname, '../../src/schema/migrations');
  for (const { name, statements } of await readMigrations()) {
    const [first = ''] = (await readFile(join(folder, `${name}.sql`), 'utf8')).split('\n');
    expect(first, name).toMatch(/^-- Rewrites: (?:nothing|.+; [\d.]+ s for [\d,.]+ (?:million )?rows \(.+\))\.$/);
    // A form that rewrites would have to join `parseStatement` first, and say so here.
    const rewrites = statements.map(parseStatement).some(({ kind }) => !REWRITES_NOTHING.has(kind));
    expect(rewrites, name).toBe(first !== '-- Rewrites: nothing.');
  }
});

test('every table with rows knows what it has inserted, and drops whole parts', async () => {
  for (const { name, statements } of await readMigrations()) {
    for (const statement of statements.map(parseStatement)) {
      if (statement.kind !== 'create_table' || statement.engine === 'Null') continue;
      expect(statement.sql, name).toContain('non_replicated_deduplication_window = 10000');
      expect(statement.sql, name).toContain('ttl_only_drop_parts = 1');
      expect(statement.sql, name).toContain('materialize_ttl_recalculate_only = 1');
    }
  }
});

test('the tables of the migrations are told by name', async () => {
  expect(tablesOf(await readMigrations())).toEqual(
    expect.arrayContaining(['otel_traces', 'otel_traces_trace_id_ts', 'otel_logs', 'otel_metrics_summary']),
  );
});

test('a file is split at semicolons that end a line', () => {
  expect(splitStatements("SELECT ';' ;\n-- next; one\nSELECT 2;")).toEqual(["SELECT ';'", '-- next; one\nSELECT 2']);
});
