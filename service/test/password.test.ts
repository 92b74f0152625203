import { expect, test } from 'vitest';
import { hashPassword, isPassword, readPasswordHash } from '../src/access/password.ts';

test('a password is the one its hash was made of, and no other', async () => {
  const text = await hashPassword('correct horse');
  expect(text).toMatch(/^\$scrypt\$ln=15,r=8,p=3\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
  const hash = readPasswordHash(text);
  expect(await isPassword('correct horse', hash)).toBe(true);
  expect(await isPassword('correct horsE', hash)).toBe(false);
  expect(await isPassword('', hash)).toBe(false);
  expect(await isPassword('correct horse', undefined)).toBe(false);
  expect(await hashPassword('correct horse')).not.toBe(text);
});

test('text that looks alike is one password', async () => {
  const hash = readPasswordHash(await hashPassword('Zu\u0308rich 1848'));
  expect(await isPassword('Z\u00fcrich 1848', hash)).toBe(true);
});

/** RFC 7914, section 12: scrypt("pleaseletmein", "SodiumChloride", 16384, 8, 1, 64). */
test('it is the scrypt of RFC 7914, written as other tools write it', async () => {
  const hash = Buffer.from(
    '7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887',
    'hex',
  );
  const write = (bytes: Buffer): string => bytes.toString('base64').replaceAll('=', '');
  const text = `$scrypt$ln=14,r=8,p=1$${write(Buffer.from('SodiumChloride'))}$${write(hash)}`;
  expect(await isPassword('pleaseletmein', readPasswordHash(text))).toBe(true);
});

test.each([
  ['no hash', 'secret'],
  ['another algorithm', '$argon2id$v=19$m=65536,t=3,p=4$c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNoaGFzaGhhc2g'],
  ['too weak', `$scrypt$ln=10,r=8,p=1$${'a'.repeat(22)}$${'b'.repeat(43)}`],
  ['more memory than a sign-in may take', `$scrypt$ln=20,r=8,p=1$${'a'.repeat(22)}$${'b'.repeat(43)}`],
  ['no salt', `$scrypt$ln=15,r=8,p=1$$${'b'.repeat(43)}`],
])('%s is refused', (_, text) => expect(readPasswordHash(text)).toBeUndefined());
