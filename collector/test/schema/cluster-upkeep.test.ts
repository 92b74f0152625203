import { silentLogger } from '@tocsin/service/log';
import { expect, test } from 'vitest';
import { dropPartition, readDiskState } from '../../src/schema/disk/disk-state.ts';
import { createDatabase, migrate } from '../../src/schema/migrate.ts';
import { applyRetention } from '../../src/schema/retention.ts';
import { checkServerVersion } from '../../src/schema/server-check.ts';
import { startRecordedServer } from './recorded-server.ts';

const cluster = { name: 'main', database: 'otel' };
const log = silentLogger();
const MIGRATIONS = [
  {
    version: 1,
    name: '0001-x',
    statements: [
      'CREATE TABLE IF NOT EXISTS otel_logs (Timestamp DateTime) ENGINE = MergeTree ORDER BY Timestamp SETTINGS non_replicated_deduplication_window = 10',
    ],
  },
];
const LOCAL = expect.stringMatching(/^CREATE TABLE IF NOT EXISTS otel_logs_local ON CLUSTER 'main' /);
const PUBLIC = expect.stringMatching(/^CREATE TABLE IF NOT EXISTS otel_logs ON CLUSTER 'main' AS otel_logs_local\n/);

test('a cluster gets its database, one table of migrations for all hosts, and the tables', async () => {
  const { client, told } = await startRecordedServer(() => []);
  await createDatabase(client, 'otel', cluster);
  expect(await migrate(client, MIGRATIONS, log, cluster)).toEqual(['0001-x']);
  expect(told).toEqual([
    "CREATE DATABASE IF NOT EXISTS `otel` ON CLUSTER 'main'",
    `CREATE TABLE IF NOT EXISTS tocsin_migrations ON CLUSTER 'main'
(
    \`Version\` UInt32,
    \`Name\` String,
    \`AppliedAt\` DateTime64(3) DEFAULT now64(3)
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/main/all/otel/tocsin_migrations', '{shard}-{replica}')
ORDER BY Version
SETTINGS replicated_deduplication_window = 1000`,
    expect.stringContaining('FROM tocsin_migrations'),
    LOCAL,
    PUBLIC,
    expect.stringMatching(/^INSERT INTO tocsin_migrations /),
  ]);
});

test('hosts that joined later get the tables; where all have them nothing is done', async () => {
  for (const complete of [2, 3]) {
    const { client, told } = await startRecordedServer((statement) =>
      statement.includes('FROM tocsin_migrations')
        ? [{ version: 1, name: '0001-x' }]
        : statement.includes('clusterAllReplicas')
          ? [{ hosts: 3, complete }]
          : [],
    );
    expect(await migrate(client, MIGRATIONS, log, cluster)).toEqual([]);
    expect(told[2]).toContain("SELECT hostName() AS host FROM clusterAllReplicas('main', system.tables)");
    expect(told.slice(3)).toEqual(complete === 2 ? [LOCAL, PUBLIC] : []);
  }
});

test('retention changes the local tables of every shard, and hosts that differ are brought in line', async () => {
  const wanted = 'toDateTime(Timestamp) + toIntervalSecond(604800)';
  let ttl = `${wanted} | toDateTime(Timestamp) + toIntervalSecond(60)`;
  const { client, told } = await startRecordedServer((statement) => {
    if (statement.startsWith('ALTER')) ttl = wanted;
    return statement.startsWith('SELECT') ? [{ name: 'otel_logs_local', ttl }] : [];
  });
  const keep = { tracesMs: 0, metricsMs: 0, logsMs: 604_800_000, rollupsMs: 0 };
  expect(await applyRetention(client, keep, log, cluster)).toEqual([
    { table: 'otel_logs', wantedS: 604_800, inForceS: 604_800, isApplied: true, hasChanged: true },
  ]);
  expect(told[0]).toContain("FROM clusterAllReplicas('main', system.tables)\nWHERE database = 'otel'");
  expect(told.filter((statement) => statement.startsWith('ALTER'))).toEqual([
    `ALTER TABLE otel_logs_local ON CLUSTER 'main' MODIFY TTL ${wanted}`,
  ]);
});

test('on a cluster the fullest disk of all hosts counts, and a partition goes on every shard', async () => {
  const { client, told } = await startRecordedServer((statement) => {
    if (statement.includes('system.disks')) return [{ host: 'ch1', disk: 'default', free: 5, total: 10, pending: 1 }];
    return statement.startsWith('SELECT')
      ? [{ table: 'otel_logs_local', partition: '2026-11-20', id: '20261120', bytes: 7 }]
      : [];
  });
  const partition = { table: 'otel_logs', partition: '2026-11-20', id: '20261120', bytes: 7 };
  expect(await readDiskState(client, cluster)).toEqual({
    disk: 'ch1:default',
    freeBytes: 5,
    totalBytes: 10,
    pendingBytes: 1,
    partitions: [partition],
  });
  await dropPartition(client, partition, cluster);
  expect(told.at(-1)).toBe("ALTER TABLE otel_logs_local ON CLUSTER 'main' DROP PARTITION ID '20261120'");
});

test('a server that is too old is refused with a sentence', async () => {
  const { client } = await startRecordedServer(() => [{ version: '24.8.4.13' }]);
  await expect(checkServerVersion(client)).rejects.toMatchObject({
    code: 'server_too_old',
    message:
      'this ClickHouse is too old: the ClickHouse server is 24.8.4.13; Tocsin needs 25.8 or newer. Upgrade the server, or leave clickhouse.url unset to use the embedded ClickHouse',
  });
});
