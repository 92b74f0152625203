import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { DecodedPoint } from '../otlp-decode.ts';

const SCRIPT = join(import.meta.dirname, 'lose-network.ts');
const DEVICE =
  'ip link set lo up && ip link add out type veth peer name in && ip addr add 192.0.2.1/24 dev out && ip link set out up && ip link set in up';

type Told = Pick<DecodedPoint, 'name' | 'value' | 'timeMs' | 'attributes'>;

/** Runs a checker that loses its network: a real one in a namespace of its own; where the system has none, one that pretends. */
function loseNetwork(folder: string): { readonly told: readonly Told[]; readonly outages: number } {
  const isReal = spawnSync('unshare', ['-rn', 'sh', '-c', DEVICE]).status === 0;
  const args = ['-rn', 'sh', '-c', `${DEVICE} && exec "$@"`, 'sh', process.execPath, SCRIPT, folder, 'namespace'];
  const options = { encoding: 'utf8', maxBuffer: 64 * 2 ** 20 } as const;
  const { status, stdout, stderr } = isReal
    ? spawnSync('unshare', args, options)
    : spawnSync(process.execPath, [SCRIPT, folder], options);
  expect([status, stderr]).toEqual([0, '']);
  return { told: JSON.parse(stdout) as readonly Told[], outages: isReal ? 2 : 1 };
}

test("while the checker's own network is away no monitor is reported down, and it calls itself blind once", async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tocsin-chaos-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const { told, outages } = loseNetwork(folder);
  const named = (name: string): readonly Told[] =>
    told.filter((point) => point.name === name).toSorted((a, b) => a.timeMs - b.timeMs);

  const states = named('tocsin.monitor.up');
  expect(new Set(states.map(({ attributes }) => attributes['tocsin.monitor.name'])).size).toBe(12);
  expect(states.filter(({ value }) => value !== 1)).toEqual([]);
  expect(new Set(states.map(({ attributes }) => attributes['tocsin.monitor.state']))).toEqual(
    new Set(['up', 'unknown']),
  );

  // The alert is raised from this gauge: it goes up once for each outage, and down again.
  const blind = named('tocsin.checker.blind').map(({ value }) => value);
  const changes = blind.filter((value, index) => value !== blind[index - 1]);
  expect(changes).toEqual([0, ...Array.from({ length: outages }, () => [1, 0]).flat()]);

  // There were runs during the outages, and they say whose trouble it was.
  const reasons = named('tocsin.probe.runs').map(({ attributes }) => attributes['tocsin.probe.reason']);
  const ours = reasons.filter((reason) =>
    ['dns_unavailable', 'network_unreachable', 'connectivity_lost'].includes(String(reason)),
  );
  expect(ours.length).toBeGreaterThan(12 * outages);
});
