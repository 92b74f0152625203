import { rewriteComplexValues } from '../../src/otlp/rewrite.ts';
import { scanRequest } from '../../src/otlp/scan.ts';
import type { Signal } from '../../src/signal.ts';

/** Scans a body and sends it through the side door, as the receiver does. Without complex values all of it is walked. */
export function rewrite(signal: Signal, body: Uint8Array): Buffer {
  const scan = scanRequest(signal, body);
  if (scan.status !== 'ok') throw new Error(scan.message);
  return rewriteComplexValues(signal, body, scan.complex ?? { firstAt: 0, lastAt: body.byteLength });
}
