import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestClickHouse, type TestClickHouse } from '../../src/testing/index.ts';
import { run, send } from './support.ts';

let server: TestClickHouse;
let target: string;

beforeAll(async () => {
  server = await startTestClickHouse();
  target = await mkdtemp(join(tmpdir(), 'tocsin-backup-target-'));
  await mkdir(join(server.dataDir, 'clickhouse/backups'), { recursive: true });
  await symlink(target, join(server.dataDir, 'clickhouse/backups/target'));
  await run(server, 'CREATE TABLE otel.t (a UInt64) ENGINE = MergeTree ORDER BY a');
  await run(server, 'INSERT INTO otel.t SELECT number FROM numbers(1000)');
});

afterAll(async () => {
  await server.stop();
  await rm(target, { recursive: true, force: true });
});

describe('BACKUP and RESTORE in the embedded ClickHouse', () => {
  it('go to a place below the folder for backups, and come back under another name', async () => {
    await run(server, `BACKUP DATABASE otel TO File('target/one/clickhouse')`);
    await run(server, 'INSERT INTO otel.t SELECT number FROM numbers(1000, 10)');
    await run(
      server,
      `BACKUP DATABASE otel TO File('target/two/clickhouse') SETTINGS base_backup = File('target/one/clickhouse'), async = 1`,
    );
    await expect
      .poll(() => run(server, `SELECT status FROM system.backups WHERE name LIKE '%two%' FORMAT TSVRaw`))
      .toBe('BACKUP_CREATED\n');
    await run(server, `RESTORE DATABASE otel AS again FROM File('target/two/clickhouse')`);
    expect(await run(server, 'SELECT count(), sum(a) FROM again.t FORMAT TSVRaw')).toBe('1010\t509545\n');
  });

  it.each([
    ['a path outside', `BACKUP DATABASE otel TO File('/tmp/tocsin-never')`],
    ['a path that climbs out', `BACKUP DATABASE otel TO File('target/../../x')`],
    ['a hidden name', `BACKUP DATABASE otel TO File('target/.x')`],
    ['a path in an expression', `BACKUP DATABASE otel TO File(concat('a', 'b'))`],
    ['a disk', `BACKUP DATABASE otel TO Disk('default', 'x')`],
    ['another machine', `BACKUP DATABASE otel TO S3('http://127.0.0.1:9/b', 'k', 's')`],
    [
      'another machine as base',
      `BACKUP DATABASE otel TO File('target/x') SETTINGS base_backup = S3('http://127.0.0.1:9/b', 'k', 's')`,
    ],
    ['a base outside', `BACKUP DATABASE otel TO File('target/x') SETTINGS base_backup = File('/etc')`],
    ['all databases', `BACKUP ALL TO File('target/x')`],
    ['one table', `BACKUP TABLE otel.t TO File('target/x')`],
    ['a second database', `BACKUP DATABASE otel, DATABASE system TO File('target/x')`],
    ['the engine’s own', `BACKUP DATABASE system TO File('target/x')`],
    ['restoring over the engine’s own', `RESTORE DATABASE otel AS system FROM File('target/two/clickhouse')`],
    ['another setting', `BACKUP DATABASE otel TO File('target/x') SETTINGS storage_policy = 'other'`],
    ['a restore from outside', `RESTORE DATABASE otel AS o3 FROM File('/etc')`],
  ])('refuse %s', async (_what, statement) => {
    const { status, text } = await send(server, {}, { method: 'POST', body: statement });
    expect(text).toMatch(/ACCESS_DENIED|SETTING_CONSTRAINT_VIOLATION/);
    expect(status).not.toBe(200);
  });

  it('are not for readers', async () => {
    const response = await fetch(server.address, { method: 'POST', body: `BACKUP DATABASE otel TO File('target/r')` });
    expect(await response.text()).toContain('ACCESS_DENIED');
  });
});
