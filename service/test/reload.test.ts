import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { loadConfig, type TocsinConfig } from '../src/config/index.ts';
import { mergeReload, settingsThatWait } from '../src/config/reload.ts';
import { AT_START, LIVE, SAID_BY } from '../src/config/reload-table.ts';
import { root } from '../src/config/schema/root.ts';
import type { Logger } from '../src/log/logger.ts';
import { createReloader } from '../src/run/reloader.ts';
import { settingsOf } from './settings-of.ts';

const CERTIFICATE = join(import.meta.dirname, 'clickhouse/fixtures/localhost.crt');
const HASH = 'a'.repeat(64);
const WINDOW = 'maintenance: [{ name: move, start: "2030-01-01T00:00", end: "2030-01-02T00:00" }]';
const MONITORS = 'monitors: [{ name: shop, http: "http://127.0.0.1:1/" }]';

/** A file that changes each setting, and `with` what has to stand beside it. */
const CHANGES: Readonly<Record<keyof typeof AT_START | (typeof LIVE)[number], { yaml: string; with?: string }>> = {
  'collector.http': { yaml: 'collector: { http: 1 }' },
  'collector.grpc': { yaml: 'collector: { grpc: 1 }' },
  'collector.url': { yaml: 'collector: { url: "https://collector.example" }' },
  'collector.max_request_size': { yaml: 'collector: { max_request_size: 1MiB }' },
  'collector.max_concurrent_requests': { yaml: 'collector: { max_concurrent_requests: 7 }' },
  'collector.request_timeout': { yaml: 'collector: { request_timeout: 7s }' },
  'collector.auth': { yaml: 'collector: { auth: required }' },
  'collector.tls': { yaml: `collector: { tls: { cert_file: ${CERTIFICATE}, key_file: ${CERTIFICATE} } }` },
  'collector.cors.origins': { yaml: 'collector: { cors: { origins: ["*"] } }' },
  'collector.accept.past': { yaml: 'collector: { accept: { past: 7h } }' },
  'collector.accept.future': { yaml: 'collector: { accept: { future: 7h } }' },
  'collector.journal.max_size': { yaml: 'collector: { journal: { max_size: 7GiB } }' },
  'collector.journal.segment_size': { yaml: 'collector: { journal: { segment_size: 7MiB } }' },
  'collector.journal.segment_age': { yaml: 'collector: { journal: { segment_age: 7s } }' },
  'collector.journal.load_lanes': { yaml: 'collector: { journal: { load_lanes: 7 } }' },
  'collector.journal.min_free_disk': { yaml: 'collector: { journal: { min_free_disk: 7MiB } }' },
  'collector.load.timeout': { yaml: 'collector: { load: { timeout: 7s } }' },
  'collector.load.max_timeout': { yaml: 'collector: { load: { max_timeout: 7h } }' },
  'collector.dead_letters.max_size': { yaml: 'collector: { dead_letters: { max_size: 7GiB } }' },
  'collector.keys': { yaml: `collector: { keys: [{ name: shop, sha256: ${HASH} }] }` },
  'collector.retention': { yaml: 'collector: { retention: { traces: 1d } }' },
  // By default that of the disk follows from it.
  'clickhouse.url': {
    yaml: 'clickhouse: { url: "http://127.0.0.1:1", disk: { drop_oldest: true } }',
    with: 'clickhouse: { disk: { drop_oldest: true } }',
  },
  'clickhouse.http': { yaml: 'clickhouse: { http: 1 }' },
  'clickhouse.user': { yaml: 'clickhouse: { user: ana }' },
  'clickhouse.password': { yaml: 'clickhouse: { password: secret }' },
  'clickhouse.password_file': { yaml: `clickhouse: { password_file: ${CERTIFICATE} }` },
  'clickhouse.tls': {
    yaml: `clickhouse: { url: "https://127.0.0.1:1", tls: { ca_file: ${CERTIFICATE} } }`,
    with: 'clickhouse: { url: "https://127.0.0.1:1" }',
  },
  'clickhouse.database': { yaml: 'clickhouse: { database: other }' },
  'clickhouse.cluster': {
    yaml: 'clickhouse: { url: "http://127.0.0.1:1", cluster: c }',
    with: 'clickhouse: { url: "http://127.0.0.1:1" }',
  },
  'clickhouse.disk.drop_oldest': { yaml: 'clickhouse: { disk: { drop_oldest: false } }' },
  'clickhouse.disk.low_water': { yaml: 'clickhouse: { disk: { low_water: 7MiB } }' },
  'clickhouse.disk.high_water': { yaml: 'clickhouse: { disk: { high_water: 7GiB } }' },
  'clickhouse.users': { yaml: 'clickhouse: { users: [{ name: ana }] }' },
  'clickhouse.profiles': { yaml: 'clickhouse: { profiles: [{ name: small }] }' },
  'checker.http': { yaml: 'checker: { http: 1 }' },
  'checker.location': { yaml: 'checker: { location: berlin }' },
  'checker.max_concurrency': { yaml: 'checker: { max_concurrency: 7 }' },
  'checker.max_concurrency_per_host': { yaml: 'checker: { max_concurrency_per_host: 7 }' },
  'checker.connectivity': { yaml: 'checker: { connectivity: ["127.0.0.1:1"] }' },
  'checker.buffer.max_size': { yaml: 'checker: { buffer: { max_size: 7MiB } }' },
  'checker.deny_private_addresses': { yaml: 'checker: { deny_private_addresses: true }' },
  'checker.heartbeat.listen': { yaml: 'checker: { heartbeat: { listen: 1 } }' },
  'checker.heartbeat.hosts': { yaml: 'checker: { heartbeat: { hosts: [jobs.example] } }' },
  'console.http': { yaml: 'console: { http: 1 }' },
  'console.url': { yaml: 'console: { url: "https://tocsin.example" }' },
  'console.grafana_url': { yaml: 'console: { grafana_url: "https://grafana.example" }' },
  'console.users': {
    yaml: `console: { users: [{ name: ana, role: viewer, password_hash: "$scrypt$ln=15,r=8,p=3$${'a'.repeat(22)}$${'b'.repeat(43)}" }] }`,
  },
  'console.tokens': { yaml: `console: { tokens: [{ name: ci, role: editor, sha256: ${'a'.repeat(64)} }] }` },
  'console.session_age': { yaml: 'console: { session_age: 1h }' },
  'alerting.hosts': { yaml: 'alerting: { hosts: [alerting.example] }' },
  'status_page.listen': { yaml: 'status_page: { listen: 1 }' },
  'status_page.hosts': { yaml: 'status_page: { hosts: [status.example] }' },
  'status_page.url': { yaml: 'status_page: { url: "https://status.example" }' },
  'status_page.name': { yaml: 'status_page: { name: Shop }' },
  'status_page.description': { yaml: 'status_page: { description: All of it. }' },
  'status_page.footer': { yaml: 'status_page: { footer: Call us. }' },
  'status_page.homepage': { yaml: 'status_page: { homepage: "https://shop.example" }' },
  'status_page.logo_file': { yaml: 'status_page: { logo_file: logo.svg }' },
  'status_page.color': { yaml: 'status_page: { color: "#abc" }' },
  'status_page.timezone': { yaml: 'status_page: { timezone: Europe/Berlin }' },
  'status_page.monitors': { yaml: `status_page: { monitors: [shop] }\n${MONITORS}`, with: MONITORS },
  'status_page.groups': {
    yaml: `status_page: { groups: [{ name: Web, monitors: [shop] }] }\n${MONITORS}`,
    with: MONITORS,
  },
  'status_page.maintenance': { yaml: `status_page: { maintenance: [move] }\n${WINDOW}`, with: WINDOW },
  'status_page.maintenance_ahead': { yaml: 'status_page: { maintenance_ahead: 1d }' },
  'alerting.http': { yaml: 'alerting: { http: 1 }' },
  'alerting.api': { yaml: 'alerting: { api: { max_pushed_alerts: 7 } }' },
  'alerting.global': { yaml: 'alerting: { global: { resolve_timeout: 7m } }' },
  'alerting.route': {
    yaml: 'alerting: { receivers: [{ name: a }], route: { receiver: a } }',
    with: 'alerting: { receivers: [{ name: a }] }',
  },
  'alerting.fallback': {
    yaml: 'alerting: { receivers: [{ name: a }], fallback: { receiver: a } }',
    with: 'alerting: { receivers: [{ name: a }] }',
  },
  'alerting.max_messages_per_minute': { yaml: 'alerting: { max_messages_per_minute: 7 }' },
  'alerting.allow_exec': { yaml: 'alerting: { allow_exec: true }' },
  'alerting.chart_urls': {
    yaml: 'alerting: { url: "https://alerts.example", chart_urls: true }',
    with: 'alerting: { url: "https://alerts.example" }',
  },
  'alerting.url': { yaml: 'alerting: { url: "https://alerting.example" }' },
  'alerting.receivers': { yaml: 'alerting: { receivers: [{ name: a }] }' },
  oncall: { yaml: 'oncall: { urgent: [page] }' },
  'alerting.config_file': { yaml: 'alerting: { config_file: alertmanager.yml }' },
  'alerting.inhibit_rules': { yaml: 'alerting: { inhibit_rules: [{ source_matchers: [a=b] }] }' },
  'alerting.time_intervals': { yaml: 'alerting: { time_intervals: [{ name: night }] }' },
  'alerting.templates': { yaml: 'alerting: { templates: [texts.tmpl] }' },
  'alerting.mute_time_intervals': { yaml: 'alerting: { mute_time_intervals: [{ name: night }] }' },
  unauthenticated_listeners: { yaml: 'unauthenticated_listeners: [console.http]' },
  defaults: { yaml: `defaults: { timeout: 7s }\n${MONITORS}`, with: MONITORS },
  monitors: { yaml: MONITORS },
  monitor_files: { yaml: 'monitor_files: [more.yaml]' },
  maintenance: { yaml: WINDOW },
  rule_files: { yaml: 'rule_files: [rules.yaml]' },
  shipped_rules: { yaml: 'shipped_rules: false' },
  slos: { yaml: 'slos: [{ name: shop, target: 99%, spans: { service: shop } }]' },
};

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tocsin-reload-'));
  await writeFile(join(folder, 'texts.tmpl'), '{{ define "a" }}b{{ end }}');
  await writeFile(join(folder, 'more.yaml'), MONITORS);
  await writeFile(join(folder, 'logo.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>');
  await writeFile(join(folder, 'rules.yaml'), 'groups: [{ name: web }]');
  await writeFile(join(folder, 'alertmanager.yml'), 'route: { receiver: a }\nreceivers: [{ name: a }]');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function load(yaml: string): Promise<TocsinConfig> {
  const file = join(folder, 'tocsin.yaml');
  await writeFile(file, yaml);
  return loadConfig({ file, env: {}, workingDir: folder });
}

/** What all services together say. */
const waiting = (running: TocsinConfig, next: TocsinConfig): readonly string[] =>
  [...new Set(Object.values(SAID_BY))].flatMap((service) => settingsThatWait(running, next, service));
/** What is looked at; `watched` says only which files are read. */
const settings = (config: TocsinConfig): object => ({ ...config, watched: undefined });

describe('the table of what a reload applies', () => {
  it('has every setting of the schema once, and no other', () => {
    const names = [...Object.keys(AT_START), ...LIVE];
    const isOf = (setting: string, name: string): boolean =>
      setting === name || setting.startsWith(`${name}.`) || setting.startsWith(`${name}[]`);
    const all = settingsOf(root);
    expect(all.filter((setting) => names.filter((name) => isOf(setting, name)).length !== 1)).toEqual([]);
    expect(names.filter((name) => !all.some((setting) => isOf(setting, name)))).toEqual([]);
  });

  it.each(Object.entries(AT_START))('%s waits for the next start, by name', async (name, place) => {
    const { yaml, with: beside = '' } = CHANGES[name as keyof typeof AT_START];
    const running = await load(beside);
    const next = await load(yaml);
    // Two settings have one value.
    const names = Object.entries(AT_START).filter(([, other]) => other === place);
    expect(waiting(running, next)).toEqual(names.map(([setting]) => setting));
    expect(settings(mergeReload(running, next))).toEqual(settings(running));
  });

  it.each(LIVE)('%s is applied and waits for nothing', async (name) => {
    const { yaml, with: beside = '' } = CHANGES[name];
    const running = await load(beside);
    const next = await load(yaml);
    expect(settings(next)).not.toEqual(settings(running));
    expect(waiting(running, next)).toEqual([]);
    expect(settings(mergeReload(running, next))).toEqual(settings(next));
  });
});

it('a reload says once what waits, and gives the service only what is applied', async () => {
  const warnings: unknown[] = [];
  const applied: TocsinConfig[] = [];
  const log = { warn: (...said: unknown[]) => warnings.push(said), info: () => {}, error: () => {} };
  let yaml = '';
  const reloader = createReloader({
    service: 'collector',
    initial: await load(''),
    load: () => load(yaml),
    complete: (config) => config,
    log: log as unknown as Logger,
    now: () => 0,
  });
  onTestFinished(() => reloader.stop());
  reloader.onReload((config) => void applied.push(config));
  const changed = `collector: { max_request_size: 1MiB, retention: { logs: 1d } }\nclickhouse: { password: secret }`;
  for (yaml of [changed, changed, `${changed}\n${MONITORS}`, '', changed]) await reloader.reload();
  const names = ['collector.max_request_size', 'clickhouse.password', 'clickhouse.password_file'];
  const warning = [{ settings: names }, `takes effect at the next start only: ${names.join(', ')}`];
  expect(warnings).toEqual([warning, warning]);
  expect(applied.map(({ collector }) => [collector.maxRequestBytes, collector.retention.logsMs])).toEqual([
    ...Array.from({ length: 3 }, () => [64 * 2 ** 20, 86_400_000]),
    [64 * 2 ** 20, 7 * 86_400_000],
    [64 * 2 ** 20, 86_400_000],
  ]);
});

it('a reload that fails is known as such until one succeeds; the time is that of the last one that did', async () => {
  const log = { warn: () => {}, info: () => {}, error: () => {} };
  let [yaml, nowMs] = ['', 1_000];
  const reloader = createReloader({
    service: 'collector',
    initial: await load(''),
    load: () => load(yaml),
    complete: (config) => config,
    log: log as unknown as Logger,
    now: () => nowMs,
  });
  onTestFinished(() => reloader.stop());
  expect(reloader.last()).toEqual({ successful: true, succeededAtMs: 1_000 });
  [yaml, nowMs] = ['collector: { retention: soon }', 2_000];
  expect(await reloader.reload()).toEqual({ status: 'failed' });
  expect(reloader.last()).toEqual({ successful: false, succeededAtMs: 1_000 });
  [yaml, nowMs] = ['collector: { retention: { logs: 1d } }', 3_000];
  expect(await reloader.reload()).toEqual({ status: 'ok' });
  expect(reloader.last()).toEqual({ successful: true, succeededAtMs: 3_000 });
  // What a service cannot apply is no success either.
  reloader.onReload(() => Promise.reject(new Error('no room')));
  nowMs = 4_000;
  expect(await reloader.reload()).toEqual({ status: 'failed' });
  expect(reloader.last()).toEqual({ successful: false, succeededAtMs: 3_000 });
});
