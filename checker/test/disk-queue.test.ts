import { appendFile, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '@tocsin/service/log';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../src/clock.ts';
import { DiskQueue } from '../src/results/disk-queue.ts';
import { createEnvelope } from '../src/results/envelope.ts';

let folder: string;
let dropped: string[];
let open: DiskQueue[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tocsin-queue-'));
  dropped = [];
  open = [];
});
afterEach(async () => {
  await Promise.all(open.map((queue) => queue.stop()));
  await rm(folder, { recursive: true });
});

async function openQueue(maxBytes = 2 ** 30): Promise<DiskQueue> {
  const queue = await DiskQueue.open({
    folder,
    envelope: createEnvelope({ 'tocsin.location': 'here' }),
    maxBytes,
    clock: systemClock,
    log: silentLogger(),
    onDropped: (count, reason) => dropped.push(`${count} ${reason}`),
  });
  open.push(queue);
  return queue;
}

async function put(queue: DiskQueue, ...texts: string[]): Promise<void> {
  for (const text of texts) queue.append(Buffer.from(text));
  await queue.flush();
}

/** Takes all that waits. */
async function drain(queue: DiskQueue): Promise<string[]> {
  const taken: string[] = [];
  for (let batch = await queue.next(); batch; batch = await queue.next()) {
    taken.push(...batch.payloads.map((payload) => Buffer.from(payload).toString()));
    await queue.done(batch);
  }
  return taken;
}

const segments = async () => (await readdir(folder)).filter((name) => name.endsWith('.seg')).toSorted();

test('what was put in comes out in order, and again until it is done', async () => {
  const queue = await openQueue();
  await put(queue, 'a', 'b');
  await put(queue, 'c');
  const [first, again] = [await queue.next(), await queue.next()];
  expect(again?.payloads.map(String)).toEqual(['a', 'b', 'c']);
  expect(first?.count).toBe(3);
  expect(queue.size).toBe(3);
  expect(await drain(queue)).toEqual(['a', 'b', 'c']);
  expect(queue.size).toBe(0);
  await put(queue, 'd');
  expect(await drain(queue)).toEqual(['d']);
});

test('an earlier process leaves what was not done, and nothing else', async () => {
  const first = await openQueue();
  const many = Array.from({ length: 1_200 }, (_, index) => `item ${index}`);
  await put(first, ...many);
  const batch = await first.next();
  if (!batch) throw new Error('nothing waits');
  await first.done(batch);
  expect(batch.count).toBe(512);
  const second = await openQueue();
  await put(second, 'newer');
  expect(await drain(second)).toEqual([...many.slice(512), 'newer']);
  expect(await drain(await openQueue())).toEqual([]);
  expect(dropped).toEqual([]);
});

test('what was being written when the process died is cut off, counted, and hinders nobody', async () => {
  await put(await openQueue(), 'a', 'b');
  const [name = ''] = await segments();
  await appendFile(join(folder, name), Buffer.from([9, 0, 0, 0, 1, 2, 3]));
  const queue = await openQueue();
  expect(dropped).toEqual(['1 torn']);
  await put(queue, 'c');
  expect(await drain(queue)).toEqual(['a', 'b', 'c']);
});

test('a file cut anywhere gives back every whole result before the cut', async () => {
  await put(await openQueue(), 'first', 'second');
  const [name = ''] = await segments();
  const whole = await readFile(join(folder, name));
  for (let cut = whole.length - 1; cut >= 0; cut -= 7) {
    await rm(join(folder, 'cursor'), { force: true });
    await writeFile(join(folder, name), whole.subarray(0, cut));
    const got = await drain(await openQueue());
    expect(['first', 'second'].slice(0, got.length)).toEqual(got);
  }
});

test('a damaged file costs what is damaged and no more, also in the midst of the work', async () => {
  const queue = await openQueue();
  await put(queue, 'a', 'b');
  const [name = ''] = await segments();
  const { size } = await stat(join(folder, name));
  await truncate(join(folder, name), size - 1);
  expect(await drain(queue)).toEqual(['a']);
  expect(dropped).toEqual(['1 torn']);
  await put(queue, 'c');
  expect(await drain(queue)).toEqual(['c']);
});

test('a damaged cursor gives results twice rather than never', async () => {
  const first = await openQueue();
  await put(first, 'a', 'b');
  const batch = await first.next();
  if (batch) await first.done(batch);
  await put(first, 'c');
  await writeFile(join(folder, 'cursor'), 'nonsense');
  expect(await drain(await openQueue())).toEqual(['a', 'b', 'c']);
});

test('past the limit the oldest give way and are counted', async () => {
  const queue = await openQueue(40_000);
  const text = 'x'.repeat(1_000);
  for (let index = 0; index < 100; index += 1) await put(queue, `${index} ${text}`);
  expect(queue.sizeBytes).toBeLessThanOrEqual(50_000);
  const left = (await drain(queue)).map((item) => Number.parseInt(item, 10));
  expect(left.at(-1)).toBe(99);
  expect(left).toEqual(Array.from({ length: left.length }, (_, index) => 100 - left.length + index));
  const lost = dropped.reduce((sum, entry) => sum + Number.parseInt(entry, 10), 0);
  expect(lost + left.length).toBe(100);
  expect(dropped[0]).toMatch(/overflow$/);
});

test('files are removed when all of them has been taken', async () => {
  const queue = await openQueue();
  const text = 'x'.repeat(2 ** 20);
  for (let index = 0; index < 6; index += 1) await put(queue, `${index}${text}`);
  expect((await segments()).length).toBeGreaterThan(2);
  expect(await drain(queue)).toHaveLength(6);
  expect((await segments()).length).toBe(1);
});
