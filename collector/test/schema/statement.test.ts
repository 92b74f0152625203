import { expect, test } from 'vitest';
import { parseStatement } from '../../src/schema/statement/statement.ts';

const TABLE = 'CREATE TABLE IF NOT EXISTS t (x UInt8) ENGINE = MergeTree ORDER BY x';

test.each([
  [TABLE, 'create_table'],
  [
    "-- a comment; with 'quotes\nCREATE TABLE IF NOT EXISTS `t` (x Enum8('a)' = 1)) ENGINE = SummingMergeTree((a, b)) ORDER BY x",
    'create_table',
  ],
  ['CREATE TABLE IF NOT EXISTS t (x UInt8) ENGINE = Null', 'create_table'],
  ['CREATE MATERIALIZED VIEW IF NOT EXISTS v TO t AS SELECT 1 FROM s', 'create_view'],
  [
    'CREATE MATERIALIZED VIEW IF NOT EXISTS v TO t (x UInt8) AS WITH a AS (SELECT 1 FROM s) SELECT 1 FROM a',
    'create_view',
  ],
  [
    "ALTER TABLE t ADD COLUMN IF NOT EXISTS a Map(String, String) DEFAULT map('a', 'b, c'), ADD INDEX IF NOT EXISTS i a TYPE minmax",
    'alter_table',
  ],
  ['CREATE OR REPLACE VIEW v AS WITH (SELECT max(x) FROM s) AS a SELECT a, {at:DateTime} AS at', 'replace_view'],
  ['ALTER TABLE t MODIFY SETTING a = 1, b = 2', 'alter_table'],
  ['ALTER TABLE v MODIFY QUERY SELECT a, b FROM t', 'alter_table'],
])('understands %s', (sql, kind) => {
  expect(parseStatement(sql).kind).toBe(kind);
});

test.each([
  ['CREATE TABLE t (x UInt8) ENGINE = MergeTree ORDER BY x', 'expected IF NOT EXISTS, found: t (x UInt8)'],
  ['CREATE TABLE IF NOT EXISTS otel.t (x UInt8) ENGINE = MergeTree', 'expected the name of the table, found: otel.t'],
  ['CREATE TABLE IF NOT EXISTS t AS s', 'expected ( of its columns, found: AS s'],
  ['CREATE TABLE IF NOT EXISTS t (x UInt8', 'expected a ) for the ( of its columns'],
  [`${TABLE} TTL x + INTERVAL 1 DAY`, 'its TTL comes from collector.retention'],
  ['CREATE TABLE IF NOT EXISTS t (x UInt8) ENGINE = MergeTree CLUSTER BY x', 'expected one of PARTITION, ORDER'],
  ['CREATE MATERIALIZED VIEW IF NOT EXISTS v ENGINE = MergeTree AS SELECT 1', 'expected TO, found: ENGINE'],
  ['CREATE MATERIALIZED VIEW IF NOT EXISTS v REFRESH EVERY 1 MINUTE TO t AS SELECT 1 FROM s', 'every replica'],
  ['CREATE MATERIALIZED VIEW IF NOT EXISTS v TO t POPULATE AS SELECT 1 FROM s', 'expected AS, found: POPULATE'],
  ['CREATE VIEW IF NOT EXISTS v AS SELECT 1', 'found: CREATE VIEW'],
  ['CREATE OR REPLACE VIEW v (x UInt8) AS SELECT 1', 'expected AS, found: (x UInt8)'],
  ['CREATE OR REPLACE TABLE t (x UInt8) ENGINE = Null', 'found: CREATE OR REPLACE TABLE'],
  ['ALTER TABLE t ADD COLUMN a String', 'expected one of ADD COLUMN IF NOT EXISTS'],
  ['ALTER TABLE t ADD COLUMN IF NOT EXISTS a String, DROP COLUMN b', 'found: DROP COLUMN b'],
  ['ALTER TABLE t MODIFY COLUMN a UInt64', 'found: MODIFY COLUMN a UInt64'],
  ['ALTER TABLE t MODIFY TTL a + INTERVAL 1 DAY', 'found: MODIFY TTL'],
  ['ALTER TABLE t MATERIALIZE INDEX i', 'found: MATERIALIZE INDEX'],
  ['ALTER TABLE t UPDATE a = 1 WHERE 1', 'found: UPDATE'],
  ['ALTER TABLE t', 'expected an action'],
  [
    'DROP TABLE t',
    'expected CREATE TABLE, CREATE MATERIALIZED VIEW, CREATE OR REPLACE VIEW or ALTER TABLE, found: DROP TABLE t',
  ],
  ['OPTIMIZE TABLE t FINAL', 'found: OPTIMIZE'],
  ['INSERT INTO t SELECT 1', 'found: INSERT'],
])('refuses what would block a table, lose data or do harm the second time: %s', (sql, message) => {
  expect(() => parseStatement(sql)).toThrow(message);
});
