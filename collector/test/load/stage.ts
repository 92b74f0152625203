import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TocsinConfig } from '@tocsin/service/config';
import type { TestClickHouse } from '@tocsin/deploy/testing';
import { silentLogger } from '@tocsin/service/log';
import { type JournalHandle, openJournal } from '../../src/journal/journal.ts';
import { createLoader, type Loader } from '../../src/load/loader.ts';
import { testConfig } from './test-config.ts';

/** A journal and a loader in a folder of their own. */
export interface Stage {
  readonly directory: string;
  readonly journal: JournalHandle;
  readonly loader: Loader;
  readonly config: TocsinConfig;
  /** Seals the journal and waits until nothing is left in it. */
  settle(): Promise<void>;
  /** Stops both and removes the folder. */
  close(): Promise<void>;
}

/** Opens a journal and, unless told not to, starts loading it into the ClickHouse at the URL. */
export async function openStage(url: string, { start = true, database = 'otel' } = {}): Promise<Stage> {
  const directory = await mkdtemp(join(tmpdir(), 'tocsin-collector-'));
  const config = testConfig(url, database);
  const log = silentLogger();
  const journal = await openJournal({ directory, ...config.collector.journal, minFreeBytes: 0, log });
  const loader = createLoader({ config, directory, journal, log });
  if (start) loader.start();
  return {
    directory,
    journal,
    loader,
    config,
    settle: () => settle(journal, loader),
    async close() {
      await loader.stop();
      await journal.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Seals and waits until the journal is empty. */
async function settle(journal: JournalHandle, loader: Loader, limitMs = 60_000): Promise<void> {
  const endMs = Date.now() + limitMs;
  await journal.sealAll();
  while (journal.stats().segments > 0) {
    if (Date.now() > endMs) {
      throw new Error(`not loaded after ${limitMs} ms: ${JSON.stringify(loader.state())}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Runs a SELECT; 64-bit integers come as text, exact. */
export async function selectRows(
  clickhouse: TestClickHouse,
  query: string,
): Promise<readonly Record<string, unknown>[]> {
  const client = clickhouse.client();
  try {
    const result = await client.query({
      query,
      format: 'JSONEachRow',
      clickhouse_settings: { output_format_json_quote_64bit_integers: 1 },
    });
    return await result.json<Record<string, unknown>>();
  } finally {
    await client.close();
  }
}
