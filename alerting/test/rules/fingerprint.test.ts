import { expect, test } from 'vitest';
import { fingerprintOf } from '../../src/fingerprint.ts';

/** FNV-1a over 64 bits as the definition says it, for comparison. */
function reference(bytes: Iterable<number>): string {
  let sum = 0xcbf29ce484222325n;
  for (const byte of bytes) sum = BigInt.asUintN(64, (sum ^ BigInt(byte)) * 0x100000001b3n);
  return sum.toString(16).padStart(16, '0');
}

test('an empty label set has the offset basis, as in Prometheus', () => {
  expect(fingerprintOf({})).toBe('cbf29ce484222325');
});

test('the fingerprint is FNV-1a over sorted names and values, each followed by 255', () => {
  const text = (value: string) => [...new TextEncoder().encode(value), 255];
  const bytes = [...text('alertname'), ...text('HighErrorRate'), ...text('service'), ...text('größe 🔔')];
  expect(fingerprintOf({ service: 'größe 🔔', alertname: 'HighErrorRate' })).toBe(reference(bytes));
});

test('names and values cannot be moved across their border', () => {
  expect(fingerprintOf({ ab: 'c' })).not.toBe(fingerprintOf({ a: 'bc' }));
  expect(fingerprintOf({ a: 'b', c: 'd' })).toBe(fingerprintOf({ c: 'd', a: 'b' }));
});
