import { describe, expect, test } from 'vitest';
import { type LinkClaim, signLink, verifyLink } from '../../src/links/link-token.ts';

const KEY = Buffer.alloc(32, 7);
const NOW_MS = Date.UTC(2026, 10, 20, 10);
const CLAIM: LinkClaim = {
  action: 'acknowledge',
  notificationId: '7f1c9a52-6a1e-4a39-9a3e-0b5d2c1f8e77',
  expiresAtMs: NOW_MS + 3_600_000,
};
const TOKEN = signLink(CLAIM, KEY);
const verify = (token: string, nowMs = NOW_MS) => verifyLink(token, KEY, nowMs);

describe('a signed link', () => {
  test('says what it was made of, and is short enough for an SMS', () => {
    expect(verify(TOKEN)).toEqual({ status: 'ok', claim: CLAIM });
    expect(TOKEN.length).toBeLessThan(80);
  });

  test('holds until its end and no longer', () => {
    expect(verify(TOKEN, CLAIM.expiresAtMs - 1).status).toBe('ok');
    expect(verify(TOKEN, CLAIM.expiresAtMs)).toEqual({ status: 'refused', reason: 'expired' });
  });

  test('is refused with any of its characters changed', () => {
    for (let at = 0; at < TOKEN.length; at += 1) {
      const other = TOKEN[at] === '0' ? '1' : '0';
      const changed = TOKEN.slice(0, at) + other + TOKEN.slice(at + 1);
      expect(verify(changed).status, `character ${at}`).toBe('refused');
    }
  });

  test('is written in one way: the bits that its last character has to spare are zero', () => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'.split('');
    const held = alphabet.filter((last) => verify(TOKEN.slice(0, -1) + last).status === 'ok');
    expect(held).toEqual([TOKEN.at(-1)]);
  });

  test('does not become another action, another message or a longer life', () => {
    const silence = TOKEN.replace(/^a/, 's');
    const [, id = '', expiry = '', signature = ''] = TOKEN.split('.');
    expect(verify(silence)).toMatchObject({ reason: 'forged' });
    expect(verify(`a.${id}x.${expiry}.${signature}`)).toMatchObject({ reason: 'forged' });
    expect(verify(`a.${id}.z${expiry}.${signature}`)).toMatchObject({ reason: 'forged' });
  });

  test('of another key is forged', () => {
    expect(verifyLink(TOKEN, Buffer.alloc(32, 8), NOW_MS)).toEqual({ status: 'refused', reason: 'forged' });
  });

  test.each(['', 'a', 'a.b.c.d', '../../etc', 'x'.repeat(10_000), TOKEN.slice(0, -1), `${TOKEN}A`])(
    'is malformed: %s',
    (token) => {
      expect(verify(token)).toEqual({ status: 'refused', reason: 'malformed' });
    },
  );
});
