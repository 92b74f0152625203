import { createHmac, hash, randomBytes, timingSafeEqual } from 'node:crypto';

/** Who is signed in, as the token says. */
export interface Session {
  readonly id: string;
  readonly name: string;
  /** Unix ms. */
  readonly expiresAtMs: number;
  /** Of the user's password hash when he signed in: another password ends it. */
  readonly fingerprint: string;
}

/** Longer than what we write by far. */
const LONGEST = 2_000;

/** A session's text for a cookie: what it says, and a MAC of that (HMAC-SHA-256, RFC 2104). */
export function writeToken(session: Session, key: Buffer): string {
  const body = Buffer.from(JSON.stringify(session)).toString('base64url');
  return `${body}.${macOf(body, key).toString('base64url')}`;
}

/** The session that a token says, where we wrote it and it is not over. */
export function readToken(token: string, key: Buffer, nowMs: number): Session | undefined {
  if (token.length > LONGEST) return undefined;
  const [body = '', mac = '', ...more] = token.split('.');
  const given = Buffer.from(mac, 'base64url');
  const expected = macOf(body, key);
  if (more.length > 0 || given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
  const session = JSON.parse(Buffer.from(body, 'base64url').toString()) as Session;
  return session.expiresAtMs > nowMs ? session : undefined;
}

/** Makes a session that begins now. */
export function newSession(name: string, passwordHash: string, expiresAtMs: number): Session {
  return {
    id: randomBytes(12).toString('base64url'),
    name,
    expiresAtMs,
    fingerprint: fingerprintOf(passwordHash),
  };
}

/** Names a password hash without saying it. */
export function fingerprintOf(passwordHash: string): string {
  return hash('sha256', passwordHash, 'base64url').slice(0, 16);
}

function macOf(body: string, key: Buffer): Buffer {
  return createHmac('sha256', key).update(body).digest();
}
