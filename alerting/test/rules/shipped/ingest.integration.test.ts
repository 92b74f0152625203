import { startTestClickHouse, type TestClickHouse } from '@tocsin/deploy/testing';
import { createClickHouse } from '@tocsin/service/clickhouse';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { MAX_SAMPLES } from '../../../src/rules/evaluate-rule.ts';
import type { Expression } from '../../../src/rules/expression.ts';
import { compileRule, toCandidate } from '../../../src/rules/rule.ts';
import { loadShippedGroups } from '../../../src/rules/shipped.ts';
import { createSqlExpression } from '../../../src/rules/sql-expression.ts';
import { configFor, createSchema, World } from './world.ts';

const NOW_MS = Date.parse('2026-11-22T12:34:56.789Z');
const MIB = 2 ** 20;
let clickhouse: TestClickHouse;
let expression: Expression;

beforeAll(async () => {
  clickhouse = await startTestClickHouse();
  await createSchema(clickhouse);
  expression = createSqlExpression(
    createClickHouse(await configFor(clickhouse), { application: 'alerting', readonly: true }),
  );
});
afterAll(async () => {
  await expression?.stop();
  await clickhouse?.stop();
});

const world = (): World => new World(NOW_MS);

/** The alerts a shipped rule makes of this world: labels that tell them apart, value, summary. */
async function evaluate(name: string, there: World) {
  await there.write(clickhouse);
  const groups = await loadShippedGroups();
  const group = groups.find(({ rules }) => rules.some(({ alert }) => alert === name));
  const rule = group?.rules.find(({ alert }) => alert === name);
  if (!group || !rule) throw new Error(`no rule ${name}`);
  const compiled = compileRule(rule, group);
  const result = await expression.evaluate(compiled.sql, there.nowMs, MAX_SAMPLES);
  if (result.status === 'failed') throw new Error(`${result.reason}: ${result.message}`);
  return result.samples.map((sample) => {
    const { labels, value, annotations } = toCandidate(compiled, sample, there.nowMs, 'http://console');
    const of = labels['reason'] ?? labels['signal'] ?? labels['table'] ?? '';
    return [of, value, annotations['summary']];
  });
}

test('TelemetryRefused fires for what was refused within five minutes, by a process that is new too', async () => {
  const there = world();
  there.collectorCounter('requests', -9_000, { '-290': 3, '-10': 3 }, { outcome: 'refused', reason: 'disk_full' });
  there.collectorCounter('requests', -9_000, { '-290': 3, '-10': 8 }, { outcome: 'refused', reason: 'journal_full' });
  there.collectorCounter('requests', -100, { '-10': 4 }, { outcome: 'refused', reason: 'journal_full' });
  there.collectorCounter('requests', -100, { '-10': 40 }, { outcome: 'refused', reason: 'bad_id' });
  there.collectorCounter(
    'requests',
    -9_000,
    { '-400': 1, '-310': 9 },
    { outcome: 'refused', reason: 'journal_failed' },
  );
  expect(await evaluate('TelemetryRefused', there)).toEqual([
    ['journal_full', 9, 'The collector refuses telemetry: journal_full'],
  ]);
});

test('SenderRefused names reason, key and signal of what a sender does wrong', async () => {
  const refused = { signal: 'traces', transport: 'http', key: 'shop', outcome: 'refused', reason: 'too_many_parts' };
  const there = world();
  there.collectorCounter('requests', -9_000, { '-500': 10, '-10': 17 }, refused);
  there.collectorCounter('requests', -9_000, { '-500': 2, '-10': 2 }, { ...refused, reason: 'bad_utf8' });
  there.collectorCounter('requests', -9_000, { '-500': 2, '-10': 99 }, { ...refused, reason: 'journal_full' });
  // Nobody's key, in a process that is new: what its counters had at first was added by it.
  const nobody = { signal: 'logs', transport: 'grpc', outcome: 'refused', reason: 'unauthenticated' };
  there.collectorCounter('requests', -100, { '-10': 40 }, nobody);
  expect(await evaluate('SenderRefused', there)).toEqual(
    expect.arrayContaining([
      ['too_many_parts', 7, 'The collector refuses requests of traces from shop: too_many_parts'],
      ['unauthenticated', 40, 'The collector refuses requests of logs: unauthenticated'],
    ]),
  );
});

test('SenderRefused tells of a wrong clock by the items, and takes both transports together', async () => {
  const http = { signal: 'metrics', transport: 'http', key: 'till', reason: 'too_old' };
  const there = world();
  there.collectorCounter('items.refused', -9_000, { '-500': 0, '-10': 60 }, http);
  there.collectorCounter('items.refused', -9_000, { '-500': 0, '-10': 60 }, { ...http, transport: 'grpc' });
  there.collectorCounter('items.refused', -9_000, { '-500': 0, '-10': 99 }, { ...http, reason: 'too_new' });
  there.collectorCounter(
    'items',
    -9_000,
    { '-500': 0, '-10': 900 },
    { signal: 'metrics', transport: 'http', key: 'till' },
  );
  expect(await evaluate('SenderRefused', there)).toEqual([
    ['too_old', 120, 'The collector refuses items of metrics from till: too_old'],
  ]);
});

test('SenderRefused does not fire for a stray request, nor for a few of many', async () => {
  const refused = { signal: 'traces', transport: 'http', outcome: 'refused', reason: 'bad_media_type' };
  const stray = world().collectorCounter('requests', -9_000, { '-500': 3, '-10': 4 }, refused);
  expect(await evaluate('SenderRefused', stray)).toEqual([]);
  const few = world().collectorCounter('requests', -9_000, { '-500': 0, '-10': 8 }, refused);
  few.collectorCounter(
    'requests',
    -9_000,
    { '-500': 0, '-10': 5_000 },
    { signal: 'traces', transport: 'grpc', outcome: 'accepted' },
  );
  few.collectorCounter(
    'items.refused',
    -9_000,
    { '-500': 0, '-10': 200 },
    { signal: 'traces', transport: 'grpc', reason: 'too_new' },
  );
  few.collectorCounter('items', -9_000, { '-500': 0, '-10': 50_000 }, { signal: 'traces', transport: 'grpc' });
  expect(await evaluate('SenderRefused', few)).toEqual([]);
  // What was refused before the ten minutes is no news.
  const past = world().collectorCounter('requests', -9_000, { '-900': 1, '-610': 50, '-10': 50 }, refused);
  expect(await evaluate('SenderRefused', past)).toEqual([]);
});

test('SenderRefused does not fire for requests that were sent again: they are stored', async () => {
  const repeated = { signal: 'traces', transport: 'http', outcome: 'repeated' };
  const again = world().collectorCounter(
    'requests',
    -9_000,
    { '-500': 0, '-10': 50 },
    {
      ...repeated,
      reason: 'duplicate',
    },
  );
  again.collectorCounter('requests', -9_000, { '-500': 0, '-10': 50 }, { ...repeated, reason: 'old_sequence' });
  expect(await evaluate('SenderRefused', again)).toEqual([]);
});

test('TelemetryMended fires for many spans that end before they start', async () => {
  const mended = { signal: 'traces', transport: 'http', key: 'shop', reason: 'end_before_start' };
  const by = (count: number) =>
    world().collectorCounter('items.mended', -9_000, { '-500': 7, '-10': 7 + count }, mended);
  expect(await evaluate('TelemetryMended', by(150))).toEqual([
    ['end_before_start', 150, '150 items of traces from shop were stored otherwise than they came: end_before_start'],
  ]);
  expect(await evaluate('TelemetryMended', by(99))).toEqual([]);
});

test('JournalFilling fires above half of the limit, by what was said last', async () => {
  const filled = (mib: number) =>
    world()
      .collector('journal.size', -60, 90 * MIB, {})
      .collector('journal.size', -10, mib * MIB, {})
      .collector('journal.limit', -10, 100 * MIB, {});
  expect(await evaluate('JournalFilling', filled(75))).toEqual([['', 0.75, 'The journal is filled to 75%']]);
  expect(await evaluate('JournalFilling', filled(50))).toEqual([]);
});

test('JournalDiskLow fires before requests are refused', async () => {
  const free = (mib: number) =>
    world()
      .collector('journal.disk.free', -10, mib * MIB, {})
      .collector('journal.disk.low_water', -10, 256 * MIB, {});
  expect(await evaluate('JournalDiskLow', free(512))).toEqual([
    ['', 512 * MIB, 'The disk of the journal has 512MiB left'],
  ]);
  expect(await evaluate('JournalDiskLow', free(1_024))).toEqual([]);
});

test('LoadLagging names the signal that comes late', async () => {
  const there = world().collector('load.lag', -10, 45, { signal: 'logs' });
  there.collector('load.lag', -60, 99, { signal: 'traces' }).collector('load.lag', -10, 2, { signal: 'traces' });
  expect(await evaluate('LoadLagging', there)).toEqual([
    ['logs', 45, 'logs can be queried only 45s after they were accepted'],
  ]);
});

test('EscalationReachesNobody fires while an open incident reaches nobody, by what was said last', async () => {
  const unreached = (count: number) =>
    world().alerting('oncall.unreached', -60, 3).alerting('oncall.unreached', -10, count);
  expect(await evaluate('EscalationReachesNobody', unreached(2))).toEqual([['', 2, '2 open incidents reach nobody']]);
  expect(await evaluate('EscalationReachesNobody', unreached(0))).toEqual([]);
});

test('LoadStuck fires for a segment that stays', async () => {
  const age = (ageS: number) => world().collector('journal.oldest_age', -10, ageS, {});
  expect(await evaluate('LoadStuck', age(301))).toEqual([
    ['', 301, 'A segment of the journal is not loaded since 5m 1s'],
  ]);
  expect(await evaluate('LoadStuck', age(299))).toEqual([]);
});

test('LoadRetrying fires from ten attempts in five minutes on, by reason', async () => {
  const there = world();
  there.collectorCounter('load.retries', -9_000, { '-290': 100, '-10': 112 }, { signal: 'logs', reason: 'memory' });
  there.collectorCounter('load.retries', -9_000, { '-290': 100, '-10': 109 }, { signal: 'logs', reason: 'denied' });
  expect(await evaluate('LoadRetrying', there)).toMatchObject([['memory', 12, expect.stringContaining(': memory')]]);
});

test('LoadSplitting fires for segments that were too much, not for those with a poisonous request', async () => {
  const there = world();
  there.collectorCounter('load.splits', -800, { '-700': 1, '-10': 2 }, { signal: 'logs', reason: 'timeout' });
  there.collectorCounter('load.splits', -800, { '-10': 5 }, { signal: 'logs', reason: 'refused' });
  expect(await evaluate('LoadSplitting', there)).toMatchObject([['timeout', 2, expect.any(String)]]);
});

test('DeadLetters fires while any is kept, DeadLettersFull while there is no room', async () => {
  const letters = (kept: number, full: number) =>
    world().collector('dead_letters.kept', -10, kept, {}).collector('dead_letters.full', -10, full, {});
  expect(await evaluate('DeadLetters', letters(1, 0))).toEqual([
    ['', 1, '1 request was set aside: ClickHouse refuses it'],
  ]);
  expect(await evaluate('DeadLetters', letters(3, 0))).toMatchObject([['', 3, expect.stringContaining('3 requests')]]);
  expect(await evaluate('DeadLetters', letters(0, 0))).toEqual([]);
  expect(await evaluate('DeadLettersFull', letters(3, 1))).toHaveLength(1);
  expect(await evaluate('DeadLettersFull', letters(3, 0))).toEqual([]);
});

test('TooManyParts names the table', async () => {
  const there = world().collector('table.partition_parts', -10, 400, { table: 'otel_logs' });
  there.collector('table.partition_parts', -10, 300, { table: 'otel_traces' });
  expect(await evaluate('TooManyParts', there)).toEqual([['otel_logs', 400, 'otel_logs is in 400 parts']]);
});
