import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FRAME_BYTES } from '../../src/journal/frame.ts';
import { body, openTestJournal, readTexts, segmentFiles, temporaryDirectory } from './requests.ts';

const ONE = { items: 1, self: false };

/** A segment that is still open, with these requests, as a crash would leave it. */
async function openSegmentWith(texts: readonly string[]): Promise<{ name: string; bytes: Buffer }> {
  const directory = await temporaryDirectory();
  const journal = await openTestJournal(directory);
  for (const text of texts) await journal.append('traces', body(text), ONE);
  const [name] = await segmentFiles(directory);
  return { name: name!, bytes: await readFile(join(directory, 'journal', name!)) };
}

async function directoryWith(name: string, bytes: Uint8Array): Promise<string> {
  const directory = await temporaryDirectory();
  await mkdir(join(directory, 'journal'));
  await writeFile(join(directory, 'journal', name), bytes);
  return directory;
}

test('a crash at any byte of the last request loses that request only', async () => {
  const { name, bytes } = await openSegmentWith(['first', 'second', 'last']);
  const lastStart = bytes.byteLength - body('last').byteLength - FRAME_BYTES;
  for (let length = lastStart; length <= bytes.byteLength; length += 1) {
    const journal = await openTestJournal(await directoryWith(name, bytes.subarray(0, length)));
    const isWhole = length === bytes.byteLength;
    expect(await readTexts(journal)).toEqual(isWhole ? ['first', 'second', 'last'] : ['first', 'second']);
    expect(journal.stats().tornBytes).toBe(isWhole ? 0 : length - lastStart);
    await journal.stop();
  }
});

test('a tail of zeros, as a power cut leaves it, is cut', async () => {
  const { name, bytes } = await openSegmentWith(['first', 'last']);
  const kept = FRAME_BYTES + body('first').byteLength;
  const torn = Buffer.concat([bytes.subarray(0, kept + FRAME_BYTES), Buffer.alloc(4_096)]);
  const directory = await directoryWith(name, torn);
  const journal = await openTestJournal(directory);
  expect(await readTexts(journal)).toEqual(['first']);
  const [file] = await segmentFiles(directory);
  expect((await readFile(join(directory, 'journal', file!))).byteLength).toBe(kept);
});

test('a changed byte anywhere in the last request is noticed', async () => {
  const { name, bytes } = await openSegmentWith(['first', 'last']);
  const lastStart = FRAME_BYTES + body('first').byteLength;
  for (let offset = lastStart; offset < bytes.byteLength; offset += 1) {
    const changed = Buffer.from(bytes);
    changed[offset] = (changed[offset] ?? 0) ^ 0x40;
    const journal = await openTestJournal(await directoryWith(name, changed));
    expect(await readTexts(journal)).toEqual(['first']);
    await journal.stop();
  }
});

test('a copy taken while the journal runs opens with all that was acknowledged, under its old name', async () => {
  const directory = await temporaryDirectory();
  const journal = await openTestJournal(directory, { segmentBytes: 150 });
  for (let index = 0; index < 10; index += 1) await journal.append('logs', body(`request ${index}`), ONE);
  const copy = await temporaryDirectory();
  await mkdir(join(copy, 'journal'));
  for (const file of await segmentFiles(directory)) {
    await copyFile(join(directory, 'journal', file), join(copy, 'journal', file));
  }
  const recovered = await openTestJournal(copy);
  expect(await readTexts(recovered)).toEqual(Array.from({ length: 10 }, (_, index) => `request ${index}`));
  await journal.sealAll();
  expect(recovered.sealed().map(({ name }) => name)).toEqual(journal.sealed().map(({ name }) => name));
  expect(recovered.stats().bytes).toBe(journal.stats().bytes);
});

test('an empty segment and a foreign file do no harm', async () => {
  const { name } = await openSegmentWith(['x']);
  const directory = await directoryWith(name, new Uint8Array());
  await writeFile(join(directory, 'journal', 'notes.txt'), 'mine');
  const journal = await openTestJournal(directory);
  expect(journal.sealed()).toEqual([]);
  expect(await segmentFiles(directory)).toEqual(['notes.txt']);
});
