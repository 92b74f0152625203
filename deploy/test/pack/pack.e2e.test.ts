import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startSlackStandIn } from '../../src/demo/slack-stand-in.ts';

const ROOT = join(import.meta.dirname, '../../..');
const TRACE_ID = '5b8efff798038103d269b633813fc60c';
let folder = '';

/** As a user does it: an empty folder, the tarball, npm. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tocsin-packed-'));
  const out = execFileSync(process.execPath, ['--no-warnings', join(ROOT, 'deploy/pack/main.ts'), '--out', folder]);
  const install = ['install', '--no-audit', '--no-fund', '--prefer-offline', out.toString().trim()];
  execFileSync('npm', install, { cwd: folder, stdio: 'pipe' });
}, 240_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

const tocsin = (...args: string[]): string =>
  execFileSync(join(folder, 'node_modules/.bin/tocsin'), args, { cwd: folder, encoding: 'utf8' });

test('the npm package does the main job in a folder without a clone: it takes a trace, sees a target down, and says so', async () => {
  const slack = await startSlackStandIn();
  const config = {
    collector: { http: 0, grpc: 0 },
    clickhouse: { http: 0 },
    checker: { http: 0, heartbeat: { listen: 0 } },
    console: { http: 0 },
    monitors: [{ name: 'gone', http: 'http://127.0.0.1:1/', interval: '2s' }],
    alerting: {
      http: 0,
      route: { receiver: 'team', group_wait: '1s' },
      receivers: [{ name: 'team', slack_configs: [{ api_url: slack.webhookUrl }] }],
    },
  };
  await writeFile(join(folder, 'tocsin.yaml'), JSON.stringify(config));
  expect(tocsin('check-config')).toContain('Monitors: 1');
  const child = spawn(join(folder, 'node_modules/.bin/tocsin'), ['up'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => void (output += chunk.toString()));
  try {
    const endpoints = await eventually(
      () => readEndpoints(),
      () => output,
    );
    const span = {
      traceId: TRACE_ID,
      spanId: 'eee19b7ec3c1b174',
      name: 'GET /',
      kind: 2,
      startTimeUnixNano: `${Date.now()}000000`,
      endTimeUnixNano: `${Date.now()}000000`,
    };
    const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'shop' } }] };
    const sent = await fetch(`${endpoints['collector.http']}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ spans: [span] }] }] }),
    });
    expect(sent.status).toBe(200);
    const query = `SELECT ServiceName FROM otel.otel_traces WHERE TraceId = '${TRACE_ID}'`;
    const stored = await eventually(
      async () => {
        const text = await (await fetch(endpoints['clickhouse.http'] ?? '', { method: 'POST', body: query })).text();
        return text === '' ? undefined : text.trim();
      },
      () => output,
    );
    expect(stored).toBe('shop');
    // The console's pages are in the package, built.
    const page = await (await fetch(endpoints['console.http'] ?? '')).text();
    const [, script = ''] = /<script type="module"[^>]* src="([^"]+)"/.exec(page) ?? [];
    const loaded = await fetch(`${endpoints['console.http']}${script}`);
    expect([loaded.status, loaded.headers.get('content-type')]).toEqual([200, 'text/javascript; charset=utf-8']);
    expect(loaded.headers.get('cache-control')).toContain('immutable');
    const message = await eventually(
      () => Promise.resolve(slack.messages.find(({ text }) => text.includes('gone'))),
      () => output,
    );
    expect(message.text).toContain('MonitorDown');
  } finally {
    const ended = once(child, 'exit');
    child.kill('SIGINT');
    await ended;
    await slack.stop();
  }
  expect(output).toContain('stopped');
});

test('it says its version and help, and brings its licence and its Node', () => {
  expect(tocsin('version').trim()).toBe(
    (JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string }).version,
  );
  expect(tocsin('help')).toContain('npx tocsin up');
  expect(existsSync(join(folder, 'node_modules/tocsin/LICENSE'))).toBe(true);
});

async function readEndpoints(): Promise<Readonly<Record<string, string>> | undefined> {
  try {
    const text = await readFile(join(folder, 'data/endpoints.json'), 'utf8');
    return (JSON.parse(text) as { endpoints: Record<string, string> }).endpoints;
  } catch {
    return undefined;
  }
}

async function eventually<Value>(look: () => Promise<Value | undefined>, output: () => string): Promise<Value> {
  const giveUpAtMs = Date.now() + 60_000;
  for (;;) {
    const value = await look();
    if (value !== undefined) return value;
    if (Date.now() > giveUpAtMs) throw new Error(`it did not come within a minute:\n${output()}`);
    await sleep(200);
  }
}
