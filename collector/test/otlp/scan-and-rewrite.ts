import type { AcceptWindow } from '../../src/otlp/item-judge.ts';
import { rewriteRequest } from '../../src/otlp/rewrite.ts';
import { scanRequest } from '../../src/otlp/scan.ts';
import type { Signal } from '../../src/signal.ts';

/** The time that records without one get here. */
export const NOW_MS = 1_763_839_440_000;

/** Scans a body and sends it through the side door, as the receiver does. Where all is plain, all of it is walked. */
export function rewrite(signal: Signal, body: Uint8Array, window?: AcceptWindow): Buffer {
  const scan = scanRequest(signal, body, window);
  if (scan.status !== 'ok') throw new Error(scan.message);
  const all = { firstAt: 0, lastAt: body.byteLength, duplicateKeys: true, lacksTime: false, cuts: [] };
  return rewriteRequest(signal, body, scan.rewrite ?? all, NOW_MS);
}
