import { describe, expect, test } from 'vitest';
import { scanRequest } from '../../src/otlp/scan.ts';
import { doubleField, field, logRequest, numberField } from './bytes.ts';
import { rewrite } from './scan-and-rewrite.ts';

const body = (...value: number[]): Buffer => logRequest(field(5, value));
/** A varint written with one byte more than it needs. */
const long = (low: number): number[] => [low | 0x80, 0];

describe('values in their shortest form', () => {
  const plain: readonly [string, number[]][] = [
    ['nothing', []],
    ['an empty text', field(1)],
    ['a text of 200 bytes', field(1, 'x'.repeat(200))],
    ['true', numberField(2, 1)],
    ['false', numberField(2, 0)],
    ['zero', numberField(3, 0)],
    ['the least integer', numberField(3, -(2n ** 63n))],
    ['a double', doubleField(4, 0.1)],
  ];
  test.each(plain)('%s needs no side door, and would leave it unchanged', (_, value) => {
    expect(scanRequest('logs', body(...value))).toEqual({ status: 'ok', items: 1 });
    expect(rewrite('logs', body(...value))).toEqual(body(...value));
  });

  const other: readonly [string, number[], number[]][] = [
    ['a length in two bytes instead of one', [0x0a, ...long(1), 0x61], field(1, 'a')],
    ['a boolean of 2', numberField(2, 2), numberField(2, 1)],
    ['a boolean in two bytes', [0x10, ...long(0)], numberField(2, 0)],
    ['an integer in two bytes', [0x18, ...long(5)], numberField(3, 5)],
    ['a tag in two bytes', [...long(0x18), 5], numberField(3, 5)],
    ['an unknown field before', [...numberField(99, 1), ...field(1, 'a')], field(1, 'a')],
    ['an unknown field behind', [...field(1, 'a'), ...field(99, 'b')], field(1, 'a')],
    ['only an unknown field', numberField(99, 1), []],
  ];
  test.each(other)('%s is written anew', (_, value, expected) => {
    expect(scanRequest('logs', body(...value))).toMatchObject({ status: 'ok', rewrite: { duplicateKeys: false } });
    expect(rewrite('logs', body(...value))).toEqual(body(...expected));
  });
});
