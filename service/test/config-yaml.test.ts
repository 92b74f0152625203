import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConfigError, loadConfig, type TocsinConfig } from '../src/config/index.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tocsin-yaml-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function write(files: Readonly<Record<string, string | Uint8Array>>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
}

async function load(yaml: string | Uint8Array, env: Record<string, string> = {}): Promise<TocsinConfig> {
  await write({ 'tocsin.yaml': yaml });
  return loadConfig({ file: 'tocsin.yaml', env, workingDir: folder });
}

/** @returns the lines of the report. Anything but a report is an error of the test. */
async function report(yaml: string | Uint8Array, env: Record<string, string> = {}): Promise<string[]> {
  try {
    await load(yaml, env);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split('\n');
    throw error;
  }
}

describe('values', () => {
  it('stay what was written: a password of digits is text, and 007 is not 7', async () => {
    const { clickhouse, monitors } = await load(
      'clickhouse: { user: 007, password: 1e3 }\nmonitors: [{ name: 1.0, http: "http://x/", headers: { x-key: 0123 } }]',
    );
    expect(clickhouse).toMatchObject({ user: '007', password: '1e3' });
    expect(monitors[0]).toMatchObject({ name: '1.0', http: { headers: { 'x-key': '0123' } } });
  });

  it('are the same from the environment, quoted or not, whatever they look like to YAML', async () => {
    const password = 'a: b "c" \'d\' #e ${X} $y\nz';
    const env = { PASSWORD: password, USER_NAME: 'null', PORT: '7777', LIMIT: '20', RULES: 'false' };
    const config = await load(
      [
        'clickhouse:',
        '  password: ${PASSWORD}',
        '  user: "${USER_NAME}"',
        'collector: { http: "${PORT}" }',
        'checker: { max_concurrency: "${LIMIT}" }',
        'shipped_rules: ${RULES}',
      ].join('\n'),
      env,
    );
    expect(config.clickhouse).toMatchObject({ password, user: 'null' });
    expect(config.collector.http.port).toBe(7777);
    expect(config.checker.maxConcurrency).toBe(20);
    expect(config.shippedRules).toBe(false);
  });

  it('keep a dollar sign that is alone or doubled, and refuse a reference that is none', async () => {
    expect((await load('clickhouse: { password: pa$$w0rd$ }')).clickhouse.password).toBe('pa$w0rd$');
    expect(await report('clickhouse: { password: "a${B-c}" }')).toEqual([
      'tocsin.yaml:1: clickhouse.password: expected ${NAME}, ${NAME:-default} or ${file:PATH} ($$ is a dollar sign), found ${ that is neither',
    ]);
  });

  it('say that a variable is set but empty', async () => {
    const [line] = await report('alerting: { global: { slack_api_url: "${HOOK}" } }', { HOOK: '' });
    expect(line).toBe(
      'tocsin.yaml:1: alerting.global.slack_api_url: expected an http:// or https:// URL, found ${HOOK}, which is empty',
    );
  });
});

describe('the files of clickhouse', () => {
  it('are read from the folder of the configuration; the last line break is not part of the password', async () => {
    await write({ 'secrets/password': 's3cret \n' });
    const yaml = 'clickhouse: { url: [http://a:8123, http://b:8123], password_file: secrets/password }';
    const { clickhouse } = await load(yaml);
    expect(clickhouse).toMatchObject({ password: 's3cret ', url: ['http://a:8123', 'http://b:8123'] });
    expect(clickhouse.disk.dropOldest).toBe(false);
    expect((await load('{}')).clickhouse.disk.dropOldest).toBe(true);
  });
});

describe('YAML', () => {
  it('may have anchors, aliases, merge keys, a byte order mark and the line ends of Windows', async () => {
    const yaml = [
      '\u{feff}monitors:',
      '  - &base { name: a, http: "http://x/", timeout: 3s }',
      '  - { <<: *base, name: b }',
      '  - { name: c, http: "http://ü/", headers: &h { a: b } }',
      '  - { name: ☃, http: "http://x/", headers: *h }',
      '',
    ].join('\r\n');
    const { monitors } = await load(yaml);
    expect(monitors.map(({ name, timeoutMs }) => [name, timeoutMs])).toEqual([
      ['a', 3_000],
      ['b', 3_000],
      ['c', 5_000],
      ['☃', 5_000],
    ]);
    expect(monitors[3]).toMatchObject({ http: { headers: { a: 'b' } } });
  });

  it('finds the place of a problem through an alias and a merge key', async () => {
    const yaml = 'monitors:\n  - &a\n    name: a\n    http: &u ftp://x/\n  - { <<: *a, name: b, http: *u }\n  - *a\n';
    expect(await report(yaml)).toEqual([
      'tocsin.yaml:4: monitors[0].http (a): expected an http:// or https:// URL, found "ftp://x/"',
      'tocsin.yaml:5: monitors[1].http (b): expected an http:// or https:// URL, found "ftp://x/"',
      'tocsin.yaml:6: monitors[2].http (a): expected an http:// or https:// URL, found "ftp://x/"',
      'tocsin.yaml:6: monitors[2].name (a): expected a name of its own (monitors[0] has this one), found "a"',
    ]);
  });

  it.each([
    ['an alias of nothing', 'monitors: *hunter2', 'found an alias of nothing'],
    ['an alias of itself', 'alerting: { route: &r { receiver: a, routes: [*r] } }', 'found an alias of itself'],
    ['aliases that multiply', bomb(), 'expected aliases that do not multiply'],
    ['a tag', 'clickhouse: { password: !hunter2 x }', 'found a tag'],
    ['bytes that are no text', Buffer.from([0xff, 0xfe, 0x00]), 'expected text in UTF-8'],
    ['a second document', 'monitors: []\n---\nmonitors: []\n', ':2: expected one document'],
    ['a key without a value', 'monitors:\n', ':1: monitors: expected a list, found no value'],
    [
      'a key with nothing but comments',
      'alerting:\n  route:\n    # none\n',
      'alerting.route: expected a mapping, found no',
    ],
    ['a reference that needs quotes', 'console: { http: ${PORT} }', 'a reference needs quotes: "${NAME}"'],
    ['very deep nesting', `monitors: ${'['.repeat(20_000)}${']'.repeat(20_000)}`, 'expected valid YAML'],
  ])('has one line for %s, and shows no text of it', async (_what, yaml, expected) => {
    const lines = await report(yaml);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(expected);
    expect(lines[0]).not.toContain('hunter2');
  });

  it('reports a key written twice beside everything else', async () => {
    const lines = await report('console: {}\nconsole: {}\nmonitor: []\n');
    expect(lines).toEqual([
      'tocsin.yaml:2: console: expected each key once, found "console" a second time',
      'tocsin.yaml:3: monitor: expected a known key, found unknown key "monitor" (did you mean "monitors"?)',
    ]);
  });

  it('shows neither the user nor the query of a URL, nor a header', async () => {
    const yaml = [
      'clickhouse: { url: "htp://user:hunter2@host" }',
      'monitors:',
      '  - { name: a, http: "ftp://x/?key=hunter2", headers: { x-any: [hunter2] } }',
    ].join('\n');
    expect((await report(yaml)).join('\n')).not.toContain('hunter2');
  });
});

describe('rule files', () => {
  const RULES = 'groups: [{ name: g, rules: [{ alert: A, sql: SELECT 1 AS value }] }]';

  it('that are a folder, no text or no YAML are problems like any other', async () => {
    await write({ 'rules/a.yaml': Buffer.from([0xff]), 'rules/b.yaml/x': '', 'rules/c.yaml': 'groups: [' });
    const lines = await report('rule_files: ["rules/*.yaml"]\nfoo: 1\n');
    expect(lines.map((line) => line.split(', found')[0])).toEqual([
      'tocsin.yaml:2: foo: expected a known key',
      'rules/a.yaml:1: expected text in UTF-8',
      'rules/b.yaml:1: expected a file that can be read',
      'rules/c.yaml:1: expected valid YAML',
    ]);
  });

  it('are read once though several entries name them', async () => {
    await write({ 'rules/a.yaml': RULES });
    const config = await load('rule_files: ["rules/*.yaml", ./rules/a.yaml, rules/../rules/a.yaml]');
    expect(config.ruleGroups).toHaveLength(1);
  });

  it('have the number of their entry in problems, whatever stands before them', async () => {
    expect(await report('rule_files: ["", "${D}", nope.yaml]')).toEqual([
      'tocsin.yaml:1: rule_files[1]: expected the environment variable D to be set (or a default: ${D:-…}), found it is not set',
      'tocsin.yaml:1: rule_files[0]: expected text that is not empty, found ""',
      'tocsin.yaml:1: rule_files[2]: expected a file that exists, found "nope.yaml"',
    ]);
  });
});

/** Nine aliases of nine aliases of nine … */
function bomb(): string {
  const levels = 'abcdefghi'.split('').map((name, at, all) =>
    at === 0
      ? 'a: &a [x, x]'
      : `${name}: &${name} [${Array(9)
          .fill(`*${all[at - 1]}`)
          .join(', ')}]`,
  );
  return levels.join('\n');
}
