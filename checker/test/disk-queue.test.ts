import { appendFile, cp, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '@tocsin/service/log';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
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

async function openQueue(maxBytes = 2 ** 30, inside = folder): Promise<DiskQueue> {
  const queue = await DiskQueue.open({
    folder: inside,
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

test('a damaged cursor gives results again rather than never, in the batches that they were in', async () => {
  const first = await openQueue();
  await put(first, 'a', 'b');
  const before = await take(first);
  await put(first, 'c');
  await writeFile(join(folder, 'cursor'), 'nonsense');
  const second = await openQueue();
  expect(await take(second)).toEqual(before);
  expect(await drain(second)).toEqual(['c']);
});

/** Takes one batch. */
async function take(queue: DiskQueue): Promise<{ key: string | undefined; texts: string[] }> {
  const batch = await queue.next();
  if (batch) await queue.done(batch);
  return { key: batch?.key, texts: batch?.payloads.map(String) ?? [] };
}

test('what goes out again is the same batch with the same key, whatever has come meanwhile, and in another process too', async () => {
  const first = await openQueue();
  await put(first, 'a');
  await put(first, 'b');
  const batch = await first.next();
  await put(first, 'c');
  const again = await first.next();
  expect(again?.payloads.map(String)).toEqual(['a', 'b']);
  expect(again?.key).toBe(batch?.key);
  const second = await openQueue();
  await put(second, 'd');
  expect(await take(second)).toEqual({ key: batch?.key, texts: ['a', 'b'] });
  expect((await take(second)).texts).toEqual(['c']);
  expect((await take(second)).texts).toEqual(['d']);
});

test('a batch that is taken while a write is under way gets nothing of it', async () => {
  const queue = await openQueue();
  await put(queue, 'a');
  queue.append(Buffer.from('b'));
  const [, taken] = await Promise.all([queue.flush(), queue.next()]);
  queue.append(Buffer.from('c'));
  const [again] = await Promise.all([queue.next(), queue.flush()]);
  expect(again?.payloads.map(String)).toEqual(taken?.payloads.map(String));
  const second = await openQueue();
  expect((await second.next())?.payloads.map(String)).toEqual(taken?.payloads.map(String));
  expect(await drain(second)).toEqual(['a', 'b', 'c']);
});

test('batches are numbered in order over files and sizes; another process is another producer', async () => {
  const text = 'x'.repeat(400_000);
  const first = await openQueue();
  for (let index = 0; index < 20; index += 1) await put(first, `${index}${text}`);
  await put(first, ...Array.from({ length: 600 }, (_, index) => `small ${index}`));
  const keys: (string | undefined)[] = [];
  for (let batch = await take(first); batch.texts.length > 0; batch = await take(first)) keys.push(batch.key);
  const [producer = ''] = keys[0]?.split('/') ?? [];
  expect(producer).toMatch(/^[0-9a-f-]{36}$/);
  expect(keys.length).toBeGreaterThan(10);
  expect(keys).toEqual(keys.map((_, index) => `${producer}/${index + 1}`));
  const second = await openQueue();
  await put(second, 'y');
  const { key } = await take(second);
  expect(key).toMatch(/\/1$/);
  expect(key).not.toBe(keys[0]);
});

test('a batch does not go on in the next file: each file begins one', async () => {
  const queue = await openQueue(40_000);
  for (let index = 0; index < 30; index += 1) await put(queue, `${index} ${'x'.repeat(900)}`);
  const files = await segments();
  expect(files.length).toBeGreaterThan(1);
  const keys: (string | undefined)[] = [];
  for (let batch = await take(queue); batch.texts.length > 0; batch = await take(queue)) keys.push(batch.key);
  expect(keys.map((key) => key?.split('/')[1])).toEqual(files.map((_, index) => String(index + 1)));
});

test('a folder that was copied is another producer for all that is new, and the same for what waited', async () => {
  const original = await openQueue();
  await put(original, 'waits');
  const copyFolder = `${folder}-copy`;
  await cp(folder, copyFolder, { recursive: true });
  onTestFinished(() => rm(copyFolder, { recursive: true }));
  const copy = await openQueue(undefined, copyFolder);
  const [a, b] = [await take(original), await take(copy)];
  expect(b).toEqual(a);
  await put(original, 'one');
  await put(copy, 'two');
  expect((await take(original)).key).not.toBe((await take(copy)).key);
});

test('one result larger than what is read at a time is a batch of its own, with a key', async () => {
  const queue = await openQueue();
  await put(queue, 'a', 'x'.repeat(3 * 2 ** 20), 'b');
  const batches = [await take(queue), await take(queue), await take(queue)];
  expect(batches.map(({ texts }) => texts[0]?.length)).toEqual([1, 3 * 2 ** 20, 1]);
  expect(batches.map(({ key }) => key?.split('/')[1])).toEqual(['1', '2', '3']);
});

test('a file of an earlier version goes out, without a key', async () => {
  const bytes = '54534231080000006878958a656e76656c6f70650100000043beb7e86102000000382ba9c26263';
  await writeFile(join(folder, '000000000001.seg'), Buffer.from(bytes, 'hex'));
  const queue = await openQueue();
  await put(queue, 'new');
  const batch = await queue.next();
  expect(batch?.envelope.toString()).toBe('envelope');
  expect(await take(queue)).toEqual({ key: undefined, texts: ['a', 'bc'] });
  expect(await take(queue)).toMatchObject({ key: expect.stringMatching(/\/1$/), texts: ['new'] });
  expect(dropped).toEqual([]);
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
