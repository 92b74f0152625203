import {
  ProtobufLogsSerializer,
  ProtobufMetricsSerializer,
  ProtobufTraceSerializer,
} from '@opentelemetry/otlp-transformer';
import { describe, expect, test } from 'vitest';
import { FRAME_FIELD_NUMBER } from '../../src/journal/frame.ts';
import { MAX_DEPTH, scanRequest } from '../../src/otlp/scan.ts';
import {
  doubleField,
  field,
  fixed64Field,
  keyValue,
  logRequest,
  metricRequest,
  numberField,
  point,
  span,
  traceRequest,
  varint,
} from './bytes.ts';
import { mulberry32 } from './random.ts';
import { makeComplexSpans, makeLogs, makeMetrics, makeSpans } from './sdk-payloads.ts';

function nested(depth: number): number[] {
  let value = field(1, 'core');
  for (let level = 0; level < depth; level++) value = field(5, field(1, value));
  return value;
}

describe('what the OpenTelemetry SDK sends is valid and counted', () => {
  test('spans', () => {
    const body = ProtobufTraceSerializer.serializeRequest([...makeSpans()])!;
    expect(scanRequest('traces', body)).toEqual({ status: 'ok', items: 2 });
  });

  test('spans with array attributes are flagged', () => {
    const body = ProtobufTraceSerializer.serializeRequest([...makeComplexSpans()])!;
    expect(scanRequest('traces', body)).toEqual({
      status: 'ok',
      items: 1,
      rewrite: expect.objectContaining({ duplicateKeys: false }),
    });
  });

  test('log records, the map body flagged', () => {
    const body = ProtobufLogsSerializer.serializeRequest([...makeLogs()])!;
    expect(scanRequest('logs', body)).toEqual({
      status: 'ok',
      items: 3,
      rewrite: expect.objectContaining({ duplicateKeys: false }),
    });
  });

  test('points of every kind the SDK makes', async () => {
    const body = ProtobufMetricsSerializer.serializeRequest(await makeMetrics())!;
    expect(scanRequest('metrics', body)).toEqual({ status: 'ok', items: 5 });
  });
});

describe('valid requests', () => {
  test('an empty request holds nothing', () => {
    expect(scanRequest('logs', Buffer.alloc(0))).toEqual({ status: 'ok', items: 0 });
  });

  test('two requests after one another are one request', () => {
    const body = Buffer.concat([traceRequest(span()), traceRequest(span(), span())]);
    expect(scanRequest('traces', body)).toMatchObject({ status: 'ok', items: 3 });
  });

  test('each of the five metric kinds counts its points', () => {
    for (const kind of [5, 7])
      expect(scanRequest('metrics', metricRequest(field(kind, field(1, point()), field(1, point()))))).toMatchObject({
        items: 2,
      });
    for (const kind of [9, 10, 11])
      expect(scanRequest('metrics', metricRequest(field(kind, field(1), field(1))))).toMatchObject({ items: 2 });
  });

  test('repeated numbers may be packed or not', () => {
    const packed = field(6, fixed64Field(6, 1n).slice(1), fixed64Field(6, 2n).slice(1));
    const loose = [...fixed64Field(6, 1n), ...fixed64Field(6, 2n)];
    const bounds = [...field(7, doubleField(7, 0.5).slice(1)), ...doubleField(7, 1.5)];
    for (const counts of [packed, loose])
      expect(scanRequest('metrics', metricRequest(field(9, field(1, counts, bounds)))).status).toBe('ok');
    const varints = [...field(2, varint(1), varint(2n ** 64n - 1n)), ...numberField(2, 7)];
    expect(scanRequest('metrics', metricRequest(field(10, field(1, field(8, varints))))).status).toBe('ok');
  });

  test('unknown fields of every wire type, groups apart, are skipped, in any message', () => {
    const unknown = [
      ...numberField(77, 2n ** 64n - 1n),
      ...fixed64Field(78, 1n),
      ...field(1000, 'text'),
      ...varint((79 << 3) | 5),
      1,
      2,
      3,
      4,
    ];
    const body = Buffer.concat([Buffer.from(unknown), traceRequest(span(unknown, field(9, keyValue('k'), unknown)))]);
    expect(scanRequest('traces', body)).toEqual({ status: 'ok', items: 1 });
  });

  test("an empty parent id, as of a root span, and a log record's empty ids are absent ids", () => {
    expect(scanRequest('traces', traceRequest(span(field(4)))).status).toBe('ok');
    expect(scanRequest('logs', logRequest(field(9), field(10))).status).toBe('ok');
  });

  test('long text in several scripts is fine', () => {
    expect(scanRequest('logs', logRequest(field(5, field(1, 'Größe 鐘 🔔 '.repeat(500))))).status).toBe('ok');
  });

  test('bytes, array and map values are flagged, plain ones are not', () => {
    const scanValue = (...value: number[]) => scanRequest('logs', logRequest(field(6, keyValue('k', value))));
    for (const value of [field(5, field(1, field(1, 'a'))), field(6), field(7, [0xff, 0xfe])])
      expect(scanValue(...value)).toMatchObject({
        status: 'ok',
        rewrite: expect.objectContaining({ duplicateKeys: false }),
      });
    for (const value of [field(1, 'a'), numberField(2, 1), numberField(3, -1n), doubleField(4, 0.5), []])
      expect(scanValue(...value)).toEqual({ status: 'ok', items: 1 });
  });
});

describe('malformed requests are refused with place and reason', () => {
  const cases: [name: string, body: Buffer, reason: string, field: string][] = [
    [
      'text that is not UTF-8',
      traceRequest(span(field(3, [0xc3, 0x28]))),
      'bad_utf8',
      'resource_spans.scope_spans.spans.trace_state',
    ],
    [
      'long text that is not UTF-8',
      traceRequest(span(field(3, 'x'.repeat(100), [0xff]))),
      'bad_utf8',
      'resource_spans.scope_spans.spans.trace_state',
    ],
    [
      'a surrogate in UTF-8',
      traceRequest(span(field(3, [0xed, 0xa0, 0x80]))),
      'bad_utf8',
      'resource_spans.scope_spans.spans.trace_state',
    ],
    [
      'a string as varint',
      traceRequest(span(numberField(5, 1))),
      'bad_wire_type',
      'resource_spans.scope_spans.spans.name',
    ],
    [
      'a time as text',
      traceRequest(span(field(7, '12345678'))),
      'bad_wire_type',
      'resource_spans.scope_spans.spans.start_time_unix_nano',
    ],
    ['a message as number', Buffer.from(numberField(1, 1)), 'bad_wire_type', 'resource_spans'],
    ['wire type 6', Buffer.from([(9 << 3) | 6, 0]), 'bad_wire_type', 'field 9'],
    ['field number 0', Buffer.from([0, 0]), 'bad_tag', 'field 0'],
    ['a tag beyond 32 bits', Buffer.from([0x80, 0x80, 0x80, 0x80, 0x80, 0x01]), 'bad_tag', ''],
    [
      'a varint without end',
      traceRequest(span([...varint(6 << 3), ...Array<number>(11).fill(0xff)])),
      'bad_varint',
      'resource_spans.scope_spans.spans.kind',
    ],
    ['a length beyond the body', Buffer.from([0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f]), 'truncated', 'resource_spans'],
    ['a length beyond 2^63', Buffer.from([0x0a, ...varint(2n ** 64n - 1n)]), 'truncated', 'resource_spans'],
    [
      'a child longer than its parent',
      Buffer.from(field(1, [0x12, 5, 0x12, 0])),
      'truncated',
      'resource_spans.scope_spans',
    ],
    ['a group', Buffer.from([(9 << 3) | 3, 0x08, 1, (9 << 3) | 4]), 'bad_group', 'field 9'],
    ['a group end without begin', Buffer.from([(9 << 3) | 4]), 'bad_group', 'field 9'],
    [
      'an attribute with two values',
      traceRequest(span(field(9, [...field(1, 'k'), ...field(2, [...field(1, 'text'), ...numberField(3, 5)])]))),
      'bad_value',
      'resource_spans.scope_spans.spans.attributes.value',
    ],
    [
      "the journal's frame field",
      Buffer.from(field(FRAME_FIELD_NUMBER, 'forged')),
      'reserved_field',
      `field ${FRAME_FIELD_NUMBER}`,
    ],
  ];

  test.each(cases)('%s', (_name, body, reason, place) => {
    const result = scanRequest('traces', body);
    expect(result).toMatchObject({ status: 'malformed', reason, field: place });
    expect(result).toHaveProperty('message', expect.stringMatching(/ at byte \d+/));
  });

  test('a resource that its many spans would repeat beyond all memory, and not many spans that share little', () => {
    const spans = Buffer.concat(Array.from({ length: 20_000 }, () => Buffer.from(field(2, span()))));
    const request = (resourceBytes: number): Buffer => {
      const attribute = keyValue('big', field(1, Buffer.alloc(resourceBytes, 'x')));
      const resource = Buffer.from(field(1, field(1, attribute)));
      const scopeSpans = Buffer.concat([Buffer.from([0x12, ...varint(spans.length)]), spans]);
      const length = resource.length + scopeSpans.length;
      return Buffer.concat([Buffer.from([0x0a, ...varint(length)]), resource, scopeSpans]);
    };
    expect(scanRequest('traces', request(20_000))).toMatchObject({ status: 'ok', items: 20_000 });
    expect(scanRequest('traces', request(30_000))).toMatchObject({ reason: 'too_repetitive', field: 'resource_spans' });
  });

  test('packed numbers with a part of a number', () => {
    const body = metricRequest(field(9, field(1, field(6, [1, 2, 3]))));
    expect(scanRequest('metrics', body)).toMatchObject({
      reason: 'bad_packed',
      field: 'resource_metrics.scope_metrics.metrics.histogram.data_points.bucket_counts',
    });
  });

  test('values nested deeper than the limit, and not those within it', () => {
    const fits = Math.floor((MAX_DEPTH - 5) / 2);
    expect(scanRequest('logs', logRequest(field(5, nested(fits)))).status).toBe('ok');
    expect(scanRequest('logs', logRequest(field(5, nested(fits + 1))))).toMatchObject({ reason: 'too_deep' });
    expect(scanRequest('logs', logRequest(field(5, nested(1_000))))).toMatchObject({ reason: 'too_deep' });
  });
});

describe('damaged bodies', () => {
  test('a body cut at any byte is refused or is a shorter valid one', async () => {
    const bodies = [
      ['traces', ProtobufTraceSerializer.serializeRequest([...makeSpans()])!],
      ['logs', ProtobufLogsSerializer.serializeRequest([...makeLogs()])!],
      ['metrics', ProtobufMetricsSerializer.serializeRequest(await makeMetrics())!],
    ] as const;
    for (const [signal, body] of bodies) {
      const whole = scanRequest(signal, body);
      expect(whole.status).toBe('ok');
      for (let end = 1; end < body.length; end++) {
        const cut = scanRequest(signal, body.subarray(0, end));
        // The SDK sends one resource, so every cut is inside it.
        expect(cut).toMatchObject({ status: 'malformed', reason: expect.stringMatching(/truncated/) });
      }
    }
  });

  test('twenty thousand random damages crash nothing and never count more than is there', async () => {
    const random = mulberry32(0x70c51);
    const body = Buffer.from(ProtobufMetricsSerializer.serializeRequest(await makeMetrics())!);
    let refused = 0;
    let mostItems = 0;
    for (let round = 0; round < 20_000; round++) {
      const damaged = Buffer.from(body);
      for (let hits = 1 + Math.floor(random() * 4); hits > 0; hits--)
        damaged[Math.floor(random() * damaged.length)] = Math.floor(random() * 256);
      const result = scanRequest('metrics', damaged);
      if (result.status === 'malformed') refused += 1;
      else mostItems = Math.max(mostItems, result.items);
    }
    expect(mostItems).toBeLessThanOrEqual(body.length / 2);
    expect(refused).toBeGreaterThan(1_000);
  });

  test('random bytes crash nothing', () => {
    const random = mulberry32(42);
    for (let round = 0; round < 20_000; round++) {
      const noise = Buffer.from(Array.from({ length: Math.floor(random() * 64) }, () => Math.floor(random() * 256)));
      expect(scanRequest('traces', noise).status).toMatch(/ok|malformed/);
    }
  });
});
