import { cp, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runJournalCommand } from '../../src/journal-command/command.ts';
import { readSegment, walkSegment } from '../journal/segment-bytes.ts';
import { createDeadLetters, type DeadLetter } from '../../src/load/dead-letter.ts';
import { readRecords } from '../../src/otlp/records.ts';
import { openTestJournal, temporaryDirectory } from '../journal/requests.ts';
import { field, fixed64Field, metricRequest, numberField } from '../otlp/bytes.ts';
import { encodeRequest, simpleSpans } from '../load/otlp.ts';

const NOW_MS = 1_763_839_500_000;
const SEGMENT = '1763839440123-000001-traces-9f8e7d6c';
const LETTER: DeadLetter = {
  segment: SEGMENT,
  signal: 'traces',
  offset: 24,
  reason: 'refused',
  table: 'otel_traces',
  code: 33,
  message: 'Cannot read all data',
  items: 2,
  at: new Date(NOW_MS - 60_000),
};
const ID = `${SEGMENT}.24.otel_traces`;

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs the command on a data folder, whose collector's part is in `collector/`. */
async function run(data: string, args: readonly string[], answer?: boolean): Promise<Ran> {
  const [out, err]: [string[], string[]] = [[], []];
  const code = await runJournalCommand([...args, '--data', data], {
    env: {},
    workingDir: '/',
    now: () => NOW_MS,
    takenLimitMs: 300,
    print: (text) => void out.push(text),
    complain: (text) => void err.push(text),
    ask: answer === undefined ? undefined : () => Promise.resolve(answer),
  });
  return { code, out: out.join('\n'), err: err.join('\n') };
}

async function dataWith(...letters: readonly { readonly letter: DeadLetter; readonly body: Uint8Array }[]) {
  const data = await temporaryDirectory();
  const store = createDeadLetters(join(data, 'collector/dead-letter'), 2 ** 30);
  for (const { letter, body } of letters) await store.keep(letter, body);
  return data;
}

const oneLetter = () => dataWith({ letter: LETTER, body: simpleSpans('shop', ['a', 'b']) });
const letterFiles = (data: string) => readdir(join(data, 'collector/dead-letter'));

/** The names of the spans in a journal's sealed segments. */
async function spanNames(journal: Awaited<ReturnType<typeof openTestJournal>>): Promise<readonly string[]> {
  const names: string[] = [];
  for (const segment of journal.sealed()) {
    const bytes = await readSegment(segment);
    for (const { bodyOffset, bodyBytes } of walkSegment(bytes).requests) {
      const body = bytes.subarray(bodyOffset, bodyOffset + bodyBytes);
      for (const { name } of readRecords(segment.signal, body)) names.push(name);
    }
  }
  return names;
}

test('list shows segments and dead letters, beside a collector that holds the lock and without one', async () => {
  const data = await oneLetter();
  const journal = await openTestJournal(join(data, 'collector'), { now: () => NOW_MS - 5_000 });
  await journal.append('logs', encodeRequest('logs', {}), { items: 3, self: false });
  await journal.append('traces', simpleSpans('shop', ['x']), { items: 1, self: false });
  await journal.sealAll();
  await journal.append('traces', simpleSpans('shop', ['y', 'z']), { items: 2, self: false });
  const { code, out } = await run(data, ['list']);
  expect(code).toBe(0);
  expect(out).toMatch(/^Segments that wait to be loaded: 2, /);
  expect(out).toMatch(/-traces-\w+ +traces +waiting +1 +1 +\S+ B +5 s/);
  expect(out).toMatch(/-traces-\w+ +traces +open +1 +2 /);
  expect(out).toMatch(/Dead letters: 1, \d+ B\.\n[^]*otel_traces +traces +refused +1 +2 +\d+ B +60 s/);
  await journal.stop();
  const offline = JSON.parse((await run(data, ['list', '--json'])).out) as Record<string, unknown>;
  expect(offline).toMatchObject({
    segments: [{ state: 'waiting' }, { state: 'waiting', records: 2 }],
    letters: [{ id: ID, letter: { reason: 'refused', code: 33 } }],
  });
});

test('explain says why a letter is one and what is in it, also by the beginning of its ID', async () => {
  const data = await oneLetter();
  const { code, out } = await run(data, ['explain', SEGMENT]);
  expect(code).toBe(0);
  expect(out.split('\n')).toEqual([
    expect.stringContaining(`Dead letter ${ID}: a request of traces, `),
    'ClickHouse refused it for otel_traces with code 33.',
    '  Cannot read all data',
    `It came in segment ${SEGMENT}.`,
    'Records: 2. By service: shop 2.',
    'Times: 2025-11-22T19:24:00.123Z to 2025-11-22T19:24:00.123Z.',
    'First: span "a" of shop at 2025-11-22T19:24:00.123Z.',
  ]);
});

test('explain says so where a letter is no OTLP', async () => {
  const data = await dataWith({ letter: { ...LETTER, reason: 'damaged' }, body: Buffer.from('rot, nothing but rot') });
  expect((await run(data, ['explain', ID])).out).toMatch(/changed on the disk[^]*Content: not valid OTLP: /);
  expect(await run(data, ['replay', ID])).toMatchObject({
    code: 1,
    err: expect.stringContaining('damaged on the disk'),
  });
  expect(await letterFiles(data)).toHaveLength(2);
});

test('replay gives a letter to the collector that runs, once, and the letter is gone', async () => {
  const data = await oneLetter();
  const journal = await openTestJournal(join(data, 'collector'));
  const rounds = setInterval(() => void journal.takeReplays(), 50);
  const { code, out } = await run(data, ['replay', '--all']);
  clearInterval(rounds);
  expect([code, out]).toEqual([0, 'Sent back: 1 of 1. The collector has taken them.']);
  expect(await spanNames(journal)).toEqual(['a', 'b']);
  expect(walkSegment(await readSegment(journal.sealed()[0]!)).requests).toMatchObject([{ items: 2 }]);
  expect(await letterFiles(data)).toEqual([]);
  expect((await run(data, ['replay', '--all'])).out).toBe('There are no dead letters.');
});

test('replay without a collector waits for the next start', async () => {
  const data = await oneLetter();
  const { code, out } = await run(data, ['replay', ID]);
  expect([code, out]).toEqual([0, expect.stringContaining('at the latest when it starts')]);
  expect((await run(data, ['list'])).out).toMatch(/traces +replay +1 +2 /);
  const journal = await openTestJournal(join(data, 'collector'));
  expect(await spanNames(journal)).toEqual(['a', 'b']);
  expect(journal.stats().segments).toBe(1);
});

test('replay that was killed before it removed the letter sends the same segment again, which ClickHouse knows', async () => {
  const data = await oneLetter();
  const before = await temporaryDirectory();
  const folder = join(data, 'collector/dead-letter');
  await cp(folder, before, { recursive: true });
  const first = JSON.parse((await run(data, ['replay', ID, '--json'])).out) as { results: { segment: string }[] };
  const [{ segment } = { segment: '' }] = first.results;
  // As a kill leaves it: the letter and the name that was chosen are still there.
  await cp(before, folder, { recursive: true });
  await cp(join(data, 'collector/replay', `${segment}.segment`), join(before, 'copy'));
  await writeFile(join(folder, `${ID}.replay`), segment);
  const journal = await openTestJournal(join(data, 'collector'));
  const again = JSON.parse((await run(data, ['replay', ID, '--json'])).out) as typeof first;
  expect(again.results).toMatchObject([{ segment }]);
  await journal.takeReplays();
  expect(journal.sealed().map(({ name }) => name)).toEqual([segment]);
  expect(await readFile(journal.sealed()[0]!.path)).toEqual(await readFile(join(before, 'copy')));
});

test('replays at the same time send one segment', async () => {
  const data = await oneLetter();
  await Promise.all([run(data, ['replay', ID]), run(data, ['replay', ID]), run(data, ['replay', ID])]);
  const journal = await openTestJournal(join(data, 'collector'));
  expect(await spanNames(journal)).toEqual(['a', 'b']);
});

test('replay of a request of metrics sends only what its table did not take', async () => {
  const point = { data_points: [{ as_int: '1', time_unix_nano: '5' }] };
  const metrics = [
    { name: 'g', gauge: point },
    { name: 's', sum: point },
    { name: 't', sum: point },
  ];
  const body = encodeRequest('metrics', { resource_metrics: [{ resource: {}, scope_metrics: [{ metrics }] }] });
  const letter: DeadLetter = {
    ...LETTER,
    segment: SEGMENT.replace('traces', 'metrics'),
    signal: 'metrics',
    table: 'otel_metrics_sum',
  };
  const data = await dataWith({ letter, body });
  await run(data, ['replay', '--all']);
  const journal = await openTestJournal(join(data, 'collector'));
  expect(await spanNames(journal)).toEqual(['s', 't']);
});

test('replay brings what an earlier version has set aside into the form of this one', async () => {
  const point = (...buckets: number[]): Buffer =>
    metricRequest(field(10, field(1, [...fixed64Field(3, 5n), ...field(8, [...numberField(1, 2), ...buckets])])));
  const letter = { ...LETTER, signal: 'metrics', table: 'otel_metrics_exponential_histogram', items: 1 } as const;
  const data = await dataWith({ letter, body: point(...field(2, [])) });
  expect(await run(data, ['replay', '--all'])).toMatchObject({ code: 0 });
  const journal = await openTestJournal(join(data, 'collector'));
  const bytes = await readSegment(journal.sealed()[0]!);
  const [request] = walkSegment(bytes).requests;
  expect(bytes.subarray(request!.bodyOffset)).toEqual(point());
});

test('discard asks, and without anybody to ask it wants --yes', async () => {
  const data = await oneLetter();
  expect(await run(data, ['discard', '--all'])).toMatchObject({ code: 2, err: expect.stringContaining('--yes') });
  expect(await run(data, ['discard', ID], false)).toMatchObject({ code: 1, err: 'Nothing was deleted.' });
  expect(await letterFiles(data)).toHaveLength(2);
  expect(await run(data, ['discard', ID], true)).toMatchObject({
    code: 0,
    out: expect.stringContaining('Deleted: 1 dead letter ('),
  });
  expect(await letterFiles(data)).toEqual([]);
});

test('what cannot be understood, found or discarded is said', async () => {
  const data = await oneLetter();
  for (const args of [['lst'], ['explain'], ['replay'], ['replay', ID, '--all'], ['list', '--force'], ['list', ID]])
    expect(await run(data, args), args.join(' ')).toMatchObject({ code: 2, err: expect.stringContaining('Usage: ') });
  expect(await run(data, ['explain', 'nine'])).toMatchObject({ code: 1, err: expect.stringContaining('Nothing here') });
  expect((await run(join(data, 'nowhere'), ['list'])).err).toContain('no data of a collector');
  const journal = await openTestJournal(join(data, 'collector'));
  await journal.append('traces', simpleSpans('shop', ['x']), { items: 1, self: false });
  await journal.sealAll();
  const { err } = await run(data, ['discard', journal.sealed()[0]!.name, '--yes']);
  expect(err).toContain('is loaded by itself');
  expect(journal.sealed()).toHaveLength(1);
});
