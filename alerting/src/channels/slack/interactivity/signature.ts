import { createHmac, timingSafeEqual } from 'node:crypto';

/** A request as Slack signs it. */
export interface SignedRequest {
  /** The header `X-Slack-Request-Timestamp`. */
  readonly timestamp: string | undefined;
  /** The header `X-Slack-Signature`. */
  readonly signature: string | undefined;
  /** As it arrived, byte by byte. */
  readonly body: string;
}

/** Whose signature it is, or why it is nobody's. */
export type SignatureVerdict =
  | { readonly status: 'ok'; readonly secret: string }
  | { readonly status: 'refused'; readonly reason: 'unsigned' | 'forged' | 'too_old' };

/** How far Slack's clock may be from ours, either way. */
export const SIGNATURE_AGE_MS = 300_000;

/** Source: Slack API documentation, "Verifying requests from Slack". The signature is judged in constant time, before anything is read. */
export function verifySlackSignature(
  { timestamp = '', signature = '', body }: SignedRequest,
  secrets: readonly string[],
  nowMs: number,
): SignatureVerdict {
  if (!/^\d{1,12}$/.test(timestamp) || !/^v0=[0-9a-f]{64}$/.test(signature))
    return { status: 'refused', reason: 'unsigned' };
  const given = Buffer.from(signature.slice(3), 'hex');
  const secret = secrets.find((one) =>
    timingSafeEqual(given, createHmac('sha256', one).update(`v0:${timestamp}:${body}`).digest()),
  );
  if (secret === undefined) return { status: 'refused', reason: 'forged' };
  if (Math.abs(nowMs - Number(timestamp) * 1_000) > SIGNATURE_AGE_MS) return { status: 'refused', reason: 'too_old' };
  return { status: 'ok', secret };
}
