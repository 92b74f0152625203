import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { afterAll, expect, onTestFinished, test } from 'vitest';

const MAIN = join(import.meta.dirname, '../../src/cli/main.ts');
const folder = mkdtempSync(join(tmpdir(), 'tocsin-run-'));
const DATA = join(folder, 'data');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function healthcheck(...args: readonly string[]) {
  const child = spawn(process.execPath, [MAIN, 'healthcheck', ...args], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const [stderr, [status]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
  return { status: status as number | null, stderr };
}

async function startCollector(): Promise<{ child: ChildProcess; url: string }> {
  const flags = ['--data', DATA, '--listen', 'collector.http=0', '--listen', 'collector.grpc=0'];
  const child = spawn(process.execPath, [MAIN, 'run', 'collector', ...flags], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  for await (const line of createInterface({ input: child.stdout! })) {
    const { msg, listening } = JSON.parse(line) as {
      msg: string;
      listening: Readonly<Record<string, string>>;
    };
    if (msg === 'ready') return { child, url: listening['collector.http']! };
  }
  throw new Error('it ended before it was ready');
}

test('run puts one service in the place of its own process, which ends with 0 when it is told to stop', async () => {
  const { child, url } = await startCollector();
  // On Linux: what was started is the service itself.
  const proc = `/proc/${child.pid}/cmdline`;
  const command = existsSync(proc) ? readFileSync(proc, 'utf8').replaceAll('\0', ' ') : 'collector/src/main.ts --data';
  expect(command).toContain('collector/src/main.ts --data');
  expect(await healthcheck(url)).toMatchObject({ status: 0, stderr: '' });
  const ended = once(child, 'exit');
  child.stdout!.resume();
  child.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);
  expect(await healthcheck(url)).toMatchObject({ status: 1, stderr: expect.stringContaining('ECONNREFUSED') });
});

test('healthcheck without an address asks every service that the launcher wrote down', async () => {
  const { url } = await startCollector();
  const endpoints = { 'collector.http': url, 'collector.grpc': 'http://127.0.0.1:1' };
  const write = (more: object) =>
    writeFileSync(join(DATA, 'endpoints.json'), JSON.stringify({ pid: 1, endpoints: { ...endpoints, ...more } }));
  write({});
  expect(await healthcheck('--data', DATA)).toMatchObject({ status: 0, stderr: '' });
  write({ 'console.http': 'http://127.0.0.1:1' });
  expect(await healthcheck('--data', DATA)).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(/^http:\/\/127\.0\.0\.1:1\/healthz: .*\n$/),
  });
});

test('healthcheck --ready tells why a service that lives cannot do its work', async () => {
  const server = createServer((request, response) => {
    response.statusCode = request.url === '/healthz' ? 200 : 503;
    response.end(JSON.stringify({ reasons: ['ClickHouse does not answer'] }));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  expect(await healthcheck(url)).toEqual({ status: 0, stderr: '' });
  expect(await healthcheck(url, '--ready')).toEqual({
    status: 1,
    stderr: `${url}/readyz: 503, ClickHouse does not answer\n`,
  });
});
