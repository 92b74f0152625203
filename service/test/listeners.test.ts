import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ConfigError, loadConfig, openListeners, type TocsinConfig, wantsToken } from '../src/config/index.ts';
import { applyListen, refuseOpenFlags } from '../src/run/effective-config.ts';
import { readInvocation } from '../src/run/invocation.ts';
import { warnOfOpenListeners } from '../src/run/open-listeners.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tocsin-listeners-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function load(yaml: string): Promise<TocsinConfig> {
  await writeFile(join(folder, 'tocsin.yaml'), yaml);
  return loadConfig({ file: 'tocsin.yaml', env: {}, workingDir: folder });
}

async function report(yaml: string): Promise<string[]> {
  try {
    await load(yaml);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split('\n');
    throw error;
  }
}

const expected = (listener: string) => {
  const asked = listener === 'alerting.http' ? 'token' : 'password';
  const instead: Readonly<Record<string, string>> = {
    'alerting.http': ', tokens in alerting.api.tokens',
    'console.http': ', users in console.users',
  };
  return `${listener}: expected an address on loopback${instead[listener] ?? ''}, or ${listener} in unauthenticated_listeners: others can reach this one, and it asks for no ${asked}`;
};

it.each(['console', 'alerting', 'checker'])('refuses %s on an address that others can reach', async (section) => {
  for (const host of ['0.0.0.0', '192.168.1.5', '[::]', 'tocsin.example.com'])
    expect(await report(`${section}: { http: "${host}:7000" }`)).toEqual([
      `tocsin.yaml:1: ${expected(`${section}.http`)}, found "${host}:7000"`,
    ]);
  for (const host of ['127.0.0.1', '127.8.0.1', 'localhost', '[::1]'])
    expect(await report(`${section}: { http: "${host}:7000" }`)).toEqual([]);
});

it('takes the address once the listener is named, and no other by it', async () => {
  const yaml = 'unauthenticated_listeners: [console.http]\nconsole: { http: "0.0.0.0:7000" }\n';
  const config = await load(yaml);
  expect(config.unauthenticatedListeners).toEqual(['console.http']);
  expect([...openListeners(config)]).toEqual([['console.http', { host: '0.0.0.0', port: 7_000 }]]);
  expect(await report(`${yaml}alerting: { http: "0.0.0.0:7001" }`)).toHaveLength(1);
});

it('takes the console on any address once it has users, and does not call it open', async () => {
  const hash = `$scrypt$ln=15,r=8,p=3$${'a'.repeat(22)}$${'b'.repeat(43)}`;
  const yaml = (users: string) => `console: { http: "0.0.0.0:7000", users: ${users} }`;
  const config = await load(yaml(`[{ name: ana, role: editor, password_hash: "${hash}" }]`));
  expect([...openListeners(config)]).toEqual([]);
  expect(config.console.users).toEqual([{ name: 'ana', role: 'editor', passwordHash: hash }]);
  expect(await report(yaml('[]'))).toEqual([`tocsin.yaml:1: ${expected('console.http')}, found "0.0.0.0:7000"`]);
});

const TOKEN = `{ name: ops, role: admin, sha256: ${'a'.repeat(64)} }`;

it('takes alerting on any address once it has tokens, and does not call it open', async () => {
  const yaml = (api: string) => `alerting: { http: "0.0.0.0:7000", api: { ${api} } }`;
  const config = await load(yaml(`tokens: [${TOKEN}]`));
  expect([...openListeners(config)]).toEqual([]);
  expect(wantsToken(config.alerting, config.unauthenticatedListeners)).toBe(true);
  expect(await report(yaml(`tokens: [${TOKEN}], auth: off`))).toEqual([
    `tocsin.yaml:1: ${expected('alerting.http')}, found "0.0.0.0:7000"`,
  ]);
  expect(await report(yaml('auth: required'))).toHaveLength(1);
});

it('asks for tokens on loopback only where that is said, and not where alerting is named as open', async () => {
  const wants = async (yaml: string) => {
    const config = await load(yaml);
    return wantsToken(config.alerting, config.unauthenticatedListeners);
  };
  expect(await wants(`alerting: { api: { tokens: [${TOKEN}] } }`)).toBe(false);
  expect(await wants(`alerting: { api: { auth: required } }`)).toBe(true);
  const named = `unauthenticated_listeners: [alerting.http]\nalerting: { http: "0.0.0.0:7000", api: { tokens: [${TOKEN}]`;
  expect(await wants(`${named} } }`)).toBe(false);
  expect(openListeners(await load(`${named} } }`)).has('alerting.http')).toBe(true);
  expect(await wants(`${named}, auth: required } }`)).toBe(true);
  expect(openListeners(await load(`${named}, auth: required } }`)).has('alerting.http')).toBe(false);
});

it('says so beside mistakes elsewhere, in the same section too', async () => {
  const lines = await report('checker:\n  http: "0.0.0.0:7601"\n  max_concurrency: 0\nmonitors: 3');
  expect(lines).toHaveLength(3);
  expect(lines[0]).toContain(expected('checker.http'));
});

it('names what can be listed', async () => {
  expect(await report('unauthenticated_listeners: [collector.http]')).toEqual([
    'tocsin.yaml:1: unauthenticated_listeners[0]: expected one of "console.http", "alerting.http", "checker.http", found "collector.http"',
  ]);
});

it('holds for --listen as well', async () => {
  const start = async (yaml: string, ...flags: string[]) => {
    await writeFile(join(folder, 'tocsin.yaml'), yaml);
    const invocation = readInvocation(flags, {}, folder);
    const config = await loadConfig({ file: invocation.configFile, env: {}, workingDir: folder });
    refuseOpenFlags(config, invocation);
    return applyListen(config, invocation.listen);
  };
  await expect(start('{}', '--listen', 'console.http=0.0.0.0:7600')).rejects.toMatchObject({
    code: 'TOCSIN_INVOCATION_INVALID',
    message: `--listen ${expected('console.http')}, found 0.0.0.0:7600`,
  });
  const named = await start('unauthenticated_listeners: [console.http]', '--listen', 'console.http=0.0.0.0:7600');
  expect(named.console.http.host).toBe('0.0.0.0');
  expect((await start('{}', '--listen', 'console.http=0')).console.http.port).toBe(0);
});

it('is said at every start of the service that listens there', async () => {
  const config = await load(
    'unauthenticated_listeners: [console.http, checker.http]\nconsole: { http: "0.0.0.0:7600" }\nchecker: { http: 7601 }',
  );
  const warned: unknown[] = [];
  const log = { warn: (...entry: unknown[]) => void warned.push(entry) };
  warnOfOpenListeners(config, { 'console.http': 'http://127.0.0.1:7600' }, log);
  warnOfOpenListeners(config, { 'checker.http': 'http://127.0.0.1:7601' }, log);
  expect(warned).toEqual([
    [
      { listener: 'console.http', address: '0.0.0.0:7600' },
      'no authentication (unauthenticated_listeners): whoever reaches this address can use it',
    ],
  ]);
});
