import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { endpointsOf, launchIn } from './launched.ts';

let folder: string;
let target: Server;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tocsin-status-page-'));
  target = createServer((_request, response) => response.end('ok')).listen(0, '127.0.0.1');
  await once(target, 'listening');
  const { port } = target.address() as AddressInfo;
  await writeFile(
    join(folder, 'tocsin.yaml'),
    `collector: { http: 0, grpc: 0 }
clickhouse: { http: 0 }
checker: { http: 0 }
alerting: { http: 0 }
console: { http: 0 }
monitors:
  - { name: till-7, http: 'http://127.0.0.1:${port}/', interval: 1s }
  - { name: hidden-ledger, http: 'http://127.0.0.1:${port}/', interval: 1s }
status_page: { listen: 0, monitors: [{ monitor: till-7, name: Web shop }] }
`,
  );
});
afterAll(async () => {
  target.close();
  await rm(folder, { recursive: true, force: true });
});

/** Runs Tocsin on the folder while `work` goes on. */
async function whileItRuns(
  work: (urls: { page: string; console: string; alerting: string }) => Promise<void>,
): Promise<void> {
  const tocsin = launchIn(folder);
  try {
    const endpoints = await endpointsOf(folder, tocsin);
    const at = (name: string): string => endpoints[name] ?? '';
    await work({ page: at('status_page.listen'), console: at('console.http'), alerting: at('alerting.http') });
  } finally {
    tocsin.child.kill('SIGINT');
    await tocsin.ended;
  }
}

const read = async (url: string): Promise<string> => (await fetch(url)).text();
/** Pages are made anew after ten seconds. */
const PATIENCE = { timeout: 45_000, interval: 1_000 };

it('what is probed and what is written reach the public, and both are there after a restart', async () => {
  await whileItRuns(async ({ page, console, alerting }) => {
    await expect.poll(() => read(page), PATIENCE).toContain('Web shop is operational');
    const form = {
      kind: 'incident',
      title: 'Tills are slow',
      text: 'We look into it.',
      monitor: 'till-7',
      impact: 'degraded',
    };
    const sent = await fetch(`${console}/status/write`, {
      method: 'POST',
      body: new URLSearchParams(form),
      redirect: 'manual',
    });
    expect([sent.status, sent.headers.get('location')]).toEqual([303, '/status/write']);
    // What is there by the console is there for the public at once.
    expect(await read(page)).toContain('Tills are slow');
    expect(await read(`${page}/badges/web-shop/state.svg`)).toContain('degraded');
    const refused = { ...form, monitor: 'hidden-ledger', title: 'Ledger' };
    expect(await send(`${console}/status/write`, refused)).toContain('expected monitors of the status page');
    const audit = await read(`${alerting}/api/v1/audit?action=status_post.create`);
    expect(audit).toContain('Tills are slow');
  });
  await whileItRuns(async ({ page }) => {
    await expect.poll(() => read(page), PATIENCE).toContain('Tills are slow');
    expect(await read(page)).not.toMatch(/hidden-ledger|till-7|127\.0\.0\.1/);
  });
}, 180_000);

async function send(url: string, form: Record<string, string>): Promise<string> {
  return (await fetch(url, { method: 'POST', body: new URLSearchParams(form) })).text();
}
