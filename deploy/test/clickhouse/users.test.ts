import { createHash } from 'node:crypto';
import { BUILT_IN_PROFILE } from '@tocsin/service/config';
import { describe, expect, it } from 'vitest';
import { createUsers, type User, type WantedState } from '../../src/clickhouse/access/users.ts';
import { statusOf } from '../../src/clickhouse/http/status.ts';

const OWN = {
  writer: { user: 'tocsin_collector', password: 'write' },
  reader: { user: 'tocsin_reader', password: 'read' },
};
const SMALL = {
  ...BUILT_IN_PROFILE,
  name: 'small',
  maxExecutionTimeMs: 1_500,
  maxMemoryBytes: 1_000_000,
  maxThreads: 2,
  maxResultRows: 100,
  maxResultBytes: 5_000,
};
const HASH = createHash('sha256').update('hashed').digest('hex').toUpperCase();
const users = createUsers(
  {
    http: { host: '127.0.0.1', port: 8_123 },
    profiles: [SMALL],
    users: [
      { name: 'ana', password: 'a:b', passwordSha256: undefined, profile: 'small' },
      { name: 'bob', password: undefined, passwordSha256: HASH, profile: 'readonly' },
    ],
  },
  OWN,
);

const wanted = (settings: Readonly<Record<string, string>> = {}): WantedState => ({
  database: 'otel',
  readonly: 0,
  settings: new Map(Object.entries(settings)),
  parameters: new Map(),
});

function login(user: string, password: string): User {
  const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  return users.authenticate({ headers: { authorization }, url: '/' });
}

describe('who comes in', () => {
  it('with the right password, as text or as a hash, in each of three ways', () => {
    expect(login('ana', 'a:b').access).toMatchObject({ user: 'ana', role: 'reader' });
    expect(login('bob', 'hashed').access.role).toBe('reader');
    expect(login('tocsin_reader', 'read').access.role).toBe('reader');
    expect(login('tocsin_collector', 'write').access.role).toBe('writer');
    const headers = { 'x-clickhouse-user': 'ana', 'x-clickhouse-key': 'a:b' };
    expect(users.authenticate({ headers, url: '/' }).access.user).toBe('ana');
    expect(users.authenticate({ headers: {}, url: '/?user=ana&password=a%3Ab' }).access.user).toBe('ana');
    expect(users.authenticate({ headers: {}, url: '/' }).access).toMatchObject({ user: 'default', role: 'reader' });
  });

  it.each([
    ['ana', ''],
    ['ana', 'a'],
    ['bob', ''],
    ['bob', HASH],
    ['nobody', ''],
    ['tocsin_collector', ''],
    ['tocsin_collector', 'read'],
    ['toString', ''],
  ])('nobody as %s with %j', (user, password) => {
    expect(() => login(user, password)).toThrow(/516.*AUTHENTICATION_FAILED/);
  });

  it.each(['default', 'grafana'])(
    '%s, who has no password, with the empty one alone, in each of three ways',
    (user) => {
      const ways = (password: string) => [
        () => login(user, password),
        () => users.authenticate({ headers: { 'x-clickhouse-user': user, 'x-clickhouse-key': password }, url: '/' }),
        () => users.authenticate({ headers: {}, url: `/?user=${user}&password=${password}` }),
      ];
      for (const enter of ways('')) expect(enter().access).toMatchObject({ user, role: 'reader' });
      for (const enter of ways('wrong')) expect(enter).toThrow(/516.*AUTHENTICATION_FAILED/);
    },
  );

  it('nobody in two ways at once', () => {
    const headers = { 'x-clickhouse-user': 'ana', 'x-clickhouse-key': 'a:b' };
    expect(() => users.authenticate({ headers, url: '/?user=ana' })).toThrow('simultaneously');
    expect(() => users.authenticate({ headers: { authorization: 'Bearer x' }, url: '/' })).toThrow('not');
  });
});

describe('a profile', () => {
  it('is what a statement begins with', () => {
    expect(Object.fromEntries(login('ana', 'a:b').stateOf(wanted()).settings)).toMatchObject({
      max_execution_time: '1.5',
      max_memory_usage: '1000000',
      max_threads: '2',
      max_result_rows: '100',
      max_result_bytes: '5000',
    });
  });

  it.each([
    ['max_execution_time', '1', '2'],
    ['max_memory_usage', '1000000', '1000001'],
    ['max_threads', '1', '3'],
    ['max_result_rows', '100', '101'],
    ['max_result_bytes', '1', '5001'],
  ])('lets its user lower %s, not raise it, take it away or write it in another way', (name, lower, higher) => {
    const user = login('ana', 'a:b');
    expect(user.stateOf(wanted({ [name]: lower })).settings.get(name)).toBe(lower);
    for (const value of [higher, '0', '-1', '1e9', 'auto', 'DEFAULT', '1 + 1', '', ' 9999999'])
      expect(() => user.stateOf(wanted({ [name]: value })), value).toThrow(/Code: 452.*SETTING_CONSTRAINT_VIOLATION/);
  });

  it('binds no user but its own', () => {
    expect(
      login('bob', 'hashed')
        .stateOf(wanted({ max_threads: '64' }))
        .settings.get('max_threads'),
    ).toBe('64');
    expect(() => login('bob', 'hashed').stateOf(wanted({ max_execution_time: '61' }))).toThrow('452');
  });
});

it('a reader only reads, whatever its request says, and the collector is asked for nothing', () => {
  const reader = login('ana', 'a:b');
  expect(reader.stateOf(wanted()).readonly).toBe(2);
  expect(reader.stateOf({ ...wanted(), readonly: 1 }).readonly).toBe(1);
  expect(() => reader.stateOf(wanted({ readonly: '0' }))).toThrow('452');
  expect(() => reader.stateOf({ ...wanted(), database: 'SYSTEM' })).toThrow('497');
  const writer = login('tocsin_collector', 'write');
  expect(writer.stateOf(wanted({ max_threads: '64' }))).toMatchObject({ readonly: 0 });
  expect(() => writer.stateOf(wanted({ format_schema: '/etc/passwd' }))).toThrow('452');
  expect(writer.stateOf(wanted({ format_schema: 'a', format_schema_source: "'string'" })).readonly).toBe(0);
});

it.each([
  // ClickHouse's exceptionCodeToHTTPStatus.cpp names READONLY and the limits nowhere: 500.
  [164, 500],
  [452, 500],
  [396, 500],
  [241, 500],
  [497, 403],
  [516, 403],
  [159, 408],
  [60, 404],
  [62, 400],
])('the code %i has the HTTP status %i, as of ClickHouse’s own server', (code, status) => {
  expect(statusOf(code)).toBe(status);
});
