import { hashPassword } from '@tocsin/service/password';
import { hashKey } from '@tocsin/service/hashed-keys';
import type { FastifyRequest } from 'fastify';
import { beforeAll, expect, test } from 'vitest';
import { createAccess, type User } from '../../src/access/access.ts';

const NOW_MS = Date.UTC(2026, 10, 22, 19);
let hash = '';
beforeAll(async () => {
  hash = await hashPassword('correct horse');
});

const asking = (headers: Record<string, string> = {}): FastifyRequest => ({ headers }) as unknown as FastifyRequest;

function accessOf(users: readonly User[]) {
  const world = { users, tokens: [] as { name: string; role: 'editor'; sha256: string }[], nowMs: NOW_MS };
  const options = { sessionAgeMs: () => 60_000, key: Buffer.alloc(32), isHttps: false, now: () => world.nowMs };
  return { world, access: createAccess({ ...options, users: () => world.users, tokens: () => world.tokens }) };
}

async function signedIn({ access }: ReturnType<typeof accessOf>): Promise<FastifyRequest> {
  const given = await access.signIn('ana', 'correct horse', '192.0.2.1');
  if (given.status !== 'ok') throw new Error(given.message);
  return asking({ cookie: given.cookie.split(';')[0] ?? '' });
}

test('a session ends with its time, and a role changes at once', async () => {
  const all = accessOf([{ name: 'ana', role: 'viewer', passwordHash: hash }]);
  const request = await signedIn(all);
  expect(all.access.identify(request)).toEqual({ name: 'ana', role: 'viewer' });
  all.world.users = [{ name: 'ana', role: 'admin', passwordHash: hash }];
  expect(all.access.identify(request)).toEqual({ name: 'ana', role: 'admin' });
  all.world.nowMs += 60_000;
  expect(all.access.identify(request)).toBeUndefined();
});

test('a reload that brings the first user closes the console, and one that takes the last away does not open it', async () => {
  const all = accessOf([]);
  expect(all.access.identify(asking())).toEqual({ name: 'console', role: 'admin' });
  all.world.users = [{ name: 'ana', role: 'viewer', passwordHash: hash }];
  expect(all.access.identify(asking())).toBeUndefined();
  const request = await signedIn(all);
  all.world.users = [];
  expect(all.access.identify(request)).toBeUndefined();
  expect(all.access.view(asking())).toEqual({ user: undefined, isRequired: true });
});

test('where nobody signs in the browser says who acts, and where one does it is not believed', () => {
  const open = accessOf([]).access;
  const nameOf = (said: string): string | undefined => open.identify(asking({ 'x-tocsin-console': said }))?.name;
  expect(nameOf(encodeURIComponent('Ana Müller'))).toBe('Ana Müller');
  for (const said of ['1', '', '%', encodeURIComponent('a\nb'), 'a'.repeat(101)])
    expect(nameOf(said), said).toBe('console');
  const closed = accessOf([{ name: 'ana', role: 'viewer', passwordHash: hash }]).access;
  expect(closed.identify(asking({ 'x-tocsin-console': 'ana' }))).toBeUndefined();
});

test('passwords are not looked at by the dozen', async () => {
  const { access } = accessOf([{ name: 'ana', role: 'viewer', passwordHash: hash }]);
  const given = await Promise.all(
    Array.from({ length: 8 }, (_, index) => access.signIn('ana', 'correct horse', `192.0.2.${index}`)),
  );
  expect(given.filter(({ status }) => status === 'ok')).toHaveLength(4);
  expect(given.filter((one) => one.status === 'refused' && one.reason === 'too_many')).toHaveLength(4);
});

test('a program shows a token: it has the role of that, and a wrong one is nobody, also where nobody signs in', () => {
  const all = accessOf([]);
  all.world.tokens = [{ name: 'ci', role: 'editor', sha256: hashKey('tocsin_token') }];
  const with_ = (authorization: string) => all.access.identify(asking({ authorization }));
  expect(with_('Bearer tocsin_token')).toEqual({ name: 'ci', role: 'editor', isProgram: true });
  expect(with_('Bearer tocsin_other')).toBeUndefined();
  expect(all.access.identify(asking())).toEqual({ name: 'console', role: 'admin' });
  all.world.users = [{ name: 'ana', role: 'viewer', passwordHash: hash }];
  expect(with_('Bearer tocsin_token')).toMatchObject({ name: 'ci' });
  all.world.tokens = [];
  expect(with_('Bearer tocsin_token')).toBeUndefined();
});
