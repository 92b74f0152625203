import { expect, test } from 'vitest';
import { readMigrations, splitStatements } from '../../src/schema/migrations.ts';

test('migrations are numbered from 1 without gaps', async () => {
  const migrations = await readMigrations();
  expect(migrations.map(({ version }) => version)).toEqual(migrations.map((_, index) => index + 1));
});

test('every statement of a migration changes nothing when it runs a second time', async () => {
  const idempotent =
    /^(--[^\n]*\n)*(CREATE (TABLE|MATERIALIZED VIEW) IF NOT EXISTS|ALTER TABLE \S+ ADD (COLUMN|INDEX) IF NOT EXISTS) /;
  for (const { name, statements } of await readMigrations()) {
    for (const statement of statements) expect(statement, name).toMatch(idempotent);
  }
});

test('every table with rows knows what it has inserted', async () => {
  for (const { name, statements } of await readMigrations()) {
    for (const statement of statements.filter((sql) => sql.includes('CREATE TABLE'))) {
      expect(statement, name).toContain('non_replicated_deduplication_window = 10000');
      expect(statement, name).toContain('ttl_only_drop_parts = 1');
    }
  }
});

test('a file is split at semicolons that end a line', () => {
  expect(splitStatements("SELECT ';' ;\n-- next; one\nSELECT 2;")).toEqual(["SELECT ';'", '-- next; one\nSELECT 2']);
});
