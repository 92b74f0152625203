import { truncate } from 'node:fs/promises';
import { expect, test } from 'vitest';
import type { InsertData } from '../../src/load/insert-segment.ts';
import { loadSegment } from '../../src/load/load-segment.ts';
import { presentKinds } from '../../src/load/present-kinds.ts';
import { findMetricFields } from '../../src/otlp/metric-fields.ts';
import { openTestJournal, temporaryDirectory } from '../journal/requests.ts';
import { encodeRequest } from './otlp.ts';
import { segmentLoad } from './segment-load.ts';

const point = { data_points: [{ as_int: '1' }] };
const request = (...metrics: readonly object[]): Uint8Array =>
  encodeRequest('metrics', { resource_metrics: [{ resource: {}, scope_metrics: [{ scope: {}, metrics }] }] });
const gauge = request({ name: 'g', gauge: point });
const summary = request({ name: 's', summary: point });

/** Loads a segment of two requests. @returns the tables that got an INSERT, and whether the file was read */
async function tablesOf(known: boolean, ageMs = 0): Promise<{ tables: readonly string[]; deadLetters: number }> {
  const directory = await temporaryDirectory();
  const journal = await openTestJournal(directory);
  for (const body of [gauge, summary]) {
    const fields = known ? { metricFields: findMetricFields(body) } : {};
    await journal.append('metrics', body, { items: 1, self: false, ...fields });
  }
  await journal.sealAll();
  const [segment] = journal.sealed();
  if (!segment) throw new Error('nothing was sealed');
  // Whoever reads the file finds it damaged, and keeps it as a dead letter.
  await truncate(segment.path, segment.sizeBytes - 1);
  const tables: string[] = [];
  const insert: InsertData = ({ statement }) => {
    tables.push(statement.table);
    return Promise.resolve({ status: 'ok' });
  };
  const keep = (): Promise<'kept'> => Promise.resolve('kept');
  const load = await segmentLoad(directory, segment.name, { insert, keep, now: () => segment.createdAtMs + ageMs });
  const outcome = await loadSegment(segment, load);
  if (outcome.status !== 'loaded') throw new Error(outcome.message);
  return { tables, deadLetters: outcome.deadLetters };
}

test('a fresh segment of metrics goes to the tables of its kinds without being read', async () => {
  expect(await tablesOf(true)).toEqual({ tables: ['otel_metrics_gauge', 'otel_metrics_summary'], deadLetters: 0 });
});

test('a segment of metrics whose kinds are not known, or that is old, is read', async () => {
  expect(await tablesOf(false)).toEqual({ tables: ['otel_metrics_gauge'], deadLetters: 1 });
  expect(await tablesOf(true, 61_000)).toEqual({ tables: ['otel_metrics_gauge'], deadLetters: 1 });
});

test('a metric without points is for no table, and bytes that make no sense may be for all', () => {
  expect(presentKinds(findMetricFields(request({ name: 'n' })))).toEqual([]);
  expect(presentKinds(findMetricFields(gauge.subarray(0, gauge.byteLength - 1)))).toHaveLength(5);
});
