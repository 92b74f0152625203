import { expect, onTestFinished, test, vi } from 'vitest';
import { openSegmentFile, type OpenSegmentFile } from '../../src/journal/segment-file.ts';
import { walkSegment, readSegment } from './segment-bytes.ts';
import { decideDelayMs } from '../../src/journal/slow-down.ts';
import { body, openTestJournal, readTexts, segmentFiles, temporaryDirectory } from './requests.ts';

const ONE = { items: 1, self: false };
const STORED = { status: 'stored' };

test('requests come back in the order they were appended, with what was said about them', async () => {
  const journal = await openTestJournal(await temporaryDirectory());
  await journal.append('traces', body('a'), { items: 3, self: false });
  await journal.append('traces', body('b'), { items: 5, self: true });
  await journal.sealAll();
  expect(await readTexts(journal)).toEqual(['a', 'b']);
  const [segment] = journal.sealed();
  const { requests } = walkSegment(await readSegment(segment!));
  expect(requests).toMatchObject([
    { offset: 0, items: 3, self: false },
    { items: 5, self: true },
  ]);
});

test('appends that arrive during a commit share the next one', async () => {
  const commits: number[] = [];
  const openFile: OpenSegmentFile = async (path, directory) => {
    const file = await openSegmentFile(path, directory);
    return {
      truncate: (size) => file.truncate(size),
      close: () => file.close(),
      append(buffers) {
        commits.push(buffers.length / 2);
        return file.append(buffers);
      },
    };
  };
  const journal = await openTestJournal(await temporaryDirectory(), { openFile });
  const results = await Promise.all(
    Array.from({ length: 100 }, (_, index) => journal.append('logs', body(`r${index}`), ONE)),
  );
  expect(results.every(({ status }) => status === 'stored')).toBe(true);
  expect(commits.length).toBeLessThanOrEqual(2);
  await journal.sealAll();
  expect(await readTexts(journal)).toEqual(Array.from({ length: 100 }, (_, index) => `r${index}`));
});

test('a segment is sealed when it reaches its size, and a request larger than that has one of its own', async () => {
  const journal = await openTestJournal(await temporaryDirectory(), { segmentBytes: 100 });
  for (const text of ['x'.repeat(30), 'y'.repeat(30), 'z'.repeat(120), 'end']) {
    await journal.append('traces', body(text), ONE);
  }
  await journal.sealAll();
  const requests = await Promise.all(
    journal.sealed().map(async (segment) => walkSegment(await readSegment(segment)).requests.length),
  );
  expect(requests).toEqual([2, 1, 1]);
});

test('a segment is sealed when it reaches its age, and the listener is told', async () => {
  const journal = await openTestJournal(await temporaryDirectory(), { segmentAgeMs: 20 });
  const sealed = new Promise<void>((resolve) => journal.onSealed(resolve));
  await journal.append('metrics', body('m'), ONE);
  expect(journal.sealed()).toEqual([]);
  await sealed;
  expect(journal.sealed()).toMatchObject([{ signal: 'metrics' }]);
});

test('a segment with nothing but our own telemetry waits longer, until somebody else’s request joins it', async () => {
  const journal = await openTestJournal(await temporaryDirectory(), { segmentAgeMs: 20 });
  await journal.append('metrics', body('own'), { items: 1, self: true });
  await new Promise((resolve) => void setTimeout(resolve, 200));
  expect(journal.sealed()).toHaveLength(0);
  await journal.append('metrics', body('theirs'), ONE);
  await vi.waitFor(() => expect(journal.sealed()).toHaveLength(1), { timeout: 5_000 });
  expect(await readTexts(journal)).toEqual(['own', 'theirs']);
});

test('segments of all signals are listed by the time they were begun', async () => {
  let now = 1_763_839_440_000;
  const journal = await openTestJournal(await temporaryDirectory(), { now: () => now });
  for (const signal of ['logs', 'traces', 'metrics'] as const) {
    await journal.append(signal, body(signal), ONE);
    now += 10;
  }
  await journal.sealAll();
  expect(journal.sealed().map(({ signal }) => signal)).toEqual(['logs', 'traces', 'metrics']);
  expect(journal.stats().oldestAtMs).toBe(1_763_839_440_000);
});

test('names go on rising when the clock steps back, and over a restart', async () => {
  const directory = await temporaryDirectory();
  const first = await openTestJournal(directory, { now: () => 1_763_839_440_000 });
  await first.append('logs', body('1'), ONE);
  await first.stop();
  const second = await openTestJournal(directory, { now: () => 1_000_000_000_000 });
  await second.append('logs', body('2'), ONE);
  await second.sealAll();
  await second.append('logs', body('3'), ONE);
  await second.sealAll();
  expect(await readTexts(second)).toEqual(['1', '2', '3']);
});

test('a full journal refuses, and takes again what fits once a segment has gone', async () => {
  const journal = await openTestJournal(await temporaryDirectory(), { maxBytes: 100 });
  expect(await journal.append('logs', body('x'.repeat(60)), ONE)).toEqual(STORED);
  expect(await journal.append('logs', body('y'.repeat(60)), ONE)).toEqual({
    status: 'full',
    reason: 'journal_full',
    retryAfterMs: 5_000,
  });
  expect(journal.stats().refusing).toBe('journal_full');
  await journal.sealAll();
  await journal.forget(journal.sealed()[0]!);
  expect(journal.stats()).toMatchObject({ bytes: 0, segments: 0, oldestAtMs: undefined });
  expect(await journal.append('logs', body('y'.repeat(60)), ONE)).toEqual(STORED);
  expect(journal.stats().refusing).toBeUndefined();
});

test('acknowledgements are held back from half of the limit on, and stopping lets them go', async () => {
  expect([0, 50, 75, 100, 130].map((bytes) => decideDelayMs(bytes, 100))).toEqual([0, 0, 250, 1_000, 1_000]);
  const journal = await openTestJournal(await temporaryDirectory(), { maxBytes: 100 });
  const startMs = performance.now();
  const held = journal.append('logs', body('x'.repeat(70)), ONE);
  await expect.poll(() => journal.stats().delayMs).toBe(846);
  await journal.stop();
  expect(await held).toEqual(STORED);
  expect(performance.now() - startMs).toBeLessThan(800);
});

test('what waits to be written counts against the limit', async () => {
  const journal = await openTestJournal(await temporaryDirectory(), { maxBytes: 200 });
  const results = await Promise.all(Array.from({ length: 5 }, () => journal.append('logs', body('x'.repeat(60)), ONE)));
  expect(results.filter(({ status }) => status === 'stored')).toHaveLength(2);
});

test('below the low-water mark of free disk appends are refused until there is room', async () => {
  let free = 10;
  let now = 1_000_000;
  const journal = await openTestJournal(await temporaryDirectory(), {
    minFreeBytes: 100,
    freeBytes: () => Promise.resolve(free),
    now: () => now,
  });
  const refused = { status: 'full', reason: 'disk_full', retryAfterMs: 5_000 };
  expect(await journal.append('logs', body('a'), ONE)).toEqual(refused);
  free = 1_000;
  now += 2_000;
  await vi.waitFor(async () => expect(await journal.append('logs', body('a'), ONE)).toEqual(STORED), {
    timeout: 15_000,
  });
});

test('an empty request, or one without items, is taken and leaves nothing behind', async () => {
  const directory = await temporaryDirectory();
  const journal = await openTestJournal(directory);
  expect(await journal.append('traces', new Uint8Array(), { items: 0, self: false })).toEqual(STORED);
  expect(await journal.append('traces', body('a'), { items: 0, self: false })).toEqual(STORED);
  expect(await segmentFiles(directory)).toEqual([]);
});

test('a second process cannot open the same directory, and can once the first has stopped', async () => {
  const directory = await temporaryDirectory();
  const first = await openTestJournal(directory);
  await expect(openTestJournal(directory)).rejects.toMatchObject({ code: 'journal_locked' });
  await first.stop();
  await openTestJournal(directory);
});

test('a stopped journal refuses appends and has sealed everything', async () => {
  const directory = await temporaryDirectory();
  const journal = await openTestJournal(directory);
  await journal.append('logs', body('a'), ONE);
  await Promise.all([journal.stop(), journal.stop()]);
  expect(await readTexts(journal)).toEqual(['a']);
  await expect(journal.append('logs', body('b'), ONE)).rejects.toMatchObject({ code: 'journal_closed' });
});

/** A disk that fails on the n-th write after having written part of it. */
function failingDisk(failAt: number, code: string): OpenSegmentFile {
  let writes = 0;
  return async (path, directory) => {
    const file = await openSegmentFile(path, directory);
    onTestFinished(() => file.close().catch(() => undefined));
    return {
      truncate: (size) => file.truncate(size),
      close: () => file.close(),
      async append(buffers) {
        writes += 1;
        if (writes !== failAt) return file.append(buffers);
        await file.append([buffers[0]!, buffers[1]!.subarray(0, 3)]);
        throw Object.assign(new Error('the disk says no'), { code });
      },
    };
  };
}

test('a disk that is full refuses the request, cuts its torn tail and keeps what was acknowledged', async () => {
  const directory = await temporaryDirectory();
  let now = 1_000_000;
  const journal = await openTestJournal(directory, { openFile: failingDisk(2, 'ENOSPC'), now: () => now });
  expect(await journal.append('logs', body('kept'), ONE)).toEqual(STORED);
  expect(await journal.append('logs', body('refused'), ONE)).toMatchObject({ reason: 'disk_full' });
  expect(await journal.append('logs', body('too soon'), ONE)).toMatchObject({ reason: 'disk_full' });
  now += 2_000;
  await vi.waitFor(async () => expect(await journal.append('logs', body('again'), ONE)).toEqual(STORED), {
    timeout: 15_000,
  });
  await journal.sealAll();
  expect(await readTexts(journal)).toEqual(['kept', 'again']);
  expect(await segmentFiles(directory)).toHaveLength(2);
});

test('a disk that fails otherwise rejects the append and the journal goes on in a new segment', async () => {
  const journal = await openTestJournal(await temporaryDirectory(), { openFile: failingDisk(2, 'EIO') });
  await journal.append('logs', body('kept'), ONE);
  await expect(journal.append('logs', body('lost'), ONE)).rejects.toMatchObject({ code: 'journal_write_failed' });
  await journal.append('logs', body('after'), ONE);
  await journal.sealAll();
  expect(await readTexts(journal)).toEqual(['kept', 'after']);
});
