import type { LabelSet } from './alert.ts';

const encoder = new TextEncoder();
const SEPARATOR = Uint8Array.of(0xff);

/**
 * The identity of a label set as 16 hex digits: FNV-1a, 64 bits, over the labels sorted by name, each name and value followed
 * by a byte 255. Equal to what Prometheus and Alertmanager compute. Source: prometheus/common `model.LabelSet.Fingerprint`.
 */
export function fingerprintOf(labels: LabelSet): string {
  const sum: Sum = { high: 0xcbf29ce4, low: 0x84222325 };
  for (const name of Object.keys(labels).sort(compareBytes)) {
    add(sum, encoder.encode(name));
    add(sum, SEPARATOR);
    add(sum, encoder.encode(labels[name]));
    add(sum, SEPARATOR);
  }
  return hex(sum.high) + hex(sum.low);
}

interface Sum {
  high: number;
  low: number;
}

/** Multiplies by the prime 2^40 + 0x1b3 in two halves; every product stays below 2^53. */
function add(sum: Sum, bytes: Uint8Array): void {
  let { high, low } = sum;
  for (const byte of bytes) {
    low = (low ^ byte) >>> 0;
    const product = low * 0x1b3;
    high = (Math.imul(high, 0x1b3) + Math.floor(product / 0x1_0000_0000) + (low << 8)) >>> 0;
    low = product >>> 0;
  }
  sum.high = high;
  sum.low = low;
}

/** Go sorts by bytes of UTF-8; JavaScript's own order (UTF-16) differs beyond U+FFFF. */
function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function hex(half: number): string {
  return half.toString(16).padStart(8, '0');
}
