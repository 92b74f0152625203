import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { endpointsOf, launchIn, type Launched } from '../standalone/launched.ts';

const MAIN = join(import.meta.dirname, '../../src/cli/main.ts');
export const PING_TOKEN = '0123456789abcdef0123456789abcdef';

const CONFIG = `collector:
  http: 127.0.0.1:0
  grpc: 127.0.0.1:0
  journal: { segment_age: 500ms }
clickhouse: { http: 127.0.0.1:0 }
console: { http: 127.0.0.1:0 }
alerting: { http: 127.0.0.1:0 }
checker: { http: 127.0.0.1:0, heartbeat: { listen: 127.0.0.1:0 } }
rule_files: [rules/*.yaml]
monitors:
  - { name: job, heartbeat: ${PING_TOKEN}, period: 1h }
`;

/** A Tocsin in a folder of its own, its data in `data` there. */
export interface Stack {
  readonly launched: Launched;
  readonly endpoints: Readonly<Record<string, string>>;
  /** SIGTERM, and waits for the end. @returns the exit code */
  stop(): Promise<number | string>;
}

/** A configuration that every version understands. */
const MINIMAL = `collector: { http: 127.0.0.1:0, grpc: 127.0.0.1:0 }
clickhouse: { http: 127.0.0.1:0 }
console: { http: 127.0.0.1:0 }
alerting: { http: 127.0.0.1:0 }
checker: { http: 127.0.0.1:0 }
`;

/** Makes the folder with a configuration. */
export async function makeHome(folder: string, which: 'whole' | 'minimal' = 'whole'): Promise<void> {
  await mkdir(join(folder, 'rules'), { recursive: true });
  await writeFile(join(folder, 'tocsin.yaml'), which === 'whole' ? CONFIG : MINIMAL);
  await writeFile(
    join(folder, 'rules/own.yaml'),
    "groups: [{ name: own, interval: 1h, rules: [{ alert: Own, sql: 'SELECT 1 AS value WHERE 0' }] }]\n",
  );
}

export async function startStack(folder: string): Promise<Stack> {
  const launched = launchIn(folder);
  const endpoints = await endpointsOf(folder, launched);
  return {
    launched,
    endpoints,
    stop() {
      launched.child.kill('SIGTERM');
      return launched.ended;
    },
  };
}

/** Runs a command in a folder to its end. */
export function tocsin(folder: string, ...args: readonly string[]): Promise<Ended> {
  return tocsinWith({}, folder, ...args);
}

/** How a command ended, and what it said. */
export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** The same with more in its environment. */
export async function tocsinWith(
  more: Readonly<Record<string, string>>,
  folder: string,
  ...args: readonly string[]
): Promise<Ended> {
  const { TOCSIN_CONFIG: _config, TOCSIN_DATA: _data, ...env } = process.env;
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd: folder,
    env: { ...env, ...more },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, out, err };
}

/** Begins a backup and ends it by a signal as soon as there is something of it. @returns the exit code, or the signal */
export async function breakOffBackup(folder: string, target: string, signal: NodeJS.Signals): Promise<number | string> {
  const child = spawn(process.execPath, [MAIN, 'backup', target], { cwd: folder, stdio: 'ignore' });
  const ended = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
  while ((await readdir(join(folder, target)).catch(() => [])).length === 0) await sleep(5);
  child.kill(signal);
  const [code, by] = await ended;
  return code ?? by ?? 'unknown';
}

/** What ClickHouse has of a sender's spans: how many, how many numbers, their sum, the largest; and how many requests the rollup counts. */
export interface Counted {
  readonly rows: number;
  readonly numbers: number;
  readonly sum: number;
  readonly max: number;
  readonly rollup: number;
}

export async function count(clickhouse: string, service: string): Promise<Counted> {
  const statement = `SELECT toFloat64(count()) AS rows, toFloat64(uniqExact(n)) AS numbers, toFloat64(sum(n)) AS sum, toFloat64(max(n)) AS max,
  toFloat64((SELECT sum(Requests) FROM otel_traces_service_1m WHERE ServiceName = '${service}')) AS rollup
FROM (SELECT toUInt64(SpanAttributes['n']) AS n FROM otel_traces WHERE ServiceName = '${service}') FORMAT JSONEachRow`;
  const response = await fetch(`${clickhouse}/?database=otel`, { method: 'POST', body: statement });
  const text = await response.text();
  if (!response.ok) throw new Error(text);
  return JSON.parse(text) as Counted;
}

/** Waits until what waits in the journal now is loaded. @throws Error where there are dead letters */
export async function untilLoaded(folder: string): Promise<void> {
  const collector = join(folder, 'data/collector');
  const waiting = new Set(await segmentsIn(collector));
  while ((await segmentsIn(collector)).some((name) => waiting.has(name))) await sleep(100);
  const letters = await readdir(join(collector, 'dead-letter')).catch(() => []);
  if (letters.length > 0) throw new Error(`dead letters: ${letters.join(', ')}`);
}

/** The names of segments, whatever their ending. */
async function segmentsIn(collector: string): Promise<string[]> {
  const files = await readdir(join(collector, 'journal'));
  return files.filter((file) => /\.(?:open|segment)$/.test(file)).map((file) => file.replace(/\.\w+$/, ''));
}
