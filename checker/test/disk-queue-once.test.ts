import { cp, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '@tocsin/service/log';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../src/clock.ts';
import { DiskQueue } from '../src/results/disk-queue.ts';
import { createEnvelope } from '../src/results/envelope.ts';

/** A collector that takes a batch unless it has a later one, or this one, of the producer. */
class Collector {
  readonly taken: number[] = [];
  readonly #last = new Map<string, number>();

  receive(key: string | undefined, payloads: readonly Uint8Array[]): void {
    const [producer = '', number = ''] = key?.split('/') ?? [];
    if (Number(number) <= (this.#last.get(producer) ?? 0)) return;
    this.#last.set(producer, Number(number));
    this.taken.push(...payloads.map((payload) => Number.parseInt(String(payload), 10)));
  }
}

/** The same numbers for the same seed. */
function createRandom(seed: number): (below: number) => number {
  let state = seed * 2_654_435_761;
  return (below) => (state = (state * 16_807) % 2_147_483_647) % below;
}

function openQueue(folder: string): Promise<DiskQueue> {
  const options = { folder, envelope: createEnvelope({}), maxBytes: 2 ** 30, clock: systemClock };
  return DiskQueue.open({ ...options, log: silentLogger(), onDropped: () => undefined });
}

/** What of a folder survives: all that was written, or with a power cut an older cursor and files without their ends. */
async function crash(folder: string, oldCursor: Buffer | undefined, random: (below: number) => number) {
  const copy = await mkdtemp(join(tmpdir(), 'tocsin-queue-'));
  onTestFinished(() => rm(copy, { recursive: true }));
  await cp(folder, copy, { recursive: true });
  if (oldCursor === undefined) return copy;
  await writeFile(join(copy, 'cursor'), oldCursor);
  const last = (await readdir(copy)).filter((name) => name.endsWith('.seg')).at(-1);
  if (last === undefined) return copy;
  const { size } = await stat(join(copy, last));
  await truncate(join(copy, last), size - random(Math.min(size, 60)));
  return copy;
}

/** Puts, takes, sends and crashes in some order, and drains the last process. @returns what was put in, and what the collector took */
async function live(seed: number, hasPower: boolean): Promise<{ put: number; taken: readonly number[] }> {
  const random = createRandom(seed);
  const collector = new Collector();
  const queues: DiskQueue[] = [];
  const cursors: Buffer[] = [];
  let folder = await mkdtemp(join(tmpdir(), 'tocsin-queue-'));
  const first = folder;
  onTestFinished(() => rm(first, { recursive: true }));
  let queue = await openQueue(folder);
  queues.push(queue);
  let put = 0;
  const send = async (isNoted: boolean): Promise<boolean> => {
    const batch = await queue.next();
    if (!batch) return false;
    collector.receive(batch.key, batch.payloads);
    if (isNoted) await queue.done(batch);
    return true;
  };
  for (let step = 0; step < 60; step += 1) {
    const choice = random(10);
    if (choice < 5) {
      for (let count = random(4); count >= 0; count -= 1)
        queue.append(Buffer.from(`${put++} ${'x'.repeat(random(9))}`));
      const written = queue.flush();
      // Sometimes what is written and what is taken overlap.
      if (random(3) > 0) await written;
    } else if (choice < 8) await send(random(3) > 0);
    else if (choice === 8) cursors.push(await readFile(join(folder, 'cursor')));
    else {
      await queue.flush();
      const oldCursor = hasPower ? undefined : cursors[random(cursors.length + 1)];
      folder = await crash(folder, oldCursor, random);
      cursors.length = 0;
      queue = await openQueue(folder);
      queues.push(queue);
    }
  }
  await queue.flush();
  while (await send(true));
  for (const each of queues) await each.stop();
  return { put, taken: collector.taken };
}

const SEEDS = Array.from({ length: 12 }, (_, index) => index + 1);

test('killed at any moment, batches sent again or not noted as sent: the collector has every result once, in order', async () => {
  for (const seed of SEEDS) {
    const { put, taken } = await live(seed, true);
    expect(taken, `seed ${seed}`).toEqual(Array.from({ length: put }, (_, index) => index));
  }
});

test('without power the ends of files and the last places of the cursor are lost: no result is there twice, and they are in order', async () => {
  for (const seed of SEEDS) {
    const { taken } = await live(seed, false);
    expect(taken, `seed ${seed}`).toEqual([...new Set(taken)].toSorted((a, b) => a - b));
  }
});
