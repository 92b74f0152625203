import { join } from 'node:path';
import { expect, test } from 'vitest';
import { renderForCluster } from '../../src/schema/cluster/render.ts';
import { readMigrations } from '../../src/schema/migrations.ts';
import { judgeEngine } from '../../src/schema/server-check.ts';

const cluster = { name: 'main', database: 'otel' };
const WINDOW = 'SETTINGS non_replicated_deduplication_window = 100';

function render(keys: Readonly<Record<string, string>>, ...statements: readonly string[]): readonly string[] {
  return renderForCluster([{ version: 1, name: '0001-x', statements }], cluster, keys)[0]?.statements ?? [];
}

/** The whole text of each migration as a cluster gets it. A new migration gets its file with `vitest -u`: read it before you commit it. */
test('the statements for a cluster are exactly these', async () => {
  for (const { name, statements } of renderForCluster(await readMigrations(), cluster)) {
    const text = `${statements.join(';\n\n')};\n`;
    await expect(text).toMatchFileSnapshot(join(import.meta.dirname, 'cluster-statements', `${name}.sql`));
  }
});

test('a rollup, its view and a landing table', () => {
  const rendered = render(
    { landing: 'cityHash64(id)' },
    'CREATE TABLE IF NOT EXISTS landing (id String, n UInt64) ENGINE = Null',
    `CREATE TABLE IF NOT EXISTS sums (id String, n UInt64) ENGINE = SummingMergeTree((n)) ORDER BY id ${WINDOW}`,
    'CREATE MATERIALIZED VIEW IF NOT EXISTS sums_mv TO sums AS WITH few AS (SELECT id, n FROM landing ARRAY JOIN [1] AS one) SELECT a.id, sum(a.n) AS n FROM few AS a INNER JOIN landing AS b USING (id) GROUP BY id',
  );
  const memory =
    'SETTINGS replicated_deduplication_window_seconds = 604800,\n    replicated_deduplication_window = 100';
  expect(rendered).toEqual([
    "CREATE TABLE IF NOT EXISTS landing_local ON CLUSTER 'main' (id String, n UInt64) ENGINE = Null",
    "CREATE TABLE IF NOT EXISTS landing ON CLUSTER 'main' AS landing_local\nENGINE = Distributed('main', 'otel', 'landing_local', cityHash64(id))",
    `CREATE TABLE IF NOT EXISTS sums_local ON CLUSTER 'main' (id String, n UInt64) ENGINE = ReplicatedSummingMergeTree('/clickhouse/tables/main/{shard}/otel/sums_local', '{replica}', (n)) ORDER BY id ${memory}`,
    "CREATE TABLE IF NOT EXISTS sums ON CLUSTER 'main' AS sums_local\nENGINE = Distributed('main', 'otel', 'sums_local')",
    "CREATE MATERIALIZED VIEW IF NOT EXISTS sums_mv ON CLUSTER 'main' TO sums_local AS WITH few AS (SELECT id, n FROM landing_local ARRAY JOIN [1] AS one) SELECT a.id, sum(a.n) AS n FROM few AS a INNER JOIN landing_local AS b USING (id) GROUP BY id",
  ]);
});

test('a change of a table goes to the local one, and its columns to the Distributed one as well', () => {
  const table = `CREATE TABLE IF NOT EXISTS t (x UInt8) ENGINE = MergeTree ORDER BY x ${WINDOW}`;
  const keys = { t: 'x' };
  const after = (alter: string): readonly string[] => render(keys, table, alter).slice(2);
  expect(
    after("ALTER TABLE t ADD COLUMN IF NOT EXISTS y String DEFAULT 'a, b', ADD INDEX IF NOT EXISTS i y TYPE minmax"),
  ).toEqual([
    "ALTER TABLE t_local ON CLUSTER 'main' ADD COLUMN IF NOT EXISTS y String DEFAULT 'a, b', ADD INDEX IF NOT EXISTS i y TYPE minmax",
    "ALTER TABLE t ON CLUSTER 'main' ADD COLUMN IF NOT EXISTS y String DEFAULT 'a, b'",
  ]);
  expect(after('ALTER TABLE t MODIFY SETTING index_granularity = 1, merge_with_ttl_timeout = 2')).toEqual([
    "ALTER TABLE t_local ON CLUSTER 'main' MODIFY SETTING index_granularity = 1, merge_with_ttl_timeout = 2",
  ]);
  const view = 'CREATE MATERIALIZED VIEW IF NOT EXISTS v TO t AS SELECT x FROM t';
  expect(render(keys, table, view, 'ALTER TABLE v MODIFY QUERY SELECT x FROM t').at(-1)).toBe(
    "ALTER TABLE v ON CLUSTER 'main' MODIFY QUERY SELECT x FROM t_local",
  );
});

test('a view that is only read reads the Distributed tables', () => {
  const table = `CREATE TABLE IF NOT EXISTS t (x UInt8) ENGINE = MergeTree ORDER BY x ${WINDOW}`;
  const view = 'CREATE OR REPLACE VIEW v AS WITH (SELECT max(x) FROM t) AS newest SELECT x FROM t WHERE x = newest';
  expect(render({ t: 'x' }, table, view).at(-1)).toBe(view.replace(' v ', " v ON CLUSTER 'main' "));
});

const T = `CREATE TABLE IF NOT EXISTS t (x UInt8) ENGINE = MergeTree ORDER BY x ${WINDOW}`;
const view = (select: string): string => `CREATE MATERIALIZED VIEW IF NOT EXISTS v TO t AS ${select}`;

test.each([
  ['a table that nothing fills and that has no sharding key', [T.replace(' t ', ' other ')], 'neither a view fills it'],
  ['a table without a memory of inserts', [T.replace(WINDOW, '')], 'a repeated insert would double its rows'],
  [
    'an engine without a replicated form',
    [T.replace('MergeTree', 'Memory')],
    'the engine Memory has no replicated form',
  ],
  [
    'a view of a table that is not there',
    [T, view('SELECT 1 FROM elsewhere')],
    'reads elsewhere, which no migration makes',
  ],
  [
    'a view for readers of a table that is not there',
    [T, 'CREATE OR REPLACE VIEW v AS SELECT 1 FROM elsewhere'],
    'reads elsewhere, which no migration makes',
  ],
  ['a view that reads nothing', [T, view('SELECT 1')], 'reads no table'],
  ['a view into nothing', ['CREATE MATERIALIZED VIEW IF NOT EXISTS v TO u AS SELECT 1 FROM t'], 'there is no table u'],
  ['a column with its table', [T, view('SELECT t.x FROM t')], 'columns are named without it'],
  ['a table in another place', [T, view("SELECT dictGet('d', t) FROM t")], 'a table stands after FROM or JOIN'],
  ['a table with its database', [T, view('SELECT 1 FROM otel.t')], 'a migration names no database'],
  ['a change of a table that is not there', ['ALTER TABLE u MODIFY SETTING a = 1'], 'there is none to alter'],
])('refuses %s', (_what, statements, message) => {
  expect(() => render({ t: 'x' }, ...statements)).toThrow(message);
});

test('tables that are not what the configuration asks for are refused', () => {
  const judge = (engine: string, of: typeof cluster | undefined, servers: number): string | undefined =>
    judgeEngine({ name: 'otel_traces', engine }, of, servers)?.code;
  expect(judge('Distributed', cluster, 2)).toBeUndefined();
  expect(judge('MergeTree', cluster, 2)).toBe('schema_not_clustered');
  expect(judge('Distributed', undefined, 1)).toBe('schema_clustered');
  expect(judge('MergeTree', undefined, 1)).toBeUndefined();
  expect(judge('MergeTree', undefined, 2)).toBe('servers_not_replicated');
  expect(judge('SharedMergeTree', undefined, 2)).toBeUndefined();
  expect(judge('ReplicatedAggregatingMergeTree', undefined, 2)).toBeUndefined();
});
