import { hash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '@tocsin/service/config';
import { expect, onTestFinished, test } from 'vitest';
import { makeKey } from '../../src/cli/key.ts';

function run(...args: string[]) {
  const written = { out: '', err: '' };
  const stream = (name: 'out' | 'err') => ({ write: (text: string) => ((written[name] += text), true) });
  const code = makeKey({ stdout: stream('out'), stderr: stream('err') }, args);
  return { code, ...written };
}

test('the key is said once, and the lines for the configuration hold its hash and are good', async () => {
  const { code, out, err } = run('shop');
  expect(code).toBe(0);
  expect(out).toMatch(/^tocsin_[A-Za-z0-9_-]{43}\n$/);
  expect(err).not.toContain(out.trim());
  expect(run('shop').out).not.toBe(out);
  const folder = await mkdtemp(join(tmpdir(), 'tocsin-key-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, 'tocsin.yaml'), err.slice(err.indexOf('collector:')));
  const { collector } = await loadConfig({ file: 'tocsin.yaml', env: {}, workingDir: folder });
  expect(collector.keys).toMatchObject([{ name: 'shop', sha256: hash('sha256', out.trim()) }]);
});

test('with a role it is a token for the API of alerting', async () => {
  const { code, out, err } = run('ops', '--role', 'responder');
  expect(code).toBe(0);
  const folder = await mkdtemp(join(tmpdir(), 'tocsin-key-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, 'tocsin.yaml'), err.slice(err.indexOf('alerting:')));
  const { alerting } = await loadConfig({ file: 'tocsin.yaml', env: {}, workingDir: folder });
  expect(alerting.api.tokens).toEqual([{ name: 'ops', role: 'responder', sha256: hash('sha256', out.trim()) }]);
});

test('with --console and a role it is a token for the API of the console', async () => {
  const { code, out, err } = run('ci', '--console', '--role', 'editor');
  expect(code).toBe(0);
  const folder = await mkdtemp(join(tmpdir(), 'tocsin-key-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, 'tocsin.yaml'), err.slice(err.indexOf('console:')));
  const { console } = await loadConfig({ file: 'tocsin.yaml', env: {}, workingDir: folder });
  expect(console.tokens).toEqual([{ name: 'ci', role: 'editor', sha256: hash('sha256', out.trim()) }]);
});

test.each([
  [['ci', '--console']],
  [['ci', '--console', '--role', 'responder']],
  [['ops', '--role']],
  [['ops', '--role', 'king']],
  [['ops', '--rule', 'admin']],
  [['ops', '--role', 'admin', 'x']],
  [[]],
  [['a', 'b']],
  [['--help!']],
  [['a b']],
])('without one good name it says how it is used: %j', (args) => {
  expect(run(...args)).toMatchObject({
    code: 2,
    out: '',
    err: expect.stringContaining('Usage: npx tocsin key NAME'),
  });
});
