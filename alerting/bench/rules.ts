import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export interface RulesBench {
  readonly rules: number;
  readonly perGroup: number;
  readonly intervalS: number;
  readonly seconds: number;
  /** A folder for V8's profile. */
  readonly profile: string | undefined;
}

const MAIN = join(import.meta.dirname, '../src/main.ts');
const STAND_IN = join(import.meta.dirname, 'stand-in.ts');
/** As the launcher's topology has them. */
const NODE_OPTIONS = ['--max-semi-space-size=2'];
/** One rule of so many has three alerts that fire and change their value each time. */
const ONE_FIRES_OF = 20;

/** Runs alerting's own process against a stand-in for ClickHouse, and tells what CPU it took. */
export async function measureRules(bench: RulesBench): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'tocsin-bench-'));
  const clickhouse = fork(STAND_IN);
  let alerting: ChildProcess | undefined;
  try {
    const [port] = (await once(clickhouse, 'message')) as [number];
    await writeFile(join(folder, 'rules.yaml'), ruleFile(bench));
    await writeFile(
      join(folder, 'tocsin.yaml'),
      `clickhouse: { url: "http://127.0.0.1:${port}" }\ncollector: { http: 9 }\nshipped_rules: false\nrule_files: [rules.yaml]\nalerting: { http: 0 }\n`,
    );
    const profile = bench.profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${bench.profile}`];
    alerting = fork(MAIN, ['--config', join(folder, 'tocsin.yaml'), '--data', folder], {
      execArgv: [...NODE_OPTIONS, ...profile],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    await once(alerting, 'message');
    const pid = alerting.pid ?? 0;
    // Every rule has been asked once, and the compiler has seen the code.
    await sleep(bench.intervalS * 1_000 + 2_000);
    const [cpuBefore, askedBefore, startMs] = [cpuSeconds(pid), await countAsked(clickhouse), performance.now()];
    await sleep(bench.seconds * 1_000);
    const tookS = (performance.now() - startMs) / 1_000;
    const [cpuS, asked] = [cpuSeconds(pid) - cpuBefore, (await countAsked(clickhouse)) - askedBefore];
    const expected = Math.round((bench.rules * tookS) / bench.intervalS);
    console.log(
      `  ${bench.rules} rules at ${bench.intervalS} s, ${bench.perGroup} in a group, ${tookS.toFixed(0)} s: CPU ${((cpuS / tookS) * 100).toFixed(1)} % of a core, ` +
        `${((cpuS / asked) * 1_000).toFixed(2)} ms a rule; asked ${asked} of about ${expected}; ${memoryOf(pid)}; load ${(loadavg()[0] ?? 0).toFixed(1)}`,
    );
  } finally {
    if (alerting && alerting.exitCode === null) {
      alerting.kill('SIGTERM');
      await once(alerting, 'exit');
    }
    clickhouse.kill();
    await rm(folder, { recursive: true, maxRetries: 3 });
  }
}

function ruleFile({ rules, perGroup, intervalS }: RulesBench): string {
  const groups = Array.from({ length: Math.ceil(rules / perGroup) }, (_, group) => {
    const count = Math.min(perGroup, rules - group * perGroup);
    const lines = Array.from({ length: count }, (__, at) => {
      const index = group * perGroup + at;
      const rows = index % ONE_FIRES_OF === 0 ? 3 : 0;
      return `  - alert: Rule${index}
    sql: SELECT ServiceName AS service, count() AS value FROM otel_traces WHERE Timestamp > {now:DateTime64(9)} - INTERVAL 5 MINUTE GROUP BY service -- rows=${rows}
    for: 1m
    severity: ticket
    annotations: { summary: '{{ $labels.service }} fails {{ $value | humanizePercentage }}: {{ $annotations.reason }}' }`;
    });
    return `- name: group-${group}\n  interval: ${intervalS}s\n  rules:\n${lines.join('\n')}`;
  });
  return `groups:\n${groups.join('\n')}\n`;
}

async function countAsked(clickhouse: ChildProcess): Promise<number> {
  const answer = once(clickhouse, 'message');
  clickhouse.send('asked');
  const [asked] = (await answer) as [number];
  return asked;
}

/** Of all threads, in steps of 10 ms. Source: proc_pid_stat(5). */
function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

function memoryOf(pid: number): string {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const mib = (key: string): number =>
    Math.round(Number(new RegExp(`${key}:\\s+(\\d+)`).exec(status)?.[1] ?? 0) / 1_024);
  return `${mib('VmRSS')} MiB, ${mib('VmHWM')} MiB at most`;
}
