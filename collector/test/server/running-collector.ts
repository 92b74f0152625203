import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '@tocsin/service/config';
import { silentLogger } from '@tocsin/service/log';
import type { RunningService } from '@tocsin/service/run';
import { onTestFinished } from 'vitest';
import { createCollector } from '../../src/app.ts';

/** A data directory that goes with the test. */
export async function makeDataDir(): Promise<string> {
  const dataDir = await mkdtemp(join(tmpdir(), 'tocsin-collector-'));
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
  return dataDir;
}

/** Starts the whole collector on free ports. It stops with the test. */
export async function startCollector(
  dataDir: string,
  clickhouseUrl: string,
): Promise<RunningService & { readonly http: string; readonly grpc: string }> {
  const file = join(dataDir, 'tocsin.yaml');
  await writeFile(
    file,
    `collector: { http: 127.0.0.1:0, grpc: 127.0.0.1:0, journal: { segment_age: 200ms } }\nclickhouse: { url: '${clickhouseUrl}' }\n`,
  );
  const config = await loadConfig({ file, env: {}, workingDir: dataDir });
  const collector = await createCollector({ config, dataDir, log: silentLogger(), onReload: () => undefined });
  onTestFinished(() => collector.stop());
  const { 'collector.http': http = '', 'collector.grpc': grpc = '' } = collector.listening;
  return { ...collector, http, grpc };
}
