import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Ports, Report, Told } from './stand-ins.ts';

/*
 * What the checker's schedule is worth, measured against its real process, pinned to one core where `taskset` is there. Targets and the
 * collector are other processes on the other cores:
 *   pnpm bench:checker [--scenario many,often,both,hung,half,flat] [--seconds 120] [--monitors N] [--cpu-prof DIR]
 * many: 10,000 monitors at 60 s · often: 1,000 at 5 s · both: 10,000 at 60 s and 1,000 at 5 s at once · hung: as often, a tenth of the targets never answers · half: as many, half of them hang at once, from the first run on · flat: probe-cost.ts
 */
const { values } = parseArgs({
  options: {
    scenario: { type: 'string', default: 'many,often,hung,flat' },
    seconds: { type: 'string', default: '120' },
    monitors: { type: 'string' },
    'cpu-prof': { type: 'string' },
  },
});

interface Scenario {
  readonly monitors: number;
  readonly intervalS: number;
  readonly hungShare: number;
  /** Beside them, so many at 5 s. */
  readonly fast?: number;
  /** What happens at the start is what is measured. */
  readonly isCold?: boolean;
}

const FAST_INTERVAL_S = 5;
const SCENARIOS: Readonly<Record<string, Scenario>> = {
  many: { monitors: 10_000, intervalS: 60, hungShare: 0 },
  often: { monitors: 1_000, intervalS: 5, hungShare: 0 },
  both: { monitors: 10_000, intervalS: 60, hungShare: 0, fast: 1_000 },
  hung: { monitors: 1_000, intervalS: 5, hungShare: 0.1 },
  half: { monitors: 10_000, intervalS: 60, hungShare: 0.5, isCold: true },
};
const MAIN = join(import.meta.dirname, '../src/main.ts');
const STAND_INS = join(import.meta.dirname, 'stand-ins.ts');
/** As the launcher's topology has them. */
const NODE_OPTIONS = ['--max-semi-space-size=2', '--max-old-space-size=512'];
const CLOCK_TICKS = 100;
const seconds = Number(values.seconds);
const pinned = existsSync('/usr/bin/taskset') && cpus().length > 1;

print('machine', `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}, load ${load()}`);
for (const name of values.scenario.split(',')) {
  const scenario = SCENARIOS[name];
  if (name === 'flat') await measureFlat();
  else if (scenario) await measure(name, { ...scenario, monitors: Number(values.monitors ?? scenario.monitors) });
  else throw new Error(`--scenario is some of ${[...Object.keys(SCENARIOS), 'flat'].join(', ')}, not ${name}`);
}

async function measureFlat(): Promise<void> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'probe-cost.ts'), String(Math.min(10, seconds))], {
    stdio: 'inherit',
  });
  await once(child, 'close');
}

async function measure(name: string, scenario: Scenario): Promise<void> {
  const targets = standIn('targets');
  const collector = standIn('collector');
  const folder = await mkdtemp(join(tmpdir(), 'tocsin-bench-'));
  let checker: ChildProcess | undefined;
  try {
    const [[ports], [port]] = await Promise.all([once(targets, 'message'), once(collector, 'message')]);
    const file = join(folder, 'tocsin.yaml');
    await writeFile(file, configuration(scenario, ports as Ports, port as number));
    checker = startChecker(file, folder);
    await once(checker, 'message');
    // Everything has run once, and the compiler has seen the code.
    if (!scenario.isCold) await sleep(Math.min(10, scenario.intervalS) * 1_000);
    const pid = checker.pid ?? 0;
    collector.send('clear');
    const [before, loadBefore, startMs] = [cpuSeconds(pid), load(), Date.now()];
    await sleep(seconds * 1_000);
    const [cpuS, tookMs, memory] = [cpuSeconds(pid) - before, Date.now() - startMs, memoryOf(pid)];
    await sleep(1_000);
    const answered = once(collector, 'message');
    collector.send('report');
    const [report] = (await answered) as [Report];
    print(
      name,
      `${scenario.monitors} monitors at ${scenario.intervalS} s, ${seconds} s${pinned ? ', on one core (taskset)' : ''}`,
    );
    print('', `load ${loadBefore} before, ${load()} after`);
    tell(scenario, report, { cpuS, tookMs, memory, startMs });
  } finally {
    if (checker && checker.exitCode === null) {
      checker.kill('SIGTERM');
      await once(checker, 'exit');
    }
    targets.kill();
    collector.kill();
    await rm(folder, { recursive: true, maxRetries: 3 });
  }
}

function standIn(role: 'targets' | 'collector'): ChildProcess {
  return fork(STAND_INS, [role], { serialization: 'advanced' });
}

function startChecker(file: string, folder: string): ChildProcess {
  const profile = values['cpu-prof'] === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${values['cpu-prof']}`];
  const child = fork(MAIN, ['--config', file, '--data', folder], {
    execArgv: [...NODE_OPTIONS, ...profile],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  if (pinned) spawn('taskset', ['-acp', '0', String(child.pid)], { stdio: 'ignore' });
  return child;
}

function configuration(
  { monitors, intervalS, hungShare, fast = 0 }: Scenario,
  { good, hung }: Ports,
  port: number,
): string {
  const lines = Array.from({ length: monitors }, (_, index) => {
    const isHung = index < monitors * hungShare;
    const ports = isHung ? hung : good;
    const name = `${isHung ? 'hung' : 'good'}-${index}`;
    return `  - { name: ${name}, http: 'http://127.0.0.1:${ports[index % ports.length]}/health/${index}', interval: ${intervalS}s }`;
  });
  for (let index = 0; index < fast; index += 1)
    lines.push(
      `  - { name: fast-${index}, http: 'http://127.0.0.1:${good[index % good.length]}/fast/${index}', interval: ${FAST_INTERVAL_S}s }`,
    );
  return `collector: { http: ${port} }\nchecker: { http: 0 }\nmonitors:\n${lines.join('\n')}\n`;
}

interface Cost {
  readonly cpuS: number;
  readonly tookMs: number;
  readonly startMs: number;
  readonly memory: string;
}

function tell(scenario: Scenario, { runs, outcomes, skipped }: Report, { cpuS, tookMs, startMs, memory }: Cost): void {
  const inTime = runs.filter(([, endMs]) => endMs >= startMs && endMs < startMs + tookMs);
  const of = (prefix: string): Told[] => inTime.filter(([monitor]) => monitor.startsWith(prefix));
  for (const kind of ['good', ...(scenario.hungShare > 0 ? ['hung'] : []), ...(scenario.fast ? ['fast'] : [])]) {
    print('', `${kind}: lateness ms ${distribution(of(kind).map(([, , latenessMs]) => latenessMs))}`);
  }
  const expected = Math.floor((scenario.monitors * (1 - scenario.hungShare) * tookMs) / (scenario.intervalS * 1_000));
  print(
    '',
    `runs of good targets: ${of('good').length} of about ${expected}; longer gaps than 1.5 intervals: ${gaps(of('good'), scenario.intervalS)}`,
  );
  if (scenario.fast)
    print(
      '',
      `runs of fast targets: ${of('fast').length} of about ${Math.floor((scenario.fast * tookMs) / (FAST_INTERVAL_S * 1_000))}; longer gaps: ${gaps(of('fast'), FAST_INTERVAL_S)}`,
    );
  print('', `skipped ${skipped}; outcomes ${JSON.stringify(outcomes)}`);
  print(
    '',
    `CPU ${((cpuS / tookMs) * 100_000).toFixed(1)} % of a core, ${Math.round(inTime.length / cpuS)} runs a CPU-second; memory ${memory}`,
  );
}

function gaps(runs: readonly Told[], intervalS: number): number {
  let count = 0;
  for (const told of Map.groupBy(runs, ([monitor]) => monitor).values()) {
    const times = told.map(([, endMs]) => endMs).toSorted((a, b) => a - b);
    count += times.filter(
      (timeMs, index) => index > 0 && timeMs - (times[index - 1] ?? timeMs) > intervalS * 1_500,
    ).length;
  }
  return count;
}

function distribution(numbers: readonly number[]): string {
  const sorted = numbers.toSorted((a, b) => a - b);
  const at = (share: number): string =>
    (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN).toFixed(1);
  return `p50 ${at(0.5)}, p90 ${at(0.9)}, p99 ${at(0.99)}, p99.9 ${at(0.999)}, max ${at(1)}`;
}

/** Of all threads, from the system's own book. */
function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / CLOCK_TICKS;
}

function memoryOf(pid: number): string {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const mib = (key: string): number =>
    Math.round(Number(new RegExp(`${key}:\\s+(\\d+)`).exec(status)?.[1] ?? 0) / 1_024);
  return `${mib('VmRSS')} MiB now, ${mib('VmHWM')} MiB at most`;
}

function load(): string {
  return (loadavg()[0] ?? 0).toFixed(1);
}

function print(name: string, text: string): void {
  process.stdout.write(`${name.padEnd(8)} ${text}\n`);
}
