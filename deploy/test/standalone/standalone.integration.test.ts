import { once } from 'node:events';
import { createServer } from 'node:net';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createProcessTable, type ProcessIdentity } from '../../src/standalone/process-identity.ts';
import { endpointsOf, type Launched, launchIn } from './launched.ts';

const processes = createProcessTable((pid, signal) => process.kill(pid, signal));
const ANYWHERE = [
  'collector: { http: 0, grpc: 0 }',
  'clickhouse: { http: 0 }',
  'checker: { http: 0 }',
  'alerting: { http: 0 }',
];

let folder: string;
let launched: Launched[];

function launch(): Launched {
  const one = launchIn(folder);
  launched.push(one);
  return one;
}

async function eventually(check: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await check())) await sleep(50);
}

/** The services, from the launcher's lock. */
async function servicesOf(): Promise<readonly ProcessIdentity[]> {
  const lock = JSON.parse(await readFile(join(folder, 'data/tocsin.lock'), 'utf8')) as { services: ProcessIdentity[] };
  return lock.services;
}

const readyStatus = (url: string | undefined): Promise<number> =>
  fetch(`${url}/readyz`).then(
    (response) => response.status,
    () => 0,
  );

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tocsin-standalone-'));
  launched = [];
  await writeFile(join(folder, 'tocsin.yaml'), `${ANYWHERE.join('\n')}\nconsole: { http: 0 }\n`);
});
afterEach(async () => {
  for (const { child } of launched) child.kill('SIGINT');
  await Promise.all(launched.map(({ ended }) => ended));
  await rm(folder, { recursive: true, force: true });
});

describe('npm start, once everything is installed', () => {
  it('brings everything up, restarts what dies where it was, refuses a second one, and stops with exit code 0', async () => {
    const tocsin = launch();
    const endpoints = await endpointsOf(folder, tocsin);
    const http = Object.entries(endpoints).filter(([name]) => name.endsWith('.http'));
    expect(Object.keys(endpoints).toSorted()).toEqual([
      'alerting.http',
      'checker.http',
      'clickhouse.http',
      'collector.grpc',
      'collector.http',
      'console.http',
    ]);
    for (const [, url] of http) await eventually(async () => (await readyStatus(url)) === 200);
    await eventually(() => tocsin.output().includes('is ready, after'));

    const second = launch();
    expect(await second.ended).toBe(1);
    expect(second.output()).toContain(`another Tocsin (process ${tocsin.child.pid}) runs on it`);

    const [, collector] = await servicesOf();
    process.kill(collector?.pid ?? 0, 'SIGKILL');
    await eventually(() => tocsin.output().includes('collector is back'));
    expect(tocsin.output()).toContain('collector ended by SIGKILL; starting it again in 1 s');
    await eventually(async () => (await readyStatus(endpoints['collector.http'])) === 200);

    const beganMs = Date.now();
    tocsin.child.kill('SIGINT');
    expect(await tocsin.ended).toBe(0);
    expect(Date.now() - beganMs).toBeLessThan(10_000);
    await expect(readFile(join(folder, 'data/endpoints.json'))).rejects.toThrow('ENOENT');
  });

  it('leaves nobody behind when the launcher is killed, and the next one starts once they are gone', async () => {
    const killed = launch();
    await endpointsOf(folder, killed);
    const services = await servicesOf();
    expect(services.length).toBe(5);
    killed.child.kill('SIGKILL');

    const next = launch();
    const endpoints = await endpointsOf(folder, next);
    expect(services.filter((service) => processes.isAlive(service))).toEqual([]);
    expect(await readyStatus(endpoints['clickhouse.http'])).toBe(200);
  });

  it('names the setting whose port is taken and exits 1 with nothing left running', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as { port: number };
    await writeFile(join(folder, 'tocsin.yaml'), `${ANYWHERE.join('\n')}\nconsole: { http: ${port} }\n`);
    const tocsin = launch();
    expect(await tocsin.ended).toBe(1);
    other.close();
    expect(tocsin.output()).toContain(`console.http: 127.0.0.1:${port} is in use by another program`);
    await expect(readFile(join(folder, 'data/tocsin.lock'))).rejects.toThrow('ENOENT');
  });
});
