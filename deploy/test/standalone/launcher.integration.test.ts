import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { loadConfig } from '@tocsin/service/config';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { applyListen } from '@tocsin/service/effective-config';
import { LISTEN_NAMES } from '@tocsin/service/invocation';
import { Launcher } from '../../src/standalone/launcher.ts';
import { createProcessTable } from '../../src/standalone/process-identity.ts';
import type { ServiceSpec } from '../../src/standalone/topology.ts';

const FAKES = join(import.meta.dirname, 'fixtures');
const processes = createProcessTable((pid, signal) => process.kill(pid, signal));

const SERVICES: readonly ServiceSpec[] = [
  { name: 'clickhouse', main: 'clickhouse.ts', listens: ['clickhouse.http'], startWave: 0, stopWithinMs: 3_000 },
  { name: 'collector', main: 'collector.ts', listens: ['collector.http'], startWave: 1, stopWithinMs: 2_000 },
  { name: 'checker', main: 'checker.ts', listens: ['checker.http'], startWave: 2, stopWithinMs: 1_000 },
];

let dataDir: string;
let launcher: Launcher | undefined;
let lines: string[];

async function createLauncher(env: NodeJS.ProcessEnv = {}): Promise<Launcher> {
  const loaded = await loadConfig({ file: undefined, env: {}, workingDir: dataDir });
  const anywhere = new Map(LISTEN_NAMES.map((name) => [name, { host: '127.0.0.1', port: 0 }] as const));
  return new Launcher({
    config: applyListen(loaded, anywhere),
    fileConfig: loaded,
    configFile: undefined,
    dataDir,
    services: SERVICES,
    rootDir: FAKES,
    nodePath: process.execPath,
    env,
    workingDir: dataDir,
    pid: process.pid,
    processes,
    output: {
      line: (service, line) => lines.push(`${service}: ${line}`),
      say: (_level, message) => lines.push(`tocsin: ${message}`),
      text: () => undefined,
    },
    now: Date.now,
  });
}

async function events(): Promise<string[]> {
  return (await readFile(join(dataDir, 'events.log'), 'utf8')).trim().split('\n');
}

async function eventually(check: () => Promise<boolean> | boolean, limitMs = 20_000): Promise<void> {
  const endMs = Date.now() + limitMs;
  while (!(await check())) {
    if (Date.now() > endMs) throw new Error(`did not happen within ${limitMs} ms:\n${lines.join('\n')}`);
    await sleep(20);
  }
}

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'tocsin-launcher-'));
  lines = [];
});
afterEach(async () => {
  await launcher?.stop();
  launcher = undefined;
  await rm(dataDir, { recursive: true, force: true });
});

describe('Launcher', () => {
  it('starts in the order of dependency, says where everything listens, and stops in the order of the limits', async () => {
    launcher = await createLauncher();
    const started = await launcher.start();
    expect(started.status).toBe('ready');
    const endpoints = started.status === 'ready' ? started.endpoints : {};
    expect(Object.keys(endpoints).sort()).toEqual(['checker.http', 'clickhouse.http', 'collector.http']);
    for (const url of Object.values(endpoints)) expect((await fetch(`${url}/readyz`)).status).toBe(200);
    expect(JSON.parse(await readFile(join(dataDir, 'endpoints.json'), 'utf8'))).toEqual({
      pid: process.pid,
      endpoints,
    });

    await launcher.stop();
    expect((await events()).map((event) => event.replace(/ \d+$/, ''))).toEqual([
      'clickhouse started',
      'collector started',
      'checker started',
      'checker stopped SIGTERM',
      'collector stopped SIGTERM',
      'clickhouse stopped SIGTERM',
    ]);
    await expect(readFile(join(dataDir, 'endpoints.json'))).rejects.toThrow('ENOENT');
    await expect(readFile(join(dataDir, 'tocsin.lock'))).rejects.toThrow('ENOENT');
  });

  it('starts a service again that was killed, on the same address, and says so', async () => {
    launcher = await createLauncher();
    const started = await launcher.start();
    const url = started.status === 'ready' ? started.endpoints['collector.http'] : '';
    const pid = (await events()).find((event) => event.startsWith('collector started'))?.split(' ')[2];
    process.kill(Number(pid), 'SIGKILL');
    await eventually(() => lines.includes('tocsin: collector is back'));
    expect(lines).toContain('tocsin: collector ended by SIGKILL; starting it again in 1 s');
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
  });

  it('passes a reload on to every service', async () => {
    launcher = await createLauncher();
    await launcher.start();
    launcher.reload();
    await eventually(async () => (await events()).filter((event) => event.endsWith('reloaded')).length === 3);
  });

  it('kills a service that does not stop in its time, says so, and goes on with the others', async () => {
    launcher = await createLauncher({ FAKE_CHECKER: 'deaf' });
    await launcher.start();
    const beganMs = Date.now();
    await launcher.stop();
    expect(Date.now() - beganMs).toBeLessThan(10_000);
    expect(lines.some((line) => /^tocsin: checker did not stop within \d+ ms; it was killed$/.test(line))).toBe(true);
    expect((await events()).at(-1)).toBe('clickhouse stopped SIGTERM');
  });

  it('fails the start at once when a service refuses its configuration', async () => {
    launcher = await createLauncher({ FAKE_COLLECTOR: 'bad-config' });
    expect(await launcher.start()).toMatchObject({ status: 'failed', reason: 'bad-configuration' });
    await launcher.stop();
    expect((await events()).at(-1)).toBe('clickhouse stopped SIGTERM');
  });

  it('fails the start when a service is not ready after three attempts', async () => {
    launcher = await createLauncher({ FAKE_COLLECTOR: 'broken' });
    expect(await launcher.start()).toMatchObject({ status: 'failed', reason: 'never-started' });
    expect((await events()).filter((event) => event.startsWith('collector started')).length).toBe(3);
  });

  it('can be stopped while it starts', async () => {
    launcher = await createLauncher({ FAKE_COLLECTOR: 'broken' });
    const starting = launcher.start();
    await eventually(() => lines.some((line) => line.includes('starting it again')));
    await launcher.stop();
    expect(await starting).toEqual({ status: 'stopped' });
  });

  it('refuses data that another launcher uses, and leaves that one alone', async () => {
    launcher = await createLauncher();
    await launcher.start();
    const second = await createLauncher();
    expect(await second.start()).toMatchObject({ status: 'failed', reason: 'data-in-use' });
    await second.stop();
    expect(JSON.parse(await readFile(join(dataDir, 'endpoints.json'), 'utf8'))).toHaveProperty('pid', process.pid);
  });
});
