import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Sender, startSender } from '../backup/senders.ts';
import { count, makeHome, PING_TOKEN, type Stack, startStack, untilLoaded } from '../backup/stack.ts';

/** As a rolling restart does it: each is told to stop while telemetry comes, and the next one takes over. */
const SERVICES = ['collector', 'clickhouse', 'alerting', 'checker', 'console'] as const;
const MAINS: Readonly<Record<(typeof SERVICES)[number], string>> = {
  collector: 'collector/src/main.ts',
  clickhouse: 'deploy/src/clickhouse/main.ts',
  alerting: 'alerting/src/main.ts',
  checker: 'checker/src/main.ts',
  console: 'dashboards/src/main.ts',
};

let home: string;
let stack: Stack;
let senders: readonly Sender[];

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'tocsin-rolling-'));
  await makeHome(home);
  stack = await startStack(home);
  const url = (): string => stack.endpoints['collector.http'] ?? '';
  senders = ['a', 'b', 'c'].map((name) => startSender(name, url));
}, 300_000);

afterAll(async () => {
  await Promise.all((senders ?? []).map((sender) => sender.stop()));
  stack?.launched.child.kill('SIGTERM');
  await stack?.launched.ended;
  await rm(home, { recursive: true, force: true });
});

it.each(SERVICES)(
  'SIGTERM to %s under load: it stops in order, and another takes over',
  async (service) => {
    await untilMore(50);
    const pid = await pidOf(service);
    const pinged = await fetch(`${stack.endpoints['checker.heartbeat.listen']}/ping/${PING_TOKEN}`);
    expect(pinged.status).toBe(200);
    process.kill(pid, 'SIGTERM');
    await expect
      .poll(() => stack.launched.output(), { timeout: 120_000 })
      .toContain(`${service} ended with exit code 0`);
    await expect.poll(() => stack.launched.output(), { timeout: 120_000 }).toContain(`${service} is back`);
    expect(await pidOf(service)).not.toBe(pid);
    await untilMore(50);
  },
  300_000,
);

it('nothing that was acknowledged is lost, and nothing is there twice', async () => {
  await Promise.all(senders.map((sender) => sender.stop()));
  await untilLoaded(home);
  for (const { name, acknowledged } of senders) {
    const { rows, numbers, sum, max, rollup } = await count(stack.endpoints['clickhouse.http'] ?? '', name);
    const expected = { rows: acknowledged, numbers: acknowledged, max: acknowledged, rollup: acknowledged };
    expect({ rows, numbers, max, rollup }).toEqual(expected);
    expect(sum).toBe((acknowledged * (acknowledged + 1)) / 2);
  }
}, 300_000);

async function untilMore(more: number): Promise<void> {
  const from = senders.map(({ acknowledged }) => acknowledged);
  while (senders.some(({ acknowledged }, at) => acknowledged < (from[at] ?? 0) + more))
    await new Promise((resolve) => void setTimeout(resolve, 50));
}

/** The launcher notes who runs on the data; the command line says which one it is. */
async function pidOf(service: (typeof SERVICES)[number]): Promise<number> {
  const { services } = JSON.parse(await readFile(join(home, 'data/tocsin.lock'), 'utf8')) as {
    readonly services: readonly { readonly pid: number }[];
  };
  for (const { pid } of services) {
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (command.includes(`/${MAINS[service]}\0`)) return pid;
  }
  throw new Error(`${service} does not run`);
}
