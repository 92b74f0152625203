import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { parse } from 'yaml';
import { startTestClickHouse, type TestClickHouse } from '../../src/testing/index.ts';

const ROOT = join(import.meta.dirname, '../../..');
const EXAMPLE = join(ROOT, 'deploy/examples/monitoring-repository');
const run = promisify(execFile);

interface Step {
  readonly name?: string;
  readonly run?: string;
  readonly env?: Readonly<Record<string, string>>;
}
interface Workflow {
  readonly env?: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, { readonly steps: readonly Step[] }>>;
}

let clickhouse: TestClickHouse;
let folder: string;
let repository: string;
let server: Server;
/** What the console says of the processes. */
let processes: { service: string; isCurrent: boolean; readMs: number }[];
let env: Record<string, string>;

beforeAll(async () => {
  clickhouse = await startTestClickHouse();
  const client = clickhouse.client();
  const migrations = join(ROOT, 'collector/src/schema/migrations');
  await client.command({ query: 'CREATE DATABASE IF NOT EXISTS otel' });
  for (const file of (await readdir(migrations)).toSorted())
    for (const query of (await readFile(join(migrations, file), 'utf8')).split(/;\s*$/m))
      if (query.trim() !== '') await client.command({ query });
  server = createServer((_request, response) => response.end(JSON.stringify({ processes }))).listen(0, '127.0.0.1');
  await once(server, 'listening');
}, 300_000);
afterAll(async () => {
  server?.close();
  await clickhouse?.stop();
});

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tocsin-monitoring-repository-'));
  repository = join(folder, 'repository');
  const bin = join(folder, 'bin');
  await mkdir(bin);
  await mkdir(join(folder, 'server'));
  await cp(EXAMPLE, repository, { recursive: true });
  const place = async (name: string, text: string): Promise<void> => {
    await writeFile(join(bin, name), `#!/usr/bin/env bash\nset -eu\n${text}\n`);
    await chmod(join(bin, name), 0o755);
  };
  // What a runner has and this machine need not: the package installed, GitHub's program, a server.
  await place('npm', 'true');
  await place('npx', `shift; exec ${process.execPath} --no-warnings ${join(ROOT, 'deploy/src/cli/main.ts')} "$@"`);
  await place('gh', 'while [ "$1" != --body-file ]; do shift; done; cp "$2" "$RUNNER_TEMP/comment.md"');
  await place('rsync', `cp -R tocsin.yaml monitors rules ${join(folder, 'server')}/`);
  env = {
    PATH: `${bin}:${process.env['PATH'] ?? ''}`,
    HOME: folder,
    RUNNER_TEMP: folder,
    GITHUB_BASE_REF: 'main',
    GIT_AUTHOR_NAME: 'a',
    GIT_AUTHOR_EMAIL: 'a@example.com',
    GIT_COMMITTER_NAME: 'a',
    GIT_COMMITTER_EMAIL: 'a@example.com',
  };
  await git('init', '--quiet', '--initial-branch', 'main');
  await git('add', '.');
  await git('commit', '--quiet', '--message', 'before');
  await git('remote', 'add', 'origin', repository);
  await git('fetch', '--quiet', 'origin');
  await git('checkout', '--quiet', '-b', 'change');
});

afterEach(() => rm(folder, { recursive: true, force: true }));

async function git(...args: string[]): Promise<void> {
  await run('git', args, { cwd: repository, env });
}

/** Runs every step of a workflow that is a command, as a runner does. @returns what each printed */
async function play(file: string, more: Readonly<Record<string, string>> = {}): Promise<string[]> {
  const workflow = parse(await readFile(join(repository, '.github/workflows', file), 'utf8')) as Workflow;
  const printed: string[] = [];
  const literal = (given: Step['env'] = {}) =>
    Object.fromEntries(Object.entries(given).filter(([, value]) => !value.includes('${{')));
  for (const { steps } of Object.values(workflow.jobs))
    for (const step of steps) {
      if (step.run === undefined) continue;
      const settings = { ...env, ...literal(workflow.env), ...literal(step.env), ...more };
      const { stdout } = await run('bash', ['-e', '-o', 'pipefail', '-c', step.run], {
        cwd: repository,
        env: settings,
      });
      printed.push(stdout);
    }
  return printed;
}

async function change(file: string, from: string, to: string): Promise<void> {
  const path = join(repository, file);
  const text = await readFile(path, 'utf8');
  expect(text).toContain(from);
  await writeFile(path, text.replace(from, to));
}

test('a pull request is checked, tested, replayed, and what it changes is said as a comment', async () => {
  await change('rules/shop.yaml', 'severity: ticket', 'severity: page');
  await change('rules/shop.test.yaml', 'severity: ticket', 'severity: page');
  await change('monitors/shop.yaml', 'interval: 30s', 'interval: 10s');
  const printed = await play('pull-request.yaml', { CLICKHOUSE_URL: clickhouse.url, PR: '7' });
  expect(printed.join('')).toContain('tocsin.yaml: good.');
  expect(printed.join('')).toContain('1 rules in 1 groups');
  expect(printed.join('')).toContain('1 passed, 0 failed');
  expect(printed.join('')).toContain('QueueGrows: would not have fired');
  const comment = await readFile(join(folder, 'comment.md'), 'utf8');
  expect(comment).toContain('~ shop: schedule.intervalMs 30000 → 10000');
  expect(comment).toContain('~ shop/QueueGrows: labels.severity ticket → page');
  expect(comment).toContain('shop/QueueGrows: team → on-call');

  // With the rule that changed, and no other, played over the last minutes.
  const diff = ['tocsin', 'diff', join(folder, 'base'), '.', '--backtest', '--from', '10m'];
  const settings = { ...env, SLACK_WEBHOOK_URL: 'https://hooks.slack.example/x', CLICKHOUSE_URL: clickhouse.url };
  const { stdout } = await run('npx', diff, { cwd: repository, env: settings });
  expect(stdout).toMatch(
    /what new and changed rules would have said:\n\nFrom .*: 2[01] evaluations\.\n\nQueueGrows: would not have fired/,
  );
  const away = { ...settings, CLICKHOUSE_URL: 'http://127.0.0.1:9' };
  await expect(run('npx', [...diff.slice(0, -1), '1m'], { cwd: repository, env: away })).rejects.toMatchObject({
    code: 1,
    stdout: expect.stringContaining('shop/QueueGrows: team → on-call'),
    stderr: expect.stringContaining('--backtest: QueueGrows: '),
  });
}, 300_000);

test('a rule that is wrong stops it, at the step that can see it', async () => {
  await change('rules/shop.yaml', 'shop.queue', 'shop.other');
  await expect(play('pull-request.yaml', { CLICKHOUSE_URL: clickhouse.url })).rejects.toMatchObject({
    cmd: expect.stringContaining('rules test'),
    stdout: expect.stringContaining('0 passed, 1 failed'),
  });
}, 300_000);

test('a merge is copied to the server, and it is waited for until every process uses it', async () => {
  const { port } = server.address() as AddressInfo;
  const settings = {
    TOCSIN_HOST: 'server',
    TOCSIN_CONSOLE_URL: `http://127.0.0.1:${port}`,
    TOCSIN_CONSOLE_TOKEN: 'token',
    TOCSIN_APPLY_PAUSE_S: '0.1',
    TOCSIN_APPLY_TRIES: '3',
  };
  processes = [
    { service: 'tocsin-alerting', isCurrent: true, readMs: Date.now() + 60_000 },
    { service: 'tocsin-checker', isCurrent: true, readMs: 0 },
  ];
  await expect(play('apply.yaml', settings)).rejects.toMatchObject({
    stderr: expect.stringContaining('Not every process has read the new configuration'),
  });
  processes[1] = { service: 'tocsin-checker', isCurrent: false, readMs: 0 };
  await expect(play('apply.yaml', settings)).rejects.toMatchObject({
    stderr: expect.stringContaining('could not be read by tocsin-checker'),
  });
  processes[1] = { service: 'tocsin-checker', isCurrent: true, readMs: Date.now() + 60_000 };
  expect((await play('apply.yaml', settings)).at(-1)).toBe('Every process uses the new configuration.\n');
  expect(await readFile(join(folder, 'server/tocsin.yaml'), 'utf8')).toBe(
    await readFile(join(EXAMPLE, 'tocsin.yaml'), 'utf8'),
  );
}, 300_000);
