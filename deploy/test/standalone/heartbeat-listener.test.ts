import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig, type TocsinConfig } from '@tocsin/service/config';
import { applyListen } from '@tocsin/service/effective-config';
import { readInvocation } from '@tocsin/service/invocation';
import { expect, test } from 'vitest';
import { addressesOf, isListening } from '../../src/standalone/addresses.ts';
import { formatBanner } from '../../src/standalone/banner.ts';

async function load(text: string): Promise<TocsinConfig> {
  const folder = await mkdtemp(join(tmpdir(), 'tocsin-heartbeat-'));
  try {
    const file = join(folder, 'tocsin.yaml');
    await writeFile(file, text);
    return await loadConfig({ file, env: {}, workingDir: folder });
  } finally {
    await rm(folder, { recursive: true });
  }
}

const JOB = 'monitors: [{ name: backup, heartbeat: backup-0123456789abcdef, period: 1h }]';

test('the address for heartbeats may be overridden on the command line like every other', async () => {
  const { listen } = readInvocation(['--listen', 'checker.heartbeat.listen=127.0.0.1:17602'], {}, tmpdir());
  const config = applyListen(await load(JOB), listen);
  expect(addressesOf(config)['checker.heartbeat.listen']).toEqual({ host: '127.0.0.1', port: 17_602 });
});

test('its port is wanted only where there is a job to call', async () => {
  const [without, withJob] = [await load('monitors: []'), await load(JOB)];
  expect([isListening('checker.heartbeat.listen', without), isListening('checker.http', without)]).toEqual([
    false,
    true,
  ]);
  expect(isListening('checker.heartbeat.listen', withJob)).toBe(true);
});

test('people are told where jobs call, once something listens there', async () => {
  const facts = { version: '1', configFile: undefined, dataDir: '/data', tookMs: 1_000, notReady: [] };
  const config = await load(JOB);
  const url = 'http://127.0.0.1:7602';
  const told = formatBanner({ ...facts, config, endpoints: { 'checker.heartbeat.listen': url } });
  expect(told).toMatch(
    /^ {2}Heartbeats +http:\/\/127\.0\.0\.1:7602 +checker\.heartbeat\.listen: jobs call \/ping\/TOKEN$/m,
  );
  expect(formatBanner({ ...facts, config, endpoints: {} })).not.toContain('Heartbeats');
});
