import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { loadConfig } from '../src/config/index.ts';

const SIZE = 'a size such as 64MiB or 2GiB';
const DURATION = 'a duration above zero such as 10s or 5m';

it.each([
  ['url: collector:4318', 'url: expected an http:// or https:// URL, found "collector:4318"'],
  ['journal: { min_free_disk: 10% }', `journal.min_free_disk: expected ${SIZE}, found "10%"`],
  ['dead_letters: { max_size: lots }', `dead_letters.max_size: expected ${SIZE}, found "lots"`],
  ['load: { timeout: 0s }', `load.timeout: expected ${DURATION}, found "0s"`],
  ['load: { max_timeout: long }', `load.max_timeout: expected ${DURATION}, found "long"`],
])('the report on collector: %s', async (yaml, line) => {
  const folder = await mkdtemp(join(tmpdir(), 'tocsin-config-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, 'tocsin.yaml');
  await writeFile(file, `collector:\n  ${yaml}\n`);
  const loading = loadConfig({ file, env: {}, workingDir: folder });
  await expect(loading).rejects.toThrow(`tocsin.yaml:2: collector.${line}`);
});
