import { describe, expect, test } from 'vitest';
import { readSamples } from '../../src/rules/sql-result.ts';

const read = (columns: Readonly<Record<string, string>>, ...data: unknown[][]) =>
  readSamples({ meta: Object.entries(columns).map(([name, type]) => ({ name, type })), data });

describe('a row', () => {
  test('is a value, labels from text columns and annotations from annotation_ columns', () => {
    const columns = {
      service: 'LowCardinality(Nullable(String))',
      'k8s.pod.name': 'String',
      kind: "Enum8('a' = 1)",
      value: 'Nullable(Float64)',
      annotation_trace_id: 'String',
      annotation_count: 'UInt64',
      ignored: 'UInt64',
      at: 'DateTime',
    };
    expect(read(columns, ['shop', 'p-1', 'a', 0.5, 'abc', 12, 7, '2026-01-01 00:00:00'])).toEqual({
      status: 'ok',
      samples: [
        {
          labels: { service: 'shop', 'k8s.pod.name': 'p-1', kind: 'a' },
          value: 0.5,
          annotations: { trace_id: 'abc', count: '12' },
        },
      ],
      quiet: [],
    });
  });

  test('has no label where the text is empty or NULL', () => {
    expect(read({ a: 'String', b: 'Nullable(String)', value: 'UInt8' }, ['', null, 1])).toMatchObject({
      samples: [{ labels: {} }],
    });
  });

  test('with more text in its labels than an alert may have is an error that says what to do', () => {
    expect(read({ log: 'String', value: 'UInt8' }, ['x'.repeat(65_533), 1])).toMatchObject({ status: 'ok' });
    expect(read({ log: 'String', value: 'UInt8' }, ['x'.repeat(65_534), 1])).toEqual({
      status: 'failed',
      reason: 'invalid_result',
      message: 'a row has 65537 characters of labels, which is more than 65536: select them as annotation_<name>',
    });
  });

  test('is nothing where the value is NULL, but NaN and infinity are values', () => {
    const result = read({ value: 'Nullable(Float64)' }, [null], ['nan'], ['-inf'], ['inf'], ['18446744073709551616']);
    expect(result).toMatchObject({
      samples: [{ value: Number.NaN }, { value: -Infinity }, { value: Infinity }, { value: 2 ** 64 }],
    });
  });

  test('with NULL says that what its labels name is there; a value that is never NULL cannot say so', () => {
    expect(read({ host: 'String', value: 'Nullable(Float64)' }, ['a', null], ['b', 1])).toMatchObject({
      samples: [{ labels: { host: 'b' } }],
      quiet: [{ host: 'a' }],
    });
    expect(read({ host: 'String', value: 'Float64' }, ['b', 1])).toMatchObject({ quiet: undefined });
  });

  test.each(['UInt64', 'Int8', 'Float32', 'Decimal(18, 3)', 'LowCardinality(Nullable(Int32))'])(
    'may have a value of the type %s',
    (value) => expect(read({ value }, [1])).toMatchObject({ status: 'ok' }),
  );
});

describe('a result', () => {
  test('without a column value is an error that lists what there is', () => {
    expect(read({ a: 'String', Value: 'Float64' })).toEqual({
      status: 'failed',
      reason: 'invalid_result',
      message: 'the result has no column "value" (it has a, Value)',
    });
  });

  test('whose value is no number is an error', () => {
    expect(read({ value: 'Nullable(String)' })).toMatchObject({
      message: 'the column "value" is String, not a number',
    });
  });
});
