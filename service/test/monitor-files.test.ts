import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ConfigError, loadConfig, type TocsinConfig } from '../src/config/index.ts';
import { signFiles } from '../src/config/source-files.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tocsin-monitors-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function load(files: Readonly<Record<string, string>>, env: Record<string, string> = {}): Promise<TocsinConfig> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  return loadConfig({ file: 'tocsin.yaml', env, workingDir: folder });
}

async function report(files: Readonly<Record<string, string>>): Promise<string[]> {
  const error: unknown = await load(files).catch((thrown: unknown) => thrown);
  return error instanceof ConfigError ? error.message.split('\n') : [];
}

it('reads monitors of other files, with the defaults of both', async () => {
  const { monitors } = await load({
    'tocsin.yaml':
      'defaults: { interval: 30s, timeout: 3s, confirm: { failures: 3 } }\nmonitor_files: ["m/*.yaml"]\nmonitors: [{ name: a, http: "http://x/" }]',
    'm/one.yaml': 'defaults: { timeout: 9s }\nmonitors: [{ name: b, http: "http://x/", confirm: { within: 1m } }]',
    'm/two.yaml': 'monitors: [{ name: c, http: "http://x/", cron: "* * * * *", timeout: 1s }]',
  });
  expect(monitors.map(({ name, schedule, timeoutMs }) => [name, schedule, timeoutMs])).toEqual([
    ['a', { type: 'interval', intervalMs: 30_000 }, 3_000],
    ['b', { type: 'interval', intervalMs: 30_000 }, 9_000],
    ['c', { type: 'cron', expression: '* * * * *', timeZone: 'UTC' }, 1_000],
  ]);
  expect(monitors.map(({ confirm }) => confirm)).toEqual([
    { failures: 3, withinMs: 30_000, retryAfterMs: 5_000 },
    { failures: 3, withinMs: 60_000, retryAfterMs: 5_000 },
    { failures: 3, withinMs: 30_000, retryAfterMs: 5_000 },
  ]);
});

it('names file, line, monitor and cure of a mistake in another file, and of one between files', async () => {
  expect(
    await report({
      'tocsin.yaml': 'monitor_files: ["m/*.yaml"]\nmonitors: [{ name: a, http: "http://x/", depends_on: b }]',
      'm/one.yaml': 'monitors:\n  - { name: b, http: "http://x/", depends_on: a }\n  - name: c\n    http: nowhere\n',
      'm/two.yaml': 'monitors:\n  - { name: a, http: "http://x/" }\nrules: []\n',
    }),
  ).toEqual([
    'm/two.yaml:2: monitors[0].name (a): expected a name of its own (monitors[0] of tocsin.yaml has this one), found "a"',
    'tocsin.yaml:2: monitors[0].depends_on (a): expected monitors that do not depend on each other in a circle, found a → b → a',
    'm/one.yaml:4: monitors[1].http (c): expected an http:// or https:// URL, found "nowhere"',
    'm/two.yaml:3: rules: expected a known key, found unknown key "rules"',
  ]);
});

it('gives monitors the windows that name them, and all of them the windows that name none', async () => {
  const { monitors } = await load({
    'tocsin.yaml': [
      'maintenance:',
      '  - { name: all, time: "02:00", until: "04:00", days: [sun, -1], timezone: Europe/Riga }',
      '  - { name: one, start: 2026-12-01 22:00, duration: 2h, monitors: b, mute_alerts: false }',
      'monitors:',
      '  - { name: a, http: "http://x/", maintenance: [{ name: own, time: "01:00", duration: 5m }] }',
      '  - { name: b, http: "http://x/" }',
    ].join('\n'),
  });
  expect(monitors.map(({ maintenance }) => maintenance.map(({ name }) => name))).toEqual([
    ['own', 'all'],
    ['all', 'one'],
  ]);
  expect(monitors[0]?.maintenance[1]?.times).toMatchObject({ days: [{ weekday: 7 }, { dayOfMonth: -1 }] });
  expect(monitors[1]?.maintenance[1]).toMatchObject({
    timeZone: 'UTC',
    times: { type: 'once', start: '2026-12-01T22:00:00', durationMs: 7_200_000 },
    mutesAlerts: false,
    countsInAvailability: false,
  });
});

it('reads a secret from a file without the line end, watches it, and never shows it', async () => {
  const files = {
    'tocsin.yaml':
      'monitors: [{ name: a, http: "http://x/", headers: { authorization: "Bearer ${file:secrets/token}" } }]',
    'secrets/token': 's3cret\n',
  };
  const config = await load(files);
  expect(config.monitors[0]).toMatchObject({ http: { headers: { authorization: 'Bearer s3cret' } } });
  expect(await signFiles(config.watched)).toBe(config.watched.signature);
  await writeFile(join(folder, 'secrets/token'), 'another one');
  expect(await signFiles(config.watched)).not.toBe(config.watched.signature);
  const yaml = 'monitors: [{ name: a, http: "http://x/", timeout: "${file:secrets/token}" }]';
  const [line] = await report({ 'tocsin.yaml': yaml, 'secrets/token': 's3cret' });
  expect(line).toContain('timeout (a): expected a duration');
  expect(line).not.toContain('s3cret');
});

it('has nothing to reload where a secret file is not there, until it is', async () => {
  const error: unknown = await load({
    'tocsin.yaml': 'monitors: [{ name: a, http: "http://x/", body: "${file:token}" }]',
  }).catch((thrown: unknown) => thrown);
  if (!(error instanceof ConfigError) || !error.watched) throw new Error('no report');
  expect(await signFiles(error.watched)).toBe(error.watched.signature);
  await writeFile(join(folder, 'token'), 'now');
  expect(await signFiles(error.watched)).not.toBe(error.watched.signature);
});
