import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { serveCollector } from './collector-stand-in.ts';
import { serveHttp } from './servers.ts';

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));

test('the process says it is ready, probes, takes a changed file, tells of itself, and ends with 0 when told', async () => {
  await using collector = await serveCollector();
  await using target = await serveHttp((_request, response) => response.end('ok'));
  const folder = await mkdtemp(join(tmpdir(), 'tocsin-checker-'));
  const file = join(folder, 'tocsin.yaml');
  const write = (name: string) =>
    writeFile(
      file,
      `collector: { http: ${collector.port} }\nchecker: { http: 0 }\n` +
        `monitors: [{ name: ${name}, http: '${target.url}', interval: 1s }]\n`,
    );
  await write('first');
  const child = fork(MAIN, ['--config', file, '--data', join(folder, 'data')], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  try {
    const [ready] = (await once(child, 'message')) as [{ type: string; listening: Record<string, string> }];
    expect(ready).toMatchObject({ type: 'ready', listening: { 'checker.http': expect.stringMatching(/^http:/) } });
    const probed = (name: string) => collector.spans.some((span) => span.name === `probe ${name}`);
    await expect.poll(() => probed('first'), { timeout: 10_000 }).toBe(true);
    await write('second');
    child.kill('SIGHUP');
    await expect.poll(() => probed('second'), { timeout: 10_000 }).toBe(true);
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    expect(await exited).toEqual([0, null]);
    const own = collector.points.filter(({ name }) => name === 'tocsin.checker.runs');
    expect(own.at(-1)).toMatchObject({
      resource: { 'service.name': 'tocsin-checker' },
      attributes: { 'tocsin.probe.outcome': 'up' },
    });
  } finally {
    child.kill('SIGKILL');
    await rm(folder, { recursive: true, maxRetries: 3 });
  }
});
