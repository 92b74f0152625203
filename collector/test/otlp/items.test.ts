import { describe, expect, test } from 'vitest';
import { describeRefusals } from '../../src/otlp/refusal-message.ts';
import { rewriteRequest } from '../../src/otlp/rewrite.ts';
import { FREE_PARTS, scanRequest } from '../../src/otlp/scan.ts';
import { SIGNALS, type Signal } from '../../src/signal.ts';
import {
  doubleField,
  field,
  fixed64Field,
  keyValue,
  metricRequest,
  numberField,
  point,
  span,
  SPAN_ID,
  TRACE_ID,
  traceRequest,
} from './bytes.ts';
import { decodeRequest } from './oracle.ts';
import { below, MARK, mulberry32, type Random } from './random.ts';
import { NOW_MS } from './scan-and-rewrite.ts';

const HOUR_MS = 3_600_000;
const WINDOW = { nowMs: NOW_MS, pastMs: 24 * HOUR_MS, futureMs: HOUR_MS };
const NOW_NS = BigInt(NOW_MS) * 1_000_000n;
const HOUR_NS = 3_600_000_000_000n;

/** What becomes of one item of a request. */
function judge(signal: Signal, body: Buffer): string {
  const scan = scanRequest(signal, body, WINDOW);
  if (scan.status !== 'ok') return scan.reason;
  return scan.refusals?.map(({ reason, count }) => `${count} ${reason}`).join() ?? `${scan.items} taken`;
}

function spanWith(ids: number[], timeNs = NOW_NS): Buffer {
  return traceRequest([...ids, ...fixed64Field(7, timeNs), ...fixed64Field(8, timeNs)]);
}

const IDS = [...field(1, TRACE_ID), ...field(2, SPAN_ID)];

describe('spans', () => {
  test.each<[string, number[], string]>([
    ['good ids', IDS, '1 taken'],
    ['good ids in another order', [...field(2, SPAN_ID), ...field(1, TRACE_ID)], '1 taken'],
    ['a short trace id', [...field(1, 'short'), ...field(2, SPAN_ID)], '1 bad_id'],
    ['a long span id', [...field(1, TRACE_ID), ...field(2, TRACE_ID)], '1 bad_id'],
    ['a parent id of four bytes', [...IDS, ...field(4, 'four')], '1 bad_id'],
    ['a link to a trace id of four bytes', [...IDS, ...field(13, field(1, 'four'))], '1 bad_id'],
    ['no span id', field(1, TRACE_ID), '1 missing_id'],
    ['an empty trace id', [...field(1), ...field(2, SPAN_ID)], '1 missing_id'],
    ['a trace id of zeros', [...field(1, Buffer.alloc(16)), ...field(2, SPAN_ID)], '1 zero_id'],
    ['a span id of zeros', [...field(1, TRACE_ID), ...field(2, Buffer.alloc(8))], '1 zero_id'],
    ['a span id of zeros first', [...field(2, Buffer.alloc(8)), ...field(1, TRACE_ID)], '1 zero_id'],
    ['an empty parent id, as of a root span', [...IDS, ...field(4)], '1 taken'],
    ['a parent id of zeros', [...IDS, ...field(4, Buffer.alloc(8))], '1 taken'],
    ['unknown fields in the place of ids', [...field(33, 'x'), ...field(34, 'y')], '1 missing_id'],
  ])('%s', (_name, ids, expected) => {
    expect(judge('traces', spanWith(ids))).toBe(expected);
  });

  test.each<[string, bigint, string]>([
    ['now', NOW_NS, '1 taken'],
    ['at the edge of the past', NOW_NS - 24n * HOUR_NS, '1 taken'],
    ['beyond the past', NOW_NS - 24n * HOUR_NS - 1_000_000n, '1 too_old'],
    ['at the edge of the future', NOW_NS + HOUR_NS, '1 taken'],
    ['beyond the future', NOW_NS + HOUR_NS + 1_000_000n, '1 too_new'],
    ['in 1970', 1n, '1 too_old'],
    ['at the end of time', 2n ** 64n - 1n, '1 too_new'],
    ['never', 0n, '1 missing_time'],
  ])('a start %s', (_name, timeNs, expected) => {
    expect(judge('traces', spanWith(IDS, timeNs))).toBe(expected);
  });

  test('without a window every time is taken, and none', () => {
    for (const timeNs of [0n, 1n, 2n ** 64n - 1n])
      expect(scanRequest('traces', spanWith(IDS, timeNs))).toMatchObject({ items: 1 });
  });

  test('an end before the start is counted, to the nanosecond, and taken', () => {
    const ends = (endNs: bigint | undefined): unknown => {
      const end = endNs === undefined ? [] : fixed64Field(8, endNs);
      const scan = scanRequest('traces', traceRequest([...IDS, ...fixed64Field(7, NOW_NS), ...end]), WINDOW);
      return scan.status === 'ok' && scan.endBeforeStart;
    };
    expect(ends(NOW_NS)).toBeUndefined();
    expect(ends(NOW_NS + 1n)).toBeUndefined();
    expect(ends(NOW_NS + 2n ** 40n)).toBeUndefined();
    expect(ends(NOW_NS - 1n)).toBe(1);
    expect(ends(NOW_NS - 2n ** 40n)).toBe(1);
    expect(ends(undefined)).toBe(1);
  });
});

describe('data points', () => {
  const time = fixed64Field(3, NOW_NS);

  test.each<[string, number[], string]>([
    ['a double', doubleField(4, 0), '1 taken'],
    ['an integer', fixed64Field(6, 0n), '1 taken'],
    ['nothing', [], '1 no_value'],
    ['other flags', numberField(8, 2), '1 no_value'],
    ['the flag that there is no value', numberField(8, 1), '1 taken'],
    ['that flag among others', numberField(8, 7), '1 taken'],
  ])('a number point with %s', (_name, value, expected) => {
    for (const kind of [5, 7])
      expect(judge('metrics', metricRequest(field(kind, field(1, time, value))))).toBe(expected);
  });

  test('histograms and summaries need no value, but a time', () => {
    for (const kind of [9, 10, 11]) {
      expect(judge('metrics', metricRequest(field(kind, field(1, time))))).toBe('1 taken');
      expect(judge('metrics', metricRequest(field(kind, field(1))))).toBe('1 missing_time');
    }
  });

  test('an exemplar with a short trace id costs its point', () => {
    const exemplar = field(5, field(5, 'short'));
    expect(judge('metrics', metricRequest(field(5, field(1, time, doubleField(4, 1), exemplar))))).toBe('1 bad_id');
  });
});

describe('log records', () => {
  const record = (...fields: number[][]): Buffer => Buffer.from(field(1, field(2, field(2, ...fields))));

  test.each<[string, number[][], string]>([
    ['a time', [fixed64Field(1, NOW_NS)], '1 taken'],
    ['an old time', [fixed64Field(1, 1n)], '1 too_old'],
    ['an old time and a new observation of it', [fixed64Field(1, 1n), fixed64Field(11, NOW_NS)], '1 too_old'],
    ['an observed time only', [fixed64Field(11, NOW_NS)], '1 taken'],
    ['an old observed time only', [fixed64Field(1, 0n), fixed64Field(11, 1n)], '1 too_old'],
    ['no time', [], '1 taken'],
    ['empty ids', [field(9), field(10)], '1 taken'],
    ['a short trace id', [field(9, 'short')], '1 bad_id'],
  ])('%s', (_name, fields, expected) => {
    expect(judge('logs', record(...fields))).toBe(expected);
  });

  test('a record without any time gets the time at which it was received; the others keep theirs', () => {
    const timed = field(2, fixed64Field(1, NOW_NS), field(5, field(1, 'timed')));
    const untimed = [field(2, field(5, field(1, 'a'))), field(2), field(2, fixed64Field(11, 0n), fixed64Field(1, 0n))];
    const body = Buffer.from(field(1, field(2, timed, ...untimed)));
    const scan = scanRequest('logs', body, WINDOW);
    if (scan.status !== 'ok' || !scan.rewrite) throw new Error('nothing to do');
    const after = decodeRequest('logs', rewriteRequest('logs', body, scan.rewrite, NOW_MS));
    expect(after).toHaveProperty('resourceLogs[0].scopeLogs[0].logRecords', [
      { timeUnixNano: String(NOW_NS), body: { stringValue: 'timed' } },
      { body: { stringValue: 'a' }, observedTimeUnixNano: String(NOW_NS) },
      { observedTimeUnixNano: String(NOW_NS) },
      { observedTimeUnixNano: String(NOW_NS) },
    ]);
  });
});

/** Requests in which some items are marked as refused by their time, everything else at random. */
function randomItems(random: Random, signal: Signal): Buffer {
  const timeField = signal === 'traces' ? 7 : signal === 'metrics' ? 3 : 1;
  const item = (): number[] => {
    const timeNs = random() < 0.4 ? 1n : NOW_NS;
    const more = { traces: [...IDS, ...field(5, 'x')], metrics: doubleField(4, 1), logs: field(5, field(1, 'x')) }[
      signal
    ];
    const attribute = random() < 0.3 ? field({ traces: 9, metrics: 7, logs: 6 }[signal], keyValue('k', field(5))) : [];
    return [...more, ...fixed64Field(timeField, timeNs), ...attribute, ...(random() < 0.2 ? field(30, MARK) : [])];
  };
  const many = (most: number, make: () => number[]): number[] =>
    Array.from({ length: below(random, most + 1) }, make).flat();
  const scope = (): number[] => {
    const items = (): number[] => many(5, () => field(signal === 'metrics' ? 1 : 2, item()));
    const inside = signal === 'metrics' ? many(2, () => field(2, field(1, 'name'), field(5, items()))) : items();
    return field(2, inside, field(3, 'schema'));
  };
  return Buffer.from(many(3, () => field(1, many(3, scope), field(3, 'schema'))));
}

/** The decoded request without old items. */
function withoutOld(value: unknown): unknown {
  if (Array.isArray(value)) return value.filter((item) => !isOld(item)).map(withoutOld);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([name, inner]) => [name, withoutOld(inner)] as const);
  return Object.fromEntries(
    entries.filter(([name, inner]) => !(ITEM_LISTS.has(name) && Array.isArray(inner) && inner.length === 0)),
  );
}

const ITEM_LISTS: ReadonlySet<string> = new Set(['spans', 'dataPoints', 'logRecords']);

function isOld(item: unknown): boolean {
  const { startTimeUnixNano, timeUnixNano } = (item ?? {}) as Record<string, unknown>;
  return startTimeUnixNano === '1' || timeUnixNano === '1';
}

test('refused items are left out and nothing else is changed, in 200 random requests', () => {
  const random = mulberry32(0x17e5);
  let cut = 0;
  for (let round = 0; round < 200; round++) {
    const signal = SIGNALS[round % SIGNALS.length] ?? 'traces';
    const body = randomItems(random, signal);
    const scan = scanRequest(signal, body, WINDOW);
    if (scan.status !== 'ok') throw new Error(scan.message);
    const after = scan.rewrite ? rewriteRequest(signal, body, scan.rewrite, NOW_MS) : body;
    const text = { stringValue: '[]' };
    const expected = JSON.parse(
      JSON.stringify(withoutOld(decodeRequest(signal, body))).replaceAll('{"arrayValue":{}}', JSON.stringify(text)),
    ) as unknown;
    expect(decodeRequest(signal, after)).toEqual(expected);
    expect(scanRequest(signal, after, WINDOW)).toMatchObject({ status: 'ok', items: scan.items });
    expect(scanRequest(signal, after, WINDOW)).not.toHaveProperty('refusals');
    cut += scan.refusals?.[0]?.count ?? 0;
  }
  expect(cut).toBeGreaterThan(150);
});

describe('what the sender is told', () => {
  const tell = (signal: Signal, body: Buffer): string => {
    const scan = scanRequest(signal, body, WINDOW);
    if (scan.status !== 'ok' || !scan.refusals) throw new Error('nothing was refused');
    return describeRefusals(signal, body, scan.refusals, scan.items + 2, WINDOW);
  };

  test('how many, why, and one of each: by name, service and time', () => {
    const resource = field(
      1,
      field(1, keyValue('a', numberField(3, 1))),
      field(1, keyValue('service.name', field(1, 'shop'))),
    );
    const old = field(2, IDS, field(5, 'GET /old'), fixed64Field(7, NOW_NS - 48n * HOUR_NS));
    const short = field(2, field(1, 'short'), field(2, SPAN_ID), field(5, 'GET /short'));
    const good = field(2, IDS, fixed64Field(7, NOW_NS));
    expect(tell('traces', Buffer.from(field(1, resource, field(2, good, old, short))))).toBe(
      '2 of 3 spans refused: 1 bad_id, as span "GET /short" of service "shop", which has an id of a wrong length or not in hex: expected 16 bytes for a ' +
        'trace id, 8 for a span id; 1 too_old, as span "GET /old" of service "shop", which is too old (2025-11-20T19:24:00.000Z; ' +
        'the earliest accepted now is 2025-11-21T19:24:00.000Z)',
    );
  });

  test('a point by its metric; very long names are shortened', () => {
    const metric = (name: string): number[] => [...field(1, name), ...field(5, field(1), field(1, point()), field(1))];
    expect(tell('metrics', metricRequest(metric('queue.length')))).toContain(
      'of metric "queue.length", which has neither',
    );
    expect(tell('metrics', metricRequest(metric('x'.repeat(10_000)))).length).toBeLessThan(500);
  });
});

describe('requests of very many parts', () => {
  test.each([
    ['a million empty resource blocks', [0x0a, 0]],
    ['a million resource blocks with an empty scope', [0x0a, 2, 0x12, 0]],
  ])('%s are refused after as many as are free', (_name, block) => {
    const body = Buffer.concat(Array.from({ length: 1_000_000 }, () => Buffer.from(block)));
    const result = scanRequest('traces', body);
    expect(result).toMatchObject({ status: 'malformed', reason: 'too_many_parts' });
    const [, stoppedAt] = /at byte (\d+)/.exec('message' in result ? result.message : '') ?? [];
    expect(Number(stoppedAt)).toBeLessThanOrEqual(body.length / 2);
  });

  test('a million empty events in one span', () => {
    const events = Buffer.concat(Array.from({ length: 1_000_000 }, () => Buffer.from([0x5a, 0])));
    expect(scanRequest('traces', traceRequest(span(events)))).toMatchObject({ reason: 'too_many_parts' });
  });

  test('as many as are free are taken, and any number of those that are not tiny', () => {
    const empty = Buffer.concat(Array.from({ length: FREE_PARTS - 1 }, () => Buffer.from([0x0a, 0])));
    expect(scanRequest('traces', empty)).toEqual({ status: 'ok', items: 0 });
    const one = Buffer.from(field(2, span(field(9, keyValue('key', field(1, 'value'))))));
    const scope = Buffer.concat(Array.from({ length: 200_000 }, () => one));
    expect(scanRequest('traces', Buffer.from([]))).toEqual({ status: 'ok', items: 0 });
    const sized = (tag: number, bytes: Buffer): Buffer => {
      const head = Buffer.alloc(6);
      head[0] = tag;
      for (let index = 1, rest = bytes.length; index < 6; index++, rest = Math.floor(rest / 128))
        head[index] = (rest % 128) | (index < 5 ? 0x80 : 0);
      return Buffer.concat([head, bytes]);
    };
    expect(scanRequest('traces', sized(0x0a, sized(0x12, scope)))).toEqual({ status: 'ok', items: 200_000 });
  });
});
