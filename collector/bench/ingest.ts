import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { Agent, type IncomingMessage, request } from 'node:http';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeTemplate, refresh, SPANS_PER_REQUEST, type Template } from './workload.ts';

/*
 * How many spans a second the collector accepts and loads: `node collector/bench/ingest.ts [seconds] [senders]`. The embedded
 * ClickHouse and the collector run as processes of their own, as in an installation; this one only sends.
 */
const [, , secondsText = '10', sendersText = '4'] = process.argv;
const durationMs = Number(secondsText) * 1_000;
const senders = Number(sendersText);
const TICKS_A_SECOND = 100;

const dataDir = await mkdtemp(join(tmpdir(), 'tocsin-bench-'));
const config = join(dataDir, 'tocsin.yaml');
await writeFile(config, '{}');
const clickhouse = await start('../../deploy/src/clickhouse/main.ts', ['clickhouse.http']);
await writeFile(config, `clickhouse: { url: "${clickhouse.url}" }\n`);
const collector = await start('../src/main.ts', ['collector.http', 'collector.grpc']);
try {
  await run();
} finally {
  await stop(collector);
  await stop(clickhouse);
  await rm(dataDir, { recursive: true, force: true });
}

interface Running {
  readonly process: ChildProcess;
  readonly url: string;
}

/** Starts a service on free ports; its URL is that of the first of the servers. */
async function start(main: string, servers: readonly [string, ...string[]]): Promise<Running> {
  const listen = servers.flatMap((server) => ['--listen', `${server}=127.0.0.1:0`]);
  const child = fork(join(import.meta.dirname, main), ['--config', config, '--data', dataDir, ...listen], {
    cwd: dataDir,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const [message] = (await once(child, 'message')) as [{ listening: Record<string, string> }];
  return { process: child, url: message.listening[servers[0]] ?? '' };
}

async function stop({ process: child }: Running): Promise<void> {
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}

async function run(): Promise<void> {
  await countSpans();
  const before = await cpuSeconds();
  const startMs = performance.now();
  const latenciesMs: number[] = [];
  await Promise.all(Array.from({ length: senders }, (_, index) => send(index, startMs + durationMs, latenciesMs)));
  const acceptedMs = performance.now() - startMs;
  const accepted = latenciesMs.length * SPANS_PER_REQUEST;
  while ((await countSpans()) < accepted) await new Promise((resolve) => setTimeout(resolve, 50));
  const loadedMs = performance.now() - startMs;
  const after = await cpuSeconds();
  latenciesMs.sort((a, b) => a - b);
  const percentileMs = (share: number): string => (latenciesMs[Math.floor(latenciesMs.length * share)] ?? 0).toFixed(1);
  const collectorS = after.collector - before.collector;
  const clickhouseS = after.clickhouse - before.clickhouse;
  const lines = [
    `machine            ${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}`,
    `workload           ${SPANS_PER_REQUEST} spans a request, ${senders} senders, ${durationMs / 1_000} s`,
    `accepted           ${accepted} spans, ${Math.round(accepted / (acceptedMs / 1_000))} a second`,
    `loaded             ${Math.round(accepted / (loadedMs / 1_000))} a second, ${Math.round(loadedMs - acceptedMs)} ms after the last was accepted`,
    `acknowledgement    p50 ${percentileMs(0.5)} ms, p99 ${percentileMs(0.99)} ms`,
    `CPU                collector ${collectorS.toFixed(1)} s, ClickHouse ${clickhouseS.toFixed(1)} s, ${Math.round(accepted / (collectorS + clickhouseS))} spans a CPU-second`,
    `memory             collector ${await memoryMiB(collector.process.pid)} MiB, ClickHouse ${await memoryMiB(clickhouse.process.pid)} MiB (peak)`,
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}

async function send(seed: number, untilMs: number, latenciesMs: number[]): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const templates: readonly Template[] = Array.from({ length: 4 }, (_, index) => makeTemplate(seed * 4 + index));
  for (let count = 0; performance.now() < untilMs; count += 1) {
    const template = templates[count % templates.length];
    if (!template) break;
    const body = refresh(template, BigInt(Date.now()) * 1_000_000n);
    const startMs = performance.now();
    const status = await post(agent, body);
    if (status === 200) latenciesMs.push(performance.now() - startMs);
    else if (status !== 429 && status !== 503) throw new Error(`the collector answered ${status}`);
  }
  agent.destroy();
}

async function post(agent: Agent, body: Buffer): Promise<number> {
  const headers = { 'content-type': 'application/x-protobuf', 'content-length': body.byteLength };
  const outgoing = request(`${collector.url}/v1/traces`, { method: 'POST', agent, headers });
  outgoing.end(body);
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  response.resume();
  await once(response, 'end');
  return response.statusCode ?? 0;
}

/** Waits for the table too: at the start it is not there yet. */
async function countSpans(): Promise<number> {
  for (;;) {
    const response = await fetch(clickhouse.url, {
      method: 'POST',
      body: "SELECT count() FROM otel.otel_traces WHERE ServiceName LIKE 'shop-%'",
    });
    if (response.ok) return Number(await response.text());
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function cpuSeconds(): Promise<{ collector: number; clickhouse: number }> {
  return { collector: await cpuOf(collector.process.pid), clickhouse: await cpuOf(clickhouse.process.pid) };
}

/** User and system time of a process in seconds: fields 14 and 15 of /proc/PID/stat. */
async function cpuOf(pid: number | undefined): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND;
}

async function memoryMiB(pid: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Math.round(Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1_024);
}
