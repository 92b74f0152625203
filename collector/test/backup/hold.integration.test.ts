import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestClickHouse, type TestClickHouse } from '@tocsin/deploy/testing';
import { silentLogger } from '@tocsin/service/log';
import { readHoldState, removeHoldRequest, writeHoldRequest } from '../../src/backup/hold-files.ts';
import { createBackupHolder } from '../../src/backup/holder.ts';
import { openJournal } from '../../src/journal/journal.ts';
import { createLoader } from '../../src/load/loader.ts';
import { openStage, selectRows, type Stage } from '../load/stage.ts';
import { simpleSpans } from '../load/otlp.ts';

/** Only ends the waiting for what never comes. */
const LONG = { timeout: 60_000 } as const;
let clickhouse: TestClickHouse;

beforeAll(async () => {
  clickhouse = await startTestClickHouse();
});
afterAll(async () => {
  await clickhouse.stop();
});

describe('the loading while a backup is made', () => {
  it('stops for as long as it is held, and a snapshot has what waits', async () => {
    const stage = await openStage(clickhouse.url, { database: 'held' });
    const { directory, loader, journal } = stage;
    const holder = await createBackupHolder({ directory, loader, journal, log: silentLogger(), now: Date.now });
    try {
      await append(stage, 'before');
      await expect.poll(() => names('held'), LONG).toEqual(['before']);
      await writeHoldRequest(directory, { id: 'one', untilMs: Date.now() + 60_000 });
      await expect.poll(() => readHoldState(directory), LONG).toEqual({ id: 'one', phase: 'held', unsettled: 0 });
      await append(stage, 'during');
      await journal.sealAll();
      await new Promise((resolve) => void setTimeout(resolve, 500));
      expect(await names('held')).toEqual(['before']);

      // Another backup begins: the snapshot is laid out anew, now with what waits.
      await writeHoldRequest(directory, { id: 'two', untilMs: Date.now() + 60_000 });
      await expect.poll(() => readHoldState(directory), LONG).toEqual({ id: 'two', phase: 'held', unsettled: 0 });
      const waiting = journal.sealed().map(({ name }) => `${name}.open`);
      expect(waiting.length).toBeGreaterThan(0);
      const snapshot = join(directory, 'backup/snapshot-two');
      expect(await readdir(join(snapshot, 'journal'))).toEqual(waiting);
      expect(JSON.parse(await readFile(join(snapshot, 'producers.json'), 'utf8'))).toMatchObject({ version: 1 });

      await removeHoldRequest(directory);
      await expect.poll(() => readHoldState(directory), LONG).toBeUndefined();
      await expect.poll(() => names('held'), LONG).toEqual(['before', 'during']);
      // The links keep what the journal has forgotten.
      expect(await readdir(join(snapshot, 'journal'))).toEqual(waiting);
    } finally {
      await holder.stop();
      await stage.close();
    }
  }, 180_000);

  it('goes on when the backup is not heard of any more', async () => {
    const stage = await openStage(clickhouse.url, { database: 'killed' });
    const { directory, loader, journal } = stage;
    const holder = await createBackupHolder({ directory, loader, journal, log: silentLogger(), now: Date.now });
    try {
      await append(stage, 'first');
      await expect.poll(() => names('killed'), LONG).toEqual(['first']);
      await writeHoldRequest(directory, { id: 'dies', untilMs: Date.now() + 1_000 });
      await expect.poll(() => readHoldState(directory), LONG).toMatchObject({ phase: 'held' });
      await append(stage, 'second');
      await journal.sealAll();
      await expect.poll(() => names('killed'), LONG).toEqual(['first', 'second']);
      expect(await readHoldState(directory)).toBeUndefined();
    } finally {
      await holder.stop();
      await stage.close();
    }
  }, 180_000);

  it('first loads what an earlier process may have loaded in part', async () => {
    const stage = await openStage(clickhouse.url, { database: 'earlier', start: false });
    await append(stage, 'left');
    await stage.journal.stop();
    const { directory, config } = stage;
    const log = silentLogger();
    const journal = await openJournal({ directory, ...config.collector.journal, minFreeBytes: 0, log });
    const loader = createLoader({ config, directory, journal, log });
    try {
      expect(loader.hold()).toBe(1);
      loader.start();
      await expect.poll(() => loader.hold(), LONG).toBe(0);
      expect(await names('earlier')).toEqual(['left']);
    } finally {
      await loader.stop();
      await journal.stop();
      await rm(directory, { recursive: true, force: true });
    }
  }, 180_000);
});

async function append({ journal }: Stage, name: string): Promise<void> {
  const outcome = await journal.append('traces', simpleSpans('shop', [name]), { items: 1, self: false });
  expect(outcome).toEqual({ status: 'stored' });
}

/** None while the tables are not there. */
async function names(database: string): Promise<readonly unknown[]> {
  const tables = await selectRows(
    clickhouse,
    `SELECT name FROM system.tables WHERE database = '${database}' AND name = 'otel_traces'`,
  );
  if (tables.length === 0) return [];
  const rows = await selectRows(clickhouse, `SELECT SpanName AS name FROM ${database}.otel_traces ORDER BY name`);
  return rows.map(({ name }) => name);
}
