import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { JournalHandle } from '../../src/journal/journal.ts';
import { createAttempts, readClock } from '../../src/load/attempts.ts';
import { createDeadLetters } from '../../src/load/dead-letter.ts';
import { createInserter } from '../../src/load/insert-segment.ts';
import { loadSegment, type SegmentLoad, type SegmentOutcome } from '../../src/load/load-segment.ts';
import { SentStatements } from '../../src/load/sent-statements.ts';
import { openTestJournal, temporaryDirectory } from '../journal/requests.ts';
import { type FakeClickHouse, startFakeClickHouse } from './fake-clickhouse.ts';
import { simpleSpans } from './otlp.ts';
import { segmentLoad } from './segment-load.ts';

interface Stage {
  readonly fake: FakeClickHouse;
  readonly sent: SentStatements;
  readonly directory: string;
  readonly journal: JournalHandle;
  readonly splits: string[];
  /** One attempt at the segment, with all that is read from the disk anew: as after a kill. */
  attempt(parts?: Partial<SegmentLoad>): Promise<SegmentOutcome>;
}

/** Names of the spans of the segment's requests. */
const namesOf = (count: number): readonly string[] => Array.from({ length: count }, (_, index) => `s${index}`);
const rowsOf = (names: readonly string[]): readonly string[] => names.map((name) => `shop ${name}`);

/** A sealed segment with a request for each name (`poison`: no OTLP), and a ClickHouse to load it into. */
async function openStage(names: readonly string[]): Promise<Stage> {
  const fake = await startFakeClickHouse();
  const sent = new SentStatements({ askClock: () => readClock(fake.client) });
  const directory = await temporaryDirectory();
  const journal = await openTestJournal(directory);
  for (const [index, name] of names.entries()) {
    const startNs = String(1_763_839_440_000_000_000n + BigInt(index));
    const body = name === 'poison' ? Buffer.from('this is no protobuf') : simpleSpans('shop', [name], startNs);
    await journal.append('traces', body, { items: 1, self: false });
  }
  await journal.sealAll();
  const [segment] = journal.sealed();
  const splits: string[] = [];
  const attempts = createAttempts({ servers: [fake.client], database: 'otel', cluster: undefined, sent });
  return {
    fake,
    sent,
    directory,
    journal,
    splits,
    async attempt(parts) {
      const insert = createInserter(fake.client, sent);
      const onSplit = (reason: string): void => void splits.push(reason);
      const load = { insert, attempts, onSplit, limitMs: 400, ...parts };
      return loadSegment(segment!, await segmentLoad(directory, segment!.name, load));
    },
  };
}

const sorted = (rows: readonly string[]): readonly string[] => rows.toSorted();

test('a ClickHouse that is too slow for a segment gets it in halves, and has every row once', async () => {
  const names = namesOf(8);
  const stage = await openStage(names);
  stage.fake.behave((inside) => ({ takesMs: inside.length * 90 }));
  expect(await stage.attempt()).toMatchObject({ status: 'loaded', deadLetters: 0 });
  expect(sorted(stage.fake.rows)).toEqual(rowsOf(names));
  expect(stage.splits).toEqual(['timeout']);
  // The first half goes under the token of the whole: should that come after all, it does nothing.
  expect(stage.fake.tokens.filter((token) => token === stage.fake.tokens[0])).toHaveLength(2);
});

test('an insert that reaches ClickHouse only when it has been asked for the rows begins no more, and no half is there twice', async () => {
  const names = namesOf(4);
  const stage = await openStage(names);
  stage.fake.behave(() => ({ isHeld: stage.fake.tokens.length === 1 }));
  expect(await stage.attempt()).toMatchObject({ status: 'loaded' });
  expect(stage.splits).toEqual(['timeout']);
  expect(stage.fake.tokens).toHaveLength(3);
  expect(sorted(stage.fake.rows)).toEqual(rowsOf(names));
});

test('an insert that was done just after it was given up is not cut: it is tried again whole and changes nothing', async () => {
  const names = namesOf(4);
  const stage = await openStage(names);
  stage.fake.behave(() => ({ takesMs: stage.fake.tokens.length === 1 ? 600 : 0, isStubborn: true }));
  expect(await stage.attempt()).toMatchObject({ status: 'retryable', reason: 'timeout', items: 4 });
  expect(await stage.attempt()).toMatchObject({ status: 'loaded' });
  expect(sorted(stage.fake.rows)).toEqual(rowsOf(names));
  expect(stage.splits).toEqual([]);
  expect(new Set(stage.fake.tokens).size).toBe(1);
});

test('a ClickHouse without memory for a segment gets it in halves', async () => {
  const names = namesOf(7);
  const stage = await openStage(names);
  stage.fake.behave((inside) => (inside.length > 2 ? { failsWith: 241 } : {}));
  expect(await stage.attempt()).toMatchObject({ status: 'loaded' });
  expect(sorted(stage.fake.rows)).toEqual(rowsOf(names));
});

test('no memory for a view after the table has its rows: the whole is tried again, under its token', async () => {
  const stage = await openStage(namesOf(4));
  let fails = true;
  stage.fake.behave(() => (fails ? { failsAfterwardsWith: 241 } : {}));
  expect(await stage.attempt()).toMatchObject({ status: 'retryable', reason: 'memory' });
  fails = false;
  expect(await stage.attempt()).toMatchObject({ status: 'loaded' });
  expect(sorted(stage.fake.rows)).toEqual(rowsOf(namesOf(4)));
});

test('killed between the halves: the whole is never tried again, and every row is there once', async () => {
  const names = namesOf(8);
  const stage = await openStage(names);
  stage.fake.behave((inside) => ({ takesMs: inside.length > 4 ? 60_000 : 0 }));
  const insert = createInserter(stage.fake.client, stage.sent);
  let done = 0;
  const killed = stage.attempt({
    // What is noted only in memory is lost, as with a kill.
    insert: (attempt) => (done++ < 2 ? insert(attempt) : Promise.reject(new Error('killed'))),
  });
  await expect(killed).rejects.toThrow('killed');
  expect(stage.fake.rows).toHaveLength(4);
  stage.fake.behave(() => ({}));
  expect(await stage.attempt()).toMatchObject({ status: 'loaded' });
  expect(sorted(stage.fake.rows)).toEqual(rowsOf(names));
  expect(stage.splits).toEqual(['timeout']);
});

test('errors in the middle of a bisection: rows and dead letters are there once, whatever the number of attempts', async () => {
  const names = [...namesOf(3), 'poison', 's3', 's4', 'poison', 's5'];
  const stage = await openStage(names);
  const letters = createDeadLetters(join(stage.directory, 'dead-letter'), 10_000);
  let count = 0;
  stage.fake.behave((inside) => {
    count += 1;
    const isPoisoned = inside.includes('poison');
    if (count % 4 === 0) return isPoisoned ? { failsWith: 1001 } : { failsAfterwardsWith: 1001 };
    return isPoisoned ? { failsWith: 33 } : {};
  });
  let kept = 0;
  const keep: SegmentLoad['keep'] = (letter, body) => {
    kept += 1;
    return letters.keep(letter, body);
  };
  let outcome: SegmentOutcome;
  let attempts = 0;
  do {
    outcome = await stage.attempt({ keep });
    attempts += 1;
  } while (outcome.status === 'retryable' && attempts < 50);
  expect(outcome.status).toBe('loaded');
  expect(attempts).toBeGreaterThan(2);
  expect(sorted(stage.fake.rows.filter((row) => row !== 'poison'))).toEqual(rowsOf(namesOf(6)));
  expect([kept, letters.stats().count]).toEqual([2, 2]);
});

test('where ClickHouse refuses even an empty request, no request is condemned', async () => {
  const stage = await openStage(namesOf(2));
  stage.fake.behave(() => ({ failsWith: 36 }));
  expect(await stage.attempt()).toMatchObject({ status: 'retryable', reason: 'server_error' });
  stage.fake.behave(() => ({}));
  expect(await stage.attempt()).toMatchObject({ status: 'loaded', deadLetters: 0 });
  expect(sorted(stage.fake.rows)).toEqual(rowsOf(namesOf(2)));
});

test('without room for a dead letter the segment is held, its good requests are in, and nothing is dropped', async () => {
  const stage = await openStage(['s0', 'poison', 's1']);
  stage.fake.behave((inside) => (inside.includes('poison') ? { failsWith: 33 } : {}));
  const folder = join(stage.directory, 'dead-letter');
  const small = createDeadLetters(folder, 5);
  for (let attempt = 0; attempt < 2; attempt += 1) {
    expect(await stage.attempt({ keep: (...args) => small.keep(...args) })).toMatchObject({
      status: 'retryable',
      reason: 'dead_letters_full',
    });
  }
  expect(small.stats()).toMatchObject({ count: 0, isFull: true });
  const large = createDeadLetters(folder, 500);
  expect(await stage.attempt({ keep: (...args) => large.keep(...args) })).toMatchObject({ status: 'loaded' });
  expect(large.stats()).toMatchObject({ count: 1, bytes: 19, isFull: false });
  expect(sorted(stage.fake.rows)).toEqual(rowsOf(['s0', 's1']));
});

test('an answer that only looks like success is none', async () => {
  const stage = await openStage(namesOf(1));
  stage.fake.behave(() => ({ says: 'Code: 999. DB::Exception: Keeper is gone. (KEEPER_EXCEPTION)' }));
  expect(await stage.attempt()).toMatchObject({ status: 'retryable', reason: 'server_error' });
  stage.fake.behave(() => ({ isForeign: true, says: '<html>Welcome</html>' }));
  const outcome = await stage.attempt();
  expect(outcome).toMatchObject({ status: 'retryable', reason: 'unreachable' });
  expect(outcome).toMatchObject({ message: expect.stringContaining('not ClickHouse: <html>') });
});

test('a ClickHouse that accepts and never answers is given up in time, and the segment stays', async () => {
  const stage = await openStage(namesOf(3));
  stage.fake.behave(() => ({ takesMs: 60_000, isStubborn: true }));
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), 150);
  onTestFinished(() => clearTimeout(timer));
  expect(await stage.attempt({ signal: abort.signal })).toMatchObject({ status: 'retryable', reason: 'aborted' });
  const never = { end: () => Promise.resolve(false), isAbsent: () => Promise.resolve(true) };
  expect(await stage.attempt({ limitMs: 100, attempts: never })).toMatchObject({ reason: 'timeout' });
  expect(stage.splits).toEqual([]);
  expect(stage.journal.sealed()).toHaveLength(1);
});
