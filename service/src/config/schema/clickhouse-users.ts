import { z } from 'zod';
import { isLoopback } from '../address.ts';
import { DEFAULT_LIMITS, DEFAULT_PROFILE } from '../embedded-users.ts';
import { asMapping, isGiven, type Mapping, mappingsIn, type Refuse, textAt } from './cross-checks.ts';
import { positiveDuration, size, text, wholeNumber } from './scalars.ts';

/** Users of Tocsin's own services; their passwords are made at start. */
const OWN = new Set(['tocsin_collector', 'tocsin_reader']);

const name = (what: string) =>
  z.string().regex(/^[A-Za-z_][A-Za-z0-9_.-]*$/, `expected a ${what} name: letters, digits and _ . -`);

/** ClickHouse's names (`users.xml`). All users only read. */
const user = z
  .strictObject({
    name: name('user'),
    password: text.optional(),
    password_sha256_hex: z
      .string()
      .regex(/^[0-9a-fA-F]{64}$/, 'expected a SHA-256 hash: 64 hexadecimal digits')
      .optional(),
    profile: text.default(DEFAULT_PROFILE),
  })
  .transform(({ password_sha256_hex: passwordSha256, ...value }) => ({ ...value, passwordSha256 }));

export type EmbeddedUser = z.output<typeof user>;

const limits = {
  max_execution_time: positiveDuration.default(DEFAULT_LIMITS.maxExecutionTimeMs),
  max_memory_usage: size.default(DEFAULT_LIMITS.maxMemoryBytes),
  max_threads: wholeNumber(1, 1_024).optional(),
  max_result_rows: wholeNumber(1).optional(),
  max_result_bytes: size.optional(),
};

const profile = z.strictObject({ name: name('profile'), ...limits }).transform((value) => ({
  name: value.name,
  maxExecutionTimeMs: value.max_execution_time,
  maxMemoryBytes: value.max_memory_usage,
  maxThreads: value.max_threads,
  maxResultRows: value.max_result_rows,
  maxResultBytes: value.max_result_bytes,
}));

export type EmbeddedProfile = z.output<typeof profile>;

export const users = z.array(user).default([]);
export const profiles = z.array(profile).default([]);

/** What `users` and `profiles` say together. */
export function checkUsers(given: Mapping, refuse: Refuse): void {
  const known = new Set([DEFAULT_PROFILE]);
  for (const [index, entry] of mappingsIn(given['profiles'])) {
    const own = textAt(entry, 'name');
    if (own !== undefined && own !== DEFAULT_PROFILE && known.has(own))
      refuse(['profiles', index, 'name'], 'a name that no other profile has');
    if (own !== undefined) known.add(own);
  }
  const seen = new Set<string>();
  for (const [index, entry] of mappingsIn(given['users'])) {
    const own = textAt(entry, 'name');
    if (own !== undefined && seen.has(own)) refuse(['users', index, 'name'], 'a name that no other user has');
    if (own !== undefined && OWN.has(own))
      refuse(['users', index, 'name'], 'a name that is not one of Tocsin’s own users');
    if (own !== undefined) seen.add(own);
    if (isGiven(entry, 'password') && hasHash(entry))
      refuse(['users', index, 'password_sha256_hex'], 'either password or password_sha256_hex, not both');
    const wanted = textAt(entry, 'profile');
    if (wanted !== undefined && !known.has(wanted))
      refuse(['users', index, 'profile'], `a profile: ${[...known].join(', ')}`);
  }
  checkPasswords(given, refuse);
}

/** A user that is whole has been read already, and its hash has its name in the code. */
function hasHash(entry: Mapping): boolean {
  return isGiven(entry, 'password_sha256_hex') || isGiven(entry, 'passwordSha256');
}

/** Beyond loopback nobody comes in without a password, and somebody has to be able to. */
function checkPasswords(given: Mapping, refuse: Refuse): void {
  const { host } = asMapping(given['http']);
  if (typeof host !== 'string' || isLoopback(host) || isGiven(given, 'url')) return;
  const listed = mappingsIn(given['users']);
  if (listed.length === 0)
    refuse(['http'], 'an address on loopback, or users with passwords in clickhouse.users: others can reach this one');
  for (const [index, entry] of listed) {
    if (!isGiven(entry, 'password') && !hasHash(entry))
      refuse(['users', index], 'a password or password_sha256_hex: clickhouse.http is not on loopback');
  }
}
