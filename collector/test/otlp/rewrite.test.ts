import { ProtobufLogsSerializer, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import { describe, expect, test } from 'vitest';
import { encodeJsonRequest } from '../../src/otlp/json/encode-request.ts';
import { scanRequest } from '../../src/otlp/scan.ts';
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
} from './bytes.ts';
import { decodeRequest } from './oracle.ts';
import { rewrite } from './scan-and-rewrite.ts';
import { makeComplexSpans, makeLogs } from './sdk-payloads.ts';

/** The text an attribute value becomes. */
function textOf(...value: number[]): unknown {
  const rewritten = rewrite('logs', logRequest(field(5, value)));
  expect(scanRequest('logs', rewritten)).toEqual({ status: 'ok', items: 1 });
  const decoded = decodeRequest('logs', rewritten);
  expect(decoded).toHaveProperty('resourceLogs[0].scopeLogs[0].logRecords[0].body.stringValue');
  return JSON.parse(JSON.stringify(decoded)).resourceLogs[0].scopeLogs[0].logRecords[0].body.stringValue;
}

const array = (...values: number[][]): number[] => field(5, ...values.map((value) => field(1, value)));
const map = (...entries: [string, number[]][]): number[] =>
  field(6, ...entries.map(([key, value]) => field(1, keyValue(key, value))));

describe('complex values become text', () => {
  test('an array becomes JSON with its values in their own types', () => {
    const values = [field(1, 'a"\n'), numberField(2, 1), numberField(2, 0), doubleField(4, 0.1), []];
    expect(textOf(...array(...values))).toBe('["a\\"\\n",true,false,0.1,null]');
  });

  test('64-bit integers are exact', () => {
    const values = [2n ** 63n - 1n, -(2n ** 63n), 9_007_199_254_740_993n].map((value) => numberField(3, value));
    expect(textOf(...array(...values))).toBe('[9223372036854775807,-9223372036854775808,9007199254740993]');
  });

  test('doubles are written as Go and JavaScript write them, what JSON lacks as text', () => {
    const values = [1e21, 1e-7, -0, 3, NaN, Infinity, -Infinity].map((value) => doubleField(4, value));
    expect(textOf(...array(...values))).toBe('[1e+21,1e-7,-0,3,"NaN","Infinity","-Infinity"]');
  });

  test("a map's keys are sorted and the last of equal keys wins", () => {
    const entries: [string, number[]][] = [
      ['z', field(1, 'last')],
      ['a', field(1, 'first')],
      ['a', array(field(1, '<second>'))],
      ['empty', []],
    ];
    expect(textOf(...map(...entries))).toBe('{"a":["<second>"],"empty":null,"z":"last"}');
  });

  test('empty arrays and maps are kept as such', () => {
    expect(textOf(...field(5))).toBe('[]');
    expect(textOf(...field(6))).toBe('{}');
  });

  test('bytes become base64, inside arrays too', () => {
    expect(textOf(...field(7, [0xfb, 0xff, 0x00]))).toBe('+/8A');
    expect(textOf(...array(field(7, [1, 2])))).toBe('["AQI="]');
    expect(textOf(...field(7))).toBe('');
  });

  test('where a value is on the wire twice the last counts', () => {
    expect(textOf(...array(field(1, 'before')), ...array(numberField(2, 1)))).toBe('[true]');
  });

  test('values nested to the limit become text', () => {
    const depth = 40;
    let value = field(1, 'core');
    for (let level = 0; level < depth; level++) value = array(value);
    expect(textOf(...value)).toBe(`${'['.repeat(depth)}"core"${']'.repeat(depth)}`);
  });
});

describe('everything else stays as it came', () => {
  test('unknown fields, 64-bit numbers and plain values keep their bytes', () => {
    const unknown = [...field(500, 'later'), ...numberField(501, 2n ** 64n - 1n)];
    const plain = [...field(9, keyValue('int', numberField(3, -5n))), ...fixed64Field(7, 2n ** 64n - 1n), ...unknown];
    const before = traceRequest(span(plain, field(9, keyValue('list', array(field(1, 'x')))), field(3, 'state')));
    const after = traceRequest(span(plain, field(9, keyValue('list', field(1, '["x"]'))), field(3, 'state')));
    expect(rewrite('traces', before)).toEqual(after);
  });

  test('a request without complex values comes out byte for byte', () => {
    const body = traceRequest(span(field(9, keyValue('a', field(1, 'b')))), span(field(11, field(2, 'event'))));
    expect(rewrite('traces', body)).toEqual(body);
  });

  test('values in resource, scope, event, link and exemplar places are found', () => {
    const attribute = keyValue('list', array(numberField(3, 7n)));
    const places = [field(11, field(3, attribute)), field(13, field(4, attribute)), field(9, attribute)];
    const resourceSpans = [
      ...field(1, field(1, attribute)),
      ...field(2, field(1, field(3, attribute)), field(2, span(...places))),
    ];
    const rewritten = rewrite('traces', Buffer.from(field(1, resourceSpans)));
    expect(scanRequest('traces', rewritten)).toEqual({ status: 'ok', items: 1 });
    expect(JSON.stringify(decodeRequest('traces', rewritten)).match(/"stringValue":"\[7\]"/g)).toHaveLength(5);
    const withExemplar = point(field(5, field(7, attribute)));
    const metrics = Buffer.from(field(1, field(2, field(2, field(5, field(1, withExemplar))))));
    expect(scanRequest('metrics', rewrite('metrics', metrics))).toEqual({ status: 'ok', items: 1 });
  });
});

describe('what the SDK sends', () => {
  test('array attributes of spans', () => {
    const body = ProtobufTraceSerializer.serializeRequest([...makeComplexSpans()])!;
    const rewritten = decodeRequest('traces', rewrite('traces', body));
    expect(rewritten).toHaveProperty('resourceSpans[0].scopeSpans[0].spans[0].attributes', [
      { key: 'tags', value: { stringValue: '["a","ü"]' } },
      { key: 'sizes', value: { stringValue: '[1,2.5]' } },
    ]);
  });

  test('map bodies of log records', () => {
    const body = ProtobufLogsSerializer.serializeRequest([...makeLogs()])!;
    const rewritten = decodeRequest('logs', rewrite('logs', body));
    expect(rewritten).toHaveProperty(
      'resourceLogs[0].scopeLogs[0].logRecords[1].body.stringValue',
      '{"code":7,"parts":["a",null,true]}',
    );
  });
});

test('packed lists of no elements are left out, for ClickHouse refuses them; others stay', () => {
  const buckets = (...list: number[]): number[] => [...numberField(1, 6), ...field(2, list)];
  const exponential = (...points: number[][]): Buffer =>
    metricRequest(field(10, ...points.map((one) => field(1, one))));
  const time = fixed64Field(3, 1n);
  const sent = exponential(
    [...time, ...field(8, buckets()), ...field(9, buckets(1, 2))],
    [...time, ...field(9, buckets())],
  );
  expect(rewrite('metrics', sent)).toEqual(
    exponential(
      [...time, ...field(8, numberField(1, 6)), ...field(9, buckets(1, 2))],
      [...time, ...field(9, numberField(1, 6))],
    ),
  );
  const histogram = (...lists: number[]): Buffer => metricRequest(field(9, field(1, [...time, ...lists])));
  expect(rewrite('metrics', histogram(...field(6, []), ...field(7, [])))).toEqual(histogram());
});

test('JSON with empty lists of numbers becomes protobuf without them', () => {
  const point = { timeUnixNano: '1', count: '0', bucketCounts: [], explicitBounds: [] };
  const json = { resourceMetrics: [{ scopeMetrics: [{ metrics: [{ histogram: { dataPoints: [point] } }] }] }] };
  const encoded = encodeJsonRequest('metrics', Buffer.from(JSON.stringify(json)));
  const plain = metricRequest(field(9, field(1, [...fixed64Field(3, 1n), ...fixed64Field(4, 0n)])));
  expect(encoded).toEqual({ status: 'ok', body: plain });
});
