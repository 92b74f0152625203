import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ConfigError, embeddedUsers, loadConfig } from '../../src/config/index.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tocsin-config-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function load(yaml: string) {
  await writeFile(join(folder, 'tocsin.yaml'), yaml);
  return loadConfig({ file: 'tocsin.yaml', env: {}, workingDir: folder });
}

async function report(yaml: string): Promise<readonly string[]> {
  try {
    await load(yaml);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split('\n');
    throw error;
  }
}

const WRONG: readonly (readonly [way: string, yaml: string, line: string])[] = [
  [
    'a user of the embedded ClickHouse with two passwords',
    "clickhouse:\n  users:\n    - name: a\n      password: x\n      password_sha256_hex: '0000000000000000000000000000000000000000000000000000000000000000'",
    'tocsin.yaml:5: clickhouse.users[0].password_sha256_hex: expected either password or password_sha256_hex, not both, found (hidden)',
  ],
  [
    'a hash that is none',
    'clickhouse:\n  users: [{ name: a, password_sha256_hex: abc }]',
    'tocsin.yaml:2: clickhouse.users[0].password_sha256_hex: expected a SHA-256 hash: 64 hexadecimal digits, found (hidden)',
  ],
  [
    "a user with one of Tocsin's own names",
    'clickhouse:\n  users: [{ name: tocsin_collector, password: x }]',
    'tocsin.yaml:2: clickhouse.users[0].name: expected a name that is not one of Tocsin’s own users, found "tocsin_collector"',
  ],
  [
    'two users of one name',
    'clickhouse:\n  users: [{ name: a }, { name: a }]',
    'tocsin.yaml:2: clickhouse.users[1].name: expected a name that no other user has, found "a"',
  ],
  [
    'a profile that nobody wrote',
    'clickhouse:\n  profiles: [{ name: big }]\n  users: [{ name: a, profile: huge }]',
    'tocsin.yaml:3: clickhouse.users[0].profile: expected a profile: readonly, big, found "huge"',
  ],
  [
    'two profiles of one name',
    'clickhouse:\n  profiles: [{ name: big }, { name: big }]',
    'tocsin.yaml:2: clickhouse.profiles[1].name: expected a name that no other profile has, found "big"',
  ],
  [
    'an embedded ClickHouse that others can reach, without users',
    'clickhouse:\n  http: 0.0.0.0:8123',
    'tocsin.yaml:2: clickhouse.http: expected an address on loopback, or users with passwords in clickhouse.users: others can reach this one, found "0.0.0.0:8123"',
  ],
  [
    'an embedded ClickHouse that others can reach, and a user without a password',
    'clickhouse:\n  http: 0.0.0.0:8123\n  users: [{ name: grafana }]',
    'tocsin.yaml:3: clickhouse.users[0]: expected a password or password_sha256_hex: clickhouse.http is not on loopback, found a mapping',
  ],
];

it.each(WRONG)('names %s', async (_way, yaml, line) => {
  expect(await report(yaml)).toEqual([line]);
});

it('lets default and grafana read without a password on loopback alone', async () => {
  const names = async (yaml: string) => embeddedUsers((await load(yaml)).clickhouse).map(({ name }) => name);
  expect(await names('{}')).toEqual(['default', 'grafana']);
  expect(await names('clickhouse: { users: [{ name: grafana, password: x }] }')).toEqual(['grafana', 'default']);
  expect(await names('clickhouse: { http: "0.0.0.0:1", users: [{ name: grafana, password: x }] }')).toEqual([
    'grafana',
  ]);
});

it('has nothing to say about an address where nothing embedded listens', async () => {
  expect(await report('clickhouse: { http: "0.0.0.0:1", url: "http://a:8123" }')).toEqual([]);
});
