import { createHmac, timingSafeEqual } from 'node:crypto';

/** What a link in a message does. */
export type LinkAction = 'acknowledge' | 'silence';

/** What a link says by itself: short enough for an SMS. */
export interface LinkClaim {
  /** `chart`: it shows a picture and does nothing. */
  readonly action: LinkAction | 'chart';
  readonly notificationId: string;
  /** From when on the link is refused, Unix milliseconds. */
  readonly expiresAtMs: number;
}

/** A link that holds, or why it does not. */
export type LinkVerdict =
  | { readonly status: 'ok'; readonly claim: LinkClaim }
  | { readonly status: 'refused'; readonly reason: 'malformed' | 'forged' | 'expired' };

/** 128 bits of HMAC-SHA256: nobody guesses that in a day. Source: RFC 2104, 5 (truncated output). */
const SIGNATURE_BYTES = 16;
const ACTIONS: Readonly<Record<string, LinkClaim['action']>> = { a: 'acknowledge', s: 'silence', c: 'chart' };
const LETTERS = { acknowledge: 'a', silence: 's', chart: 'c' } as const;
const TOKEN = /^([asc])\.([\w-]{1,64})\.([0-9a-z]{1,12})\.([\w-]{22})$/;

/** Signs a claim: `a.<notification>.<expiry>.<signature>`. */
export function signLink({ action, notificationId, expiresAtMs }: LinkClaim, key: Uint8Array): string {
  const said = `${LETTERS[action]}.${notificationId}.${expiresAtMs.toString(36)}`;
  return `${said}.${macOf(said, key).toString('base64url')}`;
}

/** Reads a link. The signature is judged first, in constant time; only then anything that stands in it. */
export function verifyLink(token: string, key: Uint8Array, nowMs: number): LinkVerdict {
  const [, letter = '', notificationId, expiry, signature] = TOKEN.exec(token) ?? [];
  const action = ACTIONS[letter];
  if (!action || notificationId === undefined || expiry === undefined || signature === undefined)
    return { status: 'refused', reason: 'malformed' };
  const expected = macOf(`${letter}.${notificationId}.${expiry}`, key);
  const given = Buffer.from(signature, 'base64url');
  // The last character has bits to spare: one signature is written in one way.
  const isPlain = given.length === SIGNATURE_BYTES && given.toString('base64url') === signature;
  if (!isPlain || !timingSafeEqual(given, expected)) return { status: 'refused', reason: 'forged' };
  const expiresAtMs = Number.parseInt(expiry, 36);
  if (expiresAtMs <= nowMs) return { status: 'refused', reason: 'expired' };
  return { status: 'ok', claim: { action, notificationId, expiresAtMs } };
}

function macOf(said: string, key: Uint8Array): Buffer {
  return createHmac('sha256', key).update(`tocsin-link:${said}`).digest().subarray(0, SIGNATURE_BYTES);
}
