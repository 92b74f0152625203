import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { expect, test } from 'vitest';
import { decodeFrame } from '../../src/journal/frame.ts';
import type { JournalHandle, JournalOptions } from '../../src/journal/journal.ts';
import { openSegmentFile, type OpenSegmentFile } from '../../src/journal/segment-file.ts';
import { walkSegmentFile } from '../../src/journal/segment-walk.ts';
import type { RequestKey } from '../../src/signal.ts';
import { span, traceRequest } from '../otlp/bytes.ts';
import { decodeRequest } from '../otlp/oracle.ts';
import { body, openTestJournal, readTexts, segmentFiles, temporaryDirectory } from './requests.ts';

const A = 'aaaaaaaa-0000-4000-8000-000000000001';
const B = 'bbbbbbbb-0000-4000-8000-000000000002';
const SENDER = '0123456789abcdef';
const STORED = { status: 'stored' };
const REPEATED = { status: 'repeated', isExact: true };

const keyOf = (producer: string, sequence: number, sender = SENDER): RequestKey => ({ producer, sequence, sender });

function send(journal: JournalHandle, text: string, key: RequestKey, signal: 'traces' | 'metrics' = 'traces') {
  return journal.append(signal, body(text), { items: 1, self: false, key });
}

/** What is on the disk at this moment, opened as after a kill. */
async function reopen(directory: string, options: Partial<JournalOptions> = {}): Promise<JournalHandle> {
  const copy = await temporaryDirectory();
  await cp(directory, copy, { recursive: true });
  return openTestJournal(copy, options);
}

test('a request that is sent again is answered and not stored again; others of the producer are', async () => {
  const journal = await openTestJournal(await temporaryDirectory());
  expect(await send(journal, 'one', keyOf(A, 1))).toEqual(STORED);
  expect(await send(journal, 'one', keyOf(A, 1))).toEqual(REPEATED);
  expect(await send(journal, 'three', keyOf(A, 3))).toEqual(STORED);
  expect(await send(journal, 'two, late', keyOf(A, 2))).toEqual(STORED);
  expect(await send(journal, 'two, late', keyOf(A, 2))).toEqual(REPEATED);
  await journal.sealAll();
  expect(await readTexts(journal)).toEqual(['one', 'three', 'two, late']);
});

test('the same number of another producer, signal or sender is another request', async () => {
  const journal = await openTestJournal(await temporaryDirectory());
  for (const key of [keyOf(A, 1), keyOf(B, 1), keyOf(A, 1, 'fedcba9876543210')])
    expect(await send(journal, 'x', key)).toEqual(STORED);
  expect(await send(journal, 'x', keyOf(A, 1), 'metrics')).toEqual(STORED);
  expect(journal.stats()).toMatchObject({ producers: 4, producersForgotten: 0 });
});

test('one that lies before all that are known one by one is taken for repeated, and said to be', async () => {
  const journal = await openTestJournal(await temporaryDirectory());
  await send(journal, 'late', keyOf(A, 100));
  expect(await send(journal, 'in the window', keyOf(A, 37))).toEqual(STORED);
  expect(await send(journal, 'before it', keyOf(A, 36))).toEqual({ status: 'repeated', isExact: false });
});

test('a twin waits for the one that is on its way to the disk', async () => {
  const gate = Promise.withResolvers<void>();
  const openFile: OpenSegmentFile = async (path, directory) => {
    const file = await openSegmentFile(path, directory);
    return { ...file, append: (buffers) => gate.promise.then(() => file.append(buffers)) };
  };
  const journal = await openTestJournal(await temporaryDirectory(), { openFile });
  const ended: string[] = [];
  const both = ['first', 'twin'].map(async (name) => {
    const { status } = await send(journal, 'x', keyOf(A, 1));
    ended.push(`${name} ${status}`);
  });
  await new Promise((resolve) => void setTimeout(resolve, 20));
  expect(ended).toEqual([]);
  gate.resolve();
  await Promise.all(both);
  expect(ended.toSorted()).toEqual(['first stored', 'twin repeated']);
  await journal.sealAll();
  expect(await readTexts(journal)).toEqual(['x']);
});

test('what could not be stored is not taken for stored: neither its twin nor the next attempt', async () => {
  let isFull = true;
  const openFile: OpenSegmentFile = async (path, directory) => {
    const file = await openSegmentFile(path, directory);
    const full = Object.assign(new Error('no space'), { code: 'ENOSPC' });
    return { ...file, append: (buffers) => (isFull ? Promise.reject(full) : file.append(buffers)) };
  };
  let now = 1_000_000;
  const journal = await openTestJournal(await temporaryDirectory(), { openFile, now: () => (now += 5_000) });
  const both = await Promise.all([send(journal, 'x', keyOf(A, 1)), send(journal, 'x', keyOf(A, 1))]);
  expect(both).toMatchObject([{ status: 'full' }, { status: 'full' }]);
  isFull = false;
  await expect.poll(() => send(journal, 'x', keyOf(A, 1))).toEqual(STORED);
  await journal.sealAll();
  expect(await readTexts(journal)).toEqual(['x']);
});

test('a repeated request is answered though the journal is full', async () => {
  const journal = await openTestJournal(await temporaryDirectory(), { maxBytes: 100 });
  expect(await send(journal, 'x', keyOf(A, 1))).toEqual(STORED);
  expect(await send(journal, 'y', keyOf(A, 2))).toMatchObject({ status: 'full' });
  expect(await send(journal, 'x', keyOf(A, 1))).toEqual(REPEATED);
});

test('killed right after the write, before the answer: the request is known, and after a second kill too', async () => {
  const directory = await temporaryDirectory();
  await send(await openTestJournal(directory), 'x', keyOf(A, 7));
  expect((await segmentFiles(directory))[0]).toMatch(/\.open$/);
  const second = await reopen(directory);
  expect(await send(second, 'x', keyOf(A, 7))).toEqual(REPEATED);
  const copy = await temporaryDirectory();
  await cp(directory, copy, { recursive: true });
  await openTestJournal(copy);
  expect(await send(await reopen(copy), 'x', keyOf(A, 7))).toEqual(REPEATED);
});

test('a request is known after its segment was loaded and forgotten, and over restarts', async () => {
  const directory = await temporaryDirectory();
  const journal = await openTestJournal(directory);
  await send(journal, 'x', keyOf(A, 5));
  await journal.sealAll();
  for (const segment of journal.sealed()) await journal.forget(segment);
  expect(await send(journal, 'x', keyOf(A, 5))).toEqual(REPEATED);
  const again = await reopen(directory);
  expect(again.sealed()).toEqual([]);
  expect(await send(again, 'x', keyOf(A, 5))).toEqual(REPEATED);
  expect(await send(again, 'y', keyOf(A, 4))).toEqual(STORED);
});

test.each(['missing', 'damaged'])('with the file %s what is in sealed segments is known all the same', async (how) => {
  const directory = await temporaryDirectory();
  const journal = await openTestJournal(directory);
  await send(journal, 'x', keyOf(A, 5));
  await journal.sealAll();
  const file = join(directory, 'producers.json');
  if (how === 'missing') await rm(file);
  else await writeFile(file, '{"version":1,"producers":[["half');
  expect(await send(await reopen(directory), 'x', keyOf(A, 5))).toEqual(REPEATED);
});

test('where the file cannot be written a segment keeps the name of an open one, so that its keys are read again', async () => {
  const directory = await temporaryDirectory();
  const journal = await openTestJournal(directory);
  await rm(join(directory, 'producers.json'));
  await mkdir(join(directory, 'producers.json.new'));
  await send(journal, 'x', keyOf(A, 5));
  await journal.sealAll();
  const [segment] = journal.sealed();
  expect(segment?.path).toMatch(/\.open$/);
  expect(await readTexts(journal)).toEqual(['x']);
  await rm(join(directory, 'producers.json.new'), { recursive: true });
  await journal.forget(segment!);
  expect(await send(await reopen(directory), 'x', keyOf(A, 5))).toEqual(REPEATED);
});

test('at most so many producers are remembered: the longest silent of the sender with most leaves, and is counted', async () => {
  const directory = await temporaryDirectory();
  const journal = await openTestJournal(directory, { maxProducers: 3 });
  const quiet = keyOf(B, 1, 'fedcba9876543210');
  await send(journal, 'quiet', quiet);
  const flood = [1, 2, 3, 4].map((index) => keyOf(`aaaaaaaa-0000-4000-8000-00000000000${index}`, 1));
  for (const key of flood) await send(journal, 'flood', key);
  expect(journal.stats()).toMatchObject({ producers: 3, producersForgotten: 2 });
  expect(await send(journal, 'quiet', quiet)).toEqual(REPEATED);
  expect(await send(journal, 'flood', flood[3]!)).toEqual(REPEATED);
  expect(await send(journal, 'flood', flood[0]!)).toEqual(STORED);
});

test('a segment with keys is one valid request still, and a walk gives the keys back', async () => {
  const directory = await temporaryDirectory();
  const journal = await openTestJournal(directory);
  const summary = { items: 1, self: true };
  const key = keyOf(A, Number.MAX_SAFE_INTEGER);
  await journal.append('traces', traceRequest(span()), { ...summary, key });
  await journal.append('traces', traceRequest(span()), summary);
  await journal.sealAll();
  const [segment] = journal.sealed();
  expect(decodeRequest('traces', await readFile(segment!.path))['resourceSpans']).toHaveLength(2);
  const { requests } = await walkSegmentFile(segment!);
  expect(requests).toMatchObject([
    { offset: 0, bodyOffset: 56, key },
    { offset: 56 + traceRequest(span()).byteLength, self: true },
  ]);
  expect(requests[1]).not.toHaveProperty('key');
  expect(requests).toMatchObject(segment!.requests!.map((request) => ({ ...request })));
});

test('a frame that an earlier version wrote is read', () => {
  const bytes = Buffer.from('faffffff0f120101040000000300000011cd82ed8e33b7dd', 'hex');
  expect(decodeFrame(bytes, 0)).toEqual({
    frameBytes: 24,
    bodyBytes: 4,
    items: 3,
    self: true,
    bodyCrc: crc32('abcd'),
  });
});
