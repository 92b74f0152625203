import {
  JsonLogsSerializer,
  JsonMetricsSerializer,
  JsonTraceSerializer,
  ProtobufLogsSerializer,
  ProtobufMetricsSerializer,
  ProtobufTraceSerializer,
} from '@opentelemetry/otlp-transformer';
import { describe, expect, test } from 'vitest';
import { encodeJsonRequest } from '../../src/otlp/json/encode-request.ts';
import { scanRequest } from '../../src/otlp/scan.ts';
import type { Signal } from '../../src/signal.ts';
import { LOGS_JSON, METRICS_JSON, TRACES_JSON } from './json-payloads.ts';
import { decodeRequest } from './oracle.ts';
import { makeComplexSpans, makeLogs, makeMetrics, makeSpans } from './sdk-payloads.ts';

function encode(signal: Signal, json: unknown): Buffer {
  const text = typeof json === 'string' ? json : JSON.stringify(json);
  const result = encodeJsonRequest(signal, Buffer.from(text));
  if (result.status !== 'ok') throw new Error(result.message);
  expect(scanRequest(signal, result.body).status).toBe('ok');
  return result.body;
}

const wrapSpan = (span: object): object => ({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] });
const wrapRecord = (record: object): object => ({ resourceLogs: [{ scopeLogs: [{ logRecords: [record] }] }] });
const wrapMetric = (metric: object): object => ({ resourceMetrics: [{ scopeMetrics: [{ metrics: [metric] }] }] });
const IDS = { traceId: '5B8EFFF798038103D269B633813FC60C', spanId: 'EEE19B7EC3C1B174' };

describe('payloads as in the specification', () => {
  test('a trace, ids in upper case', () => {
    expect(decodeRequest('traces', encode('traces', TRACES_JSON.input))).toEqual(TRACES_JSON.expected);
  });

  test('metrics of all five kinds', () => {
    const body = encode('metrics', METRICS_JSON.input);
    expect(decodeRequest('metrics', body)).toEqual(METRICS_JSON.expected);
    expect(scanRequest('metrics', body)).toEqual({ status: 'ok', items: 5 });
  });

  test('logs with values of every type', () => {
    const body = encode('logs', LOGS_JSON.input);
    expect(decodeRequest('logs', body)).toEqual(LOGS_JSON.expected);
    expect(scanRequest('logs', body)).toEqual({ status: 'ok', items: 1, rewrite: expect.anything() });
  });
});

describe('what the SDK sends as JSON is what it sends as protobuf', () => {
  test('traces', () => {
    for (const spans of [makeSpans(), makeComplexSpans()]) {
      const json = encodeJsonRequest('traces', JsonTraceSerializer.serializeRequest([...spans])!);
      const protobuf = ProtobufTraceSerializer.serializeRequest([...spans])!;
      expect(json.status === 'ok' && withoutDefaults(decodeRequest('traces', json.body))).toEqual(
        withoutDefaults(decodeRequest('traces', protobuf)),
      );
    }
  });

  test('logs', () => {
    const logs = [...makeLogs()];
    const json = encodeJsonRequest('logs', JsonLogsSerializer.serializeRequest(logs)!);
    const protobuf = ProtobufLogsSerializer.serializeRequest(logs)!;
    expect(json.status === 'ok' && withoutDefaults(decodeRequest('logs', json.body))).toEqual(
      withoutDefaults(decodeRequest('logs', protobuf)),
    );
  });

  test('metrics', async () => {
    const metrics = await makeMetrics();
    const json = encodeJsonRequest('metrics', JsonMetricsSerializer.serializeRequest(metrics)!);
    const protobuf = ProtobufMetricsSerializer.serializeRequest(metrics)!;
    expect(json.status === 'ok' && withoutDefaults(decodeRequest('metrics', json.body))).toEqual(
      withoutDefaults(decodeRequest('metrics', protobuf)),
    );
  });
});

describe('numbers', () => {
  test('64-bit integers are exact as text and as number', () => {
    const values = ['9223372036854775807', '"9223372036854775807"', '-9223372036854775808', '"-9007199254740993"'];
    for (const value of values) {
      const body = encode('logs', `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"intValue":${value}}}]}]}]}`);
      expect(decodeRequest('logs', body)).toMatchObject(wrapRecord({ body: { intValue: value.replaceAll('"', '') } }));
    }
  });

  test('nanoseconds as bare numbers lose nothing, and doubles beside them stay doubles', () => {
    const text =
      '{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"gauge":{"dataPoints":[{"timeUnixNano":1544712660123456789,"asDouble":18446744073709551616}]}}]}]}]}';
    expect(decodeRequest('metrics', encode('metrics', text))).toMatchObject(
      wrapMetric({ gauge: { dataPoints: [{ timeUnixNano: '1544712660123456789', asDouble: 18446744073709551616 }] } }),
    );
  });

  test('beside a rounded integer everything else is what it was', () => {
    const big = '1763839440123456789';
    const value = (json: string, time = big): string =>
      `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"timeUnixNano":${time},"body":${json}}]}]}]}`;
    const bodies: readonly [string, object][] = [
      [String.raw`{"stringValue":"\"12345678901234567890, \\"}`, { stringValue: '"12345678901234567890, \\' }],
      ['{"doubleValue":12345678901234567890}', { doubleValue: 12345678901234567000 }],
      ['{"doubleValue":-1.25e-3}', { doubleValue: -0.00125 }],
      ['{"doubleValue":1234567.0625}', { doubleValue: 1234567.0625 }],
      ['{"intValue":1e18}', { intValue: '1000000000000000000' }],
      ['{"intValue":-9223372036854775808}', { intValue: '-9223372036854775808' }],
    ];
    for (const [json, body] of bodies)
      expect(decodeRequest('logs', encode('logs', value(json)))).toMatchObject(wrapRecord({ timeUnixNano: big, body }));
    for (const [json, found] of [
      ['{"stringValue":12345678901234567890}', 'expected text, found 12345678901234567890'],
      ['{"bytesValue":12345678901234567890}', 'expected base64 text, found 12345678901234567890'],
      ['{"intValue":9223372036854775808}', 'found 9223372036854775808'],
      ['{"arrayValue":12345678901234567890}', 'expected an object, found 12345678901234567890'],
    ])
      expect(encodeJsonRequest('logs', Buffer.from(value(json as string)))).toMatchObject({
        status: 'malformed',
        message: expect.stringContaining(found as string),
      });
  });

  test('many numbers beside a rounded integer cost what a parser costs', () => {
    const span = JSON.stringify({ ...IDS, startTimeUnixNano: 0 }).replace(':0}', ':1763839440123456789}');
    const text = `{"unknown":[${'0,'.repeat(2 ** 21)}${'['.repeat(5_000)}${']'.repeat(5_000)}],"resourceSpans":[{"scopeSpans":[{"spans":[${span}]}]}]}`;
    const before = performance.now();
    expect(encodeJsonRequest('traces', Buffer.from(text))).toMatchObject({ status: 'ok' });
    // A reviver took ten times as long, and more than in proportion for more of them.
    expect(performance.now() - before).toBeLessThan(2_000);
  });

  test('doubles may be named, or text', () => {
    for (const [value, expected] of [
      ['NaN', 'NaN'],
      ['Infinity', 'Infinity'],
      ['-Infinity', '-Infinity'],
      ['1.5e3', 1500],
    ]) {
      const body = encode('logs', wrapRecord({ body: { doubleValue: value } }));
      expect(decodeRequest('logs', body)).toMatchObject(wrapRecord({ body: { doubleValue: expected } }));
    }
  });
});

describe('tolerance', () => {
  test('unknown fields, snake_case names and null are as if they were not there', () => {
    const span = { ...IDS, nmae: 'x', trace_state: 'a=b', name: null, parentSpanId: '', attributes: null, kind: 2 };
    expect(decodeRequest('traces', encode('traces', { ...wrapSpan(span), more: [{}] }))).toEqual(
      wrapSpan({ traceId: IDS.traceId.toLowerCase(), spanId: IDS.spanId.toLowerCase(), kind: 2 }),
    );
  });

  test('an empty value is there and an absent one is not', () => {
    const attributes = [
      { key: 'empty', value: { stringValue: '' } },
      { key: 'zero', value: { intValue: 0 } },
      { key: 'none', value: {} },
    ];
    expect(decodeRequest('logs', encode('logs', wrapRecord({ attributes })))).toMatchObject(
      wrapRecord({
        attributes: [
          { key: 'empty', value: { stringValue: '' } },
          { key: 'zero', value: { intValue: '0' } },
          { key: 'none', value: {} },
        ],
      }),
    );
  });

  test('an empty request holds nothing', () => {
    expect(scanRequest('logs', encode('logs', {}))).toMatchObject({ status: 'ok', items: 0 });
  });

  test('a key named __proto__ is only a key', () => {
    const text = '{"__proto__":{"resourceLogs":[{}]},"resourceLogs":[]}';
    expect(encode('logs', text)).toHaveLength(0);
  });
});

describe('refusals name the path', () => {
  const cases: [name: string, signal: Signal, json: unknown, reason: string, message: RegExp][] = [
    ['no JSON', 'logs', '{"resourceLogs":', 'bad_json', /^not JSON/],
    ['an array at the top', 'logs', [], 'bad_value', /^expected an object, found an array$/],
    [
      'an id that is no text',
      'traces',
      wrapSpan({ ...IDS, traceId: 12 }),
      'bad_value',
      /^expected an id in hex digits, found 12/,
    ],
    [
      'an enum by name',
      'traces',
      wrapSpan({ ...IDS, kind: 'SPAN_KIND_SERVER' }),
      'bad_value',
      /enum value as a number/,
    ],
    [
      'a time that is no integer',
      'traces',
      wrapSpan({ ...IDS, startTimeUnixNano: 1.5 }),
      'bad_value',
      /unsigned 64-bit integer, found 1\.5 in .*startTimeUnixNano$/,
    ],
    ['a negative time', 'traces', wrapSpan({ ...IDS, endTimeUnixNano: '-1' }), 'bad_value', /unsigned 64-bit/],
    [
      'an integer beyond 64 bits',
      'logs',
      wrapRecord({ body: { intValue: '9223372036854775808' } }),
      'bad_value',
      /64-bit integer/,
    ],
    [
      'an integer beyond 64 bits as number',
      'logs',
      wrapRecord({ body: { intValue: 1e40 } }),
      'bad_value',
      /64-bit integer/,
    ],
    [
      'a count beyond 32 bits',
      'traces',
      wrapSpan({ ...IDS, droppedLinksCount: 2 ** 32 }),
      'bad_value',
      /unsigned 32-bit/,
    ],
    ['a name that is a number', 'traces', wrapSpan({ ...IDS, name: 5 }), 'bad_value', /expected text, found 5/],
    [
      'a list that is an object',
      'traces',
      wrapSpan({ ...IDS, events: {} }),
      'bad_value',
      /expected an array, found an object/,
    ],
    [
      'a null in a list',
      'traces',
      wrapSpan({ ...IDS, events: [{}, null] }),
      'bad_value',
      /an object, found null in .*events\[1\]$/,
    ],
    ['a boolean as text', 'logs', wrapRecord({ body: { boolValue: 'true' } }), 'bad_value', /true or false/],
    ['bytes that are not base64', 'logs', wrapRecord({ body: { bytesValue: 'a*b' } }), 'bad_value', /base64/],
    ['a number as text that is none', 'logs', wrapRecord({ body: { doubleValue: '0x10' } }), 'bad_value', /a number/],
    [
      'two values in one',
      'logs',
      wrapRecord({ body: { stringValue: 'a', intValue: 1 } }),
      'bad_value',
      /only one of stringValue and intValue/,
    ],
  ];

  test.each(cases)('%s', (_name, signal, json, reason, message) => {
    const text = typeof json === 'string' ? json : JSON.stringify(json);
    const result = encodeJsonRequest(signal, Buffer.from(text));
    expect(result).toMatchObject({ status: 'malformed', reason, message: expect.stringMatching(message) });
  });

  test('text that is not UTF-8', () => {
    expect(encodeJsonRequest('logs', Buffer.from([0x7b, 0xff, 0x7d]))).toMatchObject({ reason: 'bad_utf8' });
  });

  test('an unknown value of any depth is as if it were not there, also where the text has to be read a second time', () => {
    const unknown = `"unknown":${'['.repeat(50_000)}${']'.repeat(50_000)}`;
    const request = (time: string): Buffer =>
      Buffer.from(`{${unknown},"resourceLogs":[{"scopeLogs":[{"logRecords":[{"timeUnixNano":${time}}]}]}]}`);
    expect(encodeJsonRequest('logs', request('"1763839440123456789"'))).toMatchObject({ status: 'ok' });
    expect(encodeJsonRequest('logs', request('1763839440123456789'))).toMatchObject({ status: 'ok' });
  });

  test('values that nest without end', () => {
    const deep = `${'{"arrayValue":{"values":['.repeat(2_000)}{}${']}}'.repeat(2_000)}`;
    const text = `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":${deep}}]}]}]}`;
    expect(encodeJsonRequest('logs', Buffer.from(text))).toMatchObject({ reason: 'too_deep' });
  });
});

/** The SDK's JSON has zeros, empty texts and empty bodies that its protobuf leaves out; they mean the same. */
function withoutDefaults(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutDefaults);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(
    ([key, item]) =>
      /Value$|^as/.test(key) ||
      !(['0', 0, '', false].includes(item as string) || (key === 'body' && JSON.stringify(item) === '{}')),
  );
  return Object.fromEntries(entries.map(([key, item]) => [key, withoutDefaults(item)]));
}

test('an id of a wrong length goes to the scan, which refuses the one span; so does an odd number of digits', () => {
  const right = wrapSpan(IDS);
  for (const ids of [{ spanId: 'abc' }, { spanId: `${IDS.spanId}0` }, { traceId: `${IDS.traceId}ab` }]) {
    const body = encode('traces', wrapSpan({ ...IDS, ...ids }));
    expect(scanRequest('traces', body)).toMatchObject({ items: 0, refusals: [{ reason: 'bad_id', count: 1 }] });
  }
  const absent = encode('traces', wrapSpan({ spanId: IDS.spanId, traceId: '' }));
  expect(scanRequest('traces', absent)).toMatchObject({ items: 0, refusals: [{ reason: 'missing_id', count: 1 }] });
  expect(scanRequest('traces', encode('traces', right))).toMatchObject({ items: 1 });
});

describe('a text of very many objects', () => {
  const repeated = (part: string, count: number): Buffer =>
    Buffer.from(`{"resourceSpans":[${Array(count).fill(part).join()}]}`);

  test('what is a little more than tiny as text is refused by the scan', () => {
    const encoding = encodeJsonRequest('traces', repeated('{"scopeSpans":[]}', 200_000));
    const body = encoding.status === 'ok' ? encoding.body : Buffer.alloc(0);
    expect(scanRequest('traces', body)).toMatchObject({ reason: 'too_many_parts' });
  });

  test.each(['{}', '[]'])('a million times %s is refused before it is parsed', (part) => {
    expect(encodeJsonRequest('traces', repeated(part, 1_000_000))).toMatchObject({
      status: 'malformed',
      reason: 'too_many_parts',
      message: expect.stringContaining('at most 100000, or one for every 8 bytes'),
    });
  });

  test('an object of very many members is refused before it is parsed, whatever lies around it', () => {
    const members = Array.from({ length: 200_000 }, (_, index) => `"${index}":0`);
    const wide = (at: number): string => `{${members.toSpliced(at, 0, '"inner":{"a":[]}').join()}}`;
    for (const text of [wide(0), wide(900), '[{'.repeat(3).replaceAll('{', '{"a":') + wide(1) + '}]'.repeat(3)])
      expect(encodeJsonRequest('traces', Buffer.from(text))).toMatchObject({
        status: 'malformed',
        reason: 'too_many_parts',
        message: 'an object has more than 1000 members',
      });
    const many = JSON.stringify({ resourceSpans: Array.from({ length: 30_000 }, () => ({ schemaUrl: 'a', b: 1 })) });
    expect(encodeJsonRequest('traces', Buffer.from(many))).toMatchObject({ status: 'ok' });
  });

  test('brackets in strings, after escaped quotes too, are no objects', () => {
    const text = JSON.stringify({ resourceSpans: [], note: '"\\[{'.repeat(200_000) });
    expect(encodeJsonRequest('traces', Buffer.from(text))).toMatchObject({ status: 'ok' });
  });
});
