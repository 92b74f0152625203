import { hash } from 'node:crypto';
import type { RequestKey } from '../signal.ts';
import type { Admission } from './access/gate.ts';

/** The header, and the gRPC metadata, that make a request storable once. */
export const IDEMPOTENCY_KEY = 'idempotency-key';

/** What a sender is told whose header cannot be read. */
export const BAD_KEY_MESSAGE =
  'bad Idempotency-Key: expected "PRODUCER/SEQUENCE" with a UUID and a number from 1 to 9007199254740991';

const SHAPE = /^("?)([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\/([1-9]\d{0,15})\1$/i;

/**
 * Reads the header `Idempotency-Key: "PRODUCER/SEQUENCE"`; the quotes, which make it a string of a structured field, may be missing. A producer belongs
 * to the API key that is shown with it: with another one, or none, the same id is another producer.
 * Source: draft-ietf-httpapi-idempotency-key-header-07, section 2.1; RFC 9651, section 3.3.3.
 */
export function readIdempotencyKey(
  header: string,
  admission: Extract<Admission, { status: 'ok' }>,
): RequestKey | 'bad' {
  const [, , producer, number] = SHAPE.exec(header.trim()) ?? [];
  const sequence = Number(number);
  if (producer === undefined || !Number.isSafeInteger(sequence)) return 'bad';
  return { sender: senderOf(admission), producer: producer.toLowerCase(), sequence };
}

function senderOf({ client, isInternal }: Extract<Admission, { status: 'ok' }>): string {
  const sender = client ? `key ${client.name}` : isInternal ? 'internal' : 'anonymous';
  return hash('sha256', sender, 'hex').slice(0, 16);
}
