import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

let folder: string;
let child: ChildProcess;
let url: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tocsin-api-'));
});
afterEach(async () => {
  child.kill('SIGKILL');
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  rmSync(folder, { recursive: true });
});

/** Nothing listens where ClickHouse and the collector should be. */
function configure(receiver: string): void {
  writeFileSync(
    join(folder, 'tocsin.yaml'),
    `shipped_rules: false
collector: { http: "127.0.0.1:1" }
clickhouse: { url: "http://127.0.0.1:1" }
alerting:
  http: 127.0.0.1:0
  route: { receiver: ${receiver} }
  receivers: [{ name: ${receiver} }]
`,
  );
}

async function start(): Promise<void> {
  child = fork(MAIN, ['--config', join(folder, 'tocsin.yaml'), '--data', folder], { stdio: 'ignore' });
  for (;;) {
    const [message] = (await once(child, 'message')) as [{ type?: string; listening?: Record<string, string> }];
    if (message.type !== 'ready') continue;
    url = message.listening?.['alerting.http'] ?? '';
    return;
  }
}

const ask = async (method: string, path: string, body?: unknown) => {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(`${url}${path}`, {
    method,
    ...(body === undefined ? {} : { headers, body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: (text.startsWith('[') ? JSON.parse(text) : text) as unknown };
};

test('a pushed alert that was answered is still there after kill -9', async () => {
  configure('team');
  await start();
  const pushed = Array.from({ length: 20 }, (_, index) => [{ labels: { alertname: `Pushed${index}` } }]);
  const answers = await Promise.all(pushed.map((alerts) => ask('POST', '/api/v2/alerts', alerts)));
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(answers.map(({ status }) => status)).toEqual(pushed.map(() => 200));
  await start();
  expect((await ask('GET', '/api/v2/alerts')).body).toHaveLength(20);
});

test('POST /-/reload reads the configuration again, and a bad one is told and changes nothing', async () => {
  configure('team');
  await start();
  configure('night');
  expect(await ask('POST', '/-/reload')).toEqual({ status: 200, body: '' });
  expect((await ask('GET', '/api/v2/receivers')).body).toEqual([{ name: 'night' }]);
  writeFileSync(join(folder, 'tocsin.yaml'), 'alerting: { route: { receiver: nobody } }');
  expect(await ask('POST', '/-/reload')).toEqual({
    status: 500,
    body: 'failed to reload config: it is bad and the old one stays; the log has the report\n',
  });
  expect((await ask('GET', '/api/v2/receivers')).body).toEqual([{ name: 'night' }]);
});
