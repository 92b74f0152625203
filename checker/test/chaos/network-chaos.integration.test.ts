import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { DecodedPoint } from '../otlp-decode.ts';
import { outageMs, tell } from './outage.ts';

const OUTAGE_MS = outageMs(2.5);
const SCRIPT = join(import.meta.dirname, 'lose-network.ts');
const DEVICE =
  'ip link set lo up && ip link add out type veth peer name in && ip addr add 192.0.2.1/24 dev out && ip link set out up && ip link set in up';

type Told = Pick<DecodedPoint, 'name' | 'value' | 'timeMs' | 'attributes'>;

interface Found {
  readonly told: readonly Told[];
  readonly outages: number;
}

/** Runs a checker that loses its network: a real one in a namespace of its own; where the system has none, one that pretends, and that is said. */
async function loseNetwork(folder: string): Promise<Found> {
  const device = spawnSync('unshare', ['-rn', 'sh', '-c', DEVICE], { encoding: 'utf8' });
  const isReal = device.status === 0;
  if (!isReal)
    tell(
      `NO network namespace here (unshare: ${device.error?.message ?? device.stderr.trim()}): the resolver refuses instead, and no device goes`,
    );
  const args = [SCRIPT, folder, String(OUTAGE_MS)];
  const inNamespace = ['-rn', 'sh', '-c', `${DEVICE} && exec "$@"`, 'sh', process.execPath, ...args, 'namespace'];
  const child = isReal ? spawn('unshare', inNamespace) : spawn(process.execPath, args);
  const [stdout, stderr] = [child.stdout.toArray(), child.stderr.toArray()];
  const [status] = (await once(child, 'close')) as [number | null];
  expect([status, Buffer.concat(await stderr).toString()]).toEqual([0, '']);
  const told = JSON.parse(Buffer.concat(await stdout).toString()) as readonly Told[];
  return { told, outages: isReal ? 2 : 1 };
}

test(
  "while the checker's own network is away no monitor is reported down, and it calls itself blind once",
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tocsin-chaos-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const { told, outages } = await loseNetwork(folder);
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
    expect(ours.length).toBeGreaterThan(((12 * OUTAGE_MS) / 2_500) * outages);
    const counts = [...Map.groupBy(ours, String)].map(([reason, all]) => `${all.length} ${reason}`).join(', ');
    tell(
      `network away ${outages} times for ${OUTAGE_MS / 1_000} s: ${reasons.length} runs, of which ${counts}; 0 monitors down, ${blind.filter((value, index) => value === 1 && blind[index - 1] === 0).length} times blind`,
    );
  },
  OUTAGE_MS * 2 + 60_000,
);
