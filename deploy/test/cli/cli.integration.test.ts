import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../../..');
const folder = mkdtempSync(join(tmpdir(), 'tocsin-cli-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a file of the command line in an empty folder. */
function run(file: string, args: readonly string[]) {
  const { TOCSIN_CONFIG: _config, ...env } = process.env;
  return spawnSync(process.execPath, [join(ROOT, file), ...args], { cwd: folder, env, encoding: 'utf8' });
}
/** As `npx tocsin` does; only for what needs no installation. */
const wrapper = (...args: readonly string[]) => run('deploy/bin/tocsin.mjs', args);
/** As the wrapper does once everything is installed. */
const tocsin = (...args: readonly string[]) => run('deploy/src/cli/main.ts', args);

function write(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return name;
}

describe('the command line', () => {
  it('shows the help when asked, and when nothing is asked', () => {
    for (const args of [['help'], ['--help'], ['up', '--help'], []]) {
      const { status, stdout } = wrapper(...args);
      expect([status, stdout]).toEqual([0, expect.stringContaining('npx tocsin check-config [FILE]')]);
    }
  });

  it.each([
    [2, 'up', ['--nonsense']],
    [2, 'run', ['everything']],
    [2, 'run', ['collector', '--nonsense']],
    [1, 'healthcheck', ['http://127.0.0.1:1']],
    [1, 'healthcheck', ['--data', 'nowhere']],
    [2, 'healthcheck', ['127.0.0.1']],
    [2, 'check-config', ['--nonsense']],
    [1, 'probe', ['tcp://127.0.0.1:1']],
    [2, 'probe', []],
    [3, 'probe', ['http://127.0.0.1:1/', '--set', 'proxy=http://127.0.0.1:1']],
    [1, 'journal', ['list', '--data', 'nowhere']],
    [2, 'journal', ['eat']],
    [2, 'import', ['nagios', 'x']],
    [2, 'key', []],
    [2, 'password', []],
  ])('has in its help the exit code %i that %s %j ends with', (code, command, args) => {
    expect(tocsin(command, ...args).status).toBe(code);
    const line = wrapper('help')
      .stdout.split('\n')
      .find((each) => each.startsWith(`  npx tocsin ${command} `));
    expect(line).toMatch(new RegExp(`Exit code [^.]*\\b${code}\\b`));
  });

  it('shows its version', () => {
    expect(wrapper('version').stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it('probes a target, and passes on what the checker says and how it ends', () => {
    const { status, stderr } = tocsin('probe', 'http://127.0.0.1/', '--expect', 'latncy=1s');
    expect([status, stderr]).toEqual([2, expect.stringContaining('found unknown key "latncy"')]);
    const json = tocsin('probe', 'http://127.0.0.1:1/', '--set', 'proxy=http://127.0.0.1:1', '--json');
    expect([json.status, JSON.parse(json.stdout)]).toMatchObject([3, { verdict: { reason: 'proxy_failed' } }]);
  });

  it('refuses an unknown command with the help and exit code 2', () => {
    const { status, stderr } = wrapper('start');
    expect(status).toBe(2);
    expect(stderr).toContain('Unknown command "start".');
    expect(stderr).toContain('npx tocsin up');
  });
});

describe('init', () => {
  it('writes a configuration that is good as it is, and with every example switched on', () => {
    expect(tocsin('init')).toMatchObject({ status: 0, stdout: 'tocsin.yaml is written. Next: npx tocsin up\n' });
    expect(tocsin('check-config')).toMatchObject({ status: 0, stdout: expect.stringContaining('Monitors: 1,') });
    const written = readFileSync(join(folder, 'tocsin.yaml'), 'utf8');
    mkdirSync(join(folder, 'rules'), { recursive: true });
    writeFileSync(join(folder, 'rules/a.yaml'), 'groups: []\n');
    const all = written.replaceAll(/^# /gm, '');
    write('all.yaml', all);
    expect(tocsin('check-config', 'all.yaml')).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('Monitors: 4,'),
    });
    rmSync(join(folder, 'tocsin.yaml'));
  });

  it('changes none that is there, and takes one file', () => {
    write('mine.yaml', '# mine\n');
    expect(tocsin('init', 'mine.yaml')).toMatchObject({
      status: 1,
      stderr: 'mine.yaml is there already; it was not changed.\n',
    });
    expect(readFileSync(join(folder, 'mine.yaml'), 'utf8')).toBe('# mine\n');
    expect(tocsin('init', 'a', 'b')).toMatchObject({ status: 2 });
    expect(tocsin('init', 'no/such/folder.yaml')).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('ENOENT'),
    });
  });
});

describe('rules', () => {
  it('runs the unit tests of rules on a database of its own, and leaves nothing behind', () => {
    const sql = "SELECT 1 AS value FROM otel_logs WHERE Body = 'boom' AND Timestamp <= {now:DateTime64(9)} LIMIT 1";
    write('boom.yaml', `groups: [{ name: a, rules: [{ alert: Boom, sql: "${sql}" }] }]\n`);
    const rows = '[{ table: otel_logs, rows: [{ Timestamp: 90s, Body: boom }] }]';
    const alerts = '[{ eval_time: 1m, alertname: Boom }, { eval_time: 2m, alertname: Boom, exp_alerts: [{}] }]';
    const tests = `rule_files: [boom.yaml]\ntests: [{ name: boom, input_rows: ${rows}, alert_rule_test: ${alerts} }]\n`;
    const before = readdirSync(tmpdir()).filter((name) => name.startsWith('tocsin-scratch-'));
    const { status, stdout, stderr } = tocsin('rules', 'test', write('boom.test.yaml', tests));
    expect([status, stdout, stderr]).toEqual([
      0,
      'Unit testing: boom.test.yaml\n  SUCCESS: boom\n1 passed, 0 failed\n',
      '',
    ]);
    const scratch = readdirSync(tmpdir()).filter(
      (name) => name.startsWith('tocsin-scratch-') && !before.includes(name),
    );
    expect(scratch).toEqual([]);
  });

  it('starts no database for what cannot be understood', () => {
    const { status, stderr } = tocsin('rules', 'chek');
    expect([status, stderr]).toEqual([2, expect.stringContaining('found "chek"')]);
  });
});

describe('check-config', () => {
  it('says that a good file is good', () => {
    const { status, stdout, stderr } = tocsin('check-config', write('good.yaml', 'console: { http: 7700 }\n'));
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^good\.yaml: good\./);
  });

  it('warns of times at which nobody is on call', () => {
    const text = `alerting: { receivers: [{ name: mail }] }
oncall:
  users: [{ name: ana, contact: [mail] }]
  schedules:
    - { name: always, layers: [{ users: [ana], rotation: daily, start: 2026-01-05 }] }
    - { name: days, timezone: Europe/Riga, layers: [{ users: [ana], rotation: daily, start: 2026-01-05, restrictions: [{ from: '08:00', to: '02:00' }] }] }
`;
    const { status, stdout } = tocsin('check-config', write('gaps.yaml', text));
    expect(status).toBe(0);
    const [, ...warnings] = stdout.trimEnd().split('\n');
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(
      /^warning: nobody on call for days in the next four weeks \(Europe\/Riga\): .*every day 02:00–08:00 \(2[78] times from \d{4}-\d\d-\d\d\)/,
    );
  });

  it('reports everything that is wrong on standard error and exits 2', () => {
    const { status, stdout, stderr } = tocsin('check-config', write('bad.yaml', 'consol: {}\nconsole: { http: no }\n'));
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toBe(
      [
        'bad.yaml:1: consol: expected a known key, found unknown key "consol" (did you mean "console"?)',
        'bad.yaml:2: console.http: expected a port (0-65535) or host:port, found "no"',
        '2 problems.',
        '',
      ].join('\n'),
    );
  });

  it('exits 2 for a file that is not there, and without a file', () => {
    expect(tocsin('check-config', 'missing.yaml')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('ENOENT'),
    });
    expect(tocsin('check-config')).toMatchObject({ status: 2, stderr: expect.stringContaining('Usage') });
  });
});

describe('journal', () => {
  it('lists what the collector has on disk, and passes on its exit code', () => {
    mkdirSync(join(folder, 'data/collector/journal'), { recursive: true });
    const { status, stdout, stderr } = tocsin('journal', 'list', '--data', 'data');
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toBe('Segments that wait to be loaded: 0, 0 B.\n\nDead letters: 0, 0 B.\n');
    expect(tocsin('journal', 'burn')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('Usage: npx tocsin journal'),
    });
    expect(tocsin('journal', 'explain', 'x', '--data', 'data')).toMatchObject({ status: 1 });
  });
});

describe('up', () => {
  it('exits 2 with the report when the configuration is bad, and starts nothing', () => {
    const { status, stderr, stdout } = tocsin('up', '--config', write('up.yaml', 'monitors: 1\n'), '--data', 'data');
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain('up.yaml:1: monitors: expected a list, found 1');
  });

  it('exits 2 for a flag it does not know', () => {
    expect(tocsin('up', '--port', '1')).toMatchObject({ status: 2, stderr: expect.stringContaining('--port') });
  });
});
