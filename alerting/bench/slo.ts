import { readFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { createClickHouse } from '@tocsin/service/clickhouse';
import type { Slo } from '@tocsin/service/config';
import type { Expression } from '../src/rules/expression.ts';
import { createSqlExpression } from '../src/rules/sql-expression.ts';
import { sloGroups } from '../src/slo/slo-rules.ts';
import { createSloReader } from '../src/slo/slo-status.ts';
import { configFor, createSchema } from '../test/rules/shipped/world.ts';
import { type Engine, startEngine } from './engine.ts';

const NOW_MS = Date.parse('2026-11-22T12:34:56.789Z');
const DAYS = 31;
const TIMES = 10;
/** The service that is looked at: so many operations, each with so many buckets of durations in every minute. */
const OPERATIONS = 20;
const BUCKETS = 12;
const OTHER_SERVICES = 10;
const MONITORS = 1_000;

const slo = (name: string, source: Slo['source']): Slo => ({
  name,
  target: 99.9,
  windowMs: 30 * 86_400_000,
  source,
  latencyMs: undefined,
  labels: {},
  annotations: {},
});

/** Tells what the rules and the status of an SLO cost ClickHouse, over a month of one busy service among others. */
export async function measureSlo(): Promise<void> {
  const clickhouse = await startEngine();
  const config = await configFor(clickhouse);
  await createSchema(clickhouse);
  await generate(clickhouse);
  const expression = createSqlExpression(createClickHouse(config, { application: 'alerting', readonly: true }));
  const spans = slo('shop', {
    type: 'spans',
    services: ['shop'],
    operations: undefined,
    kinds: ['Server', 'Consumer'],
  });
  const monitors = slo('monitors', { type: 'monitors', names: ['monitor 7', 'monitor 70*'] });
  for (const one of [spans, monitors]) {
    for (const { name, intervalMs, rules } of sloGroups([one])) {
      const sql = rules[0]?.sql ?? '';
      await measure(clickhouse, `rule ${name}, every ${intervalMs / 1_000} s`, () => ask(expression, sql));
    }
    await measure(clickhouse, `status of ${one.name}, at most every 60 s`, async () => {
      const [status] = await createSloReader(expression).sloStatus([one], NOW_MS);
      if (status?.error !== undefined) throw new Error(status.error);
    });
  }
  await expression.stop();
  await clickhouse.stop();
}

async function ask(expression: Expression, sql: string): Promise<void> {
  const result = await expression.evaluate(sql, NOW_MS, 10);
  if (result.status === 'failed') throw new Error(result.message);
}

async function generate(clickhouse: Engine): Promise<void> {
  const client = clickhouse.client();
  for (let day = DAYS; day > 0; day -= 1) {
    const from = Math.floor(NOW_MS / 60_000) * 60 - day * 86_400;
    await client.command({
      query: `INSERT INTO otel_traces_service_1m
        SELECT toDateTime(${from} + 60 * number) AS Time, 'shop', concat('GET /', toString(operation)), 'Server', 160 + bucket, 10, operation = 0 AND bucket = 11, 1000
        FROM numbers(1440) ARRAY JOIN range(${OPERATIONS}) AS operation ARRAY JOIN range(${BUCKETS}) AS bucket
        UNION ALL
        SELECT toDateTime(${from} + 60 * number), concat('other-', toString(service)), 'GET /', 'Server', 160 + bucket, 10, 0, 1000
        FROM numbers(1440) ARRAY JOIN range(${OTHER_SERVICES}) AS service ARRAY JOIN range(${BUCKETS}) AS bucket`,
    });
    await client.command({
      query: `INSERT INTO tocsin_probe_runs_1h (Time, Location, MonitorName, MonitorKind, Outcome, Runs)
        SELECT toStartOfHour(toDateTime(${from} + 3600 * number)), 'here', concat('monitor ', toString(monitor)), 'http', 'up', 120
        FROM numbers(24) ARRAY JOIN range(${MONITORS}) AS monitor`,
    });
  }
  await client.command({
    query: `INSERT INTO otel_services SELECT 'shop', '1', '', 'traces', toDateTime(${Math.floor(NOW_MS / 1_000)}) - ${DAYS} * 86400, toDateTime(${Math.floor(NOW_MS / 1_000)})`,
  });
  await client.command({
    query: `INSERT INTO otel_metrics_sum (ServiceName, MetricName, Attributes, StartTimeUnix, TimeUnix, Value)
      SELECT 'tocsin-checker', 'tocsin.probe.runs', map('tocsin.monitor.name', concat('monitor ', toString(monitor)), 'tocsin.probe.outcome', 'up'),
        toDateTime64(${NOW_MS / 1_000} - 30 * number, 9) AS at, at, 1
      FROM numbers(360) ARRAY JOIN range(${MONITORS}) AS monitor`,
  });
}

async function measure(clickhouse: Engine, what: string, work: () => Promise<void>): Promise<void> {
  await work();
  const [cpuMs, startMs] = [cpuOf(clickhouse.pid), performance.now()];
  for (let time = 0; time < TIMES; time += 1) await work();
  const each = (sum: number): string => (sum / TIMES).toFixed(0);
  console.log(
    `  ${what}: CPU ${each(cpuOf(clickhouse.pid) - cpuMs)} ms, ${each(performance.now() - startMs)} ms long; load ${(loadavg()[0] ?? 0).toFixed(1)}`,
  );
}

/** Of all threads of ClickHouse, in steps of 10 ms. Source: proc_pid_stat(5). */
function cpuOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}
