import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ConfigError, loadConfig, loadRuleGroups } from '../../src/config/index.ts';
import { readConfigApart, readRuleGroupsApart } from '../../src/reading/read-apart.ts';

/** Every section, and of monitors one of each kind that has values of its own sort. */
const FULL = `
collector: { http: 127.0.0.1:0, accept: { past: 2h }, keys: [{ name: shop, sha256: ${'a'.repeat(64)} }] }
clickhouse: { users: [{ name: reporter, password: "\${SECRET}" }], profiles: [{ name: small, max_threads: 1 }] }
monitors:
  - name: shop
    http: https://shop.example/health
    cron: "*/5 * * * *"
    timezone: Europe/Berlin
    expect: { status: 2xx, latency: { connect: 1s }, body_matches: "o.*k", json: { path: $.status, equals: ok } }
    maintenance: [{ name: new year, start: 2026-01-01T00:00, end: 2026-01-02T00:00 }]
  - { name: port, tcp: shop.example:22, interval: 10s, depends_on: shop }
  - { name: zone, dns: shop.example, interval: 10s }
rule_files: [rules.yaml]
alerting:
  global: { smtp_smarthost: 127.0.0.1:1025, smtp_from: tocsin@example.com }
  route: { receiver: team, routes: [{ matchers: ['severity="page"', 'service=~"web-.*"'], receiver: team }] }
  receivers: [{ name: team, email_configs: [{ to: team@example.com }] }]
`;
const RULES = `groups: [{ name: web, rules: [{ alert: Down, sql: SELECT 1 AS value, for: 30s }] }]`;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tocsin-apart-'));
  await writeFile(join(folder, 'rules.yaml'), RULES);
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function sourceOf(yaml: string) {
  const file = join(folder, 'tocsin.yaml');
  await writeFile(file, yaml);
  return { file, env: { ...process.env, SECRET: 'open sesame' }, workingDir: folder };
}

it('gives the very configuration that would have been read here, frozen all through', async () => {
  const source = await sourceOf(FULL);
  const apart = await readConfigApart(source);
  expect(apart).toStrictEqual(await loadConfig(source));
  expect(apart.clickhouse.users[0]?.password).toBe('open sesame');
  expect(Object.isFrozen(apart.monitors[0]?.maintenance)).toBe(true);
});

it('reports every problem as it would have been here, with the files to watch until they are mended', async () => {
  const source = await sourceOf('monitors: [{ name: a, http: ftp://x }]\ncollector: { htp: 1 }\n');
  const here: unknown = await loadConfig(source).catch((error: unknown) => error);
  const apart: unknown = await readConfigApart(source).catch((error: unknown) => error);
  if (!(here instanceof ConfigError && apart instanceof ConfigError)) throw new Error('both should have refused it');
  expect(apart.message).toBe(here.message);
  expect(apart.problems).toStrictEqual(here.problems);
  expect(apart.watched).toStrictEqual(here.watched);
});

it('reads a rule file by itself', async () => {
  const file = join(folder, 'rules.yaml');
  expect(await readRuleGroupsApart(file, '(shown)')).toStrictEqual(await loadRuleGroups(file, '(shown)'));
});

it('says so when the reading process ends without an answer', async () => {
  const source = await sourceOf('{}');
  const env = { ...source.env, NODE_OPTIONS: '--require ./there-is-no-such-file.cjs' };
  await expect(readConfigApart({ ...source, env })).rejects.toThrow(/ended without an answer \(exit code 1\)/);
});
