import { rewriteRequest } from '../../src/otlp/rewrite.ts';
import { scanRequest } from '../../src/otlp/scan.ts';
import type { Signal } from '../../src/signal.ts';

/** Scans a body and sends it through the side door, as the receiver does. Where all is plain, all of it is walked. */
export function rewrite(signal: Signal, body: Uint8Array): Buffer {
  const scan = scanRequest(signal, body);
  if (scan.status !== 'ok') throw new Error(scan.message);
  return rewriteRequest(signal, body, scan.rewrite ?? { firstAt: 0, lastAt: body.byteLength, duplicateKeys: true });
}
