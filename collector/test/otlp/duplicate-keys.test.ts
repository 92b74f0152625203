import { describe, expect, test } from 'vitest';
import { COMPARED_KEYS } from '../../src/otlp/attribute-keys.ts';
import { rewriteRequest } from '../../src/otlp/rewrite.ts';
import { scanRequest } from '../../src/otlp/scan.ts';
import { SIGNALS } from '../../src/signal.ts';
import { field, keyValue, numberField, span, traceRequest } from './bytes.ts';
import { decodeRequest } from './oracle.ts';
import { MARK, mulberry32, randomRequest } from './random.ts';
import { NOW_MS, rewrite } from './scan-and-rewrite.ts';

const LISTS = ['attributes', 'filteredAttributes', 'metadata'];

/** The same content with only the last of equal keys in every list of attributes; and how many were left out. */
function withoutTwins(value: unknown, left: { out: number }): unknown {
  if (Array.isArray(value)) return value.map((item) => withoutTwins(item, left));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => {
      if (!LISTS.includes(name) || !Array.isArray(inner)) return [name, withoutTwins(inner, left)];
      const keys = inner.map((attribute: { key?: string }) => attribute.key ?? '');
      const kept = inner.filter((_attribute, index) => keys.lastIndexOf(keys[index] ?? '') === index);
      left.out += inner.length - kept.length;
      return [name, kept];
    }),
  );
}

function countMarks(body: Buffer): number {
  return body.toString('latin1').split(MARK).length - 1;
}

function attribute(key: string, text: string): number[] {
  return field(9, keyValue(key, field(1, text)));
}

describe('keys that are in a list twice', () => {
  test('the scan sees exactly the requests that have some, and the side door keeps the last of each and all else', () => {
    const random = mulberry32(0x2e17);
    let clean = 0;
    let mended = 0;
    for (let round = 0; round < 150; round++) {
      const signal = SIGNALS[round % SIGNALS.length] ?? 'traces';
      const body = randomRequest(random, signal);
      const left = { out: 0 };
      const expected = withoutTwins(decodeRequest(signal, body), left);
      const scan = scanRequest(signal, body);
      if (scan.status !== 'ok') throw new Error(`${scan.message} in ${body.toString('hex')}`);
      const after = scan.rewrite ? rewriteRequest(signal, body, scan.rewrite, NOW_MS) : body;
      expect(scan.rewrite?.duplicateKeys === true || left.out === 0).toBe(true);
      expect(decodeRequest(signal, after)).toEqual(expected);
      expect(countMarks(after)).toBe(countMarks(body));
      expect(after.equals(body)).toBe(left.out === 0);
      expect(scanRequest(signal, after)).toMatchObject({ status: 'ok', items: scan.items });
      if (left.out === 0) clean += 1;
      else mended += 1;
    }
    expect(clean).toBeGreaterThan(10);
    expect(mended).toBeGreaterThan(40);
  });

  test('the last one counts, whatever the kinds of the values, arrays included', () => {
    const list = field(9, keyValue('a', field(5, field(1, numberField(3, 1)))));
    const body = traceRequest(span(attribute('a', 'first'), attribute('b', 'other'), list));
    const after = traceRequest(span(attribute('b', 'other'), field(9, keyValue('a', field(1, '[1]')))));
    expect(rewrite('traces', body)).toEqual(after);
    const reversed = traceRequest(span(list, attribute('b', 'other'), attribute('a', 'last')));
    expect(rewrite('traces', reversed)).toEqual(traceRequest(span(attribute('b', 'other'), attribute('a', 'last'))));
  });

  test('lists of their own do not disturb one another', () => {
    const event = field(11, field(3, keyValue('a', field(1, 'of the event'))));
    const body = traceRequest(span(attribute('a', '1'), event, attribute('b', '2')), span(attribute('a', '3')));
    expect(scanRequest('traces', body)).toEqual({ status: 'ok', items: 2 });
    const twice = traceRequest(span(attribute('a', '1'), event, attribute('a', '2')));
    expect(rewrite('traces', twice)).toEqual(traceRequest(span(event, attribute('a', '2'))));
  });

  test('keys that differ only in the middle are different keys', () => {
    const keys = Array.from({ length: 40 }, (_, index) => `${'a'.repeat(index)}b${'a'.repeat(39 - index)}`);
    const body = traceRequest(span(...keys.map((key) => attribute(key, 'x'))));
    expect(scanRequest('traces', body)).toEqual({ status: 'ok', items: 1 });
  });

  test('a list longer than the scan compares is looked through by the side door, and stays as it is when its keys differ', () => {
    const many = Array.from({ length: COMPARED_KEYS + 1 }, (_, index) => attribute(`key.${index}`, 'x'));
    const body = traceRequest(span(...many));
    expect(scanRequest('traces', body)).toMatchObject({ rewrite: { duplicateKeys: true } });
    expect(rewrite('traces', body)).toEqual(body);
    expect(scanRequest('traces', traceRequest(span(...many.slice(1))))).toEqual({ status: 'ok', items: 1 });
  });

  test('a request of a hundred thousand equal keys in one list costs a walk, not a walk for each', () => {
    const one = Buffer.from(attribute('a', 'x'));
    const body = traceRequest(span(Buffer.concat(Array.from({ length: 100_000 }, () => one))));
    expect(rewrite('traces', body)).toEqual(traceRequest(span(one)));
  });

  test('a resource, a scope or a value that is there twice, by which a list would come in parts, is refused', () => {
    const resource = field(1, field(1, keyValue('a', field(1, 'x'))));
    expect(scanRequest('traces', Buffer.from(field(1, resource, resource)))).toMatchObject({
      reason: 'bad_value',
      field: 'resource_spans.resource',
    });
    const twoValues = [...keyValue('a', field(1, 'x')), ...field(2, numberField(3, 1))];
    expect(scanRequest('traces', traceRequest(span(field(9, twoValues))))).toMatchObject({
      reason: 'bad_value',
      field: 'resource_spans.scope_spans.spans.attributes.value',
    });
  });
});
