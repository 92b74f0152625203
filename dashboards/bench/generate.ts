import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ClickHouseClient } from '@clickhouse/client';
import { seedDay } from '../test/seed/day/day.ts';
import { createTables } from '../test/seed/schema.ts';
import { ownStatements } from './own-rows.ts';
import { statementsOf } from './rows.ts';

/** What is generated in a folder, kept beside the data, so that it is done once and goes on where it was ended. */
export interface Generated {
  readonly spans: number;
  /** The end of the generated day, Unix ms: the `now` of the queries. */
  readonly endMs: number;
  /** Spans that are there. */
  readonly done: number;
  /** Whether the small day of services, runtimes, incidents and Tocsin's own telemetry is there. */
  readonly hasDay?: boolean;
}

const BLOCK_SPANS = 1_000_000;
/** Rows of a part, as large segments of the journal make them. */
const PART_ROWS = 262_144;

/** Fills the folder's database up to `spans`. @throws Error where it has been begun with another number */
export async function generate(
  client: ClickHouseClient,
  folder: string,
  spans: number,
  say: (line: string) => void,
): Promise<Generated> {
  const file = join(folder, 'generated.json');
  let state = (await readState(file)) ?? { spans, endMs: Math.floor(Date.now() / 60_000) * 60_000 + 59_000, done: 0 };
  if (state.spans !== spans)
    throw new Error(`${folder} holds a day of ${state.spans} spans, not ${spans}: take another --data`);
  await createTables(client);
  if (state.done === 0) for (const query of ownStatements(state.endMs)) await write(client, query);
  if (state.hasDay !== true) {
    await seedDay(client, state.endMs);
    state = { ...state, hasDay: true };
    await writeFile(file, JSON.stringify(state));
  }
  const startedMs = performance.now();
  const before = state.done;
  while (state.done < spans) {
    const block = { ...state, from: state.done, count: Math.min(BLOCK_SPANS, spans - state.done) };
    for (const query of statementsOf(block)) await write(client, query);
    state = { ...state, done: block.from + block.count };
    await writeFile(file, JSON.stringify(state));
    const rate = (state.done - before) / ((performance.now() - startedMs) / 1_000);
    const left = Math.round((spans - state.done) / rate / 60);
    say(
      `generated ${(state.done / 1e6).toFixed(1)} of ${spans / 1e6} million spans, ${Math.round(rate)} a second, ${left} min left`,
    );
  }
  await untilMergesRest(client, say);
  return state;
}

function write(client: ClickHouseClient, query: string): Promise<unknown> {
  return client.command({
    query,
    clickhouse_settings: { min_insert_block_size_rows: String(PART_ROWS), max_execution_time: 0 },
  });
}

/** Queries are measured on what merges have left; they go on for a while after the last row. */
async function untilMergesRest(client: ClickHouseClient, say: (line: string) => void): Promise<void> {
  for (let quiet = 0; quiet < 5;) {
    const result = await client.query({
      query: 'SELECT count() AS merges, round(min(progress), 2) AS least FROM system.merges',
      format: 'JSONEachRow',
    });
    const [row] = await result.json<{ merges: string; least: number }>();
    quiet = row?.merges === '0' || Number(row?.merges) === 0 ? quiet + 1 : 0;
    if (quiet === 0) say(`waiting for ${row?.merges} merges, the least at ${row?.least}`);
    await sleep(quiet === 0 ? 5_000 : 500);
  }
}

async function readState(file: string): Promise<Generated | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Generated;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
