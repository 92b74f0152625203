import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Sender, startSender } from '../backup/senders.ts';
import { count, makeHome, type Stack, startStack, untilLoaded } from '../backup/stack.ts';
import { endpointsOf, launchWith } from '../standalone/launched.ts';
import { installRelease, readReleases } from './releases.ts';

/*
 * From the data folder of every earlier release, under load: the old version takes telemetry and is told to stop while senders go on, this one takes over its
 * folder. Every number that was acknowledged, by either, is there once. TOCSIN_UPGRADE_FROM names commits to begin at as well, separated by commas.
 */
const extra = (process.env['TOCSIN_UPGRADE_FROM'] ?? '').split(',').filter((ref) => ref !== '');
const { tagged, untagged } = await readReleases();
const refs = [...tagged.map(({ ref }) => ref), ...extra];

describe('an upgrade', () => {
  it('has earlier releases to begin at, or says that there are none', () => {
    // No release has been made yet: the mechanism is there, and this line is what one sees of it.
    if (refs.length === 0)
      process.stderr.write('upgrade: there is no release tag yet (v*), so no upgrade from a release was run\n');
    // A version of the changelog without a tag would be left out without a word.
    expect(untagged).toEqual([]);
  });

  it.each(refs)(
    'from %s, and the way back, lose nothing that either version acknowledged',
    async (ref) => {
      const home = await mkdtemp(join(tmpdir(), 'tocsin-upgrade-'));
      onTestFinished(() => rm(home, { recursive: true, force: true }));
      const { node, main } = await installRelease(ref, join(home, 'release'));
      const folder = join(home, 'home');
      await makeHome(folder, 'minimal');

      const old = launchWith(node, main, folder);
      onTestFinished(() => void old.child.kill('SIGKILL'));
      let endpoints = await endpointsOf(folder, old);
      const senders = ['a', 'b'].map((name) => startSender(name, () => endpoints['collector.http'] ?? ''));
      onTestFinished(() => Promise.all(senders.map((sender) => sender.stop())).then(() => undefined));
      await untilMore(senders, 200);
      old.child.kill('SIGTERM');
      await old.ended;
      const acknowledgedByOld = senders.map(({ acknowledged }) => acknowledged);

      let current = await startOver(folder);
      ({ endpoints } = current);
      await untilMore(senders, 200);
      expect(await current.stop()).toBe(0);

      // And back: the old one runs on what this one has made, or says why it does not and changes nothing.
      const goingBack = launchWith(node, main, folder);
      onTestFinished(() => void goingBack.child.kill('SIGKILL'));
      const runs = await endpointsOf(folder, goingBack).catch(() => undefined);
      if (runs) {
        endpoints = runs;
        await untilMore(senders, 50);
        goingBack.child.kill('SIGTERM');
        await goingBack.ended;
      }
      const said = runs ? 'it runs' : goingBack.output();
      expect(said).toMatch(/^it runs$|which this version does not know/);
      process.stderr.write(`upgrade from ${ref}: going back ${runs ? 'works' : 'is refused'}\n`);

      current = await startOver(folder);
      ({ endpoints } = current);
      await untilMore(senders, 50);
      await Promise.all(senders.map((sender) => sender.stop()));
      await untilLoaded(folder);
      for (const [at, { name, acknowledged }] of senders.entries()) {
        const found = await count(endpoints['clickhouse.http'] ?? '', name);
        expect(acknowledged).toBeGreaterThan(acknowledgedByOld[at] ?? Infinity);
        expect({ numbers: found.numbers, max: found.max }).toEqual({ numbers: acknowledged, max: acknowledged });
        // What had no answer when the old one stopped was sent again; a release before keys (decision 0013) may have it twice.
        expect(found.rows).toBeGreaterThanOrEqual(acknowledged);
        expect(found.rows).toBeLessThanOrEqual(acknowledged + 10);
      }
      expect(await current.stop()).toBe(0);
    },
    900_000,
  );
});

async function startOver(folder: string): Promise<Stack> {
  const stack = await startStack(folder);
  onTestFinished(() => void stack.launched.child.kill('SIGKILL'));
  return stack;
}

async function untilMore(senders: readonly Sender[], more: number): Promise<void> {
  const from = senders.map(({ acknowledged }) => acknowledged);
  while (senders.some(({ acknowledged }, at) => acknowledged < (from[at] ?? 0) + more))
    await new Promise((resolve) => void setTimeout(resolve, 50));
}
