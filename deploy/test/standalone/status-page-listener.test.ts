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
  const folder = await mkdtemp(join(tmpdir(), 'tocsin-status-'));
  try {
    const file = join(folder, 'tocsin.yaml');
    await writeFile(file, text);
    return await loadConfig({ file, env: {}, workingDir: folder });
  } finally {
    await rm(folder, { recursive: true });
  }
}

const SHOP = 'monitors: [{ name: shop, http: "http://localhost/" }]\n';

test('the port of the status page may be overridden on the command line', async () => {
  const { listen } = readInvocation(['--listen', 'status_page.listen=127.0.0.1:17603'], {}, tmpdir());
  const config = applyListen(await load(SHOP), listen);
  expect(addressesOf(config)['status_page.listen']).toEqual({ host: '127.0.0.1', port: 17_603 });
});

test('the port of the status page is wanted only where a monitor is chosen', async () => {
  expect(isListening('status_page.listen', await load(SHOP))).toBe(false);
  expect(isListening('status_page.listen', await load(`${SHOP}status_page: { monitors: [shop] }`))).toBe(true);
});

test('people are told where the public reads, once something listens there', async () => {
  const facts = { version: '1', configFile: undefined, dataDir: '/data', tookMs: 1_000, notReady: [] };
  const config = await load(SHOP);
  const endpoints = { 'status_page.listen': 'http://127.0.0.1:7603' };
  expect(formatBanner({ ...facts, config, endpoints })).toMatch(
    /^ {2}Status page +http:\/\/127\.0\.0\.1:7603 +status_page\.listen: for the public$/m,
  );
  expect(formatBanner({ ...facts, config, endpoints: {} })).not.toContain('Status page');
});
