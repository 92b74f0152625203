import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, get } from 'node:http';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { silentLogger } from '@tocsin/service/log';
import { createAlertingClient } from '../src/alerts/alerting-client.ts';
import { createStatusPage } from '../src/status/status-page.ts';
import { configFrom } from '../test/fixtures.ts';
import { createTables } from '../test/seed/schema.ts';
import { seedStatusFleet } from '../test/seed/status-days.ts';
import { startCountingProxy } from '../test/status/counting-proxy.ts';
import { shownPost, startPostsStandIn } from '../test/status/status-under-test.ts';
import { startEngine } from './engine.ts';

/*
 * What many readers of the status page cost: `pnpm bench:status [--rate 1000] [--seconds 60] [--monitors 20] [--senders 100]`.
 * The page and its server run in this process; ClickHouse and whoever reads have processes of their own. Statements are counted between page and ClickHouse. Every
 * reader takes br; one in four has an ETag. `--rate 0` sends as fast as answers come.
 */
const { values } = parseArgs({
  options: {
    rate: { type: 'string', default: '1000' },
    seconds: { type: 'string', default: '60' },
    monitors: { type: 'string', default: '20' },
    senders: { type: 'string', default: '100' },
    send: { type: 'string' },
  },
});
const [rate, seconds, monitors, senders] = [values.rate, values.seconds, values.monitors, values.senders].map(
  Number,
) as [number, number, number, number];

/** What the readers found. */
interface Sent {
  readonly answers: number;
  readonly notModified: number;
  readonly failures: number;
  readonly bytes: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

if (values.send === undefined) await measure();
else process.send?.(await send(values.send));

async function measure(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'tocsin-bench-status-'));
  const [clickhouse, alerting] = await Promise.all([startEngine(folder), startPostsStandIn()]);
  await createTables(clickhouse.writer);
  const names = Array.from({ length: monitors }, (_, index) => `monitor-${index}`);
  await seedStatusFleet(clickhouse.writer, Date.now(), names);
  const proxy = await startCountingProxy(clickhouse.url);
  alerting.posts = [shownPost({ monitors: ['monitor-0'] })];
  const list = names.map((name) => `  - { name: ${name}, http: 'http://${name}.test/' }`).join('\n');
  const config = await configFrom(`clickhouse: { url: '${proxy.url}' }
alerting: { http: ${alerting.port} }
monitors:
${list}
status_page: { listen: 127.0.0.1:0, monitors: [${names.join(', ')}] }
`);
  const context = { config, log: silentLogger(), onReload: () => undefined };
  const client = createAlertingClient(`http://127.0.0.1:${alerting.port}`);
  const page = await createStatusPage({
    context,
    alerting: client,
    access: { identify: () => undefined },
    now: Date.now,
  });
  const url = (await page.listen())['status_page.listen'] ?? '';
  await (await fetch(url)).text();
  const statementsBefore = proxy.statements.length;
  const engineBefore = await clickhouse.cpuMs();
  const before = process.cpuUsage();
  const startMs = performance.now();
  const child = fork(fileURLToPath(import.meta.url), [...process.argv.slice(2), '--send', url]);
  const [sent] = (await once(child, 'message')) as [Sent];
  const tookS = (performance.now() - startMs) / 1_000;
  const { user, system } = process.cpuUsage(before);
  const engineMs = (await clickhouse.cpuMs()) - engineBefore;
  const statements = proxy.statements.length - statementsBefore;
  const page1 = await fetch(url, { headers: { 'accept-encoding': 'br' } });
  say(`${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}, load ${loadavg()[0]?.toFixed(1)}`);
  say(
    `${monitors} monitors, page of ${(await page1.text()).length} bytes, ${page1.headers.get('content-length')} as br`,
  );
  say(
    `${sent.answers} answers in ${tookS.toFixed(1)} s (${(sent.answers / tookS).toFixed(0)} a second), ${sent.notModified} of them 304, ${sent.failures} failures`,
  );
  say(
    `p50 ${sent.p50Ms.toFixed(1)} ms, p99 ${sent.p99Ms.toFixed(1)} ms, max ${sent.maxMs.toFixed(1)} ms; ${(sent.bytes / sent.answers / 1_024).toFixed(1)} KiB an answer`,
  );
  say(
    `${statements} statements to ClickHouse (one in ${(tookS / Math.max(1, statements)).toFixed(1)} s), ${(engineMs / Math.max(1, statements)).toFixed(0)} ms of its CPU each, with what it does by itself`,
  );
  say(
    `CPU of the page's process: ${((user + system) / 1_000 / sent.answers).toFixed(3)} ms an answer, ${((user + system) / 1e4 / tookS).toFixed(0)} % of a core`,
  );
  await page.stop();
  await client.stop();
  await proxy.stop();
  await alerting.stop();
  await clickhouse.stop();
  await rm(folder, { recursive: true });
}

/** Reads at the rate from many connections. */
async function send(url: string): Promise<Sent> {
  const agent = new Agent({ keepAlive: true, maxSockets: senders });
  const times: number[] = [];
  let [notModified, failures, bytes, etag] = [0, 0, 0, ''];
  const readOnce = (index: number): Promise<void> =>
    new Promise((resolve) => {
      const startMs = performance.now();
      const headers = { 'accept-encoding': 'br', ...(index % 4 === 0 && etag !== '' ? { 'if-none-match': etag } : {}) };
      get(url, { agent, headers }, (response) => {
        etag = response.headers.etag ?? etag;
        if (response.statusCode === 304) notModified += 1;
        else if (response.statusCode !== 200) failures += 1;
        response.on('data', (part: Buffer) => (bytes += part.byteLength));
        response.on('end', () => {
          times.push(performance.now() - startMs);
          resolve();
        });
      }).on('error', () => {
        failures += 1;
        resolve();
      });
    });
  const endMs = performance.now() + seconds * 1_000;
  let count = 0;
  const startMs = performance.now();
  await Promise.all(
    Array.from({ length: senders }, async () => {
      while (performance.now() < endMs) {
        const dueMs = rate === 0 ? 0 : startMs + (count / rate) * 1_000;
        count += 1;
        const waitMs = dueMs - performance.now();
        if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
        await readOnce(count);
      }
    }),
  );
  agent.destroy();
  times.sort((a, b) => a - b);
  const at = (share: number): number => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0;
  return { answers: times.length, notModified, failures, bytes, p50Ms: at(0.5), p99Ms: at(0.99), maxMs: at(1) };
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
