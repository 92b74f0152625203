import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';
import { watchFreshness } from './freshness.ts';
import { send, type Sent } from './sender.ts';
import { type Stack, startStack, type Usage } from './stack.ts';
import { ITEMS_PER_REQUEST } from './marks.ts';
import { type Signal, SIGNALS } from './workload.ts';

/*
 * What ingest costs, measured against the whole of Tocsin as `npm start` starts it; this process only sends:
 *   pnpm bench:ingest [--signal traces|metrics|logs] [--seconds 60] [--rate ITEMS_A_SECOND] [--senders 4] [--look 200] [--set 'collector: {…}']
 * `--look` is how often it is asked, in milliseconds, whether what was sent can be queried: that costs CPU time too.
 * Without a rate it sends as fast as it is let, and the collector slows it down to what is loaded.
 */
const { values } = parseArgs({
  options: {
    signal: { type: 'string', default: 'traces' },
    seconds: { type: 'string', default: '60' },
    senders: { type: 'string', default: '4' },
    rate: { type: 'string' },
    set: { type: 'string', default: '' },
    idle: { type: 'string', default: '0' },
    look: { type: 'string', default: '200' },
  },
});
const signal = SIGNALS.find((known) => known === values.signal);
if (!signal) throw new Error(`--signal is one of ${SIGNALS.join(', ')}, not ${values.signal}`);
const seconds = Number(values.seconds);

const TABLES: Readonly<Record<Signal, readonly string[]>> = {
  traces: ['otel_traces'],
  metrics: ['otel_metrics_gauge', 'otel_metrics_sum'],
  logs: ['otel_logs'],
};
const FROM_HERE = "ServiceName LIKE 'shop-%'";
const NOUN = { traces: 'spans', metrics: 'points', logs: 'records' }[signal];

const stack = await startStack(values.set);
try {
  await measure(stack, signal);
} finally {
  await stack.stop();
}

async function measure(running: Stack, kind: Signal): Promise<void> {
  print('machine', `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}`);
  if (Number(values.idle) > 0) await measureIdle(running, Number(values.idle));
  await running.resetPeaks();
  const before = await running.usage();
  const freshness = watchFreshness(running, kind, Number(values.look));
  const startMs = performance.now();
  const rate = values.rate === undefined ? undefined : Number(values.rate);
  const sent = await send({ url: running.collector, signal: kind, senders: Number(values.senders), seconds, rate });
  const sentMs = performance.now() - startMs;
  while ((await count(running, kind)) < sent.items) await sleep(500);
  const loadedMs = performance.now() - startMs;
  const fresh = await freshness.stop();
  await untilMergesRest(running);
  const after = await running.usage();
  report(sent, sentMs, loadedMs, fresh);
  reportUsage(before, after, sent.items);
  await reportDisk(running, kind, sent.items);
}

/** What the whole stack takes when nobody sends anything. */
async function measureIdle(running: Stack, idleS: number): Promise<void> {
  await sleep(20_000);
  const before = await running.usage();
  await sleep(idleS * 1_000);
  const after = await running.usage();
  const sum = (part: (usage: Usage) => number): number =>
    [...after.values()].reduce((all, usage) => all + part(usage), 0);
  const total = sum(({ pssMiB }) => pssMiB);
  const parts = [...after].map(([name, { pssMiB, pssFileMiB, cpuS }]) => {
    const share = ((cpuS - (before.get(name)?.cpuS ?? 0)) / idleS) * 100;
    return `${name} ${pssMiB} (${pssFileMiB}) MiB, ${share.toFixed(1)} %`;
  });
  const mapped = sum(({ pssFileMiB }) => pssFileMiB);
  print(
    'idle',
    `${total} MiB in all (PSS; of it mapped files: ${mapped}), and the share of a core: ${parts.join('; ')}`,
  );
  print('ready', `after ${(running.readyMs / 1_000).toFixed(1)} s`);
}

function report(sent: Sent, sentMs: number, loadedMs: number, fresh: readonly number[]): void {
  const each = (ms: number): string => `${Math.round(sent.items / (ms / 1_000)).toLocaleString('en')} a second`;
  print('workload', `${ITEMS_PER_REQUEST} ${NOUN} a request, ${values.senders} senders, ${seconds} s`);
  print(
    'accepted',
    `${sent.items.toLocaleString('en')} ${NOUN}, ${each(sentMs)}; ${sent.refused} requests told to wait`,
  );
  print('loaded', `${each(loadedMs)}, all of it ${Math.round(loadedMs - sentMs)} ms after the last was accepted`);
  print('acknowledgement', `p50 ${percentile(sent.latenciesMs, 0.5)} ms, p99 ${percentile(sent.latenciesMs, 0.99)} ms`);
  print('queryable', `p50 ${percentile(fresh, 0.5)} ms, p99 ${percentile(fresh, 0.99)} ms (${fresh.length} marks)`);
}

function reportUsage(before: ReadonlyMap<string, Usage>, after: ReadonlyMap<string, Usage>, items: number): void {
  let totalS = 0;
  for (const [name, usage] of after) {
    const cpuS = usage.cpuS - (before.get(name)?.cpuS ?? 0);
    totalS += cpuS;
    const perMillion = (cpuS / items) * 1e6;
    print(name, `${cpuS.toFixed(1)} CPU-s, ${perMillion.toFixed(2)} a million; peak ${usage.peakMiB} MiB`);
  }
  print(
    'in all',
    `${((totalS / items) * 1e6).toFixed(2)} CPU-s a million: ${Math.round(items / totalS).toLocaleString('en')} ${NOUN} a CPU-second, merges and rollups included`,
  );
}

async function reportDisk(running: Stack, kind: Signal, items: number): Promise<void> {
  const bytes = async (where: string): Promise<number> =>
    Number(
      await running.select(
        `SELECT sum(bytes_on_disk) FROM system.parts WHERE active AND database = 'otel' AND ${where}`,
      ),
    );
  const tables = TABLES[kind].map((table) => `'${table}'`).join(',');
  const parts = await running.select(`SELECT count() FROM system.parts WHERE active AND table IN (${tables})`);
  const rewrites = await running.select(
    `SELECT round(sum(rows * level) / sum(rows), 2) FROM system.parts WHERE active AND table IN (${tables})`,
  );
  const base = await bytes(`table IN (${tables})`);
  const all = await bytes('1');
  print(
    'disk',
    `${(base / items).toFixed(1)} bytes each in ${parts} parts, merged ${rewrites} times; ${(all / items).toFixed(1)} with rollups and Tocsin's own telemetry`,
  );
}

/** Merges go on after the last insert: what they cost belongs to the figures. */
async function untilMergesRest(running: Stack): Promise<void> {
  for (let quiet = 0; quiet < 10;) {
    await sleep(500);
    quiet = (await running.select('SELECT count() FROM system.merges')) === '0' ? quiet + 1 : 0;
  }
}

async function count(running: Stack, kind: Signal): Promise<number> {
  const counts = await Promise.all(
    TABLES[kind].map((table) => running.select(`SELECT count() FROM ${table} WHERE ${FROM_HERE}`)),
  );
  return counts.reduce((sum, text) => sum + Number(text), 0);
}

function percentile(sorted: readonly number[], share: number): string {
  return (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN).toFixed(1);
}

function print(what: string, text: string): void {
  process.stdout.write(`${what.padEnd(16)} ${text}\n`);
}
