import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const MAIN = join(import.meta.dirname, '../../src/cli/main.ts');
/** Debian's package systemd has it; units are text elsewhere too, so only what it judges is skipped. */
const hasAnalyze = spawnSync('systemd-analyze', ['--version']).status === 0;
const NO_ANALYZE = 'systemd-analyze is not on this machine (Debian: the package systemd)';
const folder = mkdtempSync(join(tmpdir(), 'tocsin-units-'));
const config = join(folder, 'etc/tocsin.yaml');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function installService(...args: readonly string[]) {
  const flags = ['--no-start', '--dir', join(folder, 'units'), '--config', config];
  return spawnSync(process.execPath, [MAIN, 'install-service', ...flags, ...args], { cwd: folder, encoding: 'utf8' });
}

function analyze(...args: readonly string[]) {
  return spawnSync('systemd-analyze', args, { cwd: join(folder, 'units'), encoding: 'utf8' });
}

describe('install-service', () => {
  beforeAll(() => {
    for (const { status, stderr } of [installService(), installService('--split')])
      if (status !== 0) throw new Error(stderr);
  });

  test('writes one unit for everything, or one for each service and a target', () => {
    expect(readdirSync(join(folder, 'units')).sort()).toEqual([
      'tocsin-alerting.service',
      'tocsin-checker.service',
      'tocsin-clickhouse.service',
      'tocsin-collector.service',
      'tocsin-console.service',
      'tocsin.service',
      'tocsin.target',
    ]);
    const unit = readFileSync(join(folder, 'units/tocsin.service'), 'utf8');
    expect(unit).toContain(` up --config ${config} --data /var/lib/tocsin\n`);
  });

  test('writes a configuration and a file for secrets, which only their owner reads, and changes none that is there', () => {
    const environment = join(folder, 'etc/environment');
    expect(readFileSync(environment, 'utf8')).toMatch(/^TOCSIN_INTERNAL_KEY=[\w-]{43}$/m);
    expect(statSync(environment).mode & 0o777).toBe(0o600);
    const before = readFileSync(environment, 'utf8');
    expect(installService().stdout).toContain('is there already; it was not changed');
    expect(readFileSync(environment, 'utf8')).toBe(before);
  });

  test('with another ClickHouse there is no unit for the embedded one', () => {
    const other = join(folder, 'other.yaml');
    writeFileSync(other, 'clickhouse: { url: "http://127.0.0.1:8123" }\n');
    const { stdout } = installService('--split', '--print', '--config', other);
    expect(stdout).toContain('# tocsin-collector.service');
    expect(stdout).not.toContain('tocsin-clickhouse');
  });

  test.each([[['--what']], [['--dir', 'a b']]])('%j is refused with the usage', (args) => {
    expect(installService(...args)).toMatchObject({ status: 2, stderr: expect.stringContaining('Usage:') });
  });

  test('a bad configuration is told before a unit is written', () => {
    const bad = join(folder, 'bad.yaml');
    writeFileSync(bad, 'consol: {}\n');
    expect(installService('--split', '--config', bad)).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('consol'),
    });
  });

  test('systemd finds nothing wrong with the units', ({ skip }) => {
    if (!hasAnalyze) skip(NO_ANALYZE);
    const { status, stderr } = analyze('verify', ...readdirSync(join(folder, 'units')).map((name) => `./${name}`));
    expect([status, stderr]).toEqual([0, '']);
  });

  test('systemd counts their exposure as low: 2 of 10 at most', ({ skip }) => {
    if (!hasAnalyze) skip(NO_ANALYZE);
    for (const name of ['tocsin.service', 'tocsin-checker.service']) {
      const { status, stdout } = analyze('security', '--offline=true', '--threshold=20', `./${name}`);
      expect(stdout).toContain('Overall exposure level');
      expect(status).toBe(0);
    }
  });
});
