import { expect, test } from 'vitest';
import { SignInAttempts, WINDOW_MS } from '../../src/access/attempts.ts';
import { readCookie, writeCookie } from '../../src/access/cookie.ts';
import { newSession, readToken, writeToken } from '../../src/access/session-token.ts';

const KEY = Buffer.alloc(32, 1);
const NOW_MS = Date.UTC(2026, 10, 22, 19);

test('a session is what was written, until it is over, under one key only', () => {
  const session = newSession('ana', 'hash', NOW_MS + 1_000);
  const token = writeToken(session, KEY);
  expect(readToken(token, KEY, NOW_MS)).toEqual(session);
  expect(readToken(token, KEY, NOW_MS + 1_000)).toBeUndefined();
  expect(readToken(token, Buffer.alloc(32, 2), NOW_MS)).toBeUndefined();
  expect(token).not.toContain('hash');
});

test('what was changed, cut or made up is no session', () => {
  const token = writeToken(newSession('ana', 'hash', NOW_MS + 1_000), KEY);
  const [body = '', mac = ''] = token.split('.');
  const admin = Buffer.from(JSON.stringify({ ...newSession('root', 'hash', NOW_MS + 1_000) })).toString('base64url');
  for (const text of [
    '',
    '.',
    body,
    `${body}.`,
    `${admin}.${mac}`,
    `${token}.x`,
    `${body}.${mac.slice(1)}`,
    'x'.repeat(9_999),
  ])
    expect(readToken(text, KEY, NOW_MS), text).toBeUndefined();
});

test('the cookie is for this host, for no script, and over HTTPS goes no other way', () => {
  const open = writeCookie('token', { isHttps: false, ageMs: 60_000 });
  expect(open).toBe('tocsin-session=token; Path=/; HttpOnly; SameSite=Lax; Max-Age=60');
  const secure = writeCookie('token', { isHttps: true, ageMs: 60_000 });
  expect(secure).toBe('__Host-tocsin-session=token; Path=/; HttpOnly; SameSite=Lax; Max-Age=60; Secure');
  expect(readCookie(`a=1; ${secure.split(';')[0]}; b=2`, true)).toBe('token');
  expect(readCookie('tocsin-session=token', true)).toBeUndefined();
  expect(readCookie('tocsin-session=', false)).toBeUndefined();
  expect(readCookie(undefined, false)).toBeUndefined();
});

test('ten failures of an address for a name are borne in a quarter of an hour, and others are not kept out by them', () => {
  const attempts = new SignInAttempts();
  for (let count = 0; count < 10; count++) {
    expect(attempts.waitMs('ana', '192.0.2.1', NOW_MS)).toBe(0);
    attempts.failed('ana', '192.0.2.1', NOW_MS);
  }
  expect(attempts.waitMs('ana', '192.0.2.1', NOW_MS + 1_000)).toBe(WINDOW_MS - 1_000);
  expect(attempts.waitMs('ana', '192.0.2.2', NOW_MS)).toBe(0);
  expect(attempts.waitMs('ben', '192.0.2.1', NOW_MS)).toBe(0);
  expect(attempts.waitMs('ana', '192.0.2.1', NOW_MS + WINDOW_MS)).toBe(0);
});

test('who knows the password begins anew', () => {
  const attempts = new SignInAttempts();
  for (let count = 0; count < 10; count++) attempts.failed('ana', '192.0.2.1', NOW_MS);
  attempts.succeeded('ana', '192.0.2.1');
  expect(attempts.waitMs('ana', '192.0.2.1', NOW_MS)).toBe(0);
});

test('a name is guessed from many addresses, and an address guesses many names, only so often', () => {
  const attempts = new SignInAttempts();
  for (let count = 0; count < 50; count++) attempts.failed('ana', `192.0.2.${count}`, NOW_MS);
  expect(attempts.waitMs('ana', '198.51.100.1', NOW_MS)).toBe(WINDOW_MS);
  for (let count = 0; count < 100; count++) attempts.failed(`user${count}`, '203.0.113.1', NOW_MS);
  expect(attempts.waitMs('new', '203.0.113.1', NOW_MS)).toBe(WINDOW_MS);
});
