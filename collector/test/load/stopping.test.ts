import { appendFile, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '@tocsin/service/log';
import { expect, onTestFinished, test } from 'vitest';
import { openJournal } from '../../src/journal/journal.ts';
import type { DeadLetter } from '../../src/load/dead-letter.ts';
import type { InsertData } from '../../src/load/insert-segment.ts';
import { loadSegment, type SegmentLoad } from '../../src/load/load-segment.ts';
import { readInsert, segmentLoad } from './segment-load.ts';
import { simpleSpans } from './otlp.ts';
import { openStage } from './stage.ts';

/** Nothing listens there. */
const NOWHERE = 'http://127.0.0.1:9';

test('while ClickHouse is away the loader says since when, and stopping is quick and keeps everything', async () => {
  const stage = await openStage(NOWHERE);
  onTestFinished(() => stage.close());
  await stage.journal.append('traces', simpleSpans('away', ['a']), { items: 1, self: false });
  await expect.poll(() => stage.loader.state().lastError).toBeDefined();
  expect(stage.loader.state()).toMatchObject({ phase: 'migrating', awaySinceMs: expect.any(Number) });
  const startMs = performance.now();
  await Promise.all([stage.loader.stop(), stage.loader.stop()]);
  expect(performance.now() - startMs).toBeLessThan(4_500);
  expect(stage.loader.state().phase).toBe('stopped');
  expect(stage.journal.sealed()).toHaveLength(1);
});

test('a loader that was never started stops, and does not start afterwards', async () => {
  const stage = await openStage(NOWHERE, { start: false });
  onTestFinished(() => stage.close());
  await stage.loader.stop();
  stage.loader.start();
  expect(stage.loader.state()).toMatchObject({ phase: 'stopped', awaySinceMs: undefined, lastError: undefined });
});

test('bytes of a sealed segment that no longer match their checksum are set aside, and the sound ones are loaded', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'tocsin-damaged-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const limits = { maxBytes: 2 ** 20, segmentBytes: 2 ** 16, segmentAgeMs: 60_000, minFreeBytes: 0 };
  const first = await openJournal({ directory, ...limits, log: silentLogger() });
  await first.append('traces', simpleSpans('s', ['a']), { items: 1, self: false });
  await first.stop();
  const [file] = (await readdir(join(directory, 'journal'))).filter((name) => name.endsWith('.segment'));
  const path = join(directory, 'journal', file!);
  const soundBytes = (await readFile(path)).byteLength;
  await appendFile(path, 'rot');
  const journal = await openJournal({ directory, ...limits, log: silentLogger() });
  onTestFinished(() => journal.stop());
  const letters: { letter: DeadLetter; body: Buffer }[] = [];
  const inserted: number[] = [];
  const insert: InsertData = async (attempt) => {
    inserted.push((await readInsert(attempt)).byteLength);
    return { status: 'ok' };
  };
  const keep: SegmentLoad['keep'] = (letter, body) => {
    letters.push({ letter, body: Buffer.from(body) });
    return Promise.resolve('kept');
  };
  const [segment] = journal.sealed();
  const outcome = await loadSegment(segment!, await segmentLoad(directory, segment!.name, { insert, keep }));
  expect(outcome).toMatchObject({ status: 'loaded', deadLetters: 1 });
  expect(inserted).toEqual([soundBytes]);
  expect(letters).toMatchObject([{ letter: { reason: 'damaged', offset: soundBytes }, body: Buffer.from('rot') }]);
});
