import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ClickHouseClient } from '@clickhouse/client';
import { createSchema } from '../test/rules/shipped/world.ts';
import { startEngine } from './engine.ts';

/*
 * From a row in ClickHouse to the message at the receiver: the real process of alerting, the embedded ClickHouse, a webhook that answers at once.
 * Each row is written at a random moment; the time counts from when its INSERT was answered until the whole request has arrived. `group_wait` is 0.
 * So of the time a rule's interval is the largest part, half of it in the mean: it is measured for several.
 */
/** @param intervals of the rule, as `5s` */
export async function measureRowToMessage(intervals: readonly string[], count: number): Promise<void> {
  const clickhouse = await startEngine();
  await createSchema(clickhouse);
  const bench = { url: clickhouse.url, client: clickhouse.client(), count };
  for (const interval of intervals) await measure(interval, bench);
  await clickhouse.stop();
}

interface Bench {
  readonly url: string;
  readonly client: ClickHouseClient;
  /** Messages. */
  readonly count: number;
}

async function measure(interval: string, { url, client, count }: Bench): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'tocsin-bench-'));
  const receiver = await startReceiver();
  await writeFile(
    join(folder, 'rules.yaml'),
    `groups:
  - name: bench
    interval: ${interval}
    rules:
      - alert: Row
        sql: |
          SELECT Attributes['id'] AS id, max(Value) AS value FROM otel_metrics_gauge
          WHERE MetricName = 'bench.row' AND TimeUnix > {now:DateTime64(9)} - INTERVAL 1 HOUR AND startsWith(Attributes['id'], '${interval}-') GROUP BY id
        annotations: { summary: 'row {{ $labels.id }}' }
`,
  );
  await writeFile(
    join(folder, 'tocsin.yaml'),
    `clickhouse: { url: '${url}' }
collector: { http: '127.0.0.1:9' }
shipped_rules: false
rule_files: [rules.yaml]
alerting:
  http: 127.0.0.1:0
  max_messages_per_minute: 10000
  route: { receiver: bench, group_by: ['...'], group_wait: 0s }
  receivers: [{ name: bench, slack_configs: [{ api_url: '${receiver.url}' }] }]
`,
  );
  const main = join(import.meta.dirname, '../src/main.ts');
  const child = fork(main, ['--config', join(folder, 'tocsin.yaml'), '--data', folder], {
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  await once(child, 'message');
  await sleep(2_000);
  const written = new Map<string, number>();
  for (let at = 0; at < count; at += 1) {
    const id = `${interval}-${at}`;
    await client.insert({
      table: 'otel_metrics_gauge',
      values: [{ MetricName: 'bench.row', Attributes: { id }, TimeUnix: new Date().toISOString(), Value: 1 }],
      format: 'JSONEachRow',
      clickhouse_settings: { date_time_input_format: 'best_effort' },
    });
    written.set(id, performance.now());
    // Every phase of the interval is met alike.
    await sleep(100 + Math.random() * 400);
  }
  await receiver.untilHeard(count, 30_000);
  const latencies = [...written].map(([id, atMs]) => (receiver.heard.get(id) ?? Number.POSITIVE_INFINITY) - atMs);
  latencies.sort((a, b) => a - b);
  const at = (share: number): string => (latencies[Math.min(count - 1, Math.floor(share * count))] ?? 0).toFixed(0);
  print(
    `interval ${interval}`,
    `${receiver.heard.size} of ${count} messages; p50 ${at(0.5)} ms, p90 ${at(0.9)} ms, p99 ${at(0.99)} ms, most ${at(1)} ms`,
  );
  await stop(child);
  await receiver.stop();
  await rm(folder, { recursive: true, force: true });
}

interface Receiver {
  readonly url: string;
  /** When each row's message had arrived. */
  readonly heard: ReadonlyMap<string, number>;
  untilHeard(wanted: number, limitMs: number): Promise<void>;
  stop(): Promise<void>;
}

async function startReceiver(): Promise<Receiver> {
  const heard = new Map<string, number>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => void chunks.push(chunk));
    request.on('end', () => {
      const id = /row (\d+m?s-\d+)/.exec(Buffer.concat(chunks).toString())?.[1];
      if (id !== undefined && !heard.has(id)) heard.set(id, performance.now());
      response.end('ok');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}/hook`,
    heard,
    async untilHeard(wanted, limitMs) {
      const giveUpAtMs = performance.now() + limitMs;
      while (heard.size < wanted && performance.now() < giveUpAtMs) await sleep(50);
    },
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function stop(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}

function print(name: string, text: string): void {
  process.stdout.write(`${name.padEnd(14)} ${text}\n`);
}
