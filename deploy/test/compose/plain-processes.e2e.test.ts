import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import type { Played } from './play.ts';

const UNSHARE = ['--mount', '--net', '--pid', '--fork', '--kill-child', '--mount-proc'];
const TRY = 'mount --make-rprivate / && mount -t tmpfs tmpfs /run && ip netns add one && ip -n one link set lo up';
const hasNamespaces = spawnSync('unshare', [...UNSHARE, 'sh', '-c', TRY]).status === 0;
const NO_NAMESPACES = 'needs root on Linux, unshare and ip: each service has a network of its own, as a container has';

/** The services of a compose file with their very commands, environments and health checks, each as a process in a network of its own. */
async function play(name: string): Promise<Played> {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-play-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const inner = ['sh', '-c', 'mount --make-rprivate / && exec "$@"', 'sh', process.execPath];
  const args = [...UNSHARE, ...inner, join(import.meta.dirname, 'play.ts'), folder, name];
  const { stdout } = await promisify(execFile)('unshare', args, { timeout: 220_000, maxBuffer: 2 ** 24 });
  return JSON.parse(stdout) as Played;
}

test('the services of large.yaml find each other: collectors behind a proxy, checkers of two locations, alerting, console', async ({
  skip,
}) => {
  if (!hasNamespaces) skip(NO_NAMESPACES);
  const { health, answers, exits, proxy } = await play('large');
  const ours = ['collector1', 'collector2', 'checker-frankfurt', 'checker-singapore', 'alerting', 'console'];
  expect(health).toEqual(Object.fromEntries(ours.map((service) => [service, 'healthy'])));
  expect(answers).toEqual({
    'a trace with a key': 200,
    'a trace without': 401,
    'is stored': 'shop',
    locations: 'frankfurt singapore',
    'services that speak of themselves': 'as wanted',
    'the console reaches alerting': 'ok',
    'alerts for Grafana': 200,
    'alerts for anybody': 401,
  });
  expect(exits).toEqual(Object.fromEntries(ours.map((service) => [service, 0])));
  expect(['haproxy', 'a relay of TCP']).toContain(proxy);
});

test('the service of small.yaml is open where it is published, and keeps ClickHouse to itself and to Grafana beside it', async ({
  skip,
}) => {
  if (!hasNamespaces) skip(NO_NAMESPACES);
  expect(await play('small')).toEqual({
    health: { tocsin: 'healthy' },
    answers: {
      'a trace': 200,
      'the console reaches alerting': 'ok',
      'ClickHouse from outside': 'ECONNREFUSED',
      'ClickHouse for Grafana': '1',
      'alerts for Grafana': '200',
    },
    exits: { tocsin: 0 },
    proxy: 'none',
  });
});
