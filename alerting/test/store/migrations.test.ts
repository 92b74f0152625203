import { expect, it } from 'vitest';
import { readMigrations } from '../../src/store/migrations.ts';

/** Statements of SQLite that go through rows that are there. `ALTER TABLE … ADD COLUMN` and `CREATE TRIGGER` do not. */
const REWRITES =
  /^(?:UPDATE|DELETE|REPLACE|INSERT INTO [^;]*SELECT|DROP|VACUUM|REINDEX|ALTER TABLE \w+ (?:DROP|RENAME))\b/im;

it('every migration says in its first line what it rewrites, and how long that took on how much', () => {
  for (const { name, sql } of readMigrations()) {
    const [first = ''] = sql.split('\n');
    expect(first, name).toMatch(/^-- Rewrites: (?:nothing|.+; [\d.]+ s for [\d,.]+ (?:million )?rows \(.+\))\.$/);
    const outsideTriggers = sql.replaceAll(/CREATE TRIGGER[\s\S]*?\bEND;/g, '');
    expect(REWRITES.test(outsideTriggers), name).toBe(first !== '-- Rewrites: nothing.');
  }
});
