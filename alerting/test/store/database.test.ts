import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openDatabase } from '../../src/store/database.ts';
import type { Migration } from '../../src/store/migrations.ts';
import { readMigrations } from '../../src/store/migrations.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tocsin-store-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const things: Migration = { number: 1, name: 'things', sql: 'CREATE TABLE things (id INTEGER PRIMARY KEY) STRICT' };
const parts: Migration = { number: 2, name: 'parts', sql: 'CREATE TABLE parts (id INTEGER REFERENCES things) STRICT' };
const open = (...migrations: Migration[]) => openDatabase(join(folder, 'a/b.sqlite'), 1_000, migrations);
const ids = (database: ReturnType<typeof open>) =>
  database
    .prepare('SELECT id FROM things ORDER BY id')
    .all()
    .map((row) => row['id']);
const add = (database: ReturnType<typeof open>, id: number) =>
  void database.prepare('INSERT INTO things VALUES (?)').run(id);

describe('openDatabase', () => {
  test('makes the folder, applies the shipped migrations and opens again', () => {
    const path = join(folder, 'new/alerting.sqlite');
    openDatabase(path).close();
    const database = openDatabase(path);
    const applied = database.prepare('SELECT number FROM migrations').all();
    expect(applied).toHaveLength(readMigrations().length);
    database.close();
    database.close();
  });

  test('gives every migration a number of its own', () => {
    const numbers = readMigrations().map(({ number }) => number);
    expect(new Set(numbers).size).toBe(numbers.length);
  });

  test('is durable, waits for locks and holds foreign keys', () => {
    const database = open(things, parts);
    expect(database.prepare('PRAGMA journal_mode').get()).toMatchObject({ journal_mode: 'wal' });
    expect(database.prepare('PRAGMA synchronous').get()).toMatchObject({ synchronous: 2 });
    expect(database.prepare('PRAGMA busy_timeout').get()).toMatchObject({ timeout: 5_000 });
    expect(() => database.prepare('INSERT INTO parts VALUES (7)').run()).toThrow(/FOREIGN KEY/);
    database.close();
  });

  test('applies only what is missing, also below the highest number', () => {
    open({ ...parts, sql: 'CREATE TABLE parts (id INTEGER)' }).close();
    const database = open(things, parts);
    add(database, 1);
    expect(ids(database)).toEqual([1]);
    database.close();
  });

  test('refuses a database newer than it is', () => {
    open(things, parts).close();
    expect(() => open(things)).toThrow(expect.objectContaining({ code: 'TOCSIN_ALERTING_STORE_NEWER' }));
  });

  test('refuses a database whose migration has another name', () => {
    open(things).close();
    expect(() => open({ ...things, name: 'other' })).toThrow(
      expect.objectContaining({ code: 'TOCSIN_ALERTING_STORE_FOREIGN' }),
    );
  });

  test('undoes a migration that fails half way, and works once it is mended', () => {
    const broken = { ...parts, sql: 'CREATE TABLE parts (id INTEGER); CREATE TABLE things (id INTEGER)' };
    expect(() => open(things, broken)).toThrow(expect.objectContaining({ code: 'TOCSIN_ALERTING_STORE_MIGRATION' }));
    open(things, parts).close();
  });

  test('lets two processes that start at once migrate one after the other', () => {
    const first = open(things);
    const second = open(things);
    add(first, 1);
    add(second, 2);
    expect(ids(first)).toEqual([1, 2]);
    first.close();
    second.close();
  });
});

describe('transaction', () => {
  test('keeps all of it or nothing', () => {
    const database = open(things);
    database.transaction(() => add(database, 1));
    const fail = () =>
      database.transaction(() => {
        add(database, 2);
        throw new Error('no');
      });
    expect(fail).toThrow('no');
    expect(ids(database)).toEqual([1]);
    database.close();
  });

  test('inside another one undoes only its part when the outer goes on', () => {
    const database = open(things);
    database.transaction(() => {
      add(database, 1);
      expect(() =>
        database.transaction(() => {
          add(database, 2);
          throw new Error('no');
        }),
      ).toThrow('no');
      database.transaction(() => add(database, 3));
    });
    expect(ids(database)).toEqual([1, 3]);
    database.close();
  });

  test('inside another one is undone with it', () => {
    const database = open(things);
    const fail = () =>
      database.transaction(() => {
        database.transaction(() => add(database, 1));
        throw new Error('no');
      });
    expect(fail).toThrow('no');
    expect(ids(database)).toEqual([]);
    database.close();
  });

  test('refuses async work and undoes what it did before it waited', () => {
    const database = open(things);
    expect(() =>
      database.transaction(async () => {
        add(database, 1);
        await Promise.resolve();
      }),
    ).toThrow(TypeError);
    expect(ids(database)).toEqual([]);
    database.close();
  });
});
