import { cpus } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { ClickHouseClient } from '@clickhouse/client';
import { type Engine, startEngine } from './engine.ts';
import { generate } from './generate.ts';
import { MONITORS } from './own-rows.ts';
import { type Asked, type BenchQuery, readStatements } from './statements.ts';

/*
 * Whether every query of the console, the Grafana dashboards and the shipped rules keeps its budget (budgets-table.ts):
 *   pnpm bench:queries [--spans 100000000] [--data data/bench-queries] [--rounds 5] [--only TEXT] [--explain]
 * The spans are generated once, in the folder (100 million take some 10 GiB). Each query runs once on an engine that has just begun (`first`), then in every round; a trace
 * by id is another one each time. All times are of the whole request, in ms; `cpu` is what a run takes of the engine's process, which is all that can be
 * read on a busy machine. A budget is kept when half of the rounds are within it. `--explain` prints the plans of those that are not;
 * with `--only`, of all that are asked. The exit code is 1 when a budget is broken.
 */
const { values } = parseArgs({
  options: {
    spans: { type: 'string', default: '100000000' },
    data: { type: 'string', default: 'data/bench-queries' },
    rounds: { type: 'string', default: '5' },
    only: { type: 'string', default: '' },
    explain: { type: 'boolean', default: false },
  },
});
const spans = wholeNumber('spans', values.spans);
const rounds = wholeNumber('rounds', values.rounds);
const folder = resolve(values.data);

interface Measured {
  readonly query: BenchQuery;
  readonly firstMs: number;
  readonly timesMs: number[];
  /** CPU time of all rounds. */
  cpuMs: number;
  /** What the last run read. */
  rowsRead: number;
  error?: string;
}

let engine: Engine = await startEngine(folder);
try {
  const { endMs } = await generate(engine.writer, folder, spans, say);
  // Begun anew, so that the first run of each query finds no caches of ours.
  await engine.stop();
  engine = await startEngine(folder);
  process.exitCode = (await measureAll(engine, endMs)) ? 0 : 1;
} finally {
  await engine.stop();
}

/** @returns whether every budget is kept */
async function measureAll({ reader: client, writer, cpuMs }: Engine, nowMs: number): Promise<boolean> {
  say(`${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}, ${spans} spans, ${rounds} rounds`);
  await sayTables(client);
  const asked = await readAsked(client, nowMs);
  const queries = (await readStatements()).filter(({ name }) => name.includes(values.only));
  if (queries.length === 0) throw new Error(`no query has ${values.only} in its name`);
  const measured: Measured[] = [];
  for (const query of queries) {
    const { ms, rowsRead, error } = await run(client, query, at(asked, 0));
    measured.push({ query, firstMs: ms, timesMs: [], cpuMs: 0, rowsRead, ...(error === undefined ? {} : { error }) });
  }
  for (let round = 1; round <= rounds; round += 1)
    for (const one of measured) {
      const before = await cpuMs();
      const { ms, rowsRead, error } = await run(client, one.query, at(asked, round));
      one.timesMs.push(ms);
      one.cpuMs += (await cpuMs()) - before;
      one.rowsRead = rowsRead;
      if (error !== undefined) one.error = error;
    }
  say(
    `${'query'.padEnd(52)} ${'first'.padStart(8)} ${'p50'.padStart(8)} ${'max'.padStart(8)} ${'cpu'.padStart(8)} ${'budget'.padStart(7)}  rows read`,
  );
  for (const one of measured) say(lineOf(one));
  const broken = measured.filter((one) => !isKept(one));
  const shown = values.explain ? (values.only === '' ? broken : measured) : [];
  for (const { query } of shown) await explain(writer, query, at(asked, 0));
  say(
    broken.length === 0
      ? `all ${measured.length} queries keep their budgets`
      : `${broken.length} of ${measured.length} queries break their budgets`,
  );
  return broken.length === 0;
}

async function run(
  client: ClickHouseClient,
  query: BenchQuery,
  asked: Asked,
): Promise<{ ms: number; rowsRead: number; error?: string }> {
  const { sql, parameters } = query.ask(asked);
  const startMs = performance.now();
  try {
    const result = await client.query({ query: `${sql}\n`, query_params: parameters, format: 'JSON' });
    const { statistics } = await result.json();
    return { ms: performance.now() - startMs, rowsRead: statistics?.rows_read ?? 0 };
  } catch (error) {
    return {
      ms: performance.now() - startMs,
      rowsRead: 0,
      error: error instanceof Error ? error.message : String(error),
    };
  }
}

/** Readers of the embedded ClickHouse may not ask for a plan. */
async function explain(client: ClickHouseClient, query: BenchQuery, asked: Asked): Promise<void> {
  const { sql, parameters } = query.ask(asked);
  const result = await client.query({
    query: `EXPLAIN indexes = 1 ${sql}\n`,
    query_params: parameters,
    format: 'TabSeparatedRaw',
  });
  say(`\n-- ${query.name}\n${await result.text()}`);
}

function median(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[Math.floor((times.length - 1) / 2)] ?? 0;
}

function isKept({ query, timesMs, error }: Measured): boolean {
  return error === undefined && median(timesMs) <= query.budgetMs;
}

function lineOf(one: Measured): string {
  const ms = (time: number): string => time.toFixed(1).padStart(8);
  const numbers = `${ms(one.firstMs)} ${ms(median(one.timesMs))} ${ms(Math.max(...one.timesMs))} ${ms(one.cpuMs / one.timesMs.length)} ${String(one.query.budgetMs).padStart(7)}`;
  const verdict = one.error === undefined ? (isKept(one) ? '' : '  BROKEN') : `  FAILED ${one.error.slice(0, 200)}`;
  return `${one.query.name.padEnd(52)} ${numbers}  ${one.rowsRead.toLocaleString('en')}${verdict}`;
}

/** What the queries ask about; traces of the last hour, one for every round. */
async function readAsked(
  client: ClickHouseClient,
  nowMs: number,
): Promise<Asked & { readonly traces: readonly Trace[] }> {
  const rows = async <Row>(query: string): Promise<Row[]> =>
    (await client.query({ query, format: 'JSONEachRow' })).json<Row>();
  const traces =
    await rows<Trace>(`SELECT TraceId AS id, toUnixTimestamp(min(Start)) * 1000 AS at FROM otel_traces_trace_id_ts
    WHERE Start > toDateTime(${Math.floor(nowMs / 1_000) - 3_600}) AND cityHash64(TraceId) % 1000 = 7 GROUP BY id ORDER BY cityHash64(id) LIMIT ${rounds + 1}`);
  const names = async (column: string): Promise<string[]> =>
    (
      await rows<{ name: string }>(
        `SELECT DISTINCT ${column} AS name FROM otel_traces_service_1m WHERE SpanKind = 'Server' AND ServiceName LIKE 'service-%'`,
      )
    ).map(({ name }) => name);
  const monitor = Array.from({ length: MONITORS }, (_, index) => `monitor-${index}`);
  const options = { monitor, service: await names('ServiceName'), operation: await names('SpanName') };
  return { nowMs, traceId: '', traceAtMs: 0, options, traces };
}

interface Trace {
  readonly id: string;
  readonly at: number;
}

function at(asked: Asked & { readonly traces: readonly Trace[] }, round: number): Asked {
  const trace = asked.traces[round % asked.traces.length];
  if (!trace) throw new Error('there is no trace in the last hour');
  return { ...asked, traceId: trace.id, traceAtMs: trace.at };
}

async function sayTables(client: ClickHouseClient): Promise<void> {
  const result = await client.query({
    query: `SELECT table, sum(rows) AS rows, count() AS parts, formatReadableSize(sum(bytes_on_disk)) AS size FROM system.parts
      WHERE active AND database = 'otel' GROUP BY table ORDER BY rows DESC`,
    format: 'JSONEachRow',
  });
  for (const { table, rows, parts, size } of await result.json<Record<'table' | 'rows' | 'parts' | 'size', string>>())
    say(`${String(table).padEnd(40)} ${Number(rows).toLocaleString('en').padStart(14)} rows ${parts} parts ${size}`);
}

function wholeNumber(name: string, text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1)
    throw new Error(`--${name} is a whole number of at least 1, not ${text}`);
  return number;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
