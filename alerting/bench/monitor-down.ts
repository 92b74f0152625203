import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { NOW_MS, Stage } from '../test/rules/shipped/stage.ts';
import { World } from '../test/rules/shipped/world.ts';

/*
 * What the shipped rule MonitorDown costs the embedded engine, by the number of monitors and what their locations say:
 *   node alerting/bench/monitor-down.ts [--monitors 50,10000] [--locations 3] [--rounds 5] [--scenario up,some,split,down] [--rule MonitorDown]
 * An hour of lists (every 30 s) and runs (every 60 s) is written; for the last ten minutes the monitors are
 * up · some: one in a hundred down everywhere · split: down at the first location, up at the second, unknown at the others · down: all, everywhere.
 * `cpu` is what one evaluation takes of the engine's process (median of the rounds, in steps of 10 ms), `ms` the whole request.
 */
const { values } = parseArgs({
  options: {
    monitors: { type: 'string', default: '50,10000' },
    locations: { type: 'string', default: '3' },
    rounds: { type: 'string', default: '5' },
    scenario: { type: 'string', default: 'up,some,split,down' },
    rule: { type: 'string', default: 'MonitorDown' },
  },
});
const rounds = Number(values.rounds);
const locations = Number(values.locations);

/** What is said in the last ten minutes: m is the monitor, l the location, s the seconds before the end. */
const STATES: Readonly<Record<string, string>> = {
  up: "'up'",
  some: "if(s <= 600 AND m % 100 = 0, 'down', 'up')",
  split: "multiIf(s > 600 OR l = 1, 'up', l = 0, 'down', 'unknown')",
  down: "if(s <= 600, 'down', 'up')",
};

const stage = await Stage.start();
try {
  for (const monitors of values.monitors.split(',').map(Number))
    for (const scenario of values.scenario.split(',')) {
      const state = STATES[scenario];
      if (state === undefined)
        throw new Error(`--scenario is some of ${Object.keys(STATES).join(', ')}, not ${scenario}`);
      await write(stage.clickhouse, monitors, state);
      await measure(scenario, monitors);
    }
} finally {
  await stage.stop();
}

async function write(clickhouse: Stage['clickhouse'], monitors: number, state: string): Promise<void> {
  await new World(NOW_MS).write(clickhouse);
  // Ten minutes at a time: a client gives an INSERT 30 s.
  const rows = (everyS: number, part: number): string => `FROM (
    SELECT number % ${monitors} AS m, intDiv(number, ${monitors}) % ${locations} AS l,
      ${part * 600} + intDiv(number, ${monitors * locations}) * ${everyS} + l * 7 + 1 AS s,
      fromUnixTimestamp64Milli(toInt64(${NOW_MS}) - s * 1000) AS at, ${state} AS state
    FROM numbers(${(600 / everyS) * monitors * locations}))`;
  const resource = "map('service.name', 'tocsin-checker', 'tocsin.location', concat('place-', toString(l)))";
  const named = "'tocsin.monitor.name', concat('monitor-', toString(m)), 'tocsin.monitor.kind', 'http'";
  const gauge = (part: number, metric: string, attributes: string, value: string, where = '1'): string =>
    `INSERT INTO otel_metrics_gauge (ResourceAttributes, ServiceName, MetricName, Attributes, StartTimeUnix, TimeUnix, Value)
     SELECT ${resource}, 'tocsin-checker', '${metric}', ${attributes}, at, at, ${value} ${rows(30, part)} WHERE ${where}`;
  const spans = (
    part: number,
  ): string => `INSERT INTO otel_traces (Timestamp, TraceId, SpanId, SpanName, SpanKind, ServiceName, ResourceAttributes, SpanAttributes, Duration)
    SELECT at - INTERVAL 1 SECOND, lower(hex(sipHash128(m, l, s))), '1', concat('probe monitor-', toString(m)), 'Client', 'tocsin-checker', ${resource},
      map(${named}, 'tocsin.probe.outcome', state, 'tocsin.probe.message', concat('expected status 200, found ', state)), 20000000 ${rows(60, part)}`;
  const client = clickhouse.client();
  const statements = [0, 1, 2, 3, 4, 5].flatMap((part) => [
    gauge(part, 'tocsin.checker.blind', 'map()', '0', 'm = 0'),
    gauge(
      part,
      'tocsin.monitor.interval',
      `map(${named}, 'tocsin.monitor.target', concat('http://shop-', toString(m), '.example.com/health'))`,
      '60',
    ),
    gauge(part, 'tocsin.monitor.up', `map(${named}, 'tocsin.monitor.state', state)`, "if(state = 'down', 0, 1)"),
    spans(part),
  ]);
  for (const query of statements) await client.command({ query });
}

async function measure(scenario: string, monitors: number): Promise<void> {
  const times: { ms: number; cpuMs: number }[] = [];
  let alerts = 0;
  await stage.evaluate(values.rule, new World(NOW_MS), false);
  for (let round = 0; round < rounds; round += 1) {
    const [startMs, before] = [performance.now(), cpuMs(stage.clickhouse.pid)];
    alerts = (await stage.evaluate(values.rule, new World(NOW_MS), false)).length;
    times.push({ ms: performance.now() - startMs, cpuMs: cpuMs(stage.clickhouse.pid) - before });
  }
  const middle = (of: (one: { ms: number; cpuMs: number }) => number): string =>
    (times.map(of).toSorted((a, b) => a - b)[Math.floor(rounds / 2)] ?? NaN).toFixed(0).padStart(7);
  const line = `${String(monitors).padStart(6)} × ${locations} ${scenario.padEnd(6)} cpu ${middle(({ cpuMs: cpu }) => cpu)} ms, ${middle(({ ms }) => ms)} ms, ${alerts} alerts`;
  process.stdout.write(`${line}\n`);
}

/** User and system time, the fields 14 and 15, in ticks of 10 ms. Source: proc_pid_stat(5). */
function cpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}
