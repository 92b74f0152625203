import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/index.ts';
import { HANDED_ENV, handConfig } from '../../src/run/handed-config.ts';

const MAIN = join(import.meta.dirname, '../fixtures/bell-main.ts');

interface Ready {
  readonly type: string;
  readonly listening: Readonly<Record<string, string>>;
}

describe('runService', () => {
  let folder: string;
  let output: string;
  const children: ChildProcess[] = [];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tocsin-run-'));
    output = '';
  });
  afterEach(async () => {
    for (const child of children.splice(0)) if (child.exitCode === null) child.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  });

  async function start(
    config: string,
    flags: readonly string[] = ['--listen', 'collector.http=0'],
    env: Readonly<Record<string, string>> = {},
  ): Promise<ChildProcess> {
    const file = join(folder, 'tocsin.yaml');
    await writeFile(file, config);
    const child = spawn(process.execPath, [MAIN, '--config', file, '--data', join(folder, 'data'), ...flags], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: { ...process.env, ...env },
      serialization: 'advanced',
    });
    children.push(child);
    child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()));
    return child;
  }
  async function ready(child: ChildProcess): Promise<string> {
    const [message] = (await once(child, 'message')) as [Ready];
    expect(message.type).toBe('ready');
    return message.listening['collector.http'] ?? '';
  }
  const exit = async (child: ChildProcess): Promise<unknown> => (await once(child, 'exit'))[0];
  const said = (text: string): Promise<void> =>
    expect
      .poll(() => output, { timeout: 20_000 })
      .toContain(text)
      .then(() => undefined);

  it('says ready with its address, answers health questions, and drains to exit code 0 on SIGTERM', async () => {
    const child = await start('{}');
    const url = await ready(child);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    const readiness = await fetch(`${url}/readyz`);
    expect(readiness.status).toBe(503);
    expect(await readiness.json()).toEqual({ status: 'not ready', reasons: ['the rope is missing'] });
    child.kill('SIGTERM');
    expect(await exit(child)).toBe(0);
    expect(output).toContain('drained');
  });

  it('drains and exits when the IPC channel of its launcher closes', async () => {
    const child = await start('{}');
    await ready(child);
    child.disconnect();
    expect(await exit(child)).toBe(0);
    expect(output).toContain('drained');
  });

  it('refuses pages of other sites by Origin and by Host', async () => {
    const child = await start('{}');
    const url = await ready(child);
    expect((await fetch(`${url}/healthz`, { headers: { origin: 'https://elsewhere.example' } })).status).toBe(403);
  });

  it('exits with 2 and the whole report on a bad configuration', async () => {
    const child = await start('collector: { htp: 1 }\nmonitors: [{ name: a, http: ftp://x }]\n');
    expect(await exit(child)).toBe(2);
    expect(output).toContain('tocsin.yaml:1: collector.htp: expected a known key, found unknown key "htp"');
    expect(output).toContain(
      'tocsin.yaml:2: monitors[0].http (a): expected an http:// or https:// URL, found "ftp://x"',
    );
  });

  it('exits with 2 on a flag it does not know', async () => {
    const child = await start('{}', ['--colour', 'red']);
    expect(await exit(child)).toBe(2);
    expect(output).toContain('--colour');
  });

  it('loads its code and ends, with nothing done, when it is only to load', async () => {
    const child = await start('nonsense: 1', ['--load-only']);
    expect(await exit(child)).toBe(0);
    expect(output).toBe('');
    expect(existsSync(join(folder, 'data'))).toBe(false);
  });

  it('takes the configuration that the launcher hands it, and reads the file itself when nobody does', async () => {
    const file = join(folder, 'tocsin.yaml');
    await writeFile(file, 'monitors: [{ name: handed, http: "http://127.0.0.1:1/" }]\n');
    const handed = await loadConfig({ file, env: {}, workingDir: folder });
    const first = await start('monitors: [{ name: "" }]\n', undefined, HANDED_ENV);
    handConfig(first, handed);
    await ready(first);
    const second = await start('monitors: [{ name: "" }]\n');
    expect(await exit(second)).toBe(2);
  });

  it('ends when its launcher is gone before it handed over the configuration', async () => {
    const child = await start('monitors: [{ name: "" }]\n', undefined, HANDED_ENV);
    child.disconnect();
    expect(await exit(child)).toBe(0);
    expect(output).toBe('');
  });

  it('applies a changed file and SIGHUP, and keeps the old configuration when the new one is bad', async () => {
    const child = await start('monitors: []\n');
    await ready(child);
    const file = join(folder, 'tocsin.yaml');
    await writeFile(file, 'monitors: [{ name: shop, http: "http://127.0.0.1:1/" }]\n');
    await said('"names":["shop"]');
    await writeFile(file, 'monitors: [{ name: "" }]\n');
    child.kill('SIGHUP');
    await said('configuration not reloaded');
    expect(output).not.toContain('"names":[""]');
  });

  it('says which changed settings wait for the next start, an address too that a flag has set', async () => {
    const child = await start('collector: { http: 4318 }\n');
    await ready(child);
    const changed = 'collector: { http: 4319, request_timeout: 7s, retention: { logs: 1d } }\n';
    await writeFile(join(folder, 'tocsin.yaml'), changed);
    await said('takes effect at the next start only: collector.http, collector.request_timeout"');
  });

  it('sees a rule file that appears, and one that is mended after it kept a new configuration out', async () => {
    const child = await start('rule_files: [rules/*.yaml]\n');
    await ready(child);
    const rules = join(folder, 'rules');
    await mkdir(rules);
    await writeFile(join(rules, 'a.yaml'), 'groups: [{ name: a }]\n');
    await said('"ruleGroups":1');
    await writeFile(join(folder, 'more.yaml'), 'groups: [{ nme: b }]\n');
    await writeFile(join(folder, 'tocsin.yaml'), 'rule_files: [rules/*.yaml, more.yaml]\n');
    await said('configuration not reloaded');
    await writeFile(join(folder, 'more.yaml'), 'groups: [{ name: b }]\n');
    await said('"ruleGroups":2');
  });
});
