import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { NetworkLoss } from './lose-network.ts';

const MONITORS = 12;
const SCRIPT = join(import.meta.dirname, 'lose-network.ts');
const DEVICE =
  'ip link set lo up && ip link add out type veth peer name in && ip addr add 192.0.2.1/24 dev out && ip link set out up && ip link set in up';
/** So short an outage has its rule in a hurry (`lose-network.ts`): it looks every 3 s and waits for 3 s, on a busy machine for longer. */
const SHORTEST_S = 20;
const OUTAGE_MS = Math.max(SHORTEST_S, Number(process.env['TOCSIN_CHAOS_OUTAGE_S'] ?? SHORTEST_S)) * 1_000;
if (!(OUTAGE_MS > 0)) throw new Error('TOCSIN_CHAOS_OUTAGE_S is a number of seconds');

/** Runs a whole Tocsin that loses the outside: in a network namespace; where the system has none, the outside refuses, and that is said. */
async function loseNetwork(folder: string): Promise<NetworkLoss> {
  const device = spawnSync('unshare', ['-rn', 'sh', '-c', DEVICE], { encoding: 'utf8' });
  const isReal = device.status === 0;
  if (!isReal) {
    const why = device.error?.message ?? device.stderr.trim();
    process.stderr.write(
      `chaos: NO network namespace here (unshare: ${why}): the outside refuses instead, and no device goes\n`,
    );
  }
  const args = [SCRIPT, folder, String(OUTAGE_MS), String(MONITORS)];
  const inNamespace = ['-rn', 'sh', '-c', `${DEVICE} && exec "$@"`, 'sh', process.execPath, ...args, 'namespace'];
  const child = isReal ? spawn('unshare', inNamespace) : spawn(process.execPath, args);
  const [stdout, stderr] = [child.stdout.toArray(), child.stderr.toArray()];
  const [status] = (await once(child, 'close')) as [number | null];
  expect([status, Buffer.concat(await stderr).toString()]).toEqual([0, '']);
  return JSON.parse(Buffer.concat(await stdout).toString()) as NetworkLoss;
}

test(
  'while the network of the checker is away one alert says so, and no monitor is said to be down',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tocsin-away-'));
    onTestFinished(() => rm(folder, { recursive: true, maxRetries: 3 }));
    const found = await loseNetwork(folder);
    const { messages, runs, states, upAgain, toldAfterMs = Infinity } = found;
    // Exactly this was sent: no MonitorDown, no second one, no other rule.
    expect(messages, JSON.stringify(found)).toEqual(['*[FIRING:1] CheckerBlind (default)*']);
    expect(toldAfterMs).toBeLessThan(OUTAGE_MS);
    expect(states.filter((state) => !['up', 'unknown'].includes(state))).toEqual([]);
    expect(runs.filter(({ outcome }) => outcome !== 'unknown')).toEqual([]);
    const count = runs.reduce((sum, one) => sum + one.runs, 0);
    expect(count).toBeGreaterThan((MONITORS * OUTAGE_MS) / 2_500);
    expect(upAgain).toBe(MONITORS);
    process.stderr.write(
      `chaos: network away for ${OUTAGE_MS / 1_000} s: ${count} runs, ${runs.map((one) => `${one.runs} ${one.reason}`).join(', ')}; 0 monitors down; 1 alert, CheckerBlind, ${(toldAfterMs / 1_000).toFixed(1)} s after it went\n`,
    );
  },
  OUTAGE_MS + 180_000,
);
