import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { loadConfig, parseMatcher } from '@tocsin/service/config';
import { silentLogger } from '@tocsin/service/log';
import { createApi } from '../src/api/api.ts';
import { listChannels } from '../src/channels/registry.ts';
import { createNotifier } from '../src/notify/notifier.ts';
import { openDatabase } from '../src/store/database.ts';
import { alertsAt } from './pipeline.ts';

/** How many of each there are. */
export interface ApiSize {
  readonly alerts: number;
  readonly silences: number;
}

const START_MS = Date.UTC(2026, 10, 20, 10);
const CONFIG = (groupBy: string): string => `alerting:
  http: 127.0.0.1:0
  route: { receiver: team, group_by: ${groupBy} }
  receivers: [{ name: team }]
`;
/** Asks from a thread of its own, so that reading the answer does not hold up who is measured. */
const CLIENT = `const { parentPort } = require('node:worker_threads');
parentPort.on('message', async ({ url, count }) => {
  const before = performance.now();
  const answers = await Promise.all(Array.from({ length: count }, async () => {
    const response = await fetch(url);
    return { status: response.status, bytes: (await response.arrayBuffer()).byteLength };
  }));
  const statuses = Object.entries(Object.groupBy(answers, ({ status }) => status)).map(([status, all]) => all.length + ' x ' + status);
  parentPort.postMessage({ ms: performance.now() - before, bytes: answers[0].bytes, statuses: statuses.join(', ') });
});`;

interface Answer {
  readonly ms: number;
  readonly bytes: number;
  readonly statuses: string;
}

/** How long large answers of the API hold the process up: the longest that its event loop did not turn. */
export async function measureApi({ alerts, silences }: ApiSize): Promise<void> {
  for (const groupBy of ['[service]', '[namespace]']) {
    const folder = mkdtempSync(join(tmpdir(), 'tocsin-bench-api-'));
    writeFileSync(join(folder, 'tocsin.yaml'), CONFIG(groupBy));
    const config = await loadConfig({ file: 'tocsin.yaml', env: {}, workingDir: folder });
    const database = openDatabase(join(folder, 'alerting.sqlite'), START_MS);
    const now = (): number => START_MS + 60_000;
    const notifier = createNotifier({ database, log: silentLogger(), now, listChannels });
    notifier.apply(config, START_MS);
    notifier.sink.putAlerts(alertsAt(START_MS, alerts), START_MS);
    for (let number = 0; number < silences; number += 1) {
      const matchers = [`instance="host-${number * 5}.example.com:9100"`, 'zone="zone-1"'].flatMap(
        (text) => parseMatcher(text) ?? [],
      );
      const times = { startsAtMs: START_MS, endsAtMs: START_MS + 86_400_000 };
      notifier.silences.save({ matchers, ...times, createdBy: 'bench', comment: 'x' }, START_MS);
    }
    const api = createApi({
      config: () => config,
      database,
      notifier,
      rules: { status: () => [] },
      sloStatus: () => Promise.resolve([]),
      readiness: () => ({ ready: true, reasons: [] }),
      reload: () => Promise.resolve({ status: 'ok' }),
      internalKey: undefined,
      log: silentLogger(),
      version: 'bench',
      now,
    });
    // As every look at a group does: silences are indexed once.
    for (const alert of alertsAt(START_MS, 1)) notifier.marksOf(alert, START_MS);
    const url = await api.listen();
    const client = new Worker(CLIENT, { eval: true });
    const ask = (path: string, count: number): Promise<Answer> =>
      new Promise((resolve) => {
        client.once('message', resolve);
        client.postMessage({ url: `${url}${path}`, count });
      });
    await ask('/api/v2/status', 1);
    for (const [path, count] of [
      ['/api/v2/alerts', 1],
      ['/api/v2/alerts', 1],
      ['/api/v2/alerts/groups', 1],
      ['/api/v2/silences', 1],
      ['/api/v2/alerts', 20],
    ] as const) {
      const delay = monitorEventLoopDelay({ resolution: 1 });
      delay.enable();
      const cpu = process.cpuUsage();
      // On a loaded machine a hold lasts as long as others run: what it takes of CPU is the process's own.
      let holdUs = 0;
      let last = process.threadCpuUsage();
      const watch = setInterval(() => {
        const { user, system } = process.threadCpuUsage(last);
        holdUs = Math.max(holdUs, user + system);
        last = process.threadCpuUsage();
      }, 1);
      const { ms, bytes, statuses } = await ask(path, count);
      const { user, system } = process.cpuUsage(cpu);
      await pause(20);
      delay.disable();
      clearInterval(watch);
      const longest = `longest hold ${Math.round(holdUs / 1e3)} ms of CPU, ${Math.round(delay.max / 1e6)} ms of time, 99 % ${Math.round(delay.percentile(99) / 1e6)} ms`;
      console.log(
        `groups by ${groupBy.padEnd(11)} ${path.padEnd(22)} ${statuses.padEnd(16)} ${Math.round(ms)} ms, ${(bytes / 2 ** 20).toFixed(1)} MiB, CPU of process ${Math.round((user + system) / 1_000)} ms, ${longest}`,
      );
    }
    await client.terminate();
    await api.stop();
    await notifier.stop(0);
    database.close();
    rmSync(folder, { recursive: true });
  }
}
