import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** What a process has used. */
export interface Usage {
  readonly cpuS: number;
  /** Resident now, and the most since the last `resetPeaks`, in MiB; `pss` counts what processes share by its part. */
  readonly rssMiB: number;
  readonly peakMiB: number;
  readonly pssMiB: number;
  /** Of it pages of files that are mapped, as code: they are the system's cache as well, and go when memory is short. */
  readonly pssFileMiB: number;
}

/** A whole Tocsin, as `npm start` starts it, on free ports and a folder of its own. */
export interface Stack {
  readonly collector: string;
  readonly clickhouse: string;
  readonly dataDir: string;
  /** From the start of the launcher until everything was ready, to a tenth of a second. */
  readonly readyMs: number;
  /** By process: `launcher`, `clickhouse`, `collector`, … */
  usage(): Promise<ReadonlyMap<string, Usage>>;
  resetPeaks(): Promise<void>;
  /** Runs a SELECT and gives its text. */
  select(query: string): Promise<string>;
  stop(): Promise<void>;
}

const READY_LIMIT_MS = 60_000;
const TICKS_A_SECOND = 100;
const FREE_PORTS = `collector: { http: 0, grpc: 0 }
clickhouse: { http: 0 }
checker: { http: 0 }
console: { http: 0 }
alerting: { http: 0 }
`;

/** Starts it and waits until it is ready. @param settings further lines of tocsin.yaml; whole sections */
export async function startStack(settings = ''): Promise<Stack> {
  const folder = await mkdtemp(join(tmpdir(), 'tocsin-bench-'));
  const config = join(folder, 'tocsin.yaml');
  const dataDir = join(folder, 'data');
  const named = new Set(settings.match(/^\w+(?=:)/gm));
  const ports = FREE_PORTS.split('\n').filter((line) => !named.has(line.split(':')[0] ?? ''));
  await writeFile(config, `${ports.join('\n')}\n${settings}\n`);
  // As deploy/bin/tocsin.mjs does it, but for the process between, which would be one more to signal.
  const root = join(import.meta.dirname, '../..');
  const command = ['--max-semi-space-size=1', join(root, 'deploy/src/cli/main.ts'), 'up'];
  const beganMs = performance.now();
  const child = spawn(process.execPath, [...command, '--config', config, '--data', dataDir], {
    env: { NODE_COMPILE_CACHE: join(root, 'node_modules/.cache/tocsin-compile'), ...process.env },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const stop = async (): Promise<void> => {
    const ended = once(child, 'exit');
    child.kill('SIGINT');
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
  const endpoints = await untilReady(child, dataDir);
  const readyMs = performance.now() - beganMs;
  const clickhouse = endpoints['clickhouse.http'] ?? '';
  return {
    collector: endpoints['collector.http'] ?? '',
    clickhouse,
    dataDir,
    readyMs,
    usage: async () => new Map(await Promise.all((await processes(child)).map(measure))),
    async resetPeaks() {
      for (const { pid } of await processes(child)) await writeFile(`/proc/${pid}/clear_refs`, '5');
    },
    async select(query) {
      const response = await fetch(`${clickhouse}/?database=otel`, { method: 'POST', body: query });
      const text = await response.text();
      if (!response.ok) throw new Error(text);
      return text.trim();
    },
    stop,
  };
}

async function untilReady(child: ChildProcess, dataDir: string): Promise<Readonly<Record<string, string>>> {
  const endMs = Date.now() + READY_LIMIT_MS;
  for (;;) {
    try {
      const read = JSON.parse(await readFile(join(dataDir, 'endpoints.json'), 'utf8')) as {
        pid: number;
        endpoints: Record<string, string>;
      };
      return read.endpoints;
    } catch (error) {
      if (child.exitCode !== null || Date.now() > endMs)
        throw new Error('Tocsin did not become ready', { cause: error });
    }
    await sleep(100);
  }
}

interface Process {
  readonly name: string;
  readonly pid: number;
}

/** The launcher and what it started, named by the folder of their main.ts. */
async function processes(launcher: ChildProcess): Promise<readonly Process[]> {
  const own = Number(launcher.pid);
  const found: Process[] = [{ name: 'launcher', pid: own }];
  for (const entry of await readdir('/proc')) {
    const pid = Number(entry);
    if (!Number.isInteger(pid)) continue;
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
    if (Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) !== own) continue;
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    const name = /(\w+)(?:\/src)?\/main\.ts/.exec(command)?.[1] ?? 'other';
    found.push({ name, pid });
  }
  return found;
}

/** User and system time are the fields 14 and 15 of /proc/PID/stat, in ticks. Source: proc_pid_stat(5). */
async function measure({ name, pid }: Process): Promise<[string, Usage]> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8');
  const mib = (text: string, field: string): number =>
    Math.round(Number(new RegExp(`${field}:\\s+(\\d+)`).exec(text)?.[1] ?? 0) / 1_024);
  const cpuS = (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND;
  const [pssMiB, pssFileMiB] = [mib(rollup, 'Pss'), mib(rollup, 'Pss_File')];
  return [name, { cpuS, rssMiB: mib(status, 'VmRSS'), peakMiB: mib(status, 'VmHWM'), pssMiB, pssFileMiB }];
}
